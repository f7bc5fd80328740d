// Matrices that are simple and have defeated solvers all the same: constant, identity, permutation.

#include <cmath>
#include <numeric>

#include "gallery/family.hpp"

namespace eckart::gallery {
namespace {

// Fisher and Yates: a random order of 0 ... n - 1.
std::vector<Index> shuffled(Index n, const Random& random) {
  std::vector<Index> order(static_cast<std::size_t>(n));
  std::iota(order.begin(), order.end(), Index{0});
  for (std::size_t i = order.size(); i > 1; --i) {
    std::swap(order[i - 1], order[random.below(i, i)]);
  }
  return order;
}

std::vector<double> one_value(const Arguments& a, double value) {
  std::vector<double> s = equal_values(a, 0);
  if (!s.empty()) {
    s[0] = value;
  }
  return s;
}

}  // namespace

std::vector<Generator> simple_family() {
  std::vector<Generator> family;
  family.emplace_back(
      GalleryKind{"zeros", {}, "all entries zero", {}}, [](const Arguments&, auto) {},
      [](const Arguments& a) { return equal_values(a, 0); });
  family.emplace_back(
      GalleryKind{
          "ones", {}, "all entries equal", {real_number("value", 1, -1e300, 1e300, "the entry")}},
      by_entry(
          [](const Arguments& a) { return [value = a["value"]](Index, Index) { return value; }; }),
      [](const Arguments& a) {
        const double entries = static_cast<double>(a.rows()) * static_cast<double>(a.cols());
        return one_value(a, std::abs(a["value"]) * std::sqrt(entries));
      });
  family.emplace_back(GalleryKind{"identity", {}, "ones on the diagonal", {}},
                      by_entry([](const Arguments&) {
                        return [](Index i, Index j) { return i == j ? 1.0 : 0.0; };
                      }),
                      [](const Arguments& a) { return equal_values(a, 1); });
  family.emplace_back(
      GalleryKind{"permutation", {}, "leading block of a random permutation matrix", {}},
      [](const Arguments& a, auto view) {
        const std::vector<Index> row = shuffled(a.order(), a.random());
        for (Index j = 0; j < view.cols(); ++j) {
          const Index i = row[static_cast<std::size_t>(j)];
          if (i < view.rows()) {
            view(i, j) = 1;
          }
        }
      },
      [](const Arguments& a) { return equal_values(a, 1); });
  family.emplace_back(
      GalleryKind{"entry", {}, "a single entry that is not zero, in the last row and column", {}},
      [](const Arguments&, auto view) {
        if (!view.empty()) {
          view(view.rows() - 1, view.cols() - 1) = 1;
        }
      },
      [](const Arguments& a) { return one_value(a, 1); });
  return family;
}

}  // namespace eckart::gallery
