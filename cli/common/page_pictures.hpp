#pragma once

// What the page of a decomposition shows besides its figures: the first vectors, and for an image its rank-k approximations.

#include <eckart/svd.hpp>

#include "common/matrix_input.hpp"
#include "report/spectrum_report.hpp"

namespace eckart::cli {

/// The first vectors of either side, moduli for a complex matrix.
template <Scalar T>
void add_vectors(std::vector<report::VectorPair>& pairs, bool& are_moduli, const Matrix<T>& u,
                 const Matrix<T>& vh);

/// For an image: the original, and approximations of rank 1, 2, 5, 10, ... as far as they differ from it. Pictures of more than
/// a few million entries are left out, and so are all without both factors. Cost: 2 m n k flops an approximation.
template <Scalar T>
void add_pictures(report::SpectrumReport& page, bool is_image, const Matrix<T>& a, const Svd<T>& d,
                  const Execution& run);

}  // namespace eckart::cli
