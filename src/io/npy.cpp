#include "io/npy.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <memory>
#include <utility>

#include "io/format_reader.hpp"
#include "io/memory.hpp"
#include "io/output_file.hpp"
#include "io/text.hpp"

namespace eckart::io {
namespace {

// Converted at a time: stays in the second-level cache.
constexpr std::size_t block_bytes = std::size_t{1} << 16;
// Of the first entry in a file: NumPy's choice.
constexpr std::size_t alignment = 64;

template <Scalar T>
MatrixFile read_entries(ByteStream& stream, const NpyHeader& header) {
  auto matrix = Matrix<T>::uninitialized(header.rows, header.cols, header.layout());
  const auto fill = [&stream, &header](std::span<std::byte> to, std::uint64_t done) {
    const std::size_t got = stream.read(to);
    if (got < to.size()) {
      stream.fail(header.data_begin + done + got, "the file ends inside the entries");
    }
  };
  if (header.dtype.is_native) {
    fill({reinterpret_cast<std::byte*>(matrix.data()), static_cast<std::size_t>(header.data_bytes)},
         0);
  } else {
    const std::size_t size = header.dtype.entry_bytes;
    const auto count = static_cast<std::size_t>(header.data_bytes) / size;
    const std::size_t step = block_bytes / size;
    std::vector<std::byte> block(std::min(step, count) * size);
    for (std::size_t i = 0; i < count; i += step) {
      const std::size_t n = std::min(step, count - i);
      fill(std::span(block).first(n * size), i * size);
      header.dtype.convert(block.data(), matrix.data() + i, n);
    }
  }
  std::byte beyond;
  if (stream.read({&beyond, 1}) != 0) {
    stream.fail(header.data_begin + header.data_bytes,
                "more bytes follow than the array's size announced");
  }
  return {std::move(matrix), header.description()};
}

/// NumPy's type string of an engine type on this machine.
template <Scalar T>
std::string type_string() {
  return std::string(std::endian::native == std::endian::little ? "<" : ">") +
         (ComplexScalar<T> ? "c" : "f") + std::to_string(sizeof(T));
}

/// At least `least` characters long, of which the last are blanks.
std::string header_text(const std::string& type, bool fortran_order, const std::string& shape,
                        std::size_t least = 0) {
  std::string dict = "{'descr': '" + type +
                     "', 'fortran_order': " + (fortran_order ? "True" : "False") +
                     ", 'shape': " + shape + ", }";
  constexpr std::size_t before = 10;  // magic, version, length
  const std::size_t length =
      std::max(least, (before + dict.size() + 1 + alignment - 1) / alignment * alignment) - before;
  dict.append(length - 1 - dict.size(), ' ');
  dict += '\n';
  std::string text = "\x93NUMPY";
  text += '\1';
  text += '\0';
  text += static_cast<char>(length & 255);
  text += static_cast<char>(length >> 8);
  return text + dict;
}

std::string shape_text(Index rows, Index cols) {
  return "(" + std::to_string(rows) + ", " + std::to_string(cols) + ")";
}

/// Column after column where that reads the view's memory in order; a single column or row is one
/// line in any case.
template <class T>
bool in_fortran_order(const MatrixView<const T>& a) noexcept {
  return a.cols() <= 1 || (a.rows() > 1 && (a.row_stride() == 1 || a.col_stride() != 1));
}

template <class T>
std::string header_text(const MatrixView<const T>& a, bool is_vector) {
  return header_text(type_string<T>(), !is_vector && in_fortran_order(a),
                     is_vector ? "(" + std::to_string(a.rows() * a.cols()) + ",)"
                               : shape_text(a.rows(), a.cols()));
}

template <class T>
void write_lines(MatrixView<const T> a, const ByteSink& sink) {
  // From here on a is written column after column.
  const auto height = static_cast<std::size_t>(a.rows());
  if (a.row_stride() == 1 && a.col_stride() == a.rows()) {
    sink(std::as_bytes(std::span(a.data(), height * static_cast<std::size_t>(a.cols()))));
    return;
  }
  std::vector<T> line(a.row_stride() == 1 ? 0 : height);
  for (Index j = 0; j < a.cols(); ++j) {
    for (std::size_t i = 0; i < line.size(); ++i) {
      line[i] = a(static_cast<Index>(i), j);
    }
    sink(std::as_bytes(line.empty() ? std::span(a.col(j), height) : std::span<const T>(line)));
  }
}

}  // namespace

MatrixFile read_npy_stream(ByteStream& stream, const ReadOptions& options) {
  const NpyHeader header = read_npy_header(stream);
  require_memory(stream.name(), header.rows, header.cols, size_of(header.dtype.computed),
                 options.max_bytes);
  return with_scalar_type(header.dtype.computed,
                          [&]<class T>() -> MatrixFile { return read_entries<T>(stream, header); });
}

MatrixFile read_npy(const Input& input, const ReadOptions& options) {
  InputStream stream(input);
  return read_npy_stream(stream, options);
}

Description describe_npy(const Input& input, const ReadOptions&) {
  InputStream stream(input);
  return read_npy_header(stream).description();
}

void write_npy_array(const AnyView& a, bool is_vector, const ByteSink& sink) {
  std::visit(
      [&]<class T>(const MatrixView<const T>& view) {
        const std::string header = header_text(view, is_vector);
        sink(std::as_bytes(std::span(header)));
        if (!view.empty()) {
          write_lines(in_fortran_order(view) ? view : view.transposed(), sink);
        }
      },
      a);
}

void write_npy(OutputFile& out, const AnyView& a, const WriteOptions&) {
  write_npy_array(a, false, [&out](std::span<const std::byte> bytes) { out.write(bytes); });
}

template <Scalar T>
NpyColumns<T>::NpyColumns(const std::string& path, Index rows, Index cols)
    : rows_(rows), missing_(cols) {
  // No memory is taken, but 2^63 bytes are more than any file has.
  const std::uint64_t bytes = require_memory(printable(path, path.size()), rows, cols, sizeof(T),
                                             std::numeric_limits<std::uint64_t>::max());
  file_ = std::make_unique<OutputFile>(path);
  // The order of a view of the whole, with all its columns one after the other.
  const bool fortran_order = in_fortran_order(MatrixView<const T>(nullptr, rows, cols));
  const std::string header = header_text(type_string<T>(), fortran_order, shape_text(rows, cols));
  file_->reserve(header.size() + bytes);
  file_->write(header);
}

template <Scalar T>
NpyColumns<T>::~NpyColumns() = default;

template <Scalar T>
void NpyColumns<T>::write(MatrixView<const T> columns) {
  if (columns.rows() != rows_ || columns.cols() > missing_) {
    throw InvalidArgument(file_->name() + ": columns of " + std::to_string(columns.rows()) + " x " +
                          std::to_string(columns.cols()) + " where there are " +
                          std::to_string(rows_) + " x " + std::to_string(missing_) +
                          " entries to come");
  }
  missing_ -= columns.cols();
  if (!columns.empty()) {
    write_lines(columns, [this](std::span<const std::byte> bytes) { file_->write(bytes); });
  }
}

template <Scalar T>
void NpyColumns<T>::commit() {
  if (missing_ > 0) {
    throw InvalidArgument(file_->name() + ": " + std::to_string(missing_) + " columns are missing");
  }
  file_->commit();
}

template <Scalar T>
NpyRows<T>::NpyRows(const std::string& path, Index cols)
    : file_(std::make_unique<OutputFile>(path)), cols_(cols) {
  // A header that has room for any number of rows.
  const std::string header =
      header_text(type_string<T>(), false, shape_text(std::numeric_limits<Index>::max(), cols));
  header_bytes_ = header.size();
  file_->write(header);
  file_->overwrite_beginning(header);  // throws now where that cannot be done at the end
}

template <Scalar T>
NpyRows<T>::~NpyRows() = default;

template <Scalar T>
void NpyRows<T>::write(MatrixView<const T> rows) {
  if (rows.cols() != cols_) {
    throw InvalidArgument(file_->name() + ": rows of " + std::to_string(rows.cols()) +
                          " entries among rows of " + std::to_string(cols_));
  }
  rows_ += rows.rows();
  if (!rows.empty()) {
    write_lines(rows.transposed(),
                [this](std::span<const std::byte> bytes) { file_->write(bytes); });
  }
}

template <Scalar T>
void NpyRows<T>::commit() {
  file_->overwrite_beginning(
      header_text(type_string<T>(), false, shape_text(rows_, cols_), header_bytes_));
  file_->commit();
}

template class NpyRows<float>;
template class NpyRows<double>;
template class NpyRows<std::complex<float>>;
template class NpyRows<std::complex<double>>;
template class NpyColumns<float>;
template class NpyColumns<double>;
template class NpyColumns<std::complex<float>>;
template class NpyColumns<std::complex<double>>;

MappedMatrix::MappedMatrix(const std::string& path) {
  if (path == "-") {
    throw InvalidArgument(
        "standard input cannot be mapped; read it with read_matrix, or save it as a file");
  }
  file_ = std::make_unique<const Input>(Input::open(path));
  InputStream stream(*file_);
  const NpyHeader header = read_npy_header(stream);
  if (!header.dtype.is_native) {
    file_->fail(header.data_begin,
                "entries of type '" + header.type +
                    "' cannot be mapped: they need converting; read them with read_matrix");
  }
  view_ = with_scalar_type(header.dtype.computed, [&]<class T>() -> AnyView {
    const std::byte* entries = file_->bytes().data() + header.data_begin;
    if (reinterpret_cast<std::uintptr_t>(entries) % alignof(T) != 0) {
      file_->fail(
          header.data_begin,
          "the entries are not aligned, so they cannot be mapped; read them with read_matrix");
    }
    return MatrixView<const T>(reinterpret_cast<const T*>(entries), header.rows, header.cols,
                               header.layout());
  });
}

MappedMatrix::MappedMatrix(MappedMatrix&&) noexcept = default;
MappedMatrix& MappedMatrix::operator=(MappedMatrix&&) noexcept = default;
MappedMatrix::~MappedMatrix() = default;

}  // namespace eckart::io
