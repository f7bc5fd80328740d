#pragma once

// What the tests of streams share.

#include <algorithm>
#include <complex>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <eckart/gallery.hpp>
#include <eckart/stream_state.hpp>
#include <eckart/svd.hpp>

#include "blas/gemm.hpp"
#include "support/cases.hpp"

namespace eckart::testing {

template <Scalar T>
using WideEntry = std::conditional_t<ComplexScalar<T>, std::complex<double>, double>;

template <Scalar T>
Matrix<WideEntry<T>> wide(MatrixView<const T> a) {
  Matrix<WideEntry<T>> w(a.rows(), a.cols());
  for (Index i = 0; i < a.rows(); ++i) {
    for (Index j = 0; j < a.cols(); ++j) {
      w(i, j) = static_cast<WideEntry<T>>(a(i, j));
    }
  }
  return w;
}

/// Feeds rows in pieces of the sizes given, again and again.
template <class Stream, Scalar T>
void feed(Stream& stream, const Matrix<T>& a, const std::vector<Index>& pieces, Index from = 0) {
  for (std::size_t i = 0; from < a.rows(); i = (i + 1) % pieces.size()) {
    const Index count = std::min(pieces[i], a.rows() - from);
    stream.append(a.view().block(from, 0, count, a.cols()));
    from += count;
  }
}

/// A - X X^H A or A - A X X^H.
template <class W>
Matrix<W> without_rows_space(const Matrix<W>& a, const Matrix<W>& vh) {
  Matrix<W> av(a.rows(), vh.rows()), rest = a;
  const Matrix<W> basis(vh.view());
  blas::gemm<W>(blas::Op::none, blas::Op::adjoint, W(1), a.view(), basis.view(), W(0), av.view());
  blas::gemm<W>(blas::Op::none, blas::Op::none, W(-1), av.view(), basis.view(), W(1), rest.view());
  return rest;
}

template <class W>
double frobenius(MatrixView<const W> a) {
  double sum = 0;
  for (Index j = 0; j < a.cols(); ++j) {
    for (Index i = 0; i < a.rows(); ++i) {
      sum += std::norm(a(i, j));
    }
  }
  return std::sqrt(sum);
}

/// Two states hold the same arrays bit for bit.
inline ::testing::AssertionResult same_state(const StreamState& a, const StreamState& b) {
  if (a.arrays().size() != b.arrays().size()) {
    return ::testing::AssertionFailure() << "different arrays";
  }
  for (std::size_t i = 0; i < a.arrays().size(); ++i) {
    const auto& [name, left] = a.arrays()[i];
    const bool same = name == b.arrays()[i].first && left.index() == b.arrays()[i].second.index() &&
                      std::visit(
                          [&]<class W>(const Matrix<W>& x) {
                            const auto& y = std::get<Matrix<W>>(b.arrays()[i].second);
                            return equal_bits<W>(x, y);
                          },
                          left);
    if (!same) {
      return ::testing::AssertionFailure() << name << " differs";
    }
  }
  return ::testing::AssertionSuccess();
}

/// A state without one array, or with another one in its place.
inline StreamState changed(const StreamState& state, const std::string& name,
                           const StreamState::Array* instead = nullptr) {
  StreamState result;
  for (const auto& [each, array] : state.arrays()) {
    if (each != name) {
      result.put(each, array);
    } else if (instead != nullptr) {
      result.put(each, *instead);
    }
  }
  return result;
}

}  // namespace eckart::testing
