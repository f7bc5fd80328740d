#pragma once

// An incremental decomposition beside the matrix that it stands for.

#include <cmath>
#include <span>
#include <string>
#include <vector>

#include <eckart/error.hpp>
#include <eckart/incremental_svd.hpp>
#include <eckart/random.hpp>

#include "streams/stream_tools.hpp"
#include "support/checker.hpp"

namespace eckart::testing {

/// ||I - X^H X||_F / (rows eps) of the columns of x, eps that of T, summed with more digits.
template <Scalar T>
double orthogonality_figure(MatrixView<const T> x) {
  using R = detail::WideReal<T>;
  const std::vector<R> ones;
  return static_cast<double>(detail::distance_from_diagonal(detail::widened<T>(x, 0), ones)) /
         (static_cast<double>(std::max<Index>(x.rows(), 1)) * double{epsilon<T>});
}

/// A - U diag(s) Vh of a result with both factors.
template <Scalar T>
Matrix<WideEntry<T>> remainder(const Matrix<WideEntry<T>>& a, const UpdatedSvd<T>& d) {
  using W = WideEntry<T>;
  Matrix<W> rest = a, us = wide<T>(d.U.view());
  const Matrix<W> vh = wide<T>(d.Vh.view());
  for (Index j = 0; j < us.cols(); ++j) {
    for (Index i = 0; i < us.rows(); ++i) {
      us(i, j) *= static_cast<double>(d.s[static_cast<std::size_t>(j)]);
    }
  }
  if (!rest.empty() && us.cols() > 0) {
    blas::gemm<W>(blas::Op::none, blas::Op::none, W(-1), us.view(), vh.view(), W(1), rest.view());
  }
  return rest;
}

template <class W>
std::vector<double> all_values(const Matrix<W>& a) {
  return a.empty() ? std::vector<double>() : singular_values(a, {.threads = 1});
}

template <Scalar T>
class Companion {
 public:
  using W = WideEntry<T>;

  Companion(Index m, Index n, const IncrementalOptions& options, std::uint64_t seed)
      : svd(m, n, options), a(m, n), random_(seed) {}

  IncrementalSvd<T> svd;
  Matrix<W> a;
  double largest = 0;  // ||A||_F at its largest

  std::uint64_t below(std::uint64_t bound) { return random_.below(next_++, bound); }

  /// Normal entries, graded, zeros, copies of one column, or much larger or smaller than usual.
  Matrix<T> news(Index rows, Index cols) {
    Matrix<T> c(rows, cols);
    fill_normal<T>(c.view(), random_.stream(next_++));
    const auto kind = below(8);
    for (Index j = 0; j < cols; ++j) {
      for (Index i = 0; i < rows; ++i) {
        const int exponent = kind == 1   ? static_cast<int>(-4 * (i + j))
                             : kind == 3 ? 30
                             : kind == 4 ? -30
                                         : 0;
        c(i, j) *= kind == 0 ? Real<T>(0) : std::ldexp(Real<T>(1), exponent);
        if (kind == 2) {
          c(i, j) = c(i, 0);
        }
      }
    }
    return c;
  }

  void append_columns(const Matrix<T>& c) {
    svd.append_columns(c);
    Matrix<W> longer(a.rows(), a.cols() + c.cols());
    put(a.view(), longer.view(), 0, 0);
    put(wide<T>(c.view()).view(), longer.view(), 0, a.cols());
    set(std::move(longer));
  }
  void append_rows(const Matrix<T>& c) {
    svd.append_rows(c);
    Matrix<W> longer(a.rows() + c.rows(), a.cols());
    put(a.view(), longer.view(), 0, 0);
    put(wide<T>(c.view()).view(), longer.view(), a.rows(), 0);
    set(std::move(longer));
  }
  void change(const Matrix<T>& x, const Matrix<T>& y) {
    svd.change(x, y);
    if (!a.empty() && x.cols() > 0) {
      blas::gemm<W>(blas::Op::none, blas::Op::adjoint, W(1), wide<T>(x.view()).view(),
                    wide<T>(y.view()).view(), W(1), a.view());
    }
    set(std::move(a));
  }
  void replace_column(Index j, const Matrix<T>& c) {
    svd.replace_column(j, c);
    put(wide<T>(c.view()).view(), a.view(), 0, j);
    set(std::move(a));
  }
  void replace_row(Index i, const Matrix<T>& c) {
    svd.replace_row(i, c);
    put(wide<T>(c.view()).view(), a.view(), i, 0);
    set(std::move(a));
  }
  void remove_columns(const std::vector<Index>& indices) {
    svd.remove_columns(indices);
    set(Matrix<W>(without(a.view().transposed(), indices).view().transposed()));
  }
  void remove_rows(const std::vector<Index>& indices) {
    svd.remove_rows(indices);
    set(without(a.view(), indices));
  }
  void forget(double factor) {
    svd.forget(factor);
    for (Index j = 0; j < a.cols(); ++j) {
      for (Index i = 0; i < a.rows(); ++i) {
        a(i, j) *= factor;
      }
    }
  }

