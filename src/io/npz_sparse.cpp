// Sparse matrices as scipy.sparse.save_npz writes them (SciPy, scipy/sparse/_matrix_io.py): an npz file with the arrays
//
//   format    three bytes, "csr", "csc" or "coo" ("bsr" and "dia" are refused by name)
//   shape     the two sizes
//   data      the entries
//   indptr    csr, csc: entries indptr[i] ... indptr[i + 1] - 1 lie in row (csc: column) i
//   indices   csr, csc: their columns (csc: rows)
//   row, col  coo
//
// 1. The format. 2. The shape. 3. The arrays, whose lengths, pointers and indices are checked; the first that is wrong is named.
//
// The result is triplets. Numbers of rows and columns pass through double precision, exact to 2^53.

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "io/memory.hpp"
#include "io/npy.hpp"
#include "io/npz.hpp"
#include "io/npz_archive.hpp"
#include "io/scalar_type.hpp"

namespace eckart::io {
namespace {

class SparseArchive {
 public:
  SparseArchive(const Input& input, const ReadOptions& options)
      : input_(input), options_(options), archive_(input) {}

  [[noreturn]] void fail(const std::string& what) const { input_.fail(0, what); }

  /// Step 1. An array of bytes is no matrix, so its header is only looked at.
  [[nodiscard]] std::string format() const {
    if (!archive_.has("format")) {
      fail("is no sparse matrix as scipy.sparse.save_npz writes it: the array 'format' is missing");
    }
    MemberStream member(archive_, archive_.choose("format"));
    constexpr std::size_t longest = 4096;
    std::array<std::byte, longest> bytes{};
    const std::size_t size = member.read(bytes);
    const std::string text(reinterpret_cast<const char*>(bytes.data()), size);
    if (size == longest || size < 3 || text.find("S3'") == std::string::npos) {
      member.fail(0, "is not an array of three bytes that names a sparse format");
    }
    return text.substr(size - 3);
  }

  [[nodiscard]] MatrixFile array(const std::string& name) const {
    if (!archive_.has(name)) {
      fail("the array '" + name + "' of a sparse matrix is missing");
    }
    MemberStream member(archive_, archive_.choose(name));
    MatrixFile file = read_npy_stream(member, options_);
    if (file.description.cols != 1) {
      fail("the array '" + name + "' of a sparse matrix has two dimensions");
    }
    return file;
  }

  /// Of an array, from its header.
  [[nodiscard]] Description description(const std::string& name) const {
    if (!archive_.has(name)) {
      fail("the array '" + name + "' of a sparse matrix is missing");
    }
    MemberStream member(archive_, archive_.choose(name));
    return read_npy_header(member).description();
  }

  /// Whole numbers in [0, bound].
  [[nodiscard]] std::vector<Index> indices(const std::string& name, Index bound) const {
    const MatrixFile file = array(name);
    std::vector<Index> out(static_cast<std::size_t>(file.description.rows));
    std::visit(
        [&]<class T>(const Matrix<T>& values) {
          for (std::size_t k = 0; k < out.size(); ++k) {
            const auto value = static_cast<double>(real_part(values.data()[k]));
            const bool whole = ComplexScalar<T> ? false : value == std::floor(value);
            if (!whole || value < 0 || value > static_cast<double>(bound)) {
              fail("entry " + std::to_string(k) + " of '" + name +
                   "' is not a whole number in 0 ... " + std::to_string(bound));
            }
            out[k] = static_cast<Index>(value);
          }
        },
        file.matrix);
    return out;
  }

  /// One index an entry, below `bound`.
  [[nodiscard]] std::vector<Index> places(const std::string& name, Index bound,
                                          Index entries) const {
    std::vector<Index> out = indices(name, bound - 1);
    if (static_cast<Index>(out.size()) != entries) {
      fail("'" + name + "' has " + std::to_string(out.size()) + " numbers for " +
           std::to_string(entries) + " entries");
    }
    return out;
  }

