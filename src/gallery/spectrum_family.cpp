// Matrices with given singular values s_1, ..., s_k, k = min(m, n):
//
//   svd_NAME    U diag(s) V^H with random orthogonal (unitary) U and V, see haar.hpp
//   diag_NAME   diag(s) itself
//
// for every distribution NAME below. The first six are modes 4, 3, 2, 1, 5 and 6 of LAPACK's
// dlatms; poly, exp and step are the decays of Tropp,
// Yurtsever, Udell, Cevher ("Streaming low-rank matrix approximation with an application to
// scientific simulation", SISC 41, 2019, section 7.3). `cond` is s_1 / s_k of the values that
// `rank` leaves; the rest is zero.

#include <cmath>
#include <memory>

#include "gallery/family.hpp"
#include "gallery/haar.hpp"

namespace eckart::gallery {
namespace {

// Streams 0, 1, ... of the seed belong to the reflectors; the values have one of their own.
constexpr std::uint64_t values_stream = std::uint64_t{1} << 62;

struct Distribution {
  const char* name;
  const char* description;
  std::vector<GalleryParameter> parameters;
  // Value i of r, 0 <= i < r.
  double (*value)(const Arguments& a, Index i, Index r);
};

// 0 for the first, 1 for the last of r values.
double position(Index i, Index r) {
  return r > 1 ? static_cast<double>(i) / static_cast<double>(r - 1) : 0;
}

double random_uniform(const Arguments& a, Index i) {
  return a.random(values_stream).uniform(static_cast<std::uint64_t>(i));
}

std::vector<Distribution> distributions() {
  const GalleryParameter cond = real_number("cond", 1e4, 1, 1e300, "largest by smallest value");
  return {
      {"arith",
       "1 - p (1 - 1/cond), p from 0 to 1",
       {cond},
       [](const Arguments& a, Index i, Index r) {
         return 1 - position(i, r) * (1 - 1 / a["cond"]);
       }},
      {"geo",
       "cond^-p, p from 0 to 1",
       {cond},
       [](const Arguments& a, Index i, Index r) { return std::pow(a["cond"], -position(i, r)); }},
      {"cluster0",
       "1, ..., 1, 1/cond",
       {cond},
       [](const Arguments& a, Index i, Index r) {
         return i < r - 1 || r == 1 ? 1 : 1 / a["cond"];
       }},
      {"cluster1",
       "1, 1/cond, ..., 1/cond",
       {cond},
       [](const Arguments& a, Index i, Index) { return i == 0 ? 1 : 1 / a["cond"]; }},
      {"logrand",
       "logarithms uniform between those of 1/cond and 1",
       {cond},
       [](const Arguments& a, Index i, Index) {
         return std::pow(a["cond"], -random_uniform(a, i));
       }},
      {"rand",
       "uniform in (0, 1)",
       {},
       [](const Arguments& a, Index i, Index) { return random_uniform(a, i); }},
      {"poly",
       "i^-power, i = 1, 2, ...",
       {real_number("power", 1, 0, 100, "exponent of the decay")},
       [](const Arguments& a, Index i, Index) {
         return std::pow(static_cast<double>(i + 1), -a["power"]);
       }},
      {"exp",
       "10^(-rate (i - 1)), i = 1, 2, ...",
       {real_number("rate", 0.25, 0, 300, "powers of ten a value")},
       [](const Arguments& a, Index i, Index) {
         return std::pow(10.0, -a["rate"] * static_cast<double>(i));
       }},
      {"step",
       "1 for the first `level`, then `noise`",
       {whole_number("level", 3, 0, largest_count, "how many values are 1"),
        real_number("noise", 1e-8, 0, 1, "the values after them")},
       [](const Arguments& a, Index i, Index) { return i < a.count("level") ? 1 : a["noise"]; }},
      {"clusters",
       "`groups` groups of nearly equal values round 1, 1/2, 1/4, ...",
       {whole_number("groups", 3, 1, largest_count, "number of groups"),
        real_number("width", 1e-14, 0, 1, "relative spread in a group")},
       [](const Arguments& a, Index i, Index) {
         const double centre = std::exp2(-static_cast<double>(i % a.count("groups")));
         return centre * (1 + a["width"] * random_uniform(a, i));
       }},
      {"flat", "all 1", {}, [](const Arguments&, Index, Index) { return 1.0; }},
  };
}

std::vector<double> diagonal(const Distribution& distribution, const Arguments& a) {
  const Index k = a.smaller();
  const Index rank = a["rank"] < 0 ? k : std::min(k, a.count("rank"));
  std::vector<double> s = equal_values(a, 0);
  for (Index i = 0; i < rank; ++i) {
    s[static_cast<std::size_t>(i)] = distribution.value(a, i, rank);
  }
  if (a["reverse"] != 0) {
    std::reverse(s.begin(), s.end());
  }
  return s;
}

template <class W>
void set_diagonal(MatrixView<W> view, const std::vector<double>& s) {
  for (std::size_t i = 0; i < s.size(); ++i) {
    view(static_cast<Index>(i), static_cast<Index>(i)) = s[i];
  }
}

// diag(values), and with random U and V round it where `is_rotated`.
struct FillFromValues {
  std::function<std::vector<double>(const Arguments&)> values;
  bool is_rotated;