  /// Any operation that keeps both sides within `most`.
  void step(Index most) {
    const Index m = a.rows(), n = a.cols();
    const auto some = [&] { return static_cast<Index>(below(4)); };
    switch (below(9)) {
      case 0:
      case 1:
        return append_columns(news(m, std::min(some(), most - n)));
      case 2:
      case 3:
        return append_rows(news(std::min(some(), most - m), n));
      case 4: {
        const Index c = some();
        return change(news(m, c), news(n, c));
      }
      case 5:
        return forget(0.75 + 0.25 * random_.uniform(next_++));
      case 6:
        return n == 0 ? void() : replace_column(any(n), news(m, 1));
      case 7:
        return m == 0 ? void() : replace_row(any(m), news(1, n));
      default:
        if (below(2) == 0) {
          return n < 3 ? void() : remove_columns({n - 1, any(n - 1)});
        }
        return m < 3 ? void() : remove_rows({any(m - 1), m - 1});
    }
  }

 private:
  Index any(Index count) { return static_cast<Index>(below(static_cast<std::uint64_t>(count))); }
  void set(Matrix<W> now) {
    a = std::move(now);
    largest = std::max(largest, frobenius<W>(a.view()));
  }
  static void put(MatrixView<const W> from, MatrixView<W> to, Index row, Index column) {
    for (Index j = 0; j < from.cols(); ++j) {
      for (Index i = 0; i < from.rows(); ++i) {
        to(row + i, column + j) = from(i, j);
      }
    }
  }
  static Matrix<W> without(MatrixView<const W> rows, const std::vector<Index>& indices) {
    Matrix<W> left(rows.rows() - static_cast<Index>(indices.size()), rows.cols());
    for (Index i = 0, to = 0; i < rows.rows(); ++i) {
      if (std::find(indices.begin(), indices.end(), i) == indices.end()) {
        put(rows.block(i, 0, 1, rows.cols()), left.view(), to++, 0);
      }
    }
    return left;
  }

  Random random_;
  std::uint64_t next_ = 0;
};

/// Everything that the header states, against the whole matrix.
template <Scalar T>
void expect_statements(const Companion<T>& c, const UpdatedSvd<T>& d, const std::string& what) {
  using W = WideEntry<T>;
  ASSERT_EQ(d.rows, c.a.rows()) << what;
  ASSERT_EQ(d.cols, c.a.cols()) << what;
  ASSERT_EQ(d.U.rows(), c.a.rows()) << what;
  ASSERT_EQ(d.Vh.cols(), c.a.cols()) << what;
  ASSERT_EQ(d.U.cols(), static_cast<Index>(d.s.size())) << what;
  ASSERT_EQ(d.Vh.rows(), static_cast<Index>(d.s.size())) << what;
  EXPECT_TRUE(std::is_sorted(d.s.rbegin(), d.s.rend())) << what;
  const std::vector<double> sigma = all_values<W>(c.a);
  for (std::size_t i = 0; i < d.s.size(); ++i) {
    EXPECT_LE(d.at_least[i], sigma[i] * (1 + 1e-14)) << what << ", value " << i;
    EXPECT_GE(d.at_most[i], sigma[i] * (1 - 1e-14)) << what << ", value " << i;
    EXPECT_LE(d.at_least[i], static_cast<double>(d.s[i]) * (1 + double{epsilon<T>})) << what;
    EXPECT_GE(d.at_most[i], static_cast<double>(d.s[i]) * (1 - double{epsilon<T>})) << what;
    EXPECT_TRUE(detail::follows_sign_rule<T>(d.Vh, static_cast<Index>(i))) << what;
  }
  const Matrix<W> rest = remainder<T>(c.a, d);
  const std::vector<double> left = all_values<W>(rest);
  EXPECT_LE(frobenius<W>(rest.view()), d.left_out_at_most) << what;
  EXPECT_LE(left.empty() ? 0 : left[0], d.spectral_at_most) << what;
  EXPECT_LE(orthogonality_figure<T>(d.U.view()), check_threshold) << what;
  const Matrix<T> v(d.Vh.view().transposed());  // of the conjugates, which are as orthonormal
  EXPECT_LE(orthogonality_figure<T>(v.view()), check_threshold) << what;
}

}  // namespace eckart::testing
