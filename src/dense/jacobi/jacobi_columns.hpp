#pragma once

// The working set of one-sided Jacobi: columns with scales of their own, and the sweep over their pairs.
//
//   X W = Y      X  l x n, given      W  n x n, a product of rotations      Y  l x n, columns become orthogonal
//
// Scales. Column j stands in memory as y_j with ||y_j||^2 within [2^-20, 2^20], and means scale_j y_j, a
// power of two. Inner products of tiny columns then do not underflow into false orthogonality, in float
// either, and nothing overflows. Let p be the longer column of a pair, rho = scale_q / scale_p, and w the
// phase of g = y_p^H y_q. The rotation by the angle theta is
//
//   d     = ||y_p||^2 - rho^2 ||y_q||^2  >= 0
//   slope = tan(theta) / rho = 2 |g| / (d + sqrt(d^2 + 4 rho^2 |g|^2))
//   y_p  <- cos(theta) y_p + sin(theta) rho conj(w) y_q
//   y_q  <- cos(theta) (y_q - slope w y_p)
//
// which holds down to rho = 0, where it is a step of Gram and Schmidt.
//
// Norms. The rotation returns ||y_q||^2 from the entries, since that is where cancellation happens;
// ||y_p||^2 only grows, and is updated by tan(theta) rho |g|. Every sweep begins with fresh norms.
//
// Cost of a pair: 2 l flops to see that it is orthogonal, else 12 l, and 10 n for W (complex: 4 times that).

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>

#include <eckart/execution.hpp>
#include <eckart/workspace.hpp>

#include "dense/flush_denormals.hpp"
#include "dense/jacobi/jacobi_kernels.hpp"

namespace eckart::dense {

// Squared norms of the stored columns stay within [2^-20, 2^20].
inline constexpr int square_limit_exponent = 20;

// What a progress bar is told to expect.
inline constexpr double usual_sweeps = 8;

template <Scalar T>
[[nodiscard]] Real<T> squared_modulus(const T& x) {
  if constexpr (ComplexScalar<T>) {
    return x.real() * x.real() + x.imag() * x.imag();
  } else {
    return x * x;
  }
}

/// The columns of X, and of W when it is wanted, with their scales and norms. Columns never move: `order`
/// lists them, and pivoting and sorting permute that list.
template <Scalar T>
class JacobiColumns {
 public:
  using R = Real<T>;

  // Takes its memory from `work`, see memory(). The columns are to be loaded one by one.
  JacobiColumns(Index l, Index n, bool want_w, Workspace& work)
      : n_(n),
        x_length_(padded_length(l)),
        w_length_(want_w ? padded_length(n) : 0),
        x_(work.take<R>(column_reals<T>(x_length_) * n)),
        w_(work.take<R>(column_reals<T>(w_length_) * n)),
        scale_(work.take<R>(n)),
        square_(work.take<R>(n)),
        norm_(work.take<R>(n)),
        peak_(work.take<R>(n)),
        order_(work.take<Index>(n)),
        kernels_(jacobi_kernels<T>()) {
    std::iota(order_.begin(), order_.end(), Index{0});
    std::fill(w_.begin(), w_.end(), R{0});
    if (want_w) {
      for (Index j = 0; j < n; ++j) {
        w(j)[j] = 1;
      }
    }
  }

  [[nodiscard]] static MemoryPlan memory(Index l, Index n, bool want_w) {
    return MemoryPlan::all_of(
        "rotated columns",
        {MemoryPlan::block<R>("columns", column_reals<T>(padded_length(l)) * n),
         MemoryPlan::block<R>("rotations", want_w ? column_reals<T>(padded_length(n)) * n : 0),
         MemoryPlan::block<R>("scales", n), MemoryPlan::block<R>("squares", n),
         MemoryPlan::block<R>("norms", n), MemoryPlan::block<R>("peaks", n),
         MemoryPlan::block<Index>("order", n)});
  }

