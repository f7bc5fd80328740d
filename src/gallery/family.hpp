#pragma once

// How a kind of matrix is described: its entry in the table, and how its entries are computed.
//
// A family is a file with one function that returns its Generators. A Generator fills a zero matrix
// of double or complex<double>; generate() scales and rounds the result. The same generic lambda
// serves both types.

#include <algorithm>
#include <complex>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <eckart/execution.hpp>
#include <eckart/gallery.hpp>
#include <eckart/matrix.hpp>
#include <eckart/random.hpp>

namespace eckart::gallery {

/// A spec together with the defaults of its kind.
class Arguments {
 public:
  Arguments(const GallerySpec& spec, const GalleryKind& kind) noexcept : spec_(spec), kind_(kind) {}

  [[nodiscard]] Index rows() const noexcept { return spec_.rows; }
  [[nodiscard]] Index cols() const noexcept { return spec_.cols; }
  [[nodiscard]] Index smaller() const noexcept { return std::min(rows(), cols()); }
  /// Order of the square matrix whose leading rows x cols block a square kind gives.
  [[nodiscard]] Index order() const noexcept { return std::max(rows(), cols()); }

  /// Value of a parameter; the kind has it.
  [[nodiscard]] double operator[](std::string_view name) const;
  [[nodiscard]] Index count(std::string_view name) const {
    return static_cast<Index>((*this)[name]);
  }

  /// Stream s of random numbers under the seed of the spec.
  [[nodiscard]] Random random(std::uint64_t s = 0) const noexcept { return Random(spec_.seed, s); }

 private:
  const GallerySpec& spec_;
  const GalleryKind& kind_;
};

/// Singular values in any order, or nullopt where there is no formula for this shape or these
/// parameters.
using Values = std::function<std::optional<std::vector<double>>(const Arguments&)>;

[[nodiscard]] inline std::optional<std::vector<double>> no_values(const Arguments&) {
  return std::nullopt;
}

/// columns(first, view) writes columns first, first + 1, ... of a matrix into a view of zeros that has all rows and some columns: the
/// entries that they have in the whole matrix, bit for bit. Called from several threads at a time.
template <class W>
using Columns = std::function<void(Index first, MatrixView<W> view)>;

/// What no entry exceeds in modulus.
using Bound = std::function<double(const Arguments&)>;

struct Generator {
  /// `fill(arguments, view)` writes the entries into a view of zeros, for both entry types. A fill that has
  /// `columns<W>(execution, arguments, width)` gives Columns<W> as well; empty ones where it cannot for these arguments. What it
  /// needs beforehand it may work out from `width` columns at a time.
  template <class Fill>
  Generator(GalleryKind description, const Fill& fill, Values singular_values = no_values,
            Bound largest = {})
      : kind(std::move(description)),
        fill_real(fill),
        fill_complex(fill),
        values(std::move(singular_values)),
        bound(std::move(largest)) {
    using Complex = std::complex<double>;
    if constexpr (requires(const Execution& e, const Arguments& a, Index width) {
                    fill.template columns<double>(e, a, width);
                  }) {
      columns_real = [fill](const Execution& e, const Arguments& a, Index width) {
        return fill.template columns<double>(e, a, width);
      };
      columns_complex = [fill](const Execution& e, const Arguments& a, Index width) {
        return fill.template columns<Complex>(e, a, width);
      };
    }
  }

  /// The columns of the type asked for; empty where the matrix is made as a whole alone.
  template <class W>
  [[nodiscard]] Columns<W> columns(const Execution& execution, const Arguments& a,
                                   Index width) const {
    if constexpr (std::same_as<W, double>) {
      return columns_real ? columns_real(execution, a, width) : Columns<W>();
    } else {
      return columns_complex ? columns_complex(execution, a, width) : Columns<W>();
    }
  }

