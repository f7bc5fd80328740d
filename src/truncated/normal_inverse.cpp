// alpha (A^H A - x^2 I)^-1 of a sparse A from  R^H S R = P (A^H A - x^2 I) P^T,  alpha = x, or 1 where x is zero.
//
// A^H A has lost the digits of small values; A has them. So a solution is made better by residuals that A alone makes
// (Bjorck, BIT 7, 1967):  p = A q / alpha  and  A^H p - x q = b  are
//
//   q <- q + alpha F^-1 g,   p <- p + A (alpha F^-1 g) / alpha,   g = b - (A^H p - x q),      F = P^T R^H S R P
//
// from q = p = 0, g = b. Each pass leaves about ||F^-1 (F - A^H A + x^2 I)|| of g, rounding of A^H A over the distance of x^2 to the nearest
// sigma^2; at last q and p are as good as those of the augmented matrix, [-alpha I, A; A^H, -x I] [p; q] = [0; b], which has m + n rows.
// Where x is zero and nothing needs to be refined, half of a solve is an inverse as well, P^T R^-1.
// How much a pass leaves is measured once, for vectors that F^-1 has turned to where it is large, and it decides on the passes.

#include <algorithm>
#include <cmath>
#include <limits>

#include <eckart/sparse.hpp>

#include "truncated/inverses.hpp"
#include "truncated/orthogonalize.hpp"

namespace eckart::truncated {
namespace {

// Where more than this is left of g, or so many passes are not enough, rounding of A^H A hides too much.
constexpr double most_left = 0.01;
constexpr int most_passes = 4;
// For the measurement.
constexpr Index probes_of_rounding = 2;
constexpr int turns_to_large = 2;
// Vectors that are solved for at a time: their copies in double precision are small beside the factor, and a stop is heard between.
constexpr Index strip_width = 32;

template <Scalar T>
class NormalInverse final : public Inverse<T> {
  using W = Wide<T>;

 public:
  NormalInverse(SignedCholesky<W> factors, SparseMatrix<W> a, double x)
      : factors_(std::move(factors)), a_(std::move(a)), x_(x), alpha_(x > 0 ? x : 1) {}

  // False where `most_passes` are not enough for a solution with this error.
  [[nodiscard]] bool prepare(const Execution& execution, double error) {
    Matrix<W> b = Matrix<W>::uninitialized(size(), probes_of_rounding);
    fill_normal<W>(b.view(), Random(7, 7));
    for (int turn = 0; turn < turns_to_large; ++turn) {
      factors_.solve(b.view());
      normalize_columns(b.view());
    }
    Matrix<W> p, g(b);
    const Matrix<W> q = solved(execution, b, 1, &p);
    put_residual(execution, b, q, p, g.view());
    const double left = longest_column(g);
    if (!(left <= most_left)) {
      return false;
    }
    passes_ = 1;
    for (double rest = left; rest > error && passes_ <= most_passes; rest *= left) {
      ++passes_;
    }
    is_half_ = x_ == 0 && passes_ == 1 && factors_.negative() == 0;
    return passes_ <= most_passes;
  }

  [[nodiscard]] Index size() const override { return a_.cols(); }
  void apply(const Execution& execution, MatrixView<const T> x, MatrixView<T> y,
             bool adjoint) const override {
    for_each_strip(execution, x.cols(), [&](Index from, Index count) {
      Matrix<W> z = wide(x.columns(from, count));
      if (is_half_) {
        factors_.solve_half(z.view(), adjoint);
      } else {
        z = solved(execution, z, passes_, nullptr);
      }
      put_narrow(z, y.columns(from, count));
    });
  }
  void step(const Execution& execution, MatrixView<const T> v, MatrixView<T> u,
            MatrixView<T> v_next) const override {
    for_each_strip(execution, v.cols(), [&](Index from, Index count) {
      Matrix<W> p, q = solved(execution, wide(v.columns(from, count)), passes_ + 1, &p);
      normalize_columns(q.view());
      normalize_columns(p.view());
      put_narrow(q, v_next.columns(from, count));
      put_narrow(p, u.columns(from, count));
    });
  }
  [[nodiscard]] OperatorCost cost() const override {
    const double of_a = 2 * a_.cost().flops, readings = is_half_ ? 1 : 2 * passes_,
                 reading = flops_of<T>(static_cast<double>(factors_.entries()));
    return {.flops = readings * reading + (passes_ - 1) * of_a,
            .bytes = readings * static_cast<double>(factors_.bytes())};
  }
  [[nodiscard]] std::uint64_t bytes() const override {
    // A and A^H; b, q, g and those packed for R; p and its change.
    const Index strip = strip_width * (4 * a_.cols() + 2 * a_.rows());
    return factors_.bytes() + 2 * a_.matrix().bytes() +
           static_cast<std::uint64_t>(strip) * sizeof(W);
  }
  [[nodiscard]] std::string description() const override {
    return std::string(is_half_ ? "R^-1, A^H A = R^H R"
                       : x_ > 0 ? "(A^H A - x^2 I)^-1"
                                : "(A^H A)^-1") +
           ", sparse Cholesky, " + std::to_string(factors_.entries()) + " entries" +
           (passes_ > 1 ? ", refined by A" : "");
  }

