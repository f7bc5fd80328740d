// Matrices of independent random entries. Entry (i, j) of an m x n matrix uses number i + j m of a
// stream.

#include <cmath>
#include <numbers>

#include "gallery/family.hpp"

namespace eckart::gallery {
namespace {

// A fill from draw(k, W{}): the entry with number k, of the type of its second argument.
template <class Draw>
auto by_number(Draw draw) {
  return FillByEntry{[draw](const Arguments& a) {
    return [entry = draw(a), rows = a.rows()](Index i, Index j, auto type) {
      return entry(static_cast<std::uint64_t>(i + j * rows), type);
    };
  }};
}

// Number k, normal with E|x|^2 = 1.
double normal(const Random& random, std::uint64_t k, double /*type*/) {
  return random.normal(k);
}
std::complex<double> normal(const Random& random, std::uint64_t k, std::complex<double> /*type*/) {
  return std::complex(random.normal(2 * k), random.normal(2 * k + 1)) * (std::numbers::sqrt2 / 2);
}

// Number k, a random number of modulus 1: a sign, or one of 1, i, -1, -i.
double unit(const Random& random, std::uint64_t k, double /*type*/) {
  return random.below(k, 2) == 0 ? 1 : -1;
}
std::complex<double> unit(const Random& random, std::uint64_t k, std::complex<double> /*type*/) {
  constexpr std::complex<double> units[] = {{1, 0}, {0, 1}, {-1, 0}, {0, -1}};
  return units[random.below(k, 4)];
}

// Number k, real and imaginary part given by part(number).
template <class Part>
double from_parts(Part part, std::uint64_t k, double /*type*/) {
  return part(k);
}
template <class Part>
std::complex<double> from_parts(Part part, std::uint64_t k, std::complex<double> /*type*/) {
  return {part(2 * k), part(2 * k + 1)};
}

// No normal number of the generator is larger: sqrt(-2 log u) for the smallest u.
constexpr double largest_normal = 9;

Bound at_most(double bound) {
  return [bound](const Arguments&) { return bound; };
}

}  // namespace

std::vector<Generator> random_family() {
  std::vector<Generator> family;
  family.emplace_back(
      GalleryKind{"uniform",
                  {},
                  "entries uniform between low and high; complex: both parts",
                  {real_number("low", -1, -1e300, 1e300, "lower end"),
                   real_number("high", 1, -1e300, 1e300, "upper end")}},
      by_number([](const Arguments& a) {
        return [random = a.random(), low = a["low"], high = a["high"]](std::uint64_t k, auto type) {
          const auto part = [&](std::uint64_t number) {
            const double u = random.uniform(number);
            return (1 - u) * low + u * high;
          };
          return from_parts(part, k, type);
        };
      }),
      no_values,
      [](const Arguments& a) { return 2 * std::max(std::abs(a["low"]), std::abs(a["high"])); });
  family.emplace_back(
      GalleryKind{"normal", {}, "standard normal entries", {}}, by_number([](const Arguments& a) {
        return
            [random = a.random()](std::uint64_t k, auto type) { return normal(random, k, type); };
      }),
      no_values, at_most(largest_normal));
  family.emplace_back(GalleryKind{"sign", {}, "entries -1 and 1; complex: 1, i, -1, -i", {}},
                      by_number([](const Arguments& a) {
                        return [random = a.random()](std::uint64_t k, auto type) {
                          return unit(random, k, type);
                        };
                      }),
                      no_values, at_most(1));
  family.emplace_back(
      GalleryKind{
          "binary", {}, "entries 0 and 1", {real_number("density", 0.5, 0, 1, "share of ones")}},
      by_number([](const Arguments& a) {
        return [random = a.random(), density = a["density"]](std::uint64_t k, auto type) {
          return decltype(type)(random.uniform(k) < density ? 1 : 0);
        };
      }),
      no_values, at_most(1));
  family.emplace_back(
      GalleryKind{"integer",
                  {},
                  "whole entries from -bound to bound; complex: both parts",
                  {whole_number("bound", 2, 0, 0x1p30, "largest modulus")}},
      by_number([](const Arguments& a) {
        return [random = a.random(), bound = a.count("bound")](std::uint64_t k, auto type) {
          const auto part = [&](std::uint64_t number) {
            const auto choices = static_cast<std::uint64_t>(2 * bound + 1);
            return static_cast<double>(static_cast<Index>(random.below(number, choices)) - bound);
          };
          return from_parts(part, k, type);
        };
      }),
      no_values, [](const Arguments& a) { return 2 * a["bound"]; });
  family.emplace_back(
      GalleryKind{"sparse",
                  {},
                  "normal entries in random places, zero elsewhere",
                  {real_number("density", 0.1, 0, 1, "share of entries that are not zero")}},
      by_number([](const Arguments& a) {
        return [place = a.random(0), value = a.random(1), density = a["density"]](std::uint64_t k,
                                                                                  auto type) {
          return place.uniform(k) < density ? normal(value, k, type) : decltype(type){};
        };
      }),
      no_values, at_most(largest_normal));
  family.emplace_back(
      GalleryKind{"wild",
                  {},
                  "random signs times 10^u, u uniform in +-spread: tiny and huge side by side",
                  {real_number("spread", 15, 0, 300, "largest power of ten")}},
      by_number([](const Arguments& a) {
        return [sign = a.random(0), size = a.random(1), spread = a["spread"]](std::uint64_t k,
                                                                              auto type) {
          return unit(sign, k, type) * std::pow(10.0, spread * (2 * size.uniform(k) - 1));
        };
      }));
  return family;
}

}  // namespace eckart::gallery