  GalleryKind kind;
  std::function<void(const Arguments&, MatrixView<double>)> fill_real;
  std::function<void(const Arguments&, MatrixView<std::complex<double>>)> fill_complex;
  std::function<Columns<double>(const Execution&, const Arguments&, Index)> columns_real;
  std::function<Columns<std::complex<double>>(const Execution&, const Arguments&, Index)>
      columns_complex;
  Values values;
  Bound bound;  // empty: nobody has worked it out
};

/// A fill whose entries do not depend on one another: entries(arguments) gives a function of (i, j, W{}), so that parameters are
/// looked up once.
template <class Entries>
struct FillByEntry {
  Entries entries;

  template <class W>
  [[nodiscard]] Columns<W> columns(const Execution& /*nothing beforehand*/, const Arguments& a,
                                   Index /*width*/) const {
    return [entry = entries(a)](Index first, MatrixView<W> view) {
      for (Index j = 0; j < view.cols(); ++j) {
        for (Index i = 0; i < view.rows(); ++i) {
          view(i, j) = entry(i, first + j, W{});
        }
      }
    };
  }
  template <class W>
  void operator()(const Arguments& a, MatrixView<W> view) const {
    columns<W>({}, a, 1)(0, view);
  }
};

/// A fill from a formula: formula(arguments) gives a function of (i, j).
template <class Formula>
[[nodiscard]] auto by_entry(Formula formula) {
  return FillByEntry{[formula](const Arguments& a) {
    return [entry = formula(a)](Index i, Index j, auto /*type*/) { return entry(i, j); };
  }};
}

/// n times the same singular value; n is the smaller size.
[[nodiscard]] inline std::vector<double> equal_values(const Arguments& a, double value) {
  return std::vector<double>(static_cast<std::size_t>(a.smaller()), value);
}

/// formula(k), k = 1 ... n, for n values.
template <class Formula>
[[nodiscard]] std::vector<double> values_by_index(Index n, Formula formula) {
  std::vector<double> s(static_cast<std::size_t>(n));
  for (Index k = 1; k <= n; ++k) {
    s[static_cast<std::size_t>(k - 1)] = formula(static_cast<double>(k));
  }
  return s;
}

[[nodiscard]] inline GalleryParameter real_number(std::string name, double default_value,
                                                  double minimum, double maximum,
                                                  std::string description) {
  return {std::move(name), std::move(description), default_value, minimum, maximum, false};
}
[[nodiscard]] inline GalleryParameter whole_number(std::string name, double default_value,
                                                   double minimum, double maximum,
                                                   std::string description) {
  return {std::move(name), std::move(description), default_value, minimum, maximum, true};
}
[[nodiscard]] inline GalleryParameter yes_or_no(std::string name, std::string description) {
  return whole_number(std::move(name), 0, 0, 1, std::move(description));
}

/// Largest count that a parameter takes: every whole number up to it is a double.
inline constexpr double largest_count = 0x1p53;

[[nodiscard]] std::vector<Generator> random_family();
[[nodiscard]] std::vector<Generator> simple_family();
[[nodiscard]] std::vector<Generator> spectrum_family();
[[nodiscard]] std::vector<Generator> classic_family();
[[nodiscard]] std::vector<Generator> structured_family();
[[nodiscard]] std::vector<Generator> band_family();
[[nodiscard]] std::vector<Generator> data_family();

/// A number as people write it: 1e+300, 0.25.
[[nodiscard]] std::string to_text(double value);

/// Every generator, in the order of gallery_kinds().
[[nodiscard]] const std::vector<Generator>& generators();

/// The generator of a kind; throws InvalidArgument for a name that is none, with the nearest name
/// and all of them.
[[nodiscard]] const Generator& find_generator(std::string_view kind);

/// Throws InvalidArgument where the kind has no such parameter or the value is NaN or out of its
/// range; the message shows the value as `text`.
void check_parameter(const GalleryKind& kind, std::string_view name, double value,
                     std::string_view text);

}  // namespace eckart::gallery
