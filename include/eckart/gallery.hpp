#pragma once

// The language of test matrices: a line of text names a matrix, and the same line gives the same
// matrix everywhere.
//
//   svd_geo 100x50 cond=1e8 seed=3 scaling=small
//   ------- ------ -----------------------------
//   kind    size   name=value, in any order
//
//   kind      one of gallery_kinds(): `normal`, `hilbert`, `svd_geo`, ...
//   size      ROWSxCOLS, or N for N x N; from 0
//   name      a parameter of the kind; gallery_kinds() lists them with range and default
//   seed      whole number, default 1; kinds without randomness ignore it
//   scaling   none (default) or another of gallery_scalings()
//
//   | scaling  | what becomes of the largest entry a_max, or of all                            |
//   |----------|--------------------------------------------------------------------------------|
//   | none     | nothing                                                                        |
//   | small    | a_max is about 1e-300 (float 1e-36): squares underflow                         |
//   | large    | a_max is about 1e+300 (float 1e+36): squares overflow                          |
//   | ufl      | a_max is the smallest normal number or up to twice that; others are denormal   |
//   | denormal | a_max is a denormal number of ten bits                                         |
//   | ofl      | the Frobenius norm comes close below the largest number                        |
//   | mixed    | rows and columns times random powers of two that span half the exponent range  |
//
// Scaling multiplies by powers of two, so it is exact while nothing underflows. Entries are
// computed in double precision and rounded once to the type asked for. Where a matrix would
// overflow that type, the whole of it is multiplied by the power of two that makes its Frobenius
// norm fit.
//
// Random kinds are complex in a complex type; kinds with a formula are real in every type.

#include <complex>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <eckart/execution.hpp>
#include <eckart/matrix.hpp>
#include <eckart/types.hpp>
#include <eckart/workspace.hpp>

namespace eckart {

enum class GalleryScaling { none, small, large, ufl, denormal, ofl, mixed };

/// A number that a kind takes: `name=value` with minimum <= value <= maximum.
struct GalleryParameter {
  std::string name;
  std::string description;
  double default_value = 0;
  double minimum = 0, maximum = 0;
  bool whole = false;  // a whole number
};

/// One kind of matrix, for --help, the manual and tests that visit every kind.
struct GalleryKind {
  std::string name;
  std::string family;  // "random", "simple", "spectrum", "classic", "structured", "band", "data"
  std::string description;
  std::vector<GalleryParameter> parameters;
};

struct GalleryScalingInfo {
  GalleryScaling scaling;
  const char* name;
  const char* description;
};

/// What a line of the language says. Parameters that are not in `parameters` have their default.
struct GallerySpec {
  std::string kind;
  Index rows = 0, cols = 0;
  std::map<std::string, double, std::less<>> parameters = {};
  std::uint64_t seed = 1;
  GalleryScaling scaling = GalleryScaling::none;
};

/// Every kind, by family. The table lives as long as the program.
[[nodiscard]] std::span<const GalleryKind> gallery_kinds();

/// All seven, `none` first.
[[nodiscard]] std::span<const GalleryScalingInfo> gallery_scalings() noexcept;

/// Reads a line. Throws InvalidArgument, which names the word it did not understand and lists those
/// it would have.
[[nodiscard]] GallerySpec parse_gallery(std::string_view text);

/// The line that parse_gallery() reads back as `spec`; defaults are left out.
[[nodiscard]] std::string to_string(const GallerySpec& spec);

/// The matrix. Values depend on the spec alone, not on threads or earlier calls.
///
/// Throws InvalidArgument for an unknown kind or a parameter out of range, and where the entries
/// exceed double precision
/// (`pascal 600x600`); OutOfMemory, SizeLimit. Cost: O(rows * cols), but O(rows * cols * min(rows,
/// cols)) for the kinds svd_... and orthogonal, unless their parameter `reflectors` is set.
template <Scalar T>
[[nodiscard]] Matrix<T> generate(const GallerySpec& spec);

template <Scalar T>
[[nodiscard]] Matrix<T> generate(std::string_view text) {
  return generate<T>(parse_gallery(text));
}

/// Whether generate_columns() makes this matrix: one whose entries do not depend on one another (random, from a formula, diagonal),
/// and svd_... and orthogonal with `reflectors` of 1 or more, whose singular values are known however large they are.
[[nodiscard]] bool generates_columns(const GallerySpec& spec);

/// Memory of generate_columns(): a block, for single precision one of double besides, and what the reflectors take.
template <Scalar T>
[[nodiscard]] MemoryPlan generate_columns_memory(const GallerySpec& spec, Index width);

/// The matrix that generate() makes, bit for bit, `width` columns at a time: take(columns) for each block in order. For matrices larger
/// than memory, and with all threads.
///
/// Throws what generate() throws, InvalidArgument where !generates_columns(spec), Cancelled, and what `take` throws.
template <Scalar T>
void generate_columns(const Execution& execution, const GallerySpec& spec, Index width,
                      const std::function<void(MatrixView<const T>)>& take);

/// The min(rows, cols) singular values of the matrix, descending, where a formula gives them for
/// every type; nullopt where none does, or where spec.scaling is not `none`. generate() rounds
/// entries, so its matrix has them up to that rounding.
[[nodiscard]] std::optional<std::vector<double>> known_singular_values(const GallerySpec& spec);

}  // namespace eckart
