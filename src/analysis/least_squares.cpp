#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <eckart/error.hpp>
#include <eckart/least_squares.hpp>
#include <eckart/norms.hpp>

#include "analysis/factors.hpp"
#include "analysis/sums.hpp"
#include "blas/gemm.hpp"
#include "dense/applied_svd.hpp"
#include "dense/scale.hpp"

namespace eckart {
namespace {

template <Scalar T>
double column_norm(MatrixView<const T> a, Index j) {
  return frobenius_norm<T>(a.columns(j, 1));
}

void require_request(Index rows, Index b_rows, double lambda) {
  if (b_rows != rows) {
    throw InvalidArgument("the right-hand sides have " + std::to_string(b_rows) +
                          " rows and the matrix has " + std::to_string(rows) + "; they must agree");
  }
  if (!(lambda >= 0) || !std::isfinite(lambda)) {
    throw InvalidArgument("lambda is " + std::to_string(lambda) +
                          "; the Tikhonov parameter is finite and at least 0");
  }
}

// A copy of B whose column j is multiplied by 2^-exponents[j], which brings its largest part into
// [1/2, 1). Throws NonFinite, naming the entry of B.
template <Scalar T>
struct ScaledRightHandSides {
  ScaledRightHandSides(const Execution& run, MatrixView<const T> b)
      : matrix(b), exponents(static_cast<std::size_t>(b.cols())) {
    static_cast<void>(dense::max_modulus<T>(run, b));
    for (Index j = 0; j < b.cols(); ++j) {
      const MatrixView<T> column = matrix.view().columns(j, 1);
      const int shift = dense::scale_exponent(dense::max_modulus<T>(run, column));
      exponents[static_cast<std::size_t>(j)] = -shift;
      dense::scale_by_power(column, shift);
    }
  }
  Matrix<T> matrix;
  std::vector<int> exponents;
};

// The weights of each component: filter f = sigma^2 / (sigma^2 + lambda^2) and gain = f / sigma.
// A and lambda are divided by 2^exponent first, so that neither 1 / sigma nor lambda^2 leaves the
// range.
struct Weights {
  Weights(const Spectrum& s, Index rank, double lambda_in)
      : exponent(-dense::scale_exponent(std::max(rank > 0 ? s[rank - 1] : 0.0, lambda_in))),
        lambda(std::ldexp(lambda_in, -exponent)) {
    for (Index i = 0; i < rank; ++i) {
      const double sigma = std::ldexp(s[i], -exponent);
      const double ratio = lambda / sigma;
      gain.push_back(1 / (sigma + lambda * ratio));
      filter.push_back(1 / (1 + ratio * ratio));
    }
  }
  int exponent;
  double lambda;
  std::vector<double> gain, filter;
};

// a <- diag(weights) a.
template <Scalar T>
void scale_rows(MatrixView<T> a, const std::vector<double>& weights) {
  for (Index j = 0; j < a.cols(); ++j) {
    for (Index i = 0; i < a.rows(); ++i) {
      a(i, j) *= static_cast<Real<T>>(weights[static_cast<std::size_t>(i)]);
    }
  }
}

// eps (2 kappa / cos + tan kappa^2); cos and tan come from the parts of b inside and outside the
// range, so neither cancels.
double relative_error_bound(double eps, double kappa, double inside, double outside) {
  const double whole = std::hypot(inside, outside);
  if (whole == 0) {
    return 0;
  }
  if (inside == 0) {
    return std::numeric_limits<double>::infinity();
  }
  return eps * (2 * kappa * (whole / inside) + kappa * kappa * (outside / inside));
}

// What the two forms share: X, and for the figures the parts of b, in units of 2^rhs.exponents.
template <Scalar T>
struct Solution {
  LeastSquares<T> result;
  ScaledRightHandSides<T> rhs;
  Matrix<T> fitted;             // f U_r^H B, r x p
  std::vector<double> inside;   // sqrt(sum f_i |c_i|^2): lambda = 0: the part of b in the range
  std::vector<double> penalty;  // lambda ||x||
};

// The two ways of having U_r^H B and V_r Y.
template <Scalar T>
struct Formed {
  const Svd<T>& d;
  [[nodiscard]] const std::vector<Real<T>>& values() const { return d.s; }
  [[nodiscard]] Matrix<T> components(const Execution& run, const Matrix<T>& b, Index r) const {
    const analysis::BlasReady<T> u(analysis::left_vectors(d, r));
    return analysis::product<T>(run, blas::Op::adjoint, u.view(), blas::Op::none, b);
  }
  [[nodiscard]] Matrix<T> combination(const Execution& run, const Matrix<T>& y) const {
    const analysis::BlasReady<T> vh(analysis::right_vectors(d, y.rows()));
    return analysis::product<T>(run, blas::Op::adjoint, vh.view(), blas::Op::none, y);
  }
};

template <Scalar T>
struct Applied {
  dense::AppliedSvd<T>& d;  // of this B
  [[nodiscard]] const std::vector<Real<T>>& values() const { return d.values(); }
  [[nodiscard]] Matrix<T> components(const Execution&, const Matrix<T>&, Index r) const {
    return Matrix<T>(d.components().top_rows(r));
  }
  [[nodiscard]] Matrix<T> combination(const Execution&, const Matrix<T>& y) const {
    return y.rows() > 0 ? d.right(y) : Matrix<T>(d.cols(), y.cols());
  }
};

template <Scalar T, class Factors>
Solution<T> solve(const Factors& factors, const Spectrum& s, ScaledRightHandSides<T> rhs,
                  const LeastSquaresOptions& options, const Execution& run) {
  Solution<T> solution{
      .result = {}, .rhs = std::move(rhs), .fitted = {}, .inside = {}, .penalty = {}};
  LeastSquares<T>& result = solution.result;
  result.rank = numerical_rank(s, options.rank);
  const Index r = result.rank.rank;
  const Index p = solution.rhs.matrix.cols();
  result.s = factors.values();
  const Weights weights(s, r, options.lambda);
  analysis::CompensatedSum freedom;
  std::vector<double> root_filter;
  for (const double f : weights.filter) {
    freedom.add(f);
    root_filter.push_back(std::sqrt(f));
  }
  result.degrees_of_freedom = freedom.value();
  result.condition = r > 0 ? s.largest() / result.rank.sigma_rank : 0.0;

  // 1. C = U_r^H B: the components of B in the range.
  Matrix<T> c = factors.components(run, solution.rhs.matrix, r);
  solution.fitted = c;
  scale_rows<T>(solution.fitted, root_filter);
  for (Index j = 0; j < p; ++j) {
    solution.inside.push_back(column_norm<T>(solution.fitted, j));
  }
  scale_rows<T>(solution.fitted, root_filter);

  // 2. X = V_r (f / sigma) C, then back to the units of B and A.
  scale_rows<T>(c, weights.gain);
  result.X = factors.combination(run, c);
  for (Index j = 0; j < p; ++j) {
    solution.penalty.push_back(weights.lambda * column_norm<T>(c, j));
    dense::scale_by_power(result.X.view().columns(j, 1),
                          solution.rhs.exponents[static_cast<std::size_t>(j)] - weights.exponent);
  }
  analysis::require_in_range<T>(result.X, "the least squares solution");
  return solution;
}

// The figures of each right-hand side, once the residual stands in the place of B.
template <Scalar T>
LeastSquares<T> finish(Solution<T> solution, const Spectrum& s, double lambda) {
  LeastSquares<T>& result = solution.result;
  // Halved, so that the hypotenuse of two values near the largest double stays finite.
  const double kappa = result.rank.rank > 0 ? std::hypot(s.largest() / 2, lambda / 2) /
                                                  std::hypot(result.rank.sigma_rank / 2, lambda / 2)
                                            : 0.0;
  for (Index j = 0; j < result.X.cols(); ++j) {
    const auto at = static_cast<std::size_t>(j);
    const double residual = column_norm<T>(solution.rhs.matrix, j);
    const double outside = std::hypot(residual, solution.penalty[at]);
    result.residual_norms.push_back(analysis::require_in_range(
        std::ldexp(residual, solution.rhs.exponents[at]), "the norm of a residual"));
    result.solution_norms.push_back(column_norm<T>(result.X, j));
    result.error_bounds.push_back(
        relative_error_bound(s.eps(), kappa, solution.inside[at], outside));
  }
  return std::move(solution.result);
}

// B <- B - A X in the units of B. X is first brought to a size at which the product A X is near 1,
// as far as the type allows.
template <Scalar T>
void subtract_product(MatrixView<const T> a, const Spectrum& s, const Matrix<T>& x,
                      ScaledRightHandSides<T>& rhs, const Execution& run) {
  constexpr int half_range = std::numeric_limits<Real<T>>::max_exponent / 2;
  const int target = std::clamp(dense::scale_exponent(s.largest()), -half_range, half_range);
  Matrix<T> scaled = x;
  std::vector<int> shifts;
  for (Index j = 0; j < x.cols(); ++j) {
    const MatrixView<T> column = scaled.view().columns(j, 1);
    shifts.push_back(target + dense::scale_exponent(dense::max_modulus<T>(run, column)));
    dense::scale_by_power(column, shifts.back());
  }
  const analysis::BlasReady<T> ready(a);
  Matrix<T> product = analysis::product<T>(run, ready.view(), scaled);
  for (Index j = 0; j < x.cols(); ++j) {
    const auto at = static_cast<std::size_t>(j);
    dense::scale_by_power(product.view().columns(j, 1), -shifts[at] - rhs.exponents[at]);
    for (Index i = 0; i < a.rows(); ++i) {
      rhs.matrix(i, j) -= product(i, j);
    }
  }
}

// Right-hand sides are solved for in panels: little is kept beside B and X, and a stop is heard between two. `panel` makes of some
// columns of B what belongs to them.
constexpr Index panel_entries = Index{1} << 21, fewest_columns = 16;

Index columns_together(Index rows, Index unknowns) {
  return std::max(fewest_columns, panel_entries / std::max({rows, unknowns, Index{1}}));
}

template <Scalar T, class Panel>
LeastSquares<T> in_panels(MatrixView<const T> b, Index unknowns, const Execution& run,
                          const Panel& panel) {
  const Index together = columns_together(b.rows(), unknowns);
  if (b.cols() <= together) {
    return panel(b);
  }
  static_cast<void>(dense::max_modulus<T>(run, b));  // names the first bad entry by its place in B
  Matrix<T> x = Matrix<T>::uninitialized(unknowns, b.cols());
  LeastSquares<T> all;
  for (Index first = 0; first < b.cols(); first += together) {
    run.check_stop();
    const Index count = std::min(together, b.cols() - first);
    LeastSquares<T> part = panel(b.columns(first, count));
    for (Index j = 0; j < count; ++j) {
      std::copy_n(part.X.view().col(j), unknowns, x.view().col(first + j));
    }
    const auto append = [](auto& to, const auto& from) {
      to.insert(to.end(), from.begin(), from.end());
    };
    append(all.residual_norms, part.residual_norms);
    append(all.solution_norms, part.solution_norms);
    append(all.error_bounds, part.error_bounds);
    all.s = std::move(part.s);
    all.rank = part.rank;
    all.condition = part.condition;
    all.degrees_of_freedom = part.degrees_of_freedom;
  }
  all.X = std::move(x);
  return all;
}

}  // namespace

template <Scalar T>
LeastSquares<T> least_squares(const Svd<T>& d, MatrixView<const T> b,
                              const LeastSquaresOptions& options, const Execution& run) {
  const Spectrum s(d);
  require_request(s.rows(), b.rows(), options.lambda);
  return in_panels<T>(b, s.cols(), run, [&](MatrixView<const T> part) {
    Solution<T> solution = solve<T>(Formed<T>{d}, s, {run, part}, options, run);
    const MatrixView<const T> u = analysis::left_vectors(d, solution.result.rank.rank);
    blas::gemm<T>(run, blas::Op::none, blas::Op::none, T{-1}, u, solution.fitted, T{1},
                  solution.rhs.matrix);
    return finish(std::move(solution), s, options.lambda);
  });
}

template <Scalar T>
LeastSquares<T> least_squares(MatrixView<const T> a, MatrixView<const T> b,
                              const LeastSquaresOptions& options, SvdOptions svd_options) {
  require_request(a.rows(), b.rows(), options.lambda);
  svd_options.u = Vectors::thin;
  svd_options.v = Vectors::thin;
  const Execution run = execution_of(svd_options);
  const auto solve_by = [&](const auto& factors, const Spectrum& s, ScaledRightHandSides<T> rhs) {
    Solution<T> solution = solve<T>(factors, s, std::move(rhs), options, run);
    subtract_product(a, s, solution.result.X, solution.rhs, run);
    return finish(std::move(solution), s, options.lambda);
  };
  if (b.cols() > 0 &&
      b.cols() <= std::min({a.rows(), a.cols(), columns_together(a.rows(), a.cols())}) &&
      dense::AppliedSvd<T>::serves(a.rows(), a.cols(), svd_options)) {
    ScaledRightHandSides<T> rhs(run, b);
    if (const auto d = dense::AppliedSvd<T>::of(a, rhs.matrix, svd_options)) {
      const Spectrum s({d->values().begin(), d->values().end()}, a.rows(), a.cols(), epsilon<T>);
      return solve_by(Applied<T>{*d}, s, std::move(rhs));
    }
  }
  const Svd<T> d = svd<T>(a, svd_options);
  const Spectrum s(d);
  return in_panels<T>(b, a.cols(), run, [&](MatrixView<const T> part) {
    return solve_by(Formed<T>{d}, s, ScaledRightHandSides<T>(run, part));
  });
}

#define ECKART_INSTANTIATE(T)                                                              \
  template LeastSquares<T> least_squares<T>(const Svd<T>&, MatrixView<const T>,            \
                                            const LeastSquaresOptions&, const Execution&); \
  template LeastSquares<T> least_squares<T>(MatrixView<const T>, MatrixView<const T>,      \
                                            const LeastSquaresOptions&, SvdOptions);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)

}  // namespace eckart
