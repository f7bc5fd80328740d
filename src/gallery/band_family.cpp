// Bidiagonal, tridiagonal and arrow matrices: what solvers see after the reduction, and where they
// have failed.
//
// Sources: Demmel and Kahan, "Accurate singular values of bidiagonal matrices", SISSC 11 (1990);
// LAPACK's dchkbd (its type 16 is bidiagonal_loguniform); Marques, Voemel, Demmel, Parlett,
// "Algorithm 880: a testing infrastructure for symmetric tridiagonal eigensolvers", TOMS 35 (2008),
// for the glued matrices.

#include <cmath>
#include <numbers>

#include "gallery/family.hpp"

namespace eckart::gallery {
namespace {

constexpr double pi = std::numbers::pi;

double real(Index i) {
  return static_cast<double>(i);
}

// Upper bidiagonal: the maker gives diagonal(i) = A(i, i) and above(i) = A(i, i+1).
template <class Diagonal, class Above>
auto bidiagonal(Diagonal diagonal, Above above) {
  return by_entry([=](const Arguments& a) {
    return [d = diagonal(a), e = above(a)](Index i, Index j) {
      return i == j ? d(i) : j == i + 1 ? e(i) : 0.0;
    };
  });
}

// Symmetric tridiagonal: A(i, i) = diagonal(i), A(i, i+1) = A(i+1, i) = beside(i).
template <class Diagonal, class Beside>
auto tridiagonal(Diagonal diagonal, Beside beside) {
  return by_entry([=](const Arguments& a) {
    return [d = diagonal(a), e = beside(a)](Index i, Index j) {
      return i == j ? d(i) : std::abs(i - j) == 1 ? e(std::min(i, j)) : 0.0;
    };
  });
}

// Diagonals for the makers above.
auto constant(double value) {
  return [value](const Arguments&) { return [value](Index) { return value; }; };
}
auto normals(std::uint64_t stream) {
  return [stream](const Arguments& a) {
    return [random = a.random(stream)](Index i) {
      return random.normal(static_cast<std::uint64_t>(i));
    };
  };
}
auto log_uniform(std::uint64_t stream) {
  return [stream](const Arguments& a) {
    return [random = a.random(stream), octaves = a["octaves"]](Index i) {
      return std::exp2(octaves * (2 * random.uniform(static_cast<std::uint64_t>(i)) - 1));
    };
  };
}
auto geometric() {
  return [](const Arguments& a) {
    return [ratio = a["ratio"]](Index i) { return std::pow(ratio, real(i)); };
  };
}

// B B^T has 2 and 1: second differences with one changed corner (rows >= cols) or without (rows <
// cols).
std::vector<double> ones_values(const Arguments& a) {
  const Index k = a.smaller();
  const double half_angle = pi / (a.rows() < a.cols() ? real(2 * k + 2) : real(2 * k + 1));
  return values_by_index(k, [half_angle](double i) { return 2 * std::cos(i * half_angle); });
}

// Only for square matrices, whose singular values are the moduli of these eigenvalues.
template <class Formula>
Values eigenvalues(Formula formula) {
  return [formula](const Arguments& a) -> std::optional<std::vector<double>> {
    if (a.rows() != a.cols()) {
      return std::nullopt;
    }
    const double n = real(a.rows());
    return values_by_index(a.rows(), [formula, n](double k) { return std::abs(formula(k, n)); });
  };
}

}  // namespace

std::vector<Generator> band_family() {
  std::vector<Generator> family;
  family.emplace_back(
      GalleryKind{"bidiagonal_ones", {}, "ones on both diagonals: no deflation anywhere", {}},
      bidiagonal(constant(1), constant(1)), ones_values);
  family.emplace_back(GalleryKind{"bidiagonal_normal", {}, "normal numbers on both diagonals", {}},
                      bidiagonal(normals(0), normals(1)));
  family.emplace_back(
      GalleryKind{"bidiagonal_loguniform",
                  {},
                  "2^u on both diagonals, u uniform in +-octaves: [ulp^2, ulp^-2] by default",
                  {real_number("octaves", 104, 0, 1000, "largest exponent")}},
      bidiagonal(log_uniform(0), log_uniform(1)));
  family.emplace_back(
      GalleryKind{
          "bidiagonal_cluster",
          {},
          "ones on the diagonal, numbers up to `width` above: nearly equal values (lapack#255)",
          {real_number("width", 1e-15, 0, 1, "largest number above")}},
      bidiagonal(constant(1), [](const Arguments& a) {
        return [random = a.random(), width = a["width"]](Index i) {
          return width * random.uniform(static_cast<std::uint64_t>(i));
        };
      }));
  family.emplace_back(
      GalleryKind{"bidiagonal_graded",
                  {},
                  "ratio^i on both diagonals (Demmel and Kahan)",
                  {real_number("ratio", 0.1, 1e-100, 1e10, "each row by the one before")}},
      bidiagonal(geometric(), geometric()));
  family.emplace_back(
      GalleryKind{"jordan",
                  {},
                  "lambda on the diagonal, ones above",
                  {real_number("lambda", 0.5, -1e300, 1e300, "the eigenvalue")}},
      bidiagonal([](const Arguments& a) { return [x = a["lambda"]](Index) { return x; }; },
                 constant(1)));
  family.emplace_back(GalleryKind{"laplacian", {}, "tridiagonal -1, 2, -1", {}},
                      tridiagonal(constant(2), constant(-1)), eigenvalues([](double k, double n) {
                        const double s = 2 * std::sin(k * pi / (2 * n + 2));
                        return s * s;
                      }));
  family.emplace_back(
      GalleryKind{"clement", {}, "tridiagonal, zero diagonal, sqrt((i+1)(N-1-i)) beside it", {}},
      tridiagonal(constant(0),
                  [](const Arguments& a) {
                    return [n = a.order()](Index i) {
                      return std::sqrt(real(i + 1) * real(n - 1 - i));
                    };
                  }),
      eigenvalues([](double k, double n) { return n + 1 - 2 * k; }));
  family.emplace_back(
      GalleryKind{"wilkinson",
                  {},
                  "tridiagonal, |i - (N-1)/2| with ones beside: values in close pairs",
                  {}},
      tridiagonal(
          [](const Arguments& a) {
            return
                [middle = real(a.order() - 1) / 2](Index i) { return std::abs(real(i) - middle); };
          },
          constant(1)));
  family.emplace_back(
      GalleryKind{"glued_wilkinson",
                  {},
                  "copies of Wilkinson's matrix along the diagonal, `glue` between them",
                  {whole_number("block", 21, 1, largest_count, "order of a copy"),
                   real_number("glue", 1e-8, 0, 1e300, "entry that joins two copies")}},
      tridiagonal(
          [](const Arguments& a) {
            return [block = a.count("block")](Index i) {
              return std::abs(real(i % block) - real(block - 1) / 2);
            };
          },
          [](const Arguments& a) {
            return [block = a.count("block"), glue = a["glue"]](Index i) {
              return (i + 1) % block == 0 ? glue : 1;
            };
          }));
  family.emplace_back(
      GalleryKind{
          "arrow", {}, "1, 2, 3, ... on the diagonal, ones in the first row and column", {}},
      by_entry([](const Arguments&) {
        return [](Index i, Index j) { return i == j ? real(i + 1) : i == 0 || j == 0 ? 1.0 : 0.0; };
      }));
  return family;
}

}  // namespace eckart::gallery
