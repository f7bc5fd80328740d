// Matrix Market (Boisvert, Pozo, Remington: The Matrix Market Exchange Formats, NISTIR 5935, 1996).
//
//   %%MatrixMarket matrix LAYOUT FIELD SYMMETRY        words in any case
//   % comments and blank lines, anywhere
//   m n                     array: then one entry a line, down the columns
//   m n k                   coordinate: then k lines "i j value", counted from 1
//
//   LAYOUT     array | coordinate
//   FIELD      real | double | integer | complex ("re im") | pattern (coordinate alone; no value:
//   1) SYMMETRY   general | symmetric | skew-symmetric | hermitian (complex alone)
//
// Of a symmetric matrix one triangle is stored: by the rule the lower one. An upper triangle in a
// coordinate file is taken too, as other readers do, but not both in one file, since then nobody
// knows what was meant. A skew-symmetric file has no diagonal, a Hermitian one a real diagonal.
// Entries named twice are summed. Real, integer and pattern become double, complex becomes
// complex<double>.
//
//   1. Banner.  2. Comments.  3. The size line, checked against the bytes that follow it: an entry
//   takes at least 2 bytes of text and its line end, so a count that lies fails before anything is
//   allocated.
//   4. The entries, each handed to a sink: the dense matrix (in which a sparse header of a few
//   bytes can ask for any amount of memory: max_bytes, or the machine's memory, bounds it),
//   triplets, or nothing.
//   5. Nothing may follow.
//
// Cost: one pass over the text, the memory of the result. Written files are "array real general" or
// "array complex general" in the shortest digits that read back as the same numbers.

#include "io/matrix_market.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>

#include "io/format_reader.hpp"
#include "io/lines.hpp"
#include "io/memory.hpp"
#include "io/number.hpp"
#include "io/text.hpp"