  /// The row of each entry (csc: the column).
  [[nodiscard]] std::vector<Index> lines(Index count, Index entries) const {
    const std::vector<Index> pointers = indices("indptr", entries);
    if (static_cast<Index>(pointers.size()) - 1 != count || pointers.front() != 0 ||
        pointers.back() != entries) {
      fail("'indptr' should have one number more than the " + std::to_string(count) +
           " rows or columns, the first 0 and the last " + std::to_string(entries));
    }
    std::vector<Index> out(static_cast<std::size_t>(entries));
    for (std::size_t i = 1; i < pointers.size(); ++i) {
      if (pointers[i] < pointers[i - 1]) {
        fail("entry " + std::to_string(i) + " of 'indptr' is below the one before it");
      }
      std::fill(out.begin() + pointers[i - 1], out.begin() + pointers[i],
                static_cast<Index>(i) - 1);
    }
    return out;
  }

 private:
  const Input& input_;
  const ReadOptions& options_;
  Archive archive_;
};

/// Steps 1 and 2.
struct Outline {
  std::string format;
  Index rows, cols;
};

Outline outline_of(const SparseArchive& archive) {
  const std::string format = archive.format();
  if (format != "csr" && format != "csc" && format != "coo") {
    archive.fail("a sparse matrix of format '" + printable(format) +
                 "'; csr, csc and coo are read: save A.tocsr()");
  }
  constexpr Index largest = Index{1} << 53;
  const std::vector<Index> shape = archive.indices("shape", largest);
  if (shape.size() != 2) {
    archive.fail("'shape' has " + std::to_string(shape.size()) +
                 " numbers; a matrix has two sizes");
  }
  return {format, shape[0], shape[1]};
}

Description described(Description data, const Outline& outline) {
  data.entries = data.rows;
  data.rows = outline.rows;
  data.cols = outline.cols;
  data.stored_type = outline.format + " " + data.stored_type;
  return data;
}

}  // namespace

bool holds_sparse_matrix(const Input& input) {
  const Archive archive(input);
  return archive.has("format") && archive.has("shape") && archive.has("data");
}

Description describe_sparse_npz(const Input& input, const ReadOptions& options) {
  const SparseArchive archive(input, options);
  return described(archive.description("data"), outline_of(archive));
}

SparseFile read_sparse_npz(const Input& input, const ReadOptions& options) {
  const SparseArchive archive(input, options);
  const Outline outline = outline_of(archive);
  const Index rows = outline.rows, cols = outline.cols;
  require_memory_of_lines(input.name(), rows, cols, options.max_bytes);
  const MatrixFile data = archive.array("data");
  const Index entries = data.description.rows;

  SparseFile out;
  out.description = described(data.description, outline);
  std::visit(
      [&]<class T>(const Matrix<T>& values) {
        Triplets<T> t{rows, cols, {}, {}, {values.data(), values.data() + entries}};
        if (outline.format == "coo") {
          t.row = archive.places("row", rows, entries);
          t.col = archive.places("col", cols, entries);
        } else {
          const bool by_rows = outline.format == "csr";
          (by_rows ? t.row : t.col) = archive.lines(by_rows ? rows : cols, entries);
          (by_rows ? t.col : t.row) = archive.places("indices", by_rows ? cols : rows, entries);
        }
        out.triplets = std::move(t);
      },
      data.matrix);
  return out;
}

MatrixFile read_sparse_npz_as_dense(const Input& input, const ReadOptions& options) {
  const SparseFile file = read_sparse_npz(input, options);
  return std::visit(
      [&]<class T>(const Triplets<T>& t) -> MatrixFile {
        static_cast<void>(
            require_memory(input.name(), t.rows, t.cols, sizeof(T), options.max_bytes));
        Matrix<T> matrix(t.rows, t.cols);
        for (std::size_t k = 0; k < t.value.size(); ++k) {
          matrix(t.row[k], t.col[k]) += t.value[k];
        }
        return {std::move(matrix), file.description};
      },
      file.triplets);
}

}  // namespace eckart::io