  // Column j <- entry(0), ..., entry(l - 1), scaled. A column with NaN or infinity in it becomes 0 and
  // makes finite() false: the sweeps stay defined.
  template <class Entry>
  void load(Index j, Index l, const Entry& entry) {
    R* const column = x(j);
    std::fill_n(column, column_reals<T>(x_length_), R{0});
    R largest = 0;
    bool finite = true;
    const auto put = [&](Index place, R value) {
      column[place] = value;
      largest = std::max(largest, std::abs(value));
      finite = finite && std::isfinite(value);
    };
    for (Index i = 0; i < l; ++i) {
      const T value = entry(i);
      put(i, real_part(value));
      if constexpr (ComplexScalar<T>) {
        put(x_length_ + i, value.imag());
      }
    }
    finite_ = finite_ && finite;
    scale_[at(j)] = 1;
    square_[at(j)] = 0;
    if (finite && largest >= smallest_normal<T>) {
      rescale(j, -std::ilogb(largest));
      square_[at(j)] = kernels_.square(column, x_length_);
      normalise(j);
    } else {
      clear(j);
    }
    peak_[at(j)] = norm_[at(j)];
  }

  // One sweep over all pairs; returns the number of rotations.
  Index sweep(Index block, R tolerance, const Execution& execution, int number);

  // Norms from the entries, and the order of the columns by them, largest first.
  void sort() {
    refresh();
    std::sort(order_.begin(), order_.end(), before());
  }

  [[nodiscard]] bool finite() const { return finite_; }
  [[nodiscard]] Index ordered(Index k) const { return order_[at(k)]; }
  [[nodiscard]] R norm(Index j) const { return norm_[at(j)]; }

  // write(i, value) for the first `count` entries of column j of X, normalised; norm(j) is not 0.
  template <class Write>
  void read_unit(Index j, Index count, const Write& write) const {
    const R length = std::sqrt(square_[at(j)]);
    for (Index i = 0; i < count; ++i) {
      write(i, entry(x(j), x_length_, i) / length);
    }
  }

  // The same for column j of W, as it is.
  template <class Write>
  void read_w(Index j, Index count, const Write& write) const {
    for (Index i = 0; i < count; ++i) {
      write(i, entry(w(j), w_length_, i));
    }
  }

 private:
  [[nodiscard]] static std::size_t at(Index i) { return static_cast<std::size_t>(i); }
  [[nodiscard]] R* x(Index j) { return x_.data() + j * column_reals<T>(x_length_); }
  [[nodiscard]] const R* x(Index j) const { return x_.data() + j * column_reals<T>(x_length_); }
  [[nodiscard]] R* w(Index j) { return w_.data() + j * column_reals<T>(w_length_); }
  [[nodiscard]] const R* w(Index j) const { return w_.data() + j * column_reals<T>(w_length_); }

  [[nodiscard]] static T entry(const R* column, Index length, Index i) {
    if constexpr (ComplexScalar<T>) {
      return {column[i], column[length + i]};
    } else {
      return column[i];
    }
  }

  // Larger norm first; equal norms in the order of the columns, so that the order is unique.
  [[nodiscard]] auto before() const {
    return [this](Index i, Index j) {
      return norm_[at(i)] > norm_[at(j)] || (norm_[at(i)] == norm_[at(j)] && i < j);
    };
  }

  void clear(Index j) {
    std::fill_n(x(j), column_reals<T>(x_length_), R{0});
    scale_[at(j)] = 1;
    square_[at(j)] = 0;
    norm_[at(j)] = 0;
  }

  // Multiplies the stored column by 2^exponent, exactly, and its scale by the inverse.
  void rescale(Index j, int exponent) {
    R* const column = x(j);
    for (Index i = 0; i < column_reals<T>(x_length_); ++i) {
      column[i] = std::ldexp(column[i], exponent);
    }
    scale_[at(j)] = std::ldexp(scale_[at(j)], -exponent);
    square_[at(j)] = std::ldexp(square_[at(j)], 2 * exponent);
  }

  // Brings the stored column back to the middle of its range when its norm has left it, and sets
  // the norm that its scale gives it. A column below the smallest normal number becomes 0.
  void normalise(Index j) {
    const R square = square_[at(j)];
    if (square == 0) {
      clear(j);
      return;
    }
    const int exponent = std::ilogb(square);
    if (std::abs(exponent) > square_limit_exponent) {
      rescale(j, -exponent / 2);
    }
    norm_[at(j)] = scale_[at(j)] * std::sqrt(square_[at(j)]);
    if (norm_[at(j)] < smallest_normal<T>) {
      clear(j);
    }
  }

  void refresh() {
    for (Index j = 0; j < n_; ++j) {
      square_[at(j)] = kernels_.square(x(j), x_length_);
      normalise(j);
    }
  }