namespace eckart::io {
namespace {

enum class Storage { array, coordinate };
enum class Field { real, integer, complex, pattern };
enum class Symmetry { general, symmetric, skew, hermitian };

struct Header {
  Storage storage = Storage::array;
  Field field = Field::real;
  Symmetry symmetry = Symmetry::general;
  std::string words;  // "coordinate real general"
  Index rows = 0, cols = 0;
  Index entries = 0;  // stored ones
};

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return out;
}

template <class Enum, std::size_t N>
Enum banner_word(Lines& lines, const std::array<std::pair<const char*, Enum>, N>& known,
                 std::string& words) {
  const std::string word = lower(lines.word());
  std::string list;
  for (const auto& [name, value] : known) {
    if (word == name) {
      words += (words.empty() ? "" : " ") + word;
      return value;
    }
    list += (list.empty() ? "" : ", ") + std::string(name);
  }
  lines.fail("'" + printable(word, 40) + "' in the banner should be one of " + list);
}

/// Step 1.
void read_banner(Lines& lines, Header& header) {
  constexpr std::array<std::pair<const char*, Storage>, 2> storages{
      {{"array", Storage::array}, {"coordinate", Storage::coordinate}}};
  constexpr std::array<std::pair<const char*, Field>, 5> fields{{{"real", Field::real},
                                                                 {"double", Field::real},
                                                                 {"integer", Field::integer},
                                                                 {"complex", Field::complex},
                                                                 {"pattern", Field::pattern}}};
  constexpr std::array<std::pair<const char*, Symmetry>, 4> symmetries{
      {{"general", Symmetry::general},
       {"symmetric", Symmetry::symmetric},
       {"skew-symmetric", Symmetry::skew},
       {"hermitian", Symmetry::hermitian}}};
  if (!lines.raw_next() || lower(lines.word()) != "%%matrixmarket" ||
      lower(lines.word()) != "matrix") {
    lines.fail("a Matrix Market file begins with '%%MatrixMarket matrix'");
  }
  header.storage = banner_word(lines, storages, header.words);
  header.field = banner_word(lines, fields, header.words);
  header.symmetry = banner_word(lines, symmetries, header.words);
  lines.require_end_of_line();
  if (header.field == Field::pattern &&
      (header.storage == Storage::array || header.symmetry == Symmetry::skew ||
       header.symmetry == Symmetry::hermitian)) {
    lines.fail("pattern goes with coordinate and general or symmetric alone");
  }
  if (header.symmetry == Symmetry::hermitian && header.field != Field::complex) {
    lines.fail("hermitian goes with complex alone; a real one is symmetric");
  }
}

/// Entries of an m x m triangle with its diagonal (inclusive) or without. m(m+1)/2 without overflow
/// on the way: one of m and m+1 is even.
bool triangle_overflows(Index m, bool inclusive, Index& count) noexcept {
  const Index other = inclusive ? m + 1 : m - 1;
  return m % 2 == 0 ? __builtin_mul_overflow(m / 2, other, &count)
                    : __builtin_mul_overflow(m, other / 2, &count);
}

/// Steps 2 and 3.
void read_size(Lines& lines, Header& header) {
  if (!lines.next()) {
    lines.fail("the file ends before its size line");
  }
  const bool coordinate = header.storage == Storage::coordinate;
  header.rows = lines.number<Index>("the number of rows");
  header.cols = lines.number<Index>("the number of columns");
  header.entries = coordinate ? lines.number<Index>("the number of entries") : 0;
  lines.require_end_of_line();
  if (header.rows < 0 || header.cols < 0 || header.entries < 0 || header.rows == INT64_MAX) {
    lines.fail("a size is negative or beyond 64 bits");
  }
  if (header.symmetry != Symmetry::general && header.rows != header.cols) {
    lines.fail("a " + header.words + " matrix is square, and this one is " +
               std::to_string(header.rows) + " x " + std::to_string(header.cols));
  }
  if (!coordinate) {
    const bool overflows =
        header.symmetry == Symmetry::general
            ? __builtin_mul_overflow(header.rows, header.cols, &header.entries)
            : triangle_overflows(header.rows, header.symmetry != Symmetry::skew, header.entries);
    if (overflows) {
      lines.fail("the size exceeds 64 bits");
    }
  }
  // The shortest line of an entry: its words of one character, each with a blank or line end behind
  // it, where the last line end of the file may be missing.
  const std::size_t words = (coordinate ? 2U : 0U) + (header.field == Field::complex   ? 2U
                                                      : header.field == Field::pattern ? 0U
                                                                                       : 1U);
  const std::size_t most = (lines.bytes_left() + 1) / std::max<std::size_t>(2 * words, 1);
  if (static_cast<std::uint64_t>(header.entries) > most) {
    lines.fail("the size line promises " + std::to_string(header.entries) +
               " entries, and the rest of the file has room for " + std::to_string(most) +
               " at most");
  }
}

Header read_header(Lines& lines) {
  Header header;
  read_banner(lines, header);
  read_size(lines, header);
  return header;
}

template <class T>
T read_value(Lines& lines, Field field) {
  if (field == Field::pattern) {
    return T{1};
  }
  const auto real = lines.number<double>("a value");
  if constexpr (ComplexScalar<T>) {
    return {real, lines.number<double>("an imaginary part")};
  } else {
    return real;
  }
}

/// Hands entry (i, j), which stands in the file, to the sink, and with it what its symmetry
/// implies.
template <class T, class Sink>
void emit(Lines& lines, const Header& header, Index i, Index j, const T& value, Sink&& sink) {
  sink(i, j, value);
  if (header.symmetry == Symmetry::general) {
    return;
  }
  if (i != j) {
    sink(j, i,
         header.symmetry == Symmetry::hermitian ? conjugate(value)
         : header.symmetry == Symmetry::skew    ? -value
                                                : value);
  } else if (header.symmetry == Symmetry::skew && value != T{}) {
    lines.fail("a skew-symmetric matrix has zeros on its diagonal");
  } else if (header.symmetry == Symmetry::hermitian && value != conjugate(value)) {
    lines.fail("a Hermitian matrix has real numbers on its diagonal");
  }
}

void require_entry(Lines& lines, const Header& header, Index k) {
  if (!lines.next()) {
    lines.fail("the file ends after " + std::to_string(k) + " of " +
               std::to_string(header.entries) + " entries");
  }
}

template <class T, class Sink>
void read_coordinates(Lines& lines, const Header& header, Sink&& sink) {
  bool above = false;
  bool below = false;
  const auto index = [&](const char* what, Index size) {
    const auto k = lines.number<Index>(what);
    if (k < 1 || k > size) {
      lines.fail(std::string(what) + " " + std::to_string(k) + " is outside 1 to " +
                 std::to_string(size));
    }
    return k - 1;
  };
  for (Index k = 0; k < header.entries; ++k) {
    require_entry(lines, header, k);
    const Index i = index("the row index", header.rows);
    const Index j = index("the column index", header.cols);
    const T value = read_value<T>(lines, header.field);
    lines.require_end_of_line();
    above = above || i < j;
    below = below || i > j;
    if (above && below && header.symmetry != Symmetry::general) {
      lines.fail(
          "a " + header.words +
          " file stores one triangle, and this one has entries on both sides of the diagonal; "
          "declare it general, or leave out one triangle");
    }
    emit(lines, header, i, j, value, sink);
  }
}

template <class T, class Sink>
void read_array(Lines& lines, const Header& header, Sink&& sink) {
  const bool general = header.symmetry == Symmetry::general;
  Index k = 0;
  for (Index j = 0; j < header.cols; ++j) {
    for (Index i = general ? 0 : (header.symmetry == Symmetry::skew ? j + 1 : j); i < header.rows;
         ++i) {
      require_entry(lines, header, k++);
      const T value = read_value<T>(lines, header.field);
      lines.require_end_of_line();
      emit(lines, header, i, j, value, sink);
    }
  }
}

/// Steps 4 and 5.
template <class T, class Sink>
void read_entries(Lines& lines, const Header& header, Sink&& sink) {
  if (header.storage == Storage::coordinate) {
    read_coordinates<T>(lines, header, sink);
  } else if (header.entries > 0) {  // 0 columns of 10^18 rows need no walk
    read_array<T>(lines, header, sink);
  }
  if (lines.next()) {
    lines.fail("more than the " + std::to_string(header.entries) +
               " entries that the size line promises");
  }
}

template <class T>
Matrix<T> read_dense(const Input& input, Lines& lines, const Header& header,
                     std::uint64_t max_bytes) {
  static_cast<void>(require_memory(input.name(), header.rows, header.cols, sizeof(T), max_bytes));
  Matrix<T> matrix(header.rows, header.cols);
  const MatrixView<T> a = matrix;
  read_entries<T>(lines, header, [&](Index i, Index j, const T& value) { a(i, j) += value; });
  return matrix;
}

// The other triangle included; both sizes were checked against the file, so twice as many are no overflow.
Index entries_at_most(const Header& header) {
  return header.entries * (header.symmetry == Symmetry::general ? 1 : 2);
}

template <class T>
Triplets<T> read_sparse(Lines& lines, const Header& header) {
  Triplets<T> triplets;
  triplets.rows = header.rows;
  triplets.cols = header.cols;
  const auto count = static_cast<std::size_t>(entries_at_most(header));
  triplets.row.reserve(count);
  triplets.col.reserve(count);
  triplets.value.reserve(count);
  read_entries<T>(lines, header, [&](Index i, Index j, const T& value) {
    triplets.row.push_back(i);
    triplets.col.push_back(j);
    triplets.value.push_back(value);
  });
  return triplets;
}

Description description_of(const Header& header) {
  Description description;
  description.rows = header.rows;
  description.cols = header.cols;
  description.stored_type = header.words;
  description.computed_type = header.field == Field::complex ? "complex128" : "float64";
  if (header.storage == Storage::coordinate) {
    description.entries = entries_at_most(header);
  }
  return description;
}

}  // namespace