  template <class W>
  void operator()(const Arguments& a, MatrixView<W> view) const {
    set_diagonal(view, values(a));
    if (is_rotated) {
      rotate_randomly(view, a.random(), a.count("reflectors"));
    }
  }
  // Haar matrices are applied to a whole one.
  template <class W>
  [[nodiscard]] Columns<W> columns(const Execution& execution, const Arguments& a,
                                   Index width) const {
    if (is_rotated && a.count("reflectors") == 0) {
      return {};
    }
    const auto source = std::make_shared<const ReflectedDiagonal<W>>(
        execution, values(a), a.rows(), a.cols(), a.random(),
        is_rotated ? a.count("reflectors") : 0, width);
    return [source](Index first, MatrixView<W> view) { source->fill(first, view); };
  }
};

}  // namespace

std::vector<Generator> spectrum_family() {
  const GalleryParameter reflectors = whole_number(
      "reflectors", 0, 0, 1000, "0: U and V uniform (Haar); r: cheap products of r reflectors");
  std::vector<Generator> family;
  for (const Distribution& distribution : distributions()) {
    std::vector<GalleryParameter> parameters = distribution.parameters;
    parameters.push_back(
        whole_number("rank", -1, -1, largest_count, "values beyond it are zero; -1: none is"));
    parameters.push_back(yes_or_no("reverse", "1: in reverse order along the diagonal"));
    const auto values_of = [distribution](const Arguments& a) { return diagonal(distribution, a); };
    const Values values = values_of;
    family.emplace_back(GalleryKind{std::string("diag_") + distribution.name,
                                    {},
                                    std::string("diagonal; values ") + distribution.description,
                                    parameters},
                        FillFromValues{values_of, false}, values);
    parameters.push_back(reflectors);
    family.emplace_back(
        GalleryKind{std::string("svd_") + distribution.name,
                    {},
                    std::string("U diag(s) V^H; values ") + distribution.description,
                    parameters},
        FillFromValues{values_of, true}, values);
  }

  family.emplace_back(GalleryKind{"orthogonal",
                                  {},
                                  "random with orthonormal rows or columns (the shorter ones)",
                                  {reflectors}},
                      FillFromValues{[](const Arguments& a) { return equal_values(a, 1); }, true},
                      [](const Arguments& a) { return equal_values(a, 1); });
  family.emplace_back(
      GalleryKind{"graded",
                  {},
                  "D1 B D2, B normal, D1 and D2 falling geometrically (Drmac's scaled matrices)",
                  {real_number("rowcond", 1e8, 1, 1e150, "largest by smallest entry of D1"),
                   real_number("colcond", 1e8, 1, 1e150, "largest by smallest entry of D2")}},
      [](const Arguments& a, auto view) {
        fill_normal(view, a.random());
        for (Index j = 0; j < view.cols(); ++j) {
          for (Index i = 0; i < view.rows(); ++i) {
            view(i, j) *= std::pow(a["rowcond"], -position(i, view.rows())) *
                          std::pow(a["colcond"], -position(j, view.cols()));
          }
        }
      });
  return family;
}

}  // namespace eckart::gallery