 private:
  // f(first column, columns), each after a stop could be heard.
  template <class F>
  static void for_each_strip(const Execution& execution, Index cols, const F& f) {
    for (Index from = 0; from < cols; from += strip_width) {
      execution.check_stop();
      f(from, std::min(strip_width, cols - from));
    }
  }
  // q, and where it is asked for p.
  [[nodiscard]] Matrix<W> solved(const Execution& execution, const Matrix<W>& b, int passes,
                                 Matrix<W>* p_wanted) const {
    Matrix<W> q(size(), b.cols()), g(b), p, dp;
    for (int pass = 1;; ++pass) {
      execution.check_stop();
      Matrix<W>& dq = g;
      factors_.solve(dq.view());
      add(alpha_, dq.view(), q.view());
      if (pass == passes && p_wanted == nullptr) {
        return q;
      }
      if (pass == 1) {
        p = Matrix<W>(a_.rows(), b.cols());
        dp = Matrix<W>::uninitialized(a_.rows(), b.cols());
      }
      a_.apply(execution, dq.view(), dp.view());
      add(1, dp.view(), p.view());
      if (pass == passes) {
        *p_wanted = std::move(p);
        return q;
      }
      put_residual(execution, b, q, p, g.view());
    }
  }
  void put_residual(const Execution& execution, const Matrix<W>& b, const Matrix<W>& q,
                    const Matrix<W>& p, MatrixView<W> g) const {
    a_.apply_adjoint(execution, p.view(), g);
    for (Index j = 0; j < g.cols(); ++j) {
      for (Index i = 0; i < g.rows(); ++i) {
        g(i, j) = b(i, j) - (g(i, j) - x_ * q(i, j));
      }
    }
  }
  // Infinity where one is no number.
  static double longest_column(const Matrix<W>& x) {
    double longest = 0;
    for (Index j = 0; j < x.cols(); ++j) {
      double sum = 0;
      for (Index i = 0; i < x.rows(); ++i) {
        sum += std::norm(x(i, j));
      }
      longest =
          std::isfinite(sum) ? std::max(longest, sum) : std::numeric_limits<double>::infinity();
    }
    return std::sqrt(longest);
  }
  static void add(double factor, MatrixView<const W> x, MatrixView<W> y) {
    for (Index j = 0; j < y.cols(); ++j) {
      for (Index i = 0; i < y.rows(); ++i) {
        y(i, j) += factor * x(i, j);
      }
    }
  }
  static Matrix<W> wide(MatrixView<const T> x) {
    Matrix<W> y = Matrix<W>::uninitialized(x.rows(), x.cols());
    for (Index j = 0; j < x.cols(); ++j) {
      std::transform(x.col(j), x.col(j) + x.rows(), y.view().col(j), [](T v) { return W(v); });
    }
    return y;
  }
  static void put_narrow(const Matrix<W>& x, MatrixView<T> y) {
    for (Index j = 0; j < y.cols(); ++j) {
      std::transform(x.view().col(j), x.view().col(j) + x.rows(), y.col(j),
                     [](W v) { return static_cast<T>(v); });
    }
  }

  SignedCholesky<W> factors_;
  SparseOperator<W> a_;
  double x_, alpha_;
  int passes_ = 1;
  bool is_half_ = false;
};

}  // namespace

template <Scalar T>
std::unique_ptr<Inverse<T>> inverse_by_normal(const Execution& execution,
                                              const NormalCount<T>& normal, SparseMatrix<Wide<T>> a,
                                              double x, double error) {
  std::optional<SignedCholesky<Wide<T>>> factors = normal.factored(execution, x * x);
  if (!factors) {
    return nullptr;
  }
  auto inverse = std::make_unique<NormalInverse<T>>(std::move(*factors), std::move(a), x);
  return inverse->prepare(execution, error) ? std::move(inverse) : nullptr;
}

#define ECKART_INSTANTIATE(T)                                \
  template std::unique_ptr<Inverse<T>> inverse_by_normal<T>( \
      const Execution&, const NormalCount<T>&, SparseMatrix<Wide<T>>, double, double);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)

}  // namespace eckart::truncated
