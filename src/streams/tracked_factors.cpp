#include "streams/tracked_factors.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include <eckart/svd.hpp>

#include "blas/gemm.hpp"
#include "core/sums.hpp"
#include "streams/rounding.hpp"

namespace eckart::streams {
namespace {

using blas::Op;

// In an update, besides those that write out what was kept in pieces: see Rounding in incremental_svd.cpp.
constexpr Index products_of_update = 16;
constexpr std::uint64_t seed = 0x45636b617274;
constexpr int none = std::numeric_limits<int>::min();
constexpr double least_normal = std::numeric_limits<double>::min(),
                 least_positive = std::numeric_limits<double>::denorm_min();

double norm_of(const std::vector<double>& values, std::size_t first = 0) {
  core::SumOfSquares squares;
  for (std::size_t i = first; i < values.size(); ++i) {
    squares.add(values[i]);
  }
  return squares.norm();
}

template <Scalar W>
double column_norm(MatrixView<const W> a, Index j) {
  return length_of<W>({a.col(j), static_cast<std::size_t>(a.rows())});
}

}  // namespace

template <Scalar W>
struct TrackedFactors<W>::Update {
  UpdateFrame<W> left, right;
  std::vector<double> d;  // the weights of the coefficients' columns: s, then those of new terms
  bool touches_u = false, touches_v = false;
};

template <Scalar W>
Random TrackedFactors<W>::random(Side side) const {
  return Random(seed, static_cast<std::uint64_t>(2 * updates + (side == Side::rows ? 0 : 1)));
}

template <Scalar W>
void TrackedFactors<W>::scale(const Execution& execution, double factor, int shift) {
  const auto scaled = [=](double value) { return std::ldexp(value * factor, shift); };
  const auto lost =
      std::find_if(s.begin(), s.end(), [&](double x) { return scaled(x) < least_normal; });
  if (lost != s.end()) {
    const auto kept = static_cast<std::size_t>(lost - s.begin());
    const auto r = static_cast<Index>(s.size());
    const Matrix<W> leading = Matrix<W>::identity(r, static_cast<Index>(kept));
    u.extend(execution, leading.view());
    v.extend(execution, leading.view());
    errors.leave_out({norm_of(s, kept), s[kept]}, false, false, u.rows(), v.rows());
    s.resize(kept);
  }
  std::transform(s.begin(), s.end(), s.begin(), scaled);
  errors.scale(factor, shift);
}

template <Scalar W>
int TrackedFactors<W>::top() const noexcept {
  const double size = std::max(
      {s.empty() ? 0.0 : s[0], errors.run.frobenius, errors.of_past().frobenius, errors.rounding});
  return size > 0 && std::isfinite(size) ? std::ilogb(size) : none;
}

template <Scalar W>
void TrackedFactors<W>::fit_scale(const Execution& execution, const GatheredTerms<W>& terms) {
  const int own = top();
  int largest = own == none ? none : own - exponent;
  for (const Term& term : terms.terms) {
    if (term.length > 0 && term.weight > 0) {
      largest = std::max(largest, std::ilogb(term.weight) - term.exponent);
    }
  }
  if (largest != none) {
    const int to = -1 - largest;
    scale(execution, 1, to - exponent);
    exponent = to;
  }
}

// 1, 2.
template <Scalar W>
void TrackedFactors<W>::absorb(const Execution& execution, const UpdateRule& rule,
                               const GatheredTerms<W>& terms) {
  fit_scale(execution, terms);
  const Index c = terms.count();
  Update update;
  update.touches_u = terms.kind != TermKind::rows;
  update.touches_v = terms.kind != TermKind::columns;
  update.left = update.touches_u ? UpdateFrame<W>::with_directions(execution, u, terms.left(),
                                                                   random(Side::rows))
                                 : UpdateFrame<W>::with_rows(execution, u, c);
  update.right = update.touches_v ? UpdateFrame<W>::with_directions(execution, v, terms.right(),
                                                                    random(Side::columns))
                                  : UpdateFrame<W>::with_rows(execution, v, c);
  update.d = s;
  for (const Term& term : terms.terms) {
    const double d = std::ldexp(term.weight, exponent - term.exponent);
    update.d.push_back(d);
    errors.rounding += d < least_normal ? term.length * least_positive : 0;
  }
  apply(execution, rule, update);
}

template <Scalar W>
void TrackedFactors<W>::remove(const Execution& execution, const UpdateRule& rule, Side side,
                               std::span<const Index> indices) {
  Update update;
  update.d = s;
  update.touches_u = side == Side::rows;
  update.touches_v = !update.touches_u;
  const auto frame = [&](const RotatedBasis<W>& z, bool shorter) {
    return shorter ? UpdateFrame<W>::without_rows(execution, z, indices, random(side))
                   : UpdateFrame<W>::with_rows(execution, z, 0);
  };
  update.left = frame(u, side == Side::rows);
  update.right = frame(v, side == Side::columns);
  apply(execution, rule, update);
  errors.remove(side, indices);
}

template <Scalar W>
void TrackedFactors<W>::straighten(const Execution& execution, const UpdateRule& rule) {
  Update update;
  update.d = s;
  const auto frame = [&](const RotatedBasis<W>& z, Side side) {
    return z.kept() ? UpdateFrame<W>::without_rows(execution, z, {}, random(side))
                    : UpdateFrame<W>::with_rows(execution, z, 0);
  };
  update.left = frame(u, Side::rows);
  update.right = frame(v, Side::columns);
  apply(execution, rule, update);
}

// 3, 4, 5.
template <Scalar W>
void TrackedFactors<W>::apply(const Execution& execution, const UpdateRule& rule,
                              const Update& update) {
  const MatrixView<const W> left = update.left.coefficients(), right = update.right.coefficients();
  const Index p = left.rows(), q = right.rows(), t = left.cols(), most = std::min(p, q);
  double size = norm_of(s) + errors.run.frobenius;
  Matrix<W> weighted(left), core(p, q);
  for (Index j = 0; j < t; ++j) {
    const double d = update.d[static_cast<std::size_t>(j)];
    if (j >= static_cast<Index>(s.size())) {
      size += d * column_norm<W>(left, j) * column_norm<W>(right, j);
    }
    W* const column = weighted.view().col(j);
    std::transform(column, column + p, column, [d](const W& x) { return x * d; });
  }
  if (!core.empty() && t > 0) {
    blas::gemm<W>(execution, Op::none, Op::adjoint, W(1), weighted.view(), right, W(0),
                  core.view());
  }

  Svd<W> small;
  if (most > 0) {
    const auto wanted = [](const RotatedBasis<W>& z) {
      return z.kept() ? Vectors::thin : Vectors::none;
    };
    small = svd<W>(core.view(), {.u = wanted(u),
                                 .v = wanted(v),
                                 .leading = std::min(rule.rank, most),
                                 .threads = execution.threads,
                                 .stop = execution.stop});
  }
  std::vector<double>& values = small.s;
  const double least = values.empty() ? 0.0 : rule.tolerance * values[0];
  std::size_t kept = 0;
  while (kept < values.size() && values[kept] > least &&
         (rule.rank == 0 || static_cast<Index>(kept) < rule.rank)) {
    ++kept;
  }
  const auto r = static_cast<Index>(kept);

  errors.leave_out({norm_of(values, kept), kept < values.size() ? values[kept] : 0.0},
                   update.touches_u, update.touches_v, u.rows(), v.rows());
  count_rounding(products_of_update + products_to_write(), std::max({p, q, t}), size);
  if (!values.empty() && values[0] > 0) {
    errors.rounding += std::sqrt(static_cast<double>(most)) * rounding_of(small.report, values[0]);
  }
  const auto rotated = [&](const RotatedBasis<W>& z, const UpdateFrame<W>& frame,
                           MatrixView<const W> y) {
    return frame.rotated(execution, z.kept() ? y : MatrixView<const W>(nullptr, y.rows(), r));
  };
  Matrix<W> y(q, r);
  if (v.kept()) {
    for (Index j = 0; j < r; ++j) {
      for (Index i = 0; i < q; ++i) {
        y(i, j) = conjugate(small.Vh(j, i));
      }
    }
  }
  u = rotated(
      u, update.left,
      u.kept() && r > 0 ? small.U.view().columns(0, r) : MatrixView<const W>(nullptr, p, r));
  v = rotated(v, update.right, y.view());
  s.assign(values.begin(), values.begin() + r);
  ++updates;
}

template <Scalar W>
void TrackedFactors<W>::count_rounding(Index products, Index t, double size) noexcept {
  const auto terms = static_cast<double>(t);
  const double unit = size > 0 ? epsilon<double> / 2 * size + least_positive : 0;
  errors.rounding += static_cast<double>(products) * terms * std::sqrt(terms) * unit;
}

template <Scalar W>
void TrackedFactors<W>::forget(const Execution& execution, double factor) {
  int power = 0;
  scale(execution, std::frexp(factor, &power), 0);
  exponent -= power;
  count_rounding(2, 1, norm_of(s));
}

template struct TrackedFactors<double>;
template struct TrackedFactors<std::complex<double>>;

}  // namespace eckart::streams
