// Matrices as data brings them: factors coded by 0 and 1, repeated and nearly repeated columns, low
// rank under noise.

#include <cmath>

#include "gallery/family.hpp"

namespace eckart::gallery {
namespace {

// Column j belongs to factor f when first(f) <= j < first(f + 1): n columns dealt evenly.
Index first_column(Index factor, Index factors, Index cols) {
  return factor * cols / factors;
}

// One 1 in each row and factor: the level of the factor in that row. `random` = 0: the levels run
// through like the wheels of a counter, so all crossings occur equally often and the singular
// values form clusters as large as the factors.
void fill_design(const Arguments& a, auto view) {
  const Index factors = std::min(a.count("factors"), view.cols());
  for (Index i = 0; i < view.rows(); ++i) {
    Index wheel = i;
    for (Index f = 0; f < factors; ++f) {
      const Index first = first_column(f, factors, view.cols());
      const Index levels = first_column(f + 1, factors, view.cols()) - first;
      const Index level =
          a["random"] == 0
              ? wheel % levels
              : static_cast<Index>(a.random().below(static_cast<std::uint64_t>(i * factors + f),
                                                    static_cast<std::uint64_t>(levels)));
      view(i, first + level) = 1;
      wheel /= levels;
    }
  }
}

}  // namespace

std::vector<Generator> data_family() {
  std::vector<Generator> family;
  family.emplace_back(
      GalleryKind{
          "design01",
          {},
          "0/1 design matrix of `factors` factors: huge clusters (lapack#672)",
          {whole_number("factors", 3, 1, largest_count, "groups of columns, a 1 a row in each"),
           yes_or_no("random", "1: levels drawn at random; 0: all crossings in turn")}},
      [](const Arguments& a, auto view) { fill_design(a, view); });
  family.emplace_back(
      GalleryKind{"duplicated",
                  {},
                  "normal, with only `distinct` different columns",
                  {whole_number("distinct", 3, 1, largest_count, "number of different columns")}},
      [](const Arguments& a, auto view) {
        const Index distinct = std::min(a.count("distinct"), view.cols());
        fill_normal(view.columns(0, distinct), a.random());
        for (Index j = distinct; j < view.cols(); ++j) {
          for (Index i = 0; i < view.rows(); ++i) {
            view(i, j) = view(i, j % distinct);
          }
        }
      });
  family.emplace_back(GalleryKind{"nearly_equal",
                                  {},
                                  "one normal column, repeated with noise",
                                  {real_number("width", 1e-12, 0, 1, "size of the noise")}},
                      [](const Arguments& a, auto view) {
                        using W = typename decltype(view)::value_type;
                        Matrix<W> column(view.rows(), 1);
                        fill_normal(column.view(), a.random(0));
                        fill_normal(view, a.random(1));
                        for (Index j = 0; j < view.cols(); ++j) {
                          for (Index i = 0; i < view.rows(); ++i) {
                            view(i, j) = column(i, 0) + a["width"] * view(i, j);
                          }
                        }
                      });
  // Tropp, Yurtsever, Udell, Cevher, SISC 41 (2019), section 7.3.1, for any shape.
  family.emplace_back(
      GalleryKind{
          "lowrank_noise",
          {},
          "`rank` ones on the diagonal plus normal noise: Frobenius norms by sqrt(noise)",
          {whole_number("rank", 5, 0, largest_count, "rank without noise"),
           real_number("noise", 1e-2, 0, 1e10, "noise by signal, in squared Frobenius norms")}},
      [](const Arguments& a, auto view) {
        if (view.empty()) {
          return;
        }
        const Index rank = std::min(a.count("rank"), a.smaller());
        const double entries = static_cast<double>(view.rows()) * static_cast<double>(view.cols());
        const double size = std::sqrt(a["noise"] * static_cast<double>(rank) / entries);
        fill_normal(view, a.random());
        for (Index j = 0; j < view.cols(); ++j) {
          for (Index i = 0; i < view.rows(); ++i) {
            view(i, j) = size * view(i, j) + (i == j && i < rank ? 1.0 : 0.0);
          }
        }
      });
  return family;
}

}  // namespace eckart::gallery