  // Moves the column of largest norm among order[first..last) to the front.
  void pivot(Index first, Index last) {
    const auto begin = order_.begin() + first;
    std::iter_swap(begin, std::min_element(begin, order_.begin() + last, before()));
  }

  // Makes the columns at places p and q of the order orthogonal, the longer one at p. Returns whether
  // they were not yet. Every rotation leaves rounding errors of eps times the length that a column has at
  // that time; one that has shrunk to `tolerance` times its greatest length holds nothing else, and
  // becomes 0.
  bool rotate(Index p, Index q, R tolerance);

  Index n_;
  Index x_length_, w_length_;
  std::span<R> x_, w_;
  std::span<R> scale_, square_, norm_, peak_;
  std::span<Index> order_;
  JacobiKernels<T> kernels_;
  bool finite_ = true;
};

template <Scalar T>
bool JacobiColumns<T>::rotate(Index p, Index q, R tolerance) {
  Index i = order_[at(p)], j = order_[at(q)];
  if (norm_[at(i)] < norm_[at(j)]) {
    std::swap(order_[at(p)], order_[at(q)]);
    std::swap(i, j);
  }
  if (norm_[at(j)] == 0) {
    return false;
  }
  const R square_i = square_[at(i)], square_j = square_[at(j)];
  const T g = kernels_.dot(x(i), x(j), x_length_);
  const R g_square = squared_modulus(g);
  if (!(g_square > tolerance * tolerance * square_i * square_j)) {
    return false;
  }

  const R g_modulus = std::sqrt(g_square);
  const T phase = g / g_modulus;
  const R rho = scale_[at(j)] / scale_[at(i)];
  const R d = std::max(R{0}, square_i - rho * rho * square_j);
  const R slope = 2 * g_modulus / (d + std::sqrt(d * d + 4 * rho * rho * g_square));
  const R tangent = rho * slope;
  const R cosine = 1 / std::sqrt(1 + tangent * tangent);
  const R sine = tangent * cosine;
  const R h = 1 / (1 + cosine);

  square_[at(j)] = kernels_.rotate(x(i), x(j), x_length_,
                                   {sine * rho * conjugate(phase), cosine * slope * phase, h});
  square_[at(i)] = square_i + tangent * rho * g_modulus;
  if (w_length_ > 0) {
    kernels_.rotate(w(i), w(j), w_length_, {sine * conjugate(phase), sine * phase, h});
  }
  normalise(i);
  normalise(j);
  peak_[at(i)] = std::max(peak_[at(i)], norm_[at(i)]);
  if (norm_[at(j)] <= tolerance * peak_[at(j)]) {
    clear(j);
  }
  return true;
}

// The pairs of a sweep come in blocks: within a block of columns, then of that block with every later
// one, so that the columns at work stay in the cache. Before a block starts, the longest columns left are
// brought into it; within it, de Rijk's rule brings the longest to the front before each row of pairs.
// With one block that is his order itself. A pair swaps places when the second column has become the
// longer one, so a sweep may miss pairs; one that rotates nothing swaps nothing and has seen them all.
template <Scalar T>
Index JacobiColumns<T>::sweep(Index block, R tolerance, const Execution& execution, int number) {
  refresh();
  Index rotations = 0;
  const auto total = static_cast<double>(n_) * static_cast<double>(n_);
  for (Index first = 0; first < n_; first += block) {
    const Index last = std::min(first + block, n_);
    const auto left = static_cast<double>(n_ - first);
    execution.step("one-sided Jacobi",
                   std::min(0.99, (number + 1 - left * left / total) / usual_sweeps));
    const FlushDenormals flush;
    std::partial_sort(order_.begin() + first, order_.begin() + last, order_.end(), before());
    for (Index p = first; p < last; ++p) {
      pivot(p, last);
      for (Index q = p + 1; q < last; ++q) {
        rotations += rotate(p, q, tolerance) ? 1 : 0;
      }
    }
    for (Index other = last; other < n_; other += block) {
      execution.check_stop();
      for (Index p = first; p < last; ++p) {
        for (Index q = other; q < std::min(other + block, n_); ++q) {
          rotations += rotate(p, q, tolerance) ? 1 : 0;
        }
      }
    }
  }
  return rotations;
}

}  // namespace eckart::dense
