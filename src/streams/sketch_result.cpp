// The triplets of a single-pass sketch, and what is known of their error.
//
//   1. X^H -> P, Y -> Q, orthonormal bases of the co-range and the range, n x p and m x q'  (block Gram-Schmidt: orthogonalize.hpp);
//      where a side of A is not longer than r', its basis is the identity
//   2. C = (Phi Q)^+ Z ((conj(Psi) P)^+)^H, q' x p, two least-squares problems through svd(), never through normal equations
//   3. C = U_C S V_C^H,  U = Q U_C,  V = P V_C:  A' = U S V^H of rank K = min(p, q'), and A'_j of its leading j triplets
//   4. the test sketch looks at E_j = A - A'_j, with which it has nothing in common:
//        Theta E_j = W - F S_j V^H,  F = Theta U;   with H = W V and D = W - H V^H, whose rows are orthogonal to V,
//        ||Theta E_j||_F^2 = ||D||_F^2 + sum_{l <= j} ||h_l - s_l f_l||^2 + sum_{l > j} ||h_l||^2   for every j at once.
//      E||Theta E_j||_F^2 = q ||E_j||_F^2; bounds from truncated/probes.hpp, 4 and 1, and 5 for the 2-norms of E_k and E_K
//   5. ||E_j||_F lies within ||E_K||_F of tau_j(A') = ||A' - A'_j||_F, the 2-norms the same: better than 4 where A' is nearly A
//   6. tau_j(A), too, lies within ||E_K||_F of tau_j(A') (norms of tails of singular values are no further apart than the matrices), and is
//      ||E_j||_F at the most
//   7. ||A||_F itself is known where nothing was added twice at a place, as in appended rows: the squares of all that came are summed, with a
//      relative error of some eps for each of them. From it tau_j(A) <= ||A||_F, and sigma_i(A) <= ||A||_F / sqrt(i) for i = 1, 2, ...
//   Estimates are brought into their bounds.
//
// Of the probability that is allowed each of the 2 (K + 1) + 2 bounds has the same share, so that all hold at once.
//
// Rounding. A sum of N numbers whose partial sums stay below P has an error of about sqrt(N) eps P where its rounding errors are
// independent. Here N are all additions to a sum of the test sketch and P the norm of all that came; that of Theta E_j is then below
// `rounding` sqrt(q). What U, S and V have of rounding errors of the other sketches and of steps 1 to 3 is part of E_j, and so it is
// measured.

#include <algorithm>
#include <cmath>

#include <eckart/error.hpp>
#include <eckart/svd.hpp>

#include "blas/gemm.hpp"
#include "dense/sign_rule.hpp"
#include "streams/rotated_basis.hpp"
#include "streams/rows.hpp"
#include "streams/sketch_inner.hpp"
#include "streams/test_products.hpp"
#include "streams/tracked_factors.hpp"
#include "truncated/orthogonalize.hpp"
#include "truncated/probes.hpp"

