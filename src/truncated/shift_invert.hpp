#pragma once

// Singular triplets that are not the largest: the smallest k, and the k nearest to a value x.
//
//   1. an inverse: an operator B whose largest values are the wanted ones of A (inverses.hpp). The first that serves of
//        given                                         smallest
//        sparse A    folded, a short run where a factor would be dear; smallest
//                    Cholesky of A^H A - x^2 I, with signs and refined by A; L U, square and smallest; L U of the augmented matrix
//        dense A, or what is cheap to write out        R of A = Q R; smallest
//        folded                                        smallest
//   2. the largest triplets of B by truncated_svd(). Values of B that are far below its largest are found with rounding of that one, so
//      what was found to the tolerance relative to itself is taken off B, (I - V V^H) B (I - U U^H), and the rest is found anew
//   3. a step of inverse iteration, U and V orthonormal, and the SVD of U^H A V, k x k: values of A to eps sigma_1
//   4. residuals; where one is too large, step 3 again
//   5. x: the nearest in |s^2 - x^2| have been found, and the nearest in |s - x| are wanted: until as many as that are sure, more in 2
//   6. sparse A: a count of the values in between (certificate.hpp). Where it proves that one is missing, from 2 with another seed
//
// Accuracy: as if A had been changed by a few eps sigma_1, so that a value below that is found as zero, with vectors that are as good as
// any others.
//
// Source: shift-and-invert Lanczos, Ericsson, Ruhe, Math. Comp. 35, 1980. That triplets come from the projection U^H A V and vectors from
// solves, and step 5, are ours.

#include "truncated/methods.hpp"

namespace eckart::truncated {

/// Triplets of smallest value, or nearest to search.options.target; k of them, descending. `by_products`: nothing else is used.
template <Scalar T>
[[nodiscard]] Found<T> find_by_inverse(const Search<T>& search, bool by_products, Index& products);

}  // namespace eckart::truncated
