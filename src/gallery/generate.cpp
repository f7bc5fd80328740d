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
//
// A block of columns goes the same way. What steps 2 and 3 must know is the exponent of the largest entry of all: where the kind
// does not say that it is small enough to leave everything as it is, the columns are made once more than they are handed out, twice
// more for `mixed`.

#include <algorithm>
#include <cmath>
#include <limits>
#include <mutex>

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

// 2^(e-1) <= x < 2^e; nullopt for 0.
std::optional<int> exponent_of(double x) noexcept {
  return x == 0 ? std::nullopt : std::optional(std::ilogb(x) + 1);
}

// Exponent e of the largest magnitude; nullopt for a zero or empty matrix. `a` begins with column `first`.
template <class W>
std::optional<int> largest_exponent(MatrixView<const W> a, const GallerySpec& spec,
                                    Index first = 0) {
  double largest = 0;
  for (Index j = 0; j < a.cols(); ++j) {
    for (Index i = 0; i < a.rows(); ++i) {
      const double x = magnitude(a(i, j));
      if (!std::isfinite(x)) {
        throw InvalidArgument("gallery: entry (" + std::to_string(i) + ", " +
                              std::to_string(first + j) + ") of '" + to_string(spec) +
                              "' exceeds double precision; take a smaller size or parameter");
      }
      largest = std::max(largest, x);
    }
  }
  return exponent_of(largest);
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
void mix(MatrixView<W> a, int largest, const Random& random, Index first = 0) {
  constexpr int reach = std::numeric_limits<R>::max_exponent / 4;  // p = (2 max_exponent) / 8
  const auto exponent = [&random](Index k) {
    return static_cast<int>(random.below(static_cast<std::uint64_t>(k), 2 * reach + 1)) - reach;
  };
  for (Index j = 0; j < a.cols(); ++j) {
    for (Index i = 0; i < a.rows(); ++i) {
      a(i, j) = scaled(a(i, j), exponent(i) + exponent(a.rows() + first + j) - largest);
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

// The exponent of the factor of step 3. An entry is below 2^largest in each part, so the norm is below 2^largest sqrt(2 m n).
template <class R>
int exponent_of_factor(const GallerySpec& spec, int largest) {
  const double entries = 2 * static_cast<double>(spec.rows) * static_cast<double>(spec.cols);
  const int room = std::numeric_limits<R>::max_exponent - 1 - (std::ilogb(entries) / 2 + 1);
  return target_exponent<R>(spec.scaling, largest, room) - largest;
}

// Step 4.
template <Scalar T, class W>
void round_to(MatrixView<const W> a, MatrixView<T> result) {
  for (Index j = 0; j < a.cols(); ++j) {
    for (Index i = 0; i < a.rows(); ++i) {
      result(i, j) = T(a(i, j));
    }
  }
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

// What no entry exceeds in modulus, where that is known before any is made: a singular value does not.
std::optional<double> bound_of_entries(const gallery::Generator& generator,
                                       const gallery::Arguments& arguments) {
  if (generator.bound) {
    return generator.bound(arguments);
  }
  const std::optional<std::vector<double>> values = generator.values(arguments);
  if (!values || values->empty()) {
    return std::nullopt;
  }
  return 2 * *std::max_element(values->begin(), values->end());  // rounding included
}

// Entries of a block that one thread makes.
constexpr Index piece_entries = Index{1} << 15;

// What entries are computed in.
template <Scalar T>
using Wide = std::conditional_t<ComplexScalar<T>, std::complex<double>, double>;

}  // namespace

template <Scalar T>
Matrix<T> generate(const GallerySpec& spec) {
  using W = Wide<T>;
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
  // 3.
  if (largest) {
    multiply_by_power(a.view(), exponent_of_factor<R>(spec, *largest));
  }
  // 4.
  if constexpr (std::same_as<T, W>) {
    return a;
  } else {
    Matrix<T> result = Matrix<T>::uninitialized(a.rows(), a.cols());
    round_to<T, W>(a, result.view());
    return result;
  }
}

bool generates_columns(const GallerySpec& spec) {
  const gallery::Generator& generator = checked_generator(spec);
  // Whether, not what: of a matrix without entries, which costs nothing.
  GallerySpec empty = spec;
  empty.rows = empty.cols = 0;
  const gallery::Arguments arguments(empty, generator.kind);
  return static_cast<bool>(generator.columns<double>({}, arguments, 1));
}

template <Scalar T>
MemoryPlan generate_columns_memory(const GallerySpec& spec, Index width) {
  using W = Wide<T>;
  const auto reflectors = spec.parameters.find("reflectors");
  const auto count =
      static_cast<Index>(reflectors == spec.parameters.end() ? 0 : reflectors->second);
  // The block that the products of reflectors are formed with is gone before the one that is handed out comes.
  return MemoryPlan::all_of(
      "columns",
      {MemoryPlan::block<W>("reflectors and their products", 2 * count, spec.rows + spec.cols),
       MemoryPlan::block<W>("a block in double precision", spec.rows, width),
       MemoryPlan::block<T>("a block rounded", spec.rows, std::same_as<T, W> ? 0 : width)});
}

template <Scalar T>
void generate_columns(const Execution& execution, const GallerySpec& spec, Index width,
                      const std::function<void(MatrixView<const T>)>& take) {
  using W = Wide<T>;
  using R = Real<T>;
  const gallery::Generator& generator = checked_generator(spec);
  const gallery::Arguments arguments(spec, generator.kind);
  const Index m = spec.rows, n = spec.cols;
  width = std::clamp<Index>(width, 1, std::max<Index>(n, 1));
  const gallery::Columns<W> columns = generator.columns<W>(execution, arguments, width);
  if (!columns) {
    throw InvalidArgument("gallery: '" + to_string(spec) +
                          "' is made as a whole alone; kinds of random entries and of formulas are "
                          "made by columns, and svd_... and orthogonal with reflectors=1 or more");
  }
  const Index piece = std::max<Index>(1, piece_entries / std::max<Index>(m, 1));
  Matrix<W> wide = Matrix<W>::uninitialized(m, width);

  // visit(j, columns j, j + 1, ... as they come from step 1) for every piece, pieces of a block from several threads; then
  // done(columns of the block).
  const auto visit_all = [&](std::string_view stage, const auto& visit, const auto& done) {
    for (Index first = 0; first < n; first += width) {
      execution.step(stage, static_cast<double>(first) / static_cast<double>(n));
      const Index cols = std::min(width, n - first);
      parallel_for(execution, (cols + piece - 1) / piece, [&](Index p) {
        const Index j = p * piece;
        const MatrixView<W> own = wide.view().columns(j, std::min(piece, cols - j));
        std::fill_n(own.data(), m * own.cols(), W{});
        columns(first + j, own);
        visit(first, j, own);
      });
      done(cols);
    }
  };
  const auto find_largest = [&](const auto& change) {
    std::mutex mutex;
    std::optional<int> largest;
    const auto visit = [&](Index first, Index j, MatrixView<W> own) {
      change(first + j, own);
      const std::optional<int> own_largest = largest_exponent<W>(own, spec, first + j);
      const std::lock_guard lock(mutex);
      largest = std::max(largest, own_largest);  // nothing is less than any number
    };
    visit_all("look", visit, [](Index) {});
    return largest;
  };

  // What steps 2 and 3 need to know.
  std::optional<int> mixing, largest;
  const auto mixed = [&](Index first, MatrixView<W> own) {
    if (mixing) {
      mix<R>(own, *mixing, arguments.random(mixed_stream), first);
    }
  };
  const std::optional<double> bound = bound_of_entries(generator, arguments);
  const bool is_as_it_comes = spec.scaling == GalleryScaling::none && bound &&
                              exponent_of_factor<R>(spec, exponent_of(*bound).value_or(0)) == 0;
  if (!is_as_it_comes) {
    largest = find_largest(mixed);
  }
  if (largest && spec.scaling == GalleryScaling::mixed) {
    mixing = largest;
    largest = find_largest(mixed);
  }

  Matrix<T> narrow = Matrix<T>::uninitialized(m, std::same_as<T, W> ? 0 : width);
  visit_all(
      "generate",
      [&](Index first, Index j, MatrixView<W> own) {
        mixed(first + j, own);  // 2
        if (largest) {
          multiply_by_power(own, exponent_of_factor<R>(spec, *largest));  // 3
        }
        if constexpr (!std::same_as<T, W>) {
          round_to<T, W>(own, narrow.view().columns(j, own.cols()));  // 4
        }
      },
      [&](Index cols) {
        if constexpr (std::same_as<T, W>) {
          take(wide.view().columns(0, cols));
        } else {
          take(narrow.view().columns(0, cols));
        }
      });
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

#define ECKART_INSTANTIATE(T)                                                    \
  template Matrix<T> generate(const GallerySpec&);                               \
  template MemoryPlan generate_columns_memory<T>(const GallerySpec&, Index);     \
  template void generate_columns<T>(const Execution&, const GallerySpec&, Index, \
                                    const std::function<void(MatrixView<const T>)>&);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)

}  // namespace eckart