namespace eckart {
namespace {

using blas::Op;
using streams::product;
using streams::TestMatrix;

// Of rounding: the sums above, and the products of steps 3 and 4.
constexpr double rounding_share = 8;
// Of a sum of squares, for each of its terms.
constexpr double norm_unit = 8;

template <Scalar W>
double squares(MatrixView<const W> a) {
  double sum = 0;
  for (Index j = 0; j < a.cols(); ++j) {
    for (Index i = 0; i < a.rows(); ++i) {
      sum += std::norm(a(i, j));
    }
  }
  return sum;
}

/// 1. Of columns that are no longer needed.
template <Scalar W>
Matrix<W> orthonormal(const Execution& how, Matrix<W> columns, const Random& random) {
  const Index n = columns.rows(), d = columns.cols();
  if (n <= d) {
    return Matrix<W>::identity(n, n);
  }
  const double negligible =
      std::max(epsilon<double> * std::sqrt(squares<W>(columns.view())), 0x1p-1000);
  Matrix<W> r(d, d), nothing(0, d);
  Workspace work(truncated::orthogonalize_memory<W>(0, d));
  const MatrixView<W> all = columns.view();
  static_cast<void>(truncated::orthogonalize<W>(how, all.columns(0, 0), all, nothing.view(),
                                                r.view(), negligible, random, work));
  return columns;
}

/// 2. M^+ B; values of M at rounding level count as 0.
template <Scalar W>
Matrix<W> least_squares(const Matrix<W>& m, MatrixView<const W> b, int threads,
                        const std::stop_token& stop) {
  const Execution how{.threads = threads, .stop = stop, .progress = {}};
  const Svd<W> d = svd(m, {.threads = threads, .stop = stop});
  const auto r = static_cast<Index>(d.s.size());
  Matrix<W> x(r, b.cols());
  blas::gemm<W>(how, Op::adjoint, Op::none, W(1), d.U.view(), b, W(0), x.view());
  for (Index i = 0; i < r; ++i) {
    const double s = d.s[static_cast<std::size_t>(i)];
    const bool counts = s > static_cast<double>(m.rows()) * epsilon<double> * d.s[0];
    for (Index j = 0; j < b.cols(); ++j) {
      x(i, j) = counts ? x(i, j) / s : W{};
    }
  }
  Matrix<W> y(m.cols(), b.cols());
  const Matrix<W> vh(d.Vh.view());  // column-major
  blas::gemm<W>(how, Op::adjoint, Op::none, W(1), vh.view(), x.view(), W(0), y.view());
  return y;
}

template <Scalar W>
Matrix<W> adjoint(MatrixView<const W> a) {
  auto to = Matrix<W>::uninitialized(a.cols(), a.rows());
  for (Index j = 0; j < a.cols(); ++j) {
    for (Index i = 0; i < a.rows(); ++i) {
      to(j, i) = conjugate(a(i, j));
    }
  }
  return to;
}

/// 4. Theta E_j for all j, and 5, in the units of the sketches.
template <Scalar W>
class Errors {
 public:
  /// h, f  q x K; d  q x n
  Errors(const Matrix<W>& d, const Matrix<W>& h, const Matrix<W>& f, const std::vector<double>& s,
         double failure, double rounding)
      : h_(h),
        f_(f),
        d_(d),
        s_(s),
        probes_(d.rows()),
        each_(failure / (2 * static_cast<double>(s.size() + 1) + 2)),
        rounding_(rounding) {
    // Sums from both ends: no difference of large numbers.
    const std::size_t k = s.size();
    const double outside = squares<W>(d.view());
    std::vector<double> behind(k + 1, 0.0);
    tails_.assign(k + 1, 0.0);
    for (std::size_t l = k; l-- > 0;) {
      behind[l] = behind[l + 1] + squares<W>(h.view().columns(static_cast<Index>(l), 1));
      tails_[l] = tails_[l + 1] + s[l] * s[l];
    }
    double before = 0;
    for (std::size_t j = 0; j <= k; ++j) {
      sums_.push_back(outside + before + behind[j]);
      if (j < k) {
        before += squares<W>(rest(static_cast<Index>(j)).view());
      }
    }
  }

  [[nodiscard]] double estimate(std::size_t j) const {
    return std::sqrt(sums_[j] / static_cast<double>(probes_));
  }
  [[nodiscard]] double at_most(std::size_t j) const { return bound(std::sqrt(sums_[j])); }
  [[nodiscard]] double at_least(std::size_t j) const {
    const double measured = std::max(0.0, std::sqrt(sums_[j]) - added());
    return std::sqrt(
        truncated::least_from_probes(measured * measured, probes_, ComplexScalar<W>, each_));
  }
  /// Of ||E_j||_2.
  [[nodiscard]] double spectral_at_most(Index j, const Execution& how) const {
    const Index n = d_.cols(), k = h_.cols();
    Matrix<W> m(probes_, n + k);
    std::copy_n(d_.data(), probes_ * n, m.data());
    for (Index l = 0; l < k; ++l) {
      const Matrix<W> column = l < j ? rest(l) : Matrix<W>(h_.view().columns(l, 1));
      std::copy_n(column.data(), probes_, m.view().col(n + l));
    }
    return bound(singular_values(m, {.threads = how.threads, .stop = how.stop})[0]);
  }
  [[nodiscard]] double tail(std::size_t j) const { return std::sqrt(tails_[j]); }

 private:
  /// h_l - s_l f_l
  [[nodiscard]] Matrix<W> rest(Index l) const {
    Matrix<W> column(h_.view().columns(l, 1));
    for (Index p = 0; p < probes_; ++p) {
      column(p, 0) -= s_[static_cast<std::size_t>(l)] * f_(p, l);
    }
    return column;
  }
  [[nodiscard]] double added() const { return rounding_ * std::sqrt(static_cast<double>(probes_)); }
  [[nodiscard]] double bound(double norm) const {
    const double measured = norm + added();
    return std::sqrt(
        truncated::most_from_probes(measured * measured, probes_, ComplexScalar<W>, each_));
  }

