#include "truncated/certificate.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <vector>

namespace eckart::truncated {
namespace {

// Two numbers are apart where a count can stand between them.
constexpr double little = 1e-6;

// Bounds on the number of singular values below x, from one count: at most `most` below `low`, at least `most` below `high`.
struct Bracket {
  Index count = 0;
  double low = 0, high = 0;
};

template <Scalar T>
std::optional<Bracket> bracket(NormalCount<T>& count, double x) {
  // Another number nearby where a pivot was zero.
  for (const double factor : {1.0, 1 + 3e-9, 1 - 7e-9}) {
    const double y = x * x * factor;
    if (const std::optional<CountBelow> c = count.below(y)) {
      if (!(c->error < y)) {
        return std::nullopt;
      }
      return Bracket{c->below, std::sqrt(y - c->error), std::sqrt(y + c->error)};
    }
  }
  return std::nullopt;
}

// Numbers between the j-th smallest and the next one, in order of preference, for the ends of an interval: between the value at the end and
// what comes next, or a little beyond it.
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

constexpr const char* not_counted =
    "not counted: rounding of A^H A hides values this small; each residual bounds its own value";
// Gaps that are tried.
constexpr std::size_t most_gaps = 8;

}  // namespace

template <Scalar T>
Certificate certify_smallest(NormalCount<T>& count, const Seen& seen) {
  Certificate result;
  result.text = not_counted;
  const std::span<const double> values = seen.values;
  // Behind the last value first; then into the gaps before it, from above.
  for (std::size_t j = 0; j < std::min(values.size(), most_gaps); ++j) {
    const double end = values[j] + seen.residual,
                 next = j == 0 ? seen.next : values[j - 1] - seen.residual;
    const auto found = static_cast<Index>(values.size() - j);
    for (const double place : beyond(end, next)) {
      const std::optional<Bracket> b = bracket<T>(count, place);
      if (!b) {
        return result;
      }
      if (b->low > end && b->count == found) {
        result.certified = true;
        result.to = std::ldexp(b->low, -seen.exponent);
        result.text = counted_text(found, "below " + short_number(result.to));
        return result;
      }
      if (j > 0 && b->count > found && b->high < next) {
        result.is_missing = true;
        result.text =
            counted_text(b->count, "below " + short_number(std::ldexp(b->high, -seen.exponent)));
        return result;
      }
    }
  }
  return result;
}

template <Scalar T>
Certificate certify_nearest(NormalCount<T>& count, const Seen& seen, double x) {
  Certificate result;
  result.text = not_counted;
  double distance = little * x;
  for (const double value : seen.values) {
    distance = std::max(distance, std::abs(value - x) + seen.residual);
  }
  const auto found = static_cast<Index>(seen.values.size());
  for (const double place : beyond(distance, seen.next > 0 ? std::abs(seen.next - x) : 0)) {
    const std::optional<Bracket> above = bracket<T>(count, x + place);
    Bracket below;  // of zero
    const bool reaches_zero = x - place <= 0;
    if (above && !reaches_zero) {
      const std::optional<Bracket> b = bracket<T>(count, x - place);
      if (!b) {
        return result;
      }
      below = *b;
    }
    if (!above) {
      return result;
    }
    if (above->low > x + distance && (reaches_zero || below.high < x - distance) &&
        above->count - below.count == found) {
      result.certified = true;
      result.from = std::ldexp(below.high, -seen.exponent);
      result.to = std::ldexp(above->low, -seen.exponent);
      result.text = counted_text(
          found, "between " + short_number(result.from) + " and " + short_number(result.to));
      return result;
    }
  }
  return result;
}

#define ECKART_INSTANTIATE(T)                                             \
  template Certificate certify_smallest<T>(NormalCount<T>&, const Seen&); \
  template Certificate certify_nearest<T>(NormalCount<T>&, const Seen&, double);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)

}  // namespace eckart::truncated
