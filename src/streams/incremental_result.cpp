// What an incremental decomposition says: triplets with their bounds, and its state.

#include <cmath>

#include <eckart/error.hpp>
#include <eckart/incremental_svd.hpp>

#include "dense/sign_rule.hpp"
#include "streams/incremental_inner.hpp"
#include "streams/state_parts.hpp"

namespace eckart {
namespace {

using streams::Term;
using streams::TermKind;

/// The first k columns of a basis in T; nothing where it is not kept.
template <Scalar T>
Matrix<T> leading_columns(const Execution& execution,
                          const streams::RotatedBasis<streams::Wide<T>>& z, Index k) {
  using W = streams::Wide<T>;
  if (!z.kept()) {
    return {};
  }
  const Matrix<W> chosen = Matrix<W>::identity(z.cols(), k);
  return streams::narrowed<T>(z.times(execution, chosen.view()).view(), Layout::column_major);
}

[[noreturn]] void fail(const std::string& what) {
  throw InvalidArgument("the state of the stream: " + what);
}

// No exponent leaves these bounds before 2^18 numbers were forgotten altogether.
constexpr Index most_exponent = Index{1} << 29;

int exponent_of(double x) {
  if (!(std::abs(x) <= static_cast<double>(most_exponent)) || x != std::floor(x)) {
    fail("an exponent is " + std::to_string(x));
  }
  return static_cast<int>(x);
}

/// Of an m x n matrix.
std::vector<streams::PastError> past_errors(const StreamState& state, Index m, Index n) {
  const Matrix<double> list = state.matrix<double>("past", -1, 4);
  if (list.rows() > static_cast<Index>(streams::ErrorLedger::most_past)) {
    fail("too many past errors");
  }
  std::vector<streams::PastError> past;
  double rows = 0, cols = 0;
  for (Index i = 0; i < list.rows(); ++i) {
    const bool good = list(i, 0) >= rows && list(i, 0) <= static_cast<double>(m) &&
                      list(i, 1) >= cols && list(i, 1) <= static_cast<double>(n) &&
                      list(i, 2) >= 0 && list(i, 3) >= 0;
    rows = list(i, 0);
    cols = list(i, 1);
    if (!good || rows != std::floor(rows) || cols != std::floor(cols)) {
      fail("a past error is no bound, or not one of rows and columns that were there");
    }
    past.push_back({static_cast<Index>(rows), static_cast<Index>(cols), {list(i, 2), list(i, 3)}});
  }
  return past;
}

}  // namespace

template <Scalar T>
UpdatedSvd<T> IncrementalSvd<T>::result(Index k) const {
  if (k < 0) {
    throw InvalidArgument("k = " + std::to_string(k) + " triplets");
  }
  Inner in(*inner_);
  in.absorb();
  const auto values = static_cast<Index>(in.factors.s.size());
  if (values > 0) {
    in.factors.count_rounding(in.factors.products_to_write(), values,
                              std::sqrt(static_cast<double>(values)) * in.factors.s[0]);
  }
  const Execution how = in.execution();
  const auto& [u, v, s, exponent, errors, updates] = in.factors;
  UpdatedSvd<T> out;
  out.rows = u.rows();
  out.cols = v.rows();
  k = std::min(k, values);
  const auto kept = static_cast<std::size_t>(k);

  out.U = leading_columns<T>(how, u, k);
  Matrix<T> right = leading_columns<T>(how, v, k);
  if (v.kept()) {
    const auto decisive = dense::fix_signs<T>(right.view());
    if (u.kept()) {
      dense::apply_phases<T>(out.U.view(), decisive);
    }
    out.Vh = Matrix<T>::uninitialized(k, out.cols, Layout::row_major);
    std::transform(right.data(), right.data() + k * out.cols, out.Vh.data(),
                   [](const T& x) { return conjugate(x); });
  } else {
    static_cast<void>(dense::fix_signs<T>(out.U.view()));
  }

  // Bounds, in the units of the factors. What their vectors lack of being orthonormal is a factor near 1; results are rounded to T.
  // Below the range of double a bound is rounded away from what it bounds.
  const auto unscaled = [e = in.factors.exponent](double x) { return std::ldexp(x, -e); };
  const auto above = [e = in.factors.exponent](double x) { return streams::bound_scaled(x, -e); };
  const auto below = [&](double x) {
    const double y = unscaled(x);
    return y < std::numeric_limits<double>::min() ? 0.0 : y;
  };
  double leading = 0, rest = 0;
  for (std::size_t i = 0; i < s.size(); ++i) {
    (i < kept ? leading : rest) += s[i] * s[i];
  }
  const auto entries = static_cast<double>((out.rows + out.cols) * k);
  const double slack =
      1 + 4 * (u.drift + v.drift + static_cast<double>(out.rows + out.cols) * epsilon<double>);
  const double rounded =
      4 * double{epsilon<T>} * std::sqrt(leading) +
      std::sqrt(entries * leading) * double{std::numeric_limits<Real<T>>::denorm_min()};
  const double next = kept < s.size() ? s[kept] : 0.0, left_out = std::sqrt(rest);
  const streams::ErrorNorms past = errors.of_past();
  const double uncertain = errors.rounding * slack;
  // Values near the least of T lose digits, or all.
  const double below_range =
      std::sqrt(static_cast<double>(k)) * double{std::numeric_limits<Real<T>>::denorm_min()};
  out.left_out_at_most = above((past.frobenius + std::hypot(errors.run.frobenius, left_out) +
                                errors.rounding + rounded) *
                               slack) +
                         below_range;
  out.spectral_at_most =
      above((past.spectral + std::hypot(errors.run.spectral, next) + errors.rounding + rounded) *
            slack) +
      below_range;
  out.truncation = above(past.frobenius + errors.run.frobenius);
  out.rounding = above(errors.rounding);
  for (std::size_t i = 0; i < kept; ++i) {
    out.s.push_back(streams::narrowed<Real<T>>(unscaled(s[i])));
    out.at_least.push_back(below(std::max(0.0, (s[i] - past.spectral) / slack - uncertain)));
    out.at_most.push_back(
        above((std::hypot(s[i], errors.run.spectral) + past.spectral) * slack + uncertain));
  }
  return out;
}

template <Scalar T>
StreamState IncrementalSvd<T>::state() const {
  const Inner& in = *inner_;
  const auto& f = in.factors;
  StreamState state = streams::begin_state<T>(StreamKind::incremental);
  state.put_count("rows", f.u.rows());
  state.put_count("cols", f.v.rows());
  state.put_count("rank", in.options.rank);
  state.put("tolerance", in.options.tolerance);
  state.put_count("block", in.options.block);
  state.put_count("with_u", f.u.kept() ? 1 : 0);
  state.put_count("with_v", f.v.kept() ? 1 : 0);
  Matrix<double> values(1, static_cast<Index>(f.s.size()));
  std::copy(f.s.begin(), f.s.end(), values.data());
  state.put("values", std::move(values));
  state.put("exponent", static_cast<double>(f.exponent));
  state.put("left_out", f.errors.run.frobenius);
  state.put("left_out_spectral", f.errors.run.spectral);
  state.put("rounding", f.errors.rounding);
  state.put_count("clear_of_u", f.errors.clear_of_u ? 1 : 0);
  state.put_count("clear_of_v", f.errors.clear_of_v ? 1 : 0);
  if (const auto past = static_cast<Index>(f.errors.past.size()); past > 0) {
    Matrix<double> list(past, 4);
    for (Index i = 0; i < past; ++i) {
      const auto& [m, n, norms] = f.errors.past[static_cast<std::size_t>(i)];
      list(i, 0) = static_cast<double>(m);
      list(i, 1) = static_cast<double>(n);
      list(i, 2) = norms.frobenius;
      list(i, 3) = norms.spectral;
    }
    state.put("past", std::move(list));
  }
  state.put_count("updates", f.updates);
  if (f.u.kept()) {
    f.u.put(state, "u");
  }
  if (f.v.kept()) {
    f.v.put(state, "v");
  }
  const Index waiting = in.terms.count();
  state.put_count("waiting", waiting);
  if (waiting > 0) {
    state.put_count("waiting_kind", static_cast<Index>(in.terms.kind));
    Matrix<double> terms(waiting, 3);
    for (Index j = 0; j < waiting; ++j) {
      const Term& term = in.terms.terms[static_cast<std::size_t>(j)];
      terms(j, 0) = term.weight;
      terms(j, 1) = term.exponent;
      terms(j, 2) = term.length;
    }
    state.put("waiting_terms", std::move(terms));
    state.put("waiting_x", Matrix<W>(in.terms.left()));
    state.put("waiting_y", Matrix<W>(in.terms.right()));
  }
  return state;
}

template <Scalar T>
IncrementalSvd<T>::IncrementalSvd(const StreamState& state, const IncrementalOptions& options) {
  streams::require_state<T>(state, StreamKind::incremental);
  constexpr Index most = Index{1} << 40;
  IncrementalOptions restored = options;
  restored.rank = state.count("rank", 0, most);
  restored.tolerance = state.number("tolerance");
  restored.block = state.count("block", 1, most);
  const auto vectors = [&](const char* name) {
    return state.count(name, 0, 1) == 1 ? Vectors::thin : Vectors::none;
  };
  restored.u = vectors("with_u");
  restored.v = vectors("with_v");
  const Index m = state.count("rows", 0, most), n = state.count("cols", 0, most);
  inner_ = std::make_unique<Inner>(m, n, restored);
  auto& f = inner_->factors;
  const Matrix<double> values = state.matrix<double>("values", 1, -1);
  const Index r = values.cols();
  f.s.assign(values.data(), values.data() + r);
  if (!std::is_sorted(f.s.rbegin(), f.s.rend()) || (r > 0 && !(f.s.back() > 0)) ||
      (restored.rank > 0 && r > restored.rank)) {
    fail("the values are not positive, or out of order, or too many");
  }
  f.exponent = exponent_of(state.number("exponent"));
  f.errors = {
      .run = {streams::magnitude_of(state, "left_out"),
              streams::magnitude_of(state, "left_out_spectral")},
      .rounding = streams::magnitude_of(state, "rounding"),
      .clear_of_u = state.count("clear_of_u", 0, 1) == 1,
      .clear_of_v = state.count("clear_of_v", 0, 1) == 1,
      .past = state.has("past") ? past_errors(state, m, n) : std::vector<streams::PastError>()};
  // Of states that were written before there was a past: another run begins with the next update.
  if (!f.errors.clear_of_u && !f.errors.clear_of_v) {
    f.errors.leave_out({}, true, true, m, n);
  }
  f.updates = state.count("updates", 0, std::numeric_limits<Index>::max());
  const auto restore = [&](streams::RotatedBasis<W>& z, const char* name) {
    if (z.kept()) {
      z = streams::RotatedBasis<W>::from(state, name, z.rows(), r);
    } else {
      z = streams::RotatedBasis<W>::shape(z.rows(), r);
    }
  };
  restore(f.u, "u");
  restore(f.v, "v");

  const Index waiting = state.count("waiting", 0, restored.block);
  if (waiting == 0) {
    return;
  }
  auto& terms = inner_->terms;
  const auto kind = static_cast<TermKind>(state.count("waiting_kind", 1, 3));
  if ((kind != TermKind::rows && !f.u.kept()) || (kind != TermKind::columns && !f.v.kept())) {
    fail("changes wait that its vectors do not allow");
  }
  const Matrix<double> list = state.matrix<double>("waiting_terms", waiting, 3);
  for (Index j = 0; j < waiting; ++j) {
    if (!(list(j, 0) >= 0 && list(j, 0) <= 1 && list(j, 2) >= 0)) {
      fail("a change that waits has no weight or no length");
    }
    terms.terms.push_back({list(j, 0), exponent_of(list(j, 1)), list(j, 2)});
  }
  terms.kind = kind;
  terms.x = Matrix<W>(state.view<W>("waiting_x", kind == TermKind::rows ? 0 : m, waiting));
  terms.y = Matrix<W>(state.view<W>("waiting_y", kind == TermKind::columns ? 0 : n, waiting));
}

#define ECKART_INSTANTIATE(T)                                    \
  template UpdatedSvd<T> IncrementalSvd<T>::result(Index) const; \
  template StreamState IncrementalSvd<T>::state() const;         \
  template IncrementalSvd<T>::IncrementalSvd(const StreamState&, const IncrementalOptions&);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)

}  // namespace eckart
