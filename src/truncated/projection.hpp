#pragma once

// Triplets from two spaces: the SVD of U^H A V. Values to eps sigma_1; vectors as good as the spaces hold them.

#include <eckart/operator.hpp>
#include <eckart/random.hpp>

#include "truncated/krylov_space.hpp"

namespace eckart::truncated {

/// Of 2^exponent A near 1, and u (m x p) and v (n x p), whose columns need not be orthonormal: those that come first stay what they are as
/// that is made of them. Values are A's, descending. Cost: A on p vectors, 4 (m + n) p^2 flops.
template <Scalar T>
[[nodiscard]] Triplets<T> projected(const Execution& execution, const Operator<T>& a, int exponent,
                                    Matrix<T> u, Matrix<T> v, const Random& random);

}  // namespace eckart::truncated