MatrixFile read_matrix_market(const Input& input, const ReadOptions& options) {
  Lines lines(input);
  const Header header = read_header(lines);
  MatrixFile file;
  file.description = description_of(header);
  if (header.field == Field::complex) {
    file.matrix = read_dense<std::complex<double>>(input, lines, header, options.max_bytes);
  } else {
    file.matrix = read_dense<double>(input, lines, header, options.max_bytes);
  }
  return file;
}

Description describe_matrix_market(const Input& input, const ReadOptions& /*options*/) {
  Lines lines(input);
  return description_of(read_header(lines));
}

AnyTriplets read_triplets(const Input& input) {
  Lines lines(input);
  const Header header = read_header(lines);
  if (header.field == Field::complex) {
    return read_sparse<std::complex<double>>(lines, header);
  }
  return read_sparse<double>(lines, header);
}

void write_matrix_market(OutputFile& out, const AnyView& a, const WriteOptions& /*options*/) {
  std::visit(
      [&](const auto& view) {
        using T = typename std::remove_cvref_t<decltype(view)>::value_type;
        out.write(ComplexScalar<T> ? "%%MatrixMarket matrix array complex general\n"
                                   : "%%MatrixMarket matrix array real general\n");
        out.write(std::to_string(view.rows()) + " " + std::to_string(view.cols()) + "\n");
        std::string line;
        for (Index j = 0; j < view.cols(); ++j) {
          for (Index i = 0; i < view.rows(); ++i) {
            line.clear();
            append_number(line, real_part(view(i, j)));
            if constexpr (ComplexScalar<T>) {
              line += ' ';
              append_number(line, view(i, j).imag());
            }
            line += '\n';
            out.write(line);
          }
        }
      },
      a);
}

}  // namespace eckart::io
