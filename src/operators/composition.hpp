#pragma once

// What operators made of operators share.

#include <string>

#include <eckart/composed.hpp>
#include <eckart/error.hpp>

namespace eckart {

template <class T>
using In = MatrixView<const T>;
template <class T>
using Out = MatrixView<T>;

inline std::string size_text(Index rows, Index cols) {
  return std::to_string(rows) + " x " + std::to_string(cols);
}

template <Scalar T>
std::string size_of(const Operator<T>& a) {
  return size_text(a.rows(), a.cols());
}

inline void require(bool holds, const std::string& what) {
  if (!holds) {
    throw InvalidArgument(what);
  }
}

/// y <- y + alpha x.
template <Scalar T>
void add(Out<T> y, T alpha, In<T> x) noexcept {
  for (Index k = 0; k < y.cols(); ++k) {
    for (Index i = 0; i < y.rows(); ++i) {
      y(i, k) += alpha * x(i, k);
    }
  }
}

inline OperatorCost operator+(const OperatorCost& a, const OperatorCost& b) noexcept {
  return {.flops = a.flops + b.flops, .bytes = a.bytes + b.bytes, .reading = a.reading + b.reading};
}

}  // namespace eckart
