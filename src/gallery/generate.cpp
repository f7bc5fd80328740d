// From a spec to a matrix:
//
//   1. the kind fills a zero matrix in double or complex<double>;
//   2. `mixed` multiplies row i by 2^p_i and column j by 2^q_j, p_i and q_j uniform in +-p, p an
//      eighth of the exponent range of T;
//   3. the whole is multiplied by 2^e, where e follows from the scaling, or from the range of T;
//   4. entries are rounded to T.
//
// Steps 2 and 3 are exact but for underflow, and step 2 takes place in the range of T, so that
// float matrices are spread over the range of float. Memory: the result, and for float a matrix of
// double besides.

#include <cmath>
#include <limits>

#include <eckart/error.hpp>

#include "gallery/family.hpp"

namespace eckart {
namespace {

// Stream of the random exponents of `mixed`, apart from the small numbers that kinds use.
constexpr std::uint64_t mixed_stream = 1000;

// x * 2^e.
double scaled(double x, int e) noexcept {
  return std::ldexp(x, e);
}
std::complex<double> scaled(std::complex<double> x, int e) noexcept {
  return {std::ldexp(x.real(), e), std::ldexp(x.imag(), e)};
}

// The larger modulus of real and imaginary part: the modulus within a factor sqrt(2), without
// overflow.
double magnitude(double x) noexcept {
  return std::abs(x);
}
double magnitude(std::complex<double> x) noexcept {
  // A comparison that lets NaN through, where std::max might drop it.
  const double re = std::abs(x.real()), im = std::abs(x.imag());
  return re > im || std::isnan(re) ? re : im;
}

// Exponent e of the largest magnitude, 2^(e-1) <= magnitude < 2^e; nullopt for a zero or empty
// matrix.
template <class W>
std::optional<int> largest_exponent(MatrixView<const W> a, const GallerySpec& spec) {
  double largest = 0;
  for (Index j = 0; j < a.cols(); ++j) {
    for (Index i = 0; i < a.rows(); ++i) {
      const double x = magnitude(a(i, j));
      if (!std::isfinite(x)) {
        throw InvalidArgument("gallery: entry (" + std::to_string(i) + ", " + std::to_string(j) +
                              ") of '" + to_string(spec) +
                              "' exceeds double precision; take a smaller size or parameter");
      }
      largest = std::max(largest, x);
    }
  }
  return largest == 0 ? std::nullopt : std::optional(std::ilogb(largest) + 1);
}

template <class W>
void multiply_by_power(MatrixView<W> a, int e) {
  for (Index j = 0; e != 0 && j < a.cols(); ++j) {
    for (Index i = 0; i < a.rows(); ++i) {
      a(i, j) = scaled(a(i, j), e);
    }
  }
}

// Step 2. The largest entry is first brought to 1, so that the spread has room on both sides.
template <class R, class W>
void mix(MatrixView<W> a, int largest, const Random& random) {
  constexpr int reach = std::numeric_limits<R>::max_exponent / 4;  // p = (2 max_exponent) / 8
  const auto exponent = [&random](Index k) {
    return static_cast<int>(random.below(static_cast<std::uint64_t>(k), 2 * reach + 1)) - reach;
  };
  for (Index j = 0; j < a.cols(); ++j) {
    for (Index i = 0; i < a.rows(); ++i) {
      a(i, j) = scaled(a(i, j), exponent(i) + exponent(a.rows() + j) - largest);
    }
  }
}

// The exponent that the largest entry shall have, see the table in gallery.hpp. `room` is the
// exponent of the largest entry for which the Frobenius norm is below half of the largest R.
template <class R>
int target_exponent(GalleryScaling scaling, int largest, int room) {
  using Limits = std::numeric_limits<R>;
  constexpr bool wide = Limits::max_exponent > 128;
  switch (scaling) {
    case GalleryScaling::small:
      return wide ? -996 : -119;  // 1e-300, 1e-36
    case GalleryScaling::large:
      return std::min(wide ? 997 : 120, room);  // 1e300, 1e36
    case GalleryScaling::ufl:
      return Limits::min_exponent;
    case GalleryScaling::denormal:
      return Limits::min_exponent - Limits::digits + 10;
    case GalleryScaling::ofl:
      return room;
    case GalleryScaling::none:
    case GalleryScaling::mixed:
      break;
  }
  return std::min(largest, room);
}

template <Scalar T>
Matrix<T> rounded(MatrixView<const double> a) {
  Matrix<T> result = Matrix<T>::uninitialized(a.rows(), a.cols());
  for (Index j = 0; j < a.cols(); ++j) {
    for (Index i = 0; i < a.rows(); ++i) {
      result(i, j) = static_cast<T>(a(i, j));
    }
  }
  return result;
}
template <Scalar T>
Matrix<T> rounded(MatrixView<const std::complex<double>> a) {
  Matrix<T> result = Matrix<T>::uninitialized(a.rows(), a.cols());
  for (Index j = 0; j < a.cols(); ++j) {
    for (Index i = 0; i < a.rows(); ++i) {
      result(i, j) = T(a(i, j));
    }
  }
  return result;
}

// The generator of a spec that a program may have written by hand, checked as parse_gallery()
// checks.
const gallery::Generator& checked_generator(const GallerySpec& spec) {
  const gallery::Generator& generator = gallery::find_generator(spec.kind);
  for (const auto& [name, value] : spec.parameters) {
    gallery::check_parameter(generator.kind, name, value, gallery::to_text(value));
  }
  return generator;
}

}  // namespace

template <Scalar T>
Matrix<T> generate(const GallerySpec& spec) {
  using W = std::conditional_t<ComplexScalar<T>, std::complex<double>, double>;
  using R = Real<T>;
  const gallery::Generator& generator = checked_generator(spec);
  const gallery::Arguments arguments(spec, generator.kind);

  // 1.
  Matrix<W> a(spec.rows, spec.cols);
  if constexpr (ComplexScalar<T>) {
    generator.fill_complex(arguments, a.view());
  } else {
    generator.fill_real(arguments, a.view());
  }
  // 2.
  std::optional<int> largest = largest_exponent<W>(a, spec);
  if (largest && spec.scaling == GalleryScaling::mixed) {
    mix<R>(a.view(), *largest, arguments.random(mixed_stream));
    largest = largest_exponent<W>(a, spec);
  }
  // 3. An entry is below 2^e in each part, so the norm is below 2^e * sqrt(2 m n).
  if (largest) {
    const double entries = 2 * static_cast<double>(spec.rows) * static_cast<double>(spec.cols);
    const int room = std::numeric_limits<R>::max_exponent - 1 - (std::ilogb(entries) / 2 + 1);
    multiply_by_power(a.view(), target_exponent<R>(spec.scaling, *largest, room) - *largest);
  }
  // 4.
  if constexpr (std::same_as<T, W>) {
    return a;
  } else {
    return rounded<T>(a.view());
  }
}

std::optional<std::vector<double>> known_singular_values(const GallerySpec& spec) {
  const gallery::Generator& generator = checked_generator(spec);
  if (spec.scaling != GalleryScaling::none) {
    return std::nullopt;
  }
  auto values = generator.values(gallery::Arguments(spec, generator.kind));
  if (values) {
    std::sort(values->begin(), values->end(), std::greater<>());
  }
  return values;
}

template Matrix<float> generate(const GallerySpec&);
template Matrix<double> generate(const GallerySpec&);
template Matrix<std::complex<float>> generate(const GallerySpec&);
template Matrix<std::complex<double>> generate(const GallerySpec&);

}  // namespace eckart
