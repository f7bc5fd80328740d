#pragma once

// What a call of svd() and its kin may ask for. Each throws InvalidArgument and says what is wrong.

#include <span>

#include <eckart/svd.hpp>

#include "dense/problem.hpp"

namespace eckart::dense {

void check_arguments(const Problem& problem, const SvdOptions& options);

/// The places for results have the shapes that the options ask for.
template <Scalar T>
void check_shapes(const Problem& problem, MatrixView<const T> a, std::span<Real<T>> s,
                  MatrixView<T> u, MatrixView<T> vh, const SvdOptions& options);

}  // namespace eckart::dense
