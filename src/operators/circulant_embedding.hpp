#pragma once

// Products with a Toeplitz or a Hankel matrix as the corner of a circulant; include/eckart/structured.hpp has the formulas.
//
// The matrix is given by the numbers g_q, q = 0 ... m + n - 2, of its diagonals from the upper right corner to the lower left
// (Toeplitz, a_ij = g_(i-j+n-1)), or of its antidiagonals from the upper left to the lower right (Hankel, a_ij = g_(i+j)): a Toeplitz
// matrix with its columns in reverse order.
//
// A product with a block, one complex or two real vectors at a time:
//   1. each vector is scaled by a power of two to a norm between 1 and 2, so that neither's rounding errors show in the other;
//   2. z = F x,  z <- conj(F v .* z), or conj(conj(F v) .* z) for A^H,  x <- F z;
//   3. y is the conjugate of x's beginning, scaled back.
// F v holds the 1/N of the inverse transform, and v is scaled by a power of two, too.

#include <algorithm>
#include <cmath>
#include <limits>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <eckart/execution.hpp>
#include <eckart/matrix.hpp>

#include "core/sums.hpp"
#include "core/times.hpp"
#include "operators/fft.hpp"
#include "operators/norm.hpp"

namespace eckart {

/// x times 2^exponent, rounded once at the most, for any exponent.
template <RealScalar R>
class PowerOfTwo {
 public:
  explicit PowerOfTwo(int exponent) noexcept
      : factor_(std::abs(exponent) <= most ? std::ldexp(R{1}, exponent) : R{1}),
        exponent_(std::abs(exponent) <= most ? 0 : exponent) {}

  R operator()(R x) const noexcept {
    return exponent_ == 0 ? x * factor_ : std::scalbn(x, exponent_);
  }
  std::complex<R> operator()(std::complex<R> x) const noexcept {
    return {(*this)(x.real()), (*this)(x.imag())};
  }

 private:
  static constexpr int most = std::numeric_limits<R>::max_exponent - 2;
  R factor_;
  int exponent_;  // 0: the factor does it
};

/// Memory of transforms in progress, kept for the next ones: as many pairs of vectors as were ever at work at once.
template <RealScalar R>
class TransformBuffers {
 public:
  explicit TransformBuffers(Index size) : size_(size) {}

  /// f(two vectors of `size` numbers, left as they are).
  template <class F>
  void with(const F& f) {
    Matrix<std::complex<R>> pair = take();
    f(pair.view().col(0), pair.view().col(1));
    const std::lock_guard lock(mutex_);
    free_.push_back(std::move(pair));
  }

 private:
  Matrix<std::complex<R>> take() {
    {
      const std::lock_guard lock(mutex_);
      if (!free_.empty()) {
        Matrix<std::complex<R>> pair = std::move(free_.back());
        free_.pop_back();
        return pair;
      }
    }
    return Matrix<std::complex<R>>::uninitialized(size_, 2);
  }

  Index size_;
  std::mutex mutex_;
  std::vector<Matrix<std::complex<R>>> free_;
};

/// What g stands for. `periodic`: a circulant of its first column g, of a size that is fast to transform.
enum class Structure { toeplitz, hankel, periodic };

template <Scalar T>
class CirculantEmbedding {
 public:
  /// g is finite; m + n - 1 numbers, or the n of a periodic one.
  CirculantEmbedding(Structure structure, Index rows, Index cols, const std::vector<T>& g)
      : structure_(structure),
        rows_(rows),
        cols_(cols),
        size_(fast_fft_size(static_cast<Index>(g.size()))),
        transform_(size_),
        buffers_(size_),
        spectrum_(Matrix<C>::uninitialized(size_, 1)) {
    const double largest = largest_part<T>(vector_of(g.data(), static_cast<Index>(g.size())));
    exponent_ = largest == 0 ? 0 : std::ilogb(largest);
    make_spectrum(g);
    make_norm(g);
  }

  [[nodiscard]] Index rows() const noexcept { return rows_; }
  [[nodiscard]] Index cols() const noexcept { return cols_; }
  [[nodiscard]] Index size() const noexcept { return size_; }

  /// ||A||_F; none where it is out of range.
  [[nodiscard]] std::optional<Real<T>> frobenius_norm() const noexcept {
    return norm_ <= double{std::numeric_limits<R>::max()} ? std::optional<R>(static_cast<R>(norm_))
                                                          : std::nullopt;
  }

  /// y <- A x or A^H x.
  void multiply(const Execution& execution, bool adjoint, MatrixView<const T> x,
                MatrixView<T> y) const {
    constexpr Index together = ComplexScalar<T> ? 1 : 2;
    parallel_for(execution, (x.cols() + together - 1) / together, [&](Index k) {
      const Index first = k * together, count = std::min(together, x.cols() - first);
      multiply_together(adjoint, x.columns(first, count), y.columns(first, count));
    });
  }

 private:
  using R = Real<T>;
  using C = std::complex<R>;

  // A vector's norm is between 2^exponent and twice that; without one it is 0, or it is not `finite`.
  struct Size {
    std::optional<int> exponent;
    bool finite = true;
  };

  static MatrixView<const T> vector_of(const T* x, Index count) noexcept { return {x, count, 1}; }