  const Matrix<W>&h_, &f_, &d_;
  const std::vector<double>& s_;
  Index probes_;
  double each_, rounding_;
  std::vector<double> sums_, tails_;
};

}  // namespace

template <Scalar T>
SketchedSvd<T> SinglePassSketch<T>::result(Index k, double failure,
                                           const std::stop_token& stop) const {
  const Inner& in = *inner_;
  const SketchOptions& o = in.options;
  if (k < 0) {
    throw InvalidArgument("k = " + std::to_string(k) + " triplets");
  }
  if (!(failure > 0 && failure < 1)) {
    throw InvalidArgument("failure_probability is between 0 and 1");
  }
  const Execution how{.threads = o.threads, .stop = stop, .progress = {}};
  how.check_stop();
  SketchedSvd<T> out;
  out.rows = in.rows();
  out.cols = in.cols();
  out.failure_probability = failure;
  const Index m = out.rows, n = out.cols;
  if (m == 0 || n == 0) {
    out.U = Matrix<T>(m, 0);
    out.Vh = Matrix<T>(0, n, Layout::row_major);
    out.errors = out.tail_at_least = out.tail_at_most = {0.0};
    return out;
  }
  // 1.
  const Random random(streams::key_of(o.seed), std::uint64_t{1} << 40U);
  const Matrix<W> right = orthonormal<W>(how, in.x.turned(true), random);
  const Matrix<W> left =
      orthonormal<W>(how, in.y.turned(false), random.stream(random.stream() + 1));
  // 2.
  const Matrix<W> z(in.z.view().transposed());
  const Matrix<W> half = least_squares<W>(
      streams::times_signs<W>(how, o.seed, TestMatrix::core_rows, o.core, left.view(), false),
      z.view(), o.threads, stop);
  const Matrix<W> c_adjoint = least_squares<W>(
      streams::times_signs<W>(how, o.seed, TestMatrix::core_cols, o.core, right.view(), true),
      adjoint<W>(half.view()).view(), o.threads, stop);
  // 3. C^H = V_C S U_C^H
  const Svd<W> core = svd(c_adjoint, {.threads = o.threads, .stop = stop});
  const auto values = static_cast<Index>(core.s.size());
  k = std::min(k, values);
  const Matrix<W> u_c = adjoint<W>(core.Vh.view());
  const Matrix<W> v = product<W>(how, right.view(), core.U.view());
  // 4.
  const Matrix<W> w = in.w.whole(), h = product<W>(how, w.view(), v.view());
  const Matrix<W> f = product<W>(
      how, streams::times_normal<W>(how, o.seed, o.probes, left.view()).view(), u_c.view());
  Matrix<W> d = w;
  blas::gemm<W>(how, Op::none, Op::adjoint, W(-1), h.view(), v.view(), W(1), d.view());
  const double additions = in.terms + static_cast<double>(m) + static_cast<double>(n);
  const double rounding =
      rounding_share * std::sqrt(additions) * epsilon<double> *
      std::max(std::sqrt(in.came), std::sqrt(squares<W>(w.view()) / static_cast<double>(o.probes)));
  const Errors<W> errors(d, h, f, core.s, failure, rounding);

  // In the units of A; what is below the range is rounded away from what it bounds.
  const auto unscaled = [&](double x) { return streams::times_power(x * in.weight, -in.exponent); };
  const auto above = [&](double x) {
    constexpr std::int64_t most = 5000;
    return streams::bound_scaled(x * in.weight,
                                 static_cast<int>(std::clamp(-in.exponent, -most, most)));
  };
  const auto below = [&](double x) {
    const double y = unscaled(std::max(0.0, x));
    return y < std::numeric_limits<double>::min() ? 0.0 : y;
  };
  const auto wanted = static_cast<std::size_t>(k), all = static_cast<std::size_t>(values);
  const double whole = errors.at_most(all), spectral = errors.spectral_at_most(values, how);
  // 7.
  const double norm = std::sqrt(in.came), unsure = norm_unit * epsilon<double> * additions * norm;
  const auto least_of = [&](std::size_t j) {
    const double least = std::max(errors.at_least(j), errors.tail(j) - whole);
    return j == 0 && in.disjoint ? std::max(least, norm - unsure) : least;
  };
  const auto most_of = [&](std::size_t j) {
    const double most = std::min(errors.at_most(j), errors.tail(j) + whole);
    return j == 0 && in.disjoint ? std::min(most, norm + unsure) : most;
  };
  for (std::size_t j = 0; j <= all; ++j) {
    out.errors.push_back(unscaled(std::min(std::max(errors.estimate(j), least_of(j)), most_of(j))));
    out.tail_at_least.push_back(below(errors.tail(j) - whole));
    out.tail_at_most.push_back(above(std::min(most_of(j), most_of(0))));
  }
  out.frobenius_norm = out.errors[0];
  out.norm_at_least = below(least_of(0));
  out.norm_at_most = out.tail_at_most[0];
  out.rounding = above(rounding);

  // What is returned is rounded to T.
  const double leading = std::sqrt(
      std::max(0.0, errors.tail(0) * errors.tail(0) - errors.tail(wanted) * errors.tail(wanted)));
  constexpr double least = double{std::numeric_limits<Real<T>>::denorm_min()};
  const double rounded = 4 * double{epsilon<T>} * leading;
  const double below_range =
      leading == 0 ? 0
                   : std::sqrt(static_cast<double>(k)) *
                         (1 + unscaled(std::sqrt(static_cast<double>(m + n)) * leading)) * least;
  out.left_out = out.errors[wanted];
  out.left_out_at_least = below(least_of(wanted) - rounded);
  out.left_out_at_most = above(most_of(wanted) + rounded) + below_range;
  const double next = wanted < all ? core.s[wanted] : 0.0;
  out.spectral_at_most =
      above(std::min({most_of(wanted), errors.spectral_at_most(k, how), next + spectral}) +
            rounded) +
      below_range;
  const double apart = std::min(spectral, whole);
  for (std::size_t i = 0; i < wanted; ++i) {
    const double s = core.s[i];
    out.s.push_back(streams::narrowed<Real<T>>(unscaled(s)));
    out.at_least.push_back(below(s - apart));
    out.at_most.push_back(
        above(std::min(s + apart, most_of(0) / std::sqrt(static_cast<double>(i + 1)))));
  }

  out.U = streams::narrowed<T>(product<W>(how, left.view(), u_c.view().columns(0, k)).view(),
                               Layout::column_major);
  Matrix<T> vectors = streams::narrowed<T>(v.view().columns(0, k), Layout::column_major);
  dense::apply_phases<T>(out.U.view(), dense::fix_signs<T>(vectors.view()));
  out.Vh = Matrix<T>::uninitialized(k, n, Layout::row_major);
  std::transform(vectors.data(), vectors.data() + k * n, out.Vh.data(),
                 [](const T& x) { return conjugate(x); });
  return out;
}

template <Scalar T>
MemoryPlan SinglePassSketch<T>::result_memory(Index m, Index n, const SketchOptions& o, Index k) {
  const Index p = std::min(n, o.range), q = std::min(m, o.range), values = std::min(p, q),
              wanted = std::min(k, values), s = o.core;
  return MemoryPlan::all_of(
      "result",
      {MemoryPlan::block<W>("bases", std::max(n, m) + n + m, std::max(p, q)),
       MemoryPlan::block<W>("V", n, values), MemoryPlan::block<W>("test sketch", 3 * o.probes, n),
       MemoryPlan::block<W>("tests of bases", o.probes + s, streams::tested_together),
       MemoryPlan::block<W>("core", 4 * s, s),
       MemoryPlan::any_of(
           "small decompositions",
           {svd_memory<W>(s, std::max(p, q)), svd_memory<W>(p, q),
            svd_memory<W>(o.probes, n + values, {.u = Vectors::none, .v = Vectors::none})}),
       MemoryPlan::block<W>("U", m, wanted), MemoryPlan::block<T>("U, V, V^H", m + 2 * n, wanted)});
}

#define ECKART_INSTANTIATE(T)                                                                \
  template SketchedSvd<T> SinglePassSketch<T>::result(Index, double, const std::stop_token&) \
      const;                                                                                 \
  template MemoryPlan SinglePassSketch<T>::result_memory(Index, Index, const SketchOptions&, Index);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)

}  // namespace eckart
