#pragma once

// Results that the engine allocated, handed to NumPy without a copy: the array holds the matrix and frees it.

#include <utility>
#include <vector>

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

#include <eckart/matrix.hpp>
#include <eckart/rank.hpp>

namespace eckart::python {

namespace nb = nanobind;

template <class T>
nb::object to_numpy(Matrix<T>&& matrix) {
  const auto rows = static_cast<std::size_t>(matrix.rows()),
             cols = static_cast<std::size_t>(matrix.cols());
  const bool by_columns = matrix.layout() == Layout::column_major;
  const Index row_stride = by_columns ? 1 : matrix.cols(),
              col_stride = by_columns ? matrix.rows() : 1;
  auto* held = new Matrix<T>(std::move(matrix));
  const nb::capsule owner(held, [](void* p) noexcept { delete static_cast<Matrix<T>*>(p); });
  return nb::cast(nb::ndarray<nb::numpy, T, nb::ndim<2>>(held->data(), {rows, cols}, owner,
                                                         {row_stride, col_stride}));
}

template <class T>
nb::object to_numpy(std::vector<T>&& values) {
  auto* held = new std::vector<T>(std::move(values));
  const nb::capsule owner(held, [](void* p) noexcept { delete static_cast<std::vector<T>*>(p); });
  return nb::cast(nb::ndarray<nb::numpy, T, nb::ndim<1>>(held->data(), {held->size()}, owner));
}

/// As the keyword arguments of eckart.RankReport.
inline nb::dict facts_of(const RankReport& rank) {
  nb::dict facts;
  facts["rank"] = rank.rank;
  facts["threshold"] = rank.threshold;
  facts["rtol"] = rank.rtol;
  facts["sigma_1"] = rank.sigma_1;
  facts["sigma_rank"] = rank.sigma_rank;
  facts["sigma_next"] = rank.sigma_next;
  facts["gap"] = rank.gap;
  facts["near_threshold"] = rank.near_threshold;
  return facts;
}

}  // namespace eckart::python