  static T not_a_number() noexcept {
    constexpr R nan = std::numeric_limits<R>::quiet_NaN();
    if constexpr (ComplexScalar<T>) {
      return {nan, nan};
    } else {
      return nan;
    }
  }

  // v begins with the main diagonal, as a periodic g does, and ends with the one above it.
  void make_spectrum(const std::vector<T>& g) {
    const auto length = static_cast<Index>(g.size());
    const Index main = structure_ == Structure::periodic ? 0 : cols_ - 1;
    const PowerOfTwo<R> scale(-exponent_);
    buffers_.with([&](C* v, C*) {
      std::fill_n(v, size_, C{});
      for (Index q = 0; q < length; ++q) {
        v[q >= main ? q - main : q - main + size_] = scale(C(g[static_cast<std::size_t>(q)]));
      }
      transform_.transform(v, spectrum_.data());
    });
    for (Index k = 0; k < size_; ++k) {
      spectrum_.data()[k] /= static_cast<R>(size_);
    }
  }

  // sum_q (entries on diagonal q) |g_q|^2.
  void make_norm(const std::vector<T>& g) {
    const auto length = static_cast<Index>(g.size());
    const int exponent = std::clamp(exponent_, -1000, 1000);
    core::CompensatedSum sum;
    for (Index q = 0; q < length; ++q) {
      const Index entries =
          structure_ == Structure::periodic ? cols_ : std::min({q + 1, rows_, cols_, length - q});
      sum.add(static_cast<double>(entries) *
              sum_of_squares_apart<T>(g.data() + q, 1, 1, std::ldexp(1.0, -exponent)));
    }
    norm_ = std::ldexp(std::sqrt(sum.value()), exponent);
  }

  static Size size_of(const T* x, Index count) noexcept {
    if (!std::all_of(x, x + count, [](const T& entry) { return is_finite(entry); })) {
      return {.exponent = std::nullopt, .finite = false};
    }
    const double largest = largest_part<T>(vector_of(x, count));
    if (largest == 0) {
      return {};
    }
    const int exponent = std::clamp(std::ilogb(largest), -1000, 1000);
    const double square = sum_of_squares_apart<T>(x, count, 1, std::ldexp(1.0, -exponent));
    return {.exponent = exponent + std::ilogb(std::sqrt(square))};
  }

  void multiply_together(bool adjoint, MatrixView<const T> x, MatrixView<T> y) const {
    Size sizes[2];
    for (Index k = 0; k < x.cols(); ++k) {
      sizes[k] = size_of(x.col(k), x.rows());
    }
    if (y.rows() > 0 && (sizes[0].exponent || sizes[1].exponent)) {
      buffers_.with([&](C* v, C* z) {
        put(adjoint, x, sizes, v);   // 1.
        transform_.transform(v, z);  // 2.
        const C* const s = spectrum_.data();
        for (Index k = 0; k < size_; ++k) {
          z[k] = std::conj(times(adjoint ? std::conj(s[k]) : s[k], z[k]));
        }
        transform_.transform(z, v);
        take(adjoint, sizes, v, y);  // 3.
      });
    }
    for (Index k = 0; k < y.cols(); ++k) {
      if (!sizes[k].exponent) {
        std::fill_n(y.col(k), y.rows(), sizes[k].finite ? T{} : not_a_number());
      }
    }
  }

  void put(bool adjoint, MatrixView<const T> x, const Size* sizes, C* v) const noexcept {
    const bool backwards = structure_ == Structure::hankel && !adjoint;
    std::fill_n(v, size_, C{});
    for (Index k = 0; k < x.cols(); ++k) {
      if (!sizes[k].exponent) {
        continue;
      }
      const PowerOfTwo<R> scale(-*sizes[k].exponent);
      const T* const from = x.col(k);
      for (Index j = 0; j < x.rows(); ++j) {
        const T entry = scale(from[backwards ? x.rows() - 1 - j : j]);
        if constexpr (ComplexScalar<T>) {
          v[j] = entry;
        } else if (k == 0) {
          v[j].real(entry);
        } else {
          v[j].imag(entry);
        }
      }
    }
  }

  void take(bool adjoint, const Size* sizes, const C* v, MatrixView<T> y) const noexcept {
    const bool backwards = structure_ == Structure::hankel && adjoint;
    for (Index k = 0; k < y.cols(); ++k) {
      if (!sizes[k].exponent) {
        continue;
      }
      const PowerOfTwo<R> scale(exponent_ + *sizes[k].exponent);
      T* const to = y.col(k);
      for (Index i = 0; i < y.rows(); ++i) {
        const C value = std::conj(v[backwards ? y.rows() - 1 - i : i]);
        if constexpr (ComplexScalar<T>) {
          to[i] = scale(value);
        } else {
          to[i] = scale(k == 0 ? value.real() : value.imag());
        }
      }
    }
  }

  Structure structure_;
  Index rows_, cols_, size_;  // size_: N
  int exponent_ = 0;          // v is scaled by 2^-exponent_
  double norm_ = 0;           // ||A||_F
  Fft<R> transform_;
  mutable TransformBuffers<R> buffers_;
  Matrix<C> spectrum_;
};

}  // namespace eckart
