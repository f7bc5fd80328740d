#include "streams/error_ledger.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace eckart::streams {
namespace {

constexpr double least_normal = std::numeric_limits<double>::min(),
                 least_positive = std::numeric_limits<double>::denorm_min();

void add(ErrorNorms& to, const ErrorNorms& more) noexcept {
  to.frobenius += more.frobenius;
  to.spectral += more.spectral;
}

/// Every second one into the one behind it, which has all of its rows and columns.
void halve(std::vector<PastError>& past) {
  std::vector<PastError> fewer;
  for (std::size_t i = 0; i < past.size(); i += 2) {
    PastError both = past[std::min(i + 1, past.size() - 1)];
    if (i + 1 < past.size()) {
      add(both.norms, past[i].norms);
    }
    fewer.push_back(both);
  }
  past = std::move(fewer);
}

}  // namespace

double bound_scaled(double bound, int shift) noexcept {
  const double scaled = std::ldexp(bound, shift);
  return bound > 0 && scaled < least_normal ? scaled + least_positive : scaled;
}

void ErrorLedger::add_past(const ErrorNorms& norms, Index m, Index n) {
  if (norms.frobenius == 0 || m == 0 || n == 0) {
    return;
  }
  if (!past.empty() && past.back().rows == m && past.back().cols == n) {
    add(past.back().norms, norms);
    return;
  }
  if (past.size() == most_past) {
    halve(past);
  }
  past.push_back({m, n, norms});
}

void ErrorLedger::leave_out(const ErrorNorms& more, bool touches_u, bool touches_v, Index m,
                            Index n) {
  const bool none_yet = run.frobenius == 0;
  clear_of_u = none_yet || (clear_of_u && !touches_u);
  clear_of_v = none_yet || (clear_of_v && !touches_v);
  if (!clear_of_u && !clear_of_v) {
    add_past(run, m, n);
    run = {};
    clear_of_u = clear_of_v = true;
  }
  run = {std::hypot(run.frobenius, more.frobenius), std::hypot(run.spectral, more.spectral)};
}

void ErrorLedger::remove(Side side, std::span<const Index> indices) {
  for (PastError& error : past) {
    Index& count = side == Side::rows ? error.rows : error.cols;
    count -= std::lower_bound(indices.begin(), indices.end(), count) - indices.begin();
  }
  std::erase_if(past, [](const PastError& error) { return error.rows == 0 || error.cols == 0; });
}

void ErrorLedger::scale(double factor, int shift) noexcept {
  const auto scaled = [=](double& bound) {
    const double product = bound * factor;
    bound = bound_scaled(bound > 0 && product < least_normal ? product + least_positive : product,
                         shift);
  };
  const auto both = [&](ErrorNorms& norms) {
    scaled(norms.frobenius);
    scaled(norms.spectral);
  };
  both(run);
  scaled(rounding);
  for (PastError& error : past) {
    both(error.norms);
  }
}

ErrorNorms ErrorLedger::of_past() const noexcept {
  ErrorNorms sum;
  for (const PastError& error : past) {
    add(sum, error.norms);
  }
  return sum;
}

}  // namespace eckart::streams
