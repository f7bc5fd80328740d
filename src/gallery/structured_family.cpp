// Toeplitz, circulant and Hankel matrices and discrete transforms: entries depend on i - j, on i + j
// or on i j. Another shape than square is the leading block of the matrix of order N, the larger
// size.

#include <cmath>
#include <numbers>

#include "gallery/family.hpp"

namespace eckart::gallery {
namespace {

constexpr double pi = std::numbers::pi;

double real(Index i) {
  return static_cast<double>(i);
}

// Moduli of the discrete Fourier transform of the first column: sums of N products, O(N^2).
std::optional<std::vector<double>> circulant_values(const Arguments& a) {
  if (a.rows() != a.cols()) {
    return std::nullopt;
  }
  const Index n = a.order();
  const Random random = a.random();
  return values_by_index(n, [&](double k) {
    std::complex<double> sum{};
    for (Index i = 0; i < n; ++i) {
      const Index turn = i * static_cast<Index>(k) % n;
      sum += random.normal(static_cast<std::uint64_t>(i)) *
             std::polar(1.0, 2 * pi * real(turn) / real(n));
    }
    return std::abs(sum);
  });
}

// exp(-2 pi i k / N) / sqrt(N); in a real type Hartley's (cos + sin)(2 pi k / N) / sqrt(N).
double root_of_unity(Index k, Index n, double /*type*/) {
  const double angle = 2 * pi * real(k) / real(n);
  return (std::cos(angle) + std::sin(angle)) / std::sqrt(real(n));
}
std::complex<double> root_of_unity(Index k, Index n, std::complex<double> /*type*/) {
  return std::polar(1 / std::sqrt(real(n)), -2 * pi * real(k) / real(n));
}

}  // namespace

std::vector<Generator> structured_family() {
  const Values all_one = [](const Arguments& a) { return equal_values(a, 1); };
  std::vector<Generator> family;
  family.emplace_back(GalleryKind{"toeplitz", {}, "normal numbers that depend on i - j", {}},
                      by_entry([](const Arguments& a) {
                        return [random = a.random(), n = a.order()](Index i, Index j) {
                          return random.normal(static_cast<std::uint64_t>(n + i - j));
                        };
                      }));
  family.emplace_back(GalleryKind{"hankel", {}, "normal numbers that depend on i + j", {}},
                      by_entry([](const Arguments& a) {
                        return [random = a.random()](Index i, Index j) {
                          return random.normal(static_cast<std::uint64_t>(i + j));
                        };
                      }));
  family.emplace_back(
      GalleryKind{"circulant", {}, "normal numbers that depend on i - j modulo N", {}},
      by_entry([](const Arguments& a) {
        return [random = a.random(), n = a.order()](Index i, Index j) {
          return random.normal(static_cast<std::uint64_t>((i - j + n) % n));
        };
      }),
      circulant_values);
  family.emplace_back(GalleryKind{"kms",
                                  {},
                                  "rho^|i-j| (Kac, Murdock, Szego)",
                                  {real_number("rho", 0.5, -1, 1, "correlation of neighbours")}},
                      by_entry([](const Arguments& a) {
                        return [rho = a["rho"]](Index i, Index j) {
                          return std::pow(rho, real(std::abs(i - j)));
                        };
                      }));
  family.emplace_back(GalleryKind{"prolate",
                                  {},
                                  "sin(2 pi w (i-j)) / (pi (i-j)): values cluster at 0 and 1",
                                  {real_number("w", 0.25, 0, 0.5, "half the bandwidth")}},
                      by_entry([](const Arguments& a) {
                        return [w = a["w"]](Index i, Index j) {
                          return i == j ? 2 * w
                                        : std::sin(2 * pi * w * real(i - j)) / (pi * real(i - j));
                        };
                      }));
  family.emplace_back(GalleryKind{"parter", {}, "1 / (i - j + 1/2): values cluster at pi", {}},
                      by_entry([](const Arguments&) {
                        return [](Index i, Index j) { return 1 / (real(i - j) + 0.5); };
                      }));
  family.emplace_back(
      GalleryKind{"grcar",
                  {},
                  "-1 below, 1 on and `above` diagonals above the diagonal",
                  {whole_number("above", 3, 0, largest_count, "diagonals of ones above")}},
      by_entry([](const Arguments& a) {
        return [above = a.count("above")](Index i, Index j) {
          return i == j + 1 ? -1.0 : i <= j && j - i <= above ? 1.0 : 0.0;
        };
      }));
  family.emplace_back(GalleryKind{"dct", {}, "discrete cosine transform II, orthonormal", {}},
                      by_entry([](const Arguments& a) {
                        return [n = a.order()](Index i, Index j) {
                          const double angle = pi * real(i * (2 * j + 1) % (4 * n)) / real(2 * n);
                          return std::sqrt((i == 0 ? 1 : 2) / real(n)) * std::cos(angle);
                        };
                      }),
                      all_one);
  family.emplace_back(
      GalleryKind{"dft", {}, "discrete Fourier transform, unitary; real types: Hartley's", {}},
      [](const Arguments& a, auto view) {
        const Index n = a.order();
        for (Index j = 0; j < view.cols(); ++j) {
          for (Index i = 0; i < view.rows(); ++i) {
            view(i, j) = root_of_unity(i * j % n, n, typename decltype(view)::value_type{});
          }
        }
      },
      all_one);
  return family;
}

}  // namespace eckart::gallery
