#pragma once

// Changes of a matrix that wait until they are many enough for products of full speed: the terms of
//
//   sum_j  w_j 2^-e_j  x_j y_j^H        x_j  m      y_j  n
//
// where an appended column has a unit vector for y_j and an appended row one for x_j, which are not stored. Vectors are scaled by powers
// of two to a largest part in [1/2, 1), so that neither their squares nor their products leave the range.

#include <algorithm>
#include <cmath>
#include <vector>

#include <eckart/matrix.hpp>

#include "dense/columns.hpp"
#include "dense/scale.hpp"
#include "streams/rows.hpp"

namespace eckart::streams {

enum class TermKind { none = 0, columns = 1, rows = 2, changes = 3 };

struct Term {
  double weight = 1;  // w, in [1/2, 1]: what it loses goes to the exponent
  int exponent = 0;   // e
  double length = 0;  // ||x|| ||y||

  /// w <- factor w
  void scale(double factor) noexcept {
    int of_factor = 0, of_weight = 0;
    weight = std::frexp(std::frexp(factor, &of_factor) * weight, &of_weight);
    exponent -= of_factor + of_weight;
  }
};

template <Scalar W>
struct GatheredTerms {
  TermKind kind = TermKind::none;
  Matrix<W> x,
      y;  // of m and n rows, as many columns as there is room for; one of them is 0 x 0 where its vectors are unit vectors
  std::vector<Term> terms;

  [[nodiscard]] Index count() const noexcept { return static_cast<Index>(terms.size()); }
  [[nodiscard]] MatrixView<const W> left() const noexcept { return x.view().columns(0, count()); }
  [[nodiscard]] MatrixView<const W> right() const noexcept { return y.view().columns(0, count()); }

  /// Makes room for `most` terms of this kind, in [1, block], those that wait included. Room grows by halves of halves of a block, so
  /// that a large block costs what comes, not what may come, and old and new room together stay below 1.5 blocks.
  void make_room(TermKind of, Index m, Index n, Index most, Index block) {
    kind = of;
    Index room = block;
    while (room > 1 && room - room / 2 >= most) {
      room -= room / 2;
    }
    const auto grow = [&](Matrix<W>& a, Index rows) {
      if (a.rows() == rows && a.cols() >= most) {
        return;
      }
      auto longer = Matrix<W>::uninitialized(rows, room);
      if (count() > 0) {
        dense::copy_columns(a.view().columns(0, count()), longer.view().columns(0, count()));
      }
      a = std::move(longer);
    };
    grow(x, of == TermKind::rows ? 0 : m);
    grow(y, of == TermKind::columns ? 0 : n);
    terms.reserve(static_cast<std::size_t>(room));
  }
  void clear() noexcept {
    kind = TermKind::none;
    terms.clear();
  }
};

struct ScaledLength {
  int exponent = 0;
  double length = 0;
};

/// to <- 2^exponent from, conjugated if asked, with a largest part in [1/2, 1), or 0; and its length. Both n x 1; `from` is finite.
template <Scalar T>
ScaledLength put_scaled(MatrixView<const T> from, bool conjugated, MatrixView<Wide<T>> to) {
  using W = Wide<T>;
  double largest = 0;
  for (Index i = 0; i < from.rows(); ++i) {
    const W x = static_cast<W>(conjugated ? conjugate(from(i, 0)) : from(i, 0));
    to(i, 0) = x;
    largest = std::max({largest, std::abs(std::real(x)), std::abs(std::imag(x))});
  }
  const int exponent = dense::scale_exponent(largest);
  dense::scale_by_power<W>(to, exponent);
  return {exponent, length_of<W>({to.data(), static_cast<std::size_t>(to.rows())})};
}

}  // namespace eckart::streams
