#include "truncated/certificate.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <functional>
#include <vector>

namespace eckart::truncated {
namespace {

// Two numbers are apart where a count can stand between them.
constexpr double little = 1e-6;
// Gaps that are tried, and factorisations that they may cost.
constexpr std::size_t most_gaps = 8;
constexpr int most_counts = 24;

// Bounds on the number of singular values below a number, from one count: at most `count` below `low`, at least `count` below `high`.
struct Bracket {
  Index count = 0;
  double low = 0, high = 0;
};

// From two: at most `count` values from `inner_low` to `inner_high`, at least as many from `outer_low` to `outer_high`.
struct Interval {
  Index count = 0;
  double inner_low = 0, inner_high = 0, outer_low = 0, outer_high = 0;
};

template <Scalar T>
class Counter {
 public:
  Counter(const Execution& execution, const NormalCount<T>& count)
      : execution_(execution), count_(count) {}

  /// Around x, `reach` to either side. Nothing where rounding hides the answer, or enough was counted.
  [[nodiscard]] std::optional<Interval> around(double x, double reach) {
    const std::optional<Bracket> above = below(x + reach);
    // Where nothing is known of what is below x - reach, all from zero on is counted.
    const Bracket under = above && x > reach ? below(x - reach).value_or(Bracket{}) : Bracket{};
    return above ? std::optional(Interval{.count = above->count - under.count,
                                          .inner_low = under.high,
                                          .inner_high = above->low,
                                          .outer_low = under.low,
                                          .outer_high = above->high})
                 : std::nullopt;
  }

 private:
  std::optional<Bracket> below(double x) {
    // Another number nearby where a pivot was zero.
    for (const double factor : {1.0, 1 + 3e-9, 1 - 7e-9}) {
      if (counts_ == most_counts) {
        return std::nullopt;
      }
      ++counts_;
      execution_.check_stop();
      const double y = x * x * factor;
      if (const std::optional<CountBelow> c = count_.below(execution_, y)) {
        return c->error < y ? std::optional(Bracket{c->below, std::sqrt(y - c->error),
                                                    std::sqrt(y + c->error)})
                            : std::nullopt;
      }
    }
    return std::nullopt;
  }

  const Execution& execution_;
  const NormalCount<T>& count_;
  int counts_ = 0;
};

// Distances between what was found and what comes next, in order of preference: in the middle, or a little beyond what was found.
std::vector<double> beyond(double end, double next) {
  std::vector<double> places;
  if (next > end * (1 + little)) {
    places.push_back((end + next) / 2);
  }
  for (const double factor : {1e-2, 1e-4, little}) {
    const double place = end * (1 + factor);
    if (!(next > end) || place < next) {
      places.push_back(place);
    }
  }
  return places;
}

std::string short_number(double x) {
  std::array<char, 32> text;
  std::snprintf(text.data(), text.size(), "%.6g", x);
  return text.data();
}

std::string counted_text(Index count, const std::string& where) {
  return std::to_string(count) + (count == 1 ? " value " : " values ") + where +
         ", counted by the signs of L D L^H = A^H A - y I";
}

std::string where(const Interval& i, double low, double high, int exponent) {
  const auto number = [exponent](double y) { return short_number(std::ldexp(y, -exponent)); };
  return counted_text(i.count, low > 0 ? "between " + number(low) + " and " + number(high)
                                       : "below " + number(high));
}

constexpr const char* not_counted =
    "not counted: rounding of A^H A hides values this small, or differences; each residual bounds "
    "its own value";

}  // namespace

template <Scalar T>
Certificate certify(const Execution& execution, const NormalCount<T>& count, const Seen& seen,
                    double x) {
  Certificate result;
  result.text = not_counted;
  std::vector<double> distances;
  for (const double value : seen.values) {
    distances.push_back(std::abs(value - x));
  }
  std::ranges::sort(distances, std::greater());
  const auto end_of = [&](std::size_t j) {
    return std::max(little * x, distances[j] * (1 + 2 * seen.not_orthonormal) + seen.residual);
  };
  Counter<T> counter(execution, count);
  // Behind the farthest value first; then into the gaps before it, from afar.
  for (std::size_t j = 0; j < std::min(distances.size(), most_gaps); ++j) {
    const double end = end_of(j),
                 next = j > 0 ? distances[j - 1] * (1 - 2 * seen.not_orthonormal) - seen.residual
                        : seen.next > 0 ? std::abs(seen.next - x)
                                        : 0;
    const auto found = static_cast<Index>(distances.size() - j);
    for (const double place : beyond(end, next)) {
      const std::optional<Interval> i = counter.around(x, place);
      if (!i) {
        return result;
      }
      const bool holds_found =
          i->inner_high > x + end && (i->inner_low == 0 || i->inner_low < x - end);
      if (holds_found && i->count == found) {
        result.certified = true;
        result.from = std::ldexp(i->inner_low, -seen.exponent);
        result.to = std::ldexp(i->inner_high, -seen.exponent);
        result.text = where(*i, i->inner_low, i->inner_high, seen.exponent);
        return result;
      }
      const bool holds_no_other = i->outer_high < x + next && (x < next || i->outer_low > x - next);
      if (j > 0 && i->count > found && holds_no_other) {
        result.is_missing = true;
        result.text = where(*i, i->outer_low, i->outer_high, seen.exponent);
        return result;
      }
    }
  }
  return result;
}

#define ECKART_INSTANTIATE(T) \
  template Certificate certify<T>(const Execution&, const NormalCount<T>&, const Seen&, double);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)

}  // namespace eckart::truncated
