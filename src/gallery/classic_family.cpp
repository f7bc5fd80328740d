// Square matrices with a name, by formula. Indices i, j count from 0. Another shape is the leading
// block of the square matrix of order N = max(rows, cols). Sources: Higham, "The Test Matrix
// Toolbox for MATLAB" (1995), unless named.

#include <cmath>
#include <numbers>

#include <eckart/error.hpp>

#include "gallery/family.hpp"

namespace eckart::gallery {
namespace {

double real(Index i) {
  return static_cast<double>(i);
}

// Coefficients c_0, ..., c_{N-1} of (x - 1)(x - 2) ... (x - N) = x^N + c_{N-1} x^{N-1} + ... + c_0.
std::vector<double> wilkinson_polynomial(Index order) {
  std::vector<double> c(static_cast<std::size_t>(order) + 1);
  c[0] = 1;
  for (std::size_t root = 1; root < c.size(); ++root) {
    for (std::size_t k = root; k > 0; --k) {
      c[k] = c[k - 1] - real(static_cast<Index>(root)) * c[k];
    }
    c[0] *= -real(static_cast<Index>(root));
  }
  c.pop_back();
  return c;
}

// C C^H = I plus a change of rank two: all singular values are 1 but two, whose squares have the
// sum 1 + sum c_i^2 and the product c_0^2 (Kenney and Laub 1988).
std::optional<std::vector<double>> companion_values(const Arguments& a) {
  if (a.rows() != a.cols() || a.rows() < 2) {
    return std::nullopt;
  }
  const std::vector<double> c = wilkinson_polynomial(a.rows());
  double norm = 1;
  for (const double x : c) {
    norm = std::hypot(norm, x);
  }
  // Half the sum and half the difference of the two values: s1 + s2 = sqrt(sum + 2 |c0|), s1 - s2 =
  // sqrt(sum - 2 |c0|).
  const double c0 = std::abs(c[0]), ratio = 2 * c0 / norm / norm;
  std::vector<double> s = equal_values(a, 1);
  s[0] = norm / 2 * (std::sqrt(1 + ratio) + std::sqrt(1 - ratio));
  s[1] = c0 / s[0];
  return s;
}

void fill_companion(const Arguments& a, auto view) {
  const std::vector<double> c = wilkinson_polynomial(a.order());
  for (Index j = 0; j < view.cols() && view.rows() > 0; ++j) {
    view(0, j) = -c[static_cast<std::size_t>(a.order() - 1 - j)];
    if (j + 1 < view.rows()) {
      view(j + 1, j) = 1;
    }
  }
}

// Differentiation on N Chebyshev points x_i = cos(pi i / (N-1)): D_ij = c_i / (c_j (x_i - x_j)),
// rows sum to zero (Trefethen, "Spectral methods in MATLAB", 2000, chapter 6). Nilpotent.
void fill_chebspec(const Arguments& a, auto view) {
  const Index n = a.order();
  const auto point = [n](Index i) { return std::cos(std::numbers::pi * real(i) / real(n - 1)); };
  const auto weight = [n](Index i) {
    return (i == 0 || i == n - 1 ? 2.0 : 1.0) * (i % 2 == 0 ? 1 : -1);
  };
  for (Index i = 0; i < view.rows(); ++i) {
    double sum = 0;
    for (Index j = 0; j < n; ++j) {
      if (j != i) {
        const double entry = weight(i) / weight(j) / (point(i) - point(j));
        sum += entry;
        if (j < view.cols()) {
          view(i, j) = entry;
        }
      }
    }
    if (i < view.cols()) {
      view(i, i) = -sum;
    }
  }
}

void fill_pascal(const Arguments&, auto view) {
  for (Index j = 0; j < view.cols(); ++j) {
    for (Index i = 0; i < view.rows(); ++i) {
      view(i, j) = i == 0 || j == 0 ? 1.0 : view(i - 1, j) + view(i, j - 1);
    }
  }
}

// Row i holds the coefficients of (1 - x)^i (1 + x)^(N-1-i), by the three-term recurrence of the
// Krawtchouk polynomials. The square of the matrix is 2^(N-1) I.
void fill_binomial(const Arguments& a, auto view) {
  const double degree = real(a.order() - 1);
  for (Index i = 0; i < view.rows(); ++i) {
    double before = 0, entry = 1;
    for (Index j = 0; j < view.cols(); ++j) {
      view(i, j) = entry;
      const double next =
          ((degree - 2 * real(i)) * entry - (degree - real(j) + 1) * before) / real(j + 1);
      before = std::exchange(entry, next);
    }
  }
}

// Upper triangle of ones: the inverse of a bidiagonal matrix of second differences.
std::optional<std::vector<double>> triangular_values(const Arguments& a) {
  if (a["above"] != 1 || a.rows() < a.cols()) {
    return std::nullopt;
  }
  const Index n = a.cols();
  return values_by_index(n, [n](double k) {
    return 0.5 / std::sin((2 * k - 1) * std::numbers::pi / real(4 * n + 2));
  });
}

// min(i, j) = L L^T with L the lower triangle of ones.
std::optional<std::vector<double>> minij_values(const Arguments& a) {
  if (a.rows() != a.cols()) {
    return std::nullopt;
  }
  const Index n = a.cols();
  return values_by_index(n, [n](double k) {
    const double s = 0.5 / std::sin((2 * k - 1) * std::numbers::pi / real(4 * n + 2));
    return s * s;
  });
}

std::optional<std::vector<double>> lauchli_values(const Arguments& a) {
  if (a.rows() <= a.cols() || a.cols() == 0) {
    return std::nullopt;
  }
  const double mu = a["mu"];
  std::vector<double> s = equal_values(a, mu);
  s[0] = std::sqrt(real(a.cols()) + mu * mu);
  return s;
}

}  // namespace

std::vector<Generator> classic_family() {
  std::vector<Generator> family;
  const auto add_formula = [&family](const char* name, const char* description,
                                     double (*formula)(Index, Index)) {
    family.emplace_back(GalleryKind{name, {}, description, {}},
                        by_entry([formula](const Arguments&) { return formula; }));
  };
  add_formula("hilbert", "1 / (i + j + 1)", [](Index i, Index j) { return 1 / real(i + j + 1); });
  add_formula("lotkin", "Hilbert's with a first row of ones",
              [](Index i, Index j) { return i == 0 ? 1 : 1 / real(i + j + 1); });
  add_formula("lehmer", "(min(i,j) + 1) / (max(i,j) + 1)",
              [](Index i, Index j) { return real(std::min(i, j) + 1) / real(std::max(i, j) + 1); });
  add_formula("moler", "i + 1 on the diagonal, min(i,j) - 1 off it: one tiny value",
              [](Index i, Index j) { return i == j ? real(i + 1) : real(std::min(i, j) - 1); });
  family.emplace_back(GalleryKind{"minij", {}, "min(i, j) + 1", {}}, by_entry([](const Arguments&) {
                        return [](Index i, Index j) { return real(std::min(i, j) + 1); };
                      }),
                      minij_values);
  family.emplace_back(
      GalleryKind{"frank", {}, "N - max(i,j) on and above the first subdiagonal, zero below", {}},
      by_entry([](const Arguments& a) {
        return
            [n = a.order()](Index i, Index j) { return i > j + 1 ? 0 : real(n - std::max(i, j)); };
      }));
  family.emplace_back(GalleryKind{"cauchy",
                                  {},
                                  "1 / (i + j + shift)",
                                  {real_number("shift", 2, 0.001, 1e15, "added to both indices")}},
                      by_entry([](const Arguments& a) {
                        return [shift = a["shift"]](Index i, Index j) {
                          return 1 / (real(i + j) + shift);
                        };
                      }));
  family.emplace_back(GalleryKind{"vandermonde",
                                  {},
                                  "x_i^j, x_i evenly spaced from low to high",
                                  {real_number("low", 0, -1, 1, "first point"),
                                   real_number("high", 1, -1, 1, "last point")}},
                      by_entry([](const Arguments& a) {
                        const double step =
                            (a["high"] - a["low"]) / real(std::max<Index>(a.rows() - 1, 1));
                        return [low = a["low"], step](Index i, Index j) {
                          return std::pow(low + step * real(i), real(j));
                        };
                      }));
  family.emplace_back(
      GalleryKind{"kahan",
                  {},
                  "upper triangular, sin(theta)^i (1 on, -cos(theta) above the diagonal)",
                  {real_number("theta", 1.2, 0.001, 1.57, "angle in radians")}},
      by_entry([](const Arguments& a) {
        return [sine = std::sin(a["theta"]), cosine = std::cos(a["theta"])](Index i, Index j) {
          return i > j ? 0 : (i == j ? 1 : -cosine) * std::pow(sine, real(i));
        };
      }));
  family.emplace_back(
      GalleryKind{"triangular",
                  {},
                  "upper triangular, ones on the diagonal, `above` above it",
                  {real_number("above", -1, -1e300, 1e300, "entries above the diagonal")}},
      by_entry([](const Arguments& a) {
        return [above = a["above"]](Index i, Index j) { return i > j ? 0 : i == j ? 1 : above; };
      }),
      triangular_values);
  family.emplace_back(GalleryKind{"lauchli",
                                  {},
                                  "a row of ones above mu I",
                                  {real_number("mu", 1e-8, 0, 1e300, "the diagonal")}},
                      by_entry([](const Arguments& a) {
                        return [mu = a["mu"]](Index i, Index j) {
                          return i == 0 ? 1 : i == j + 1 ? mu : 0;
                        };
                      }),
                      lauchli_values);
  family.emplace_back(GalleryKind{"pascal", {}, "binomial coefficients (i+j over i)", {}},
                      [](const Arguments& a, auto view) { fill_pascal(a, view); });
  family.emplace_back(
      GalleryKind{
          "binomial", {}, "coefficients of (1-x)^i (1+x)^(N-1-i); its square is 2^(N-1) I", {}},
      [](const Arguments& a, auto view) { fill_binomial(a, view); });
  family.emplace_back(
      GalleryKind{"chebspec", {}, "differentiation on Chebyshev points; nilpotent", {}},
      [](const Arguments& a, auto view) { fill_chebspec(a, view); });
  family.emplace_back(
      GalleryKind{"companion",
                  {},
                  "companion matrix of (x-1)(x-2)...(x-N): entries up to about N! (lapack#316)",
                  {}},
      [](const Arguments& a, auto view) { fill_companion(a, view); }, companion_values);
  return family;
}

}  // namespace eckart::gallery
