// The matrix of an HDF5 file, by way of an open dataset: rows of a few megabytes at a time, whole chunks where there are chunks, so
// that none is decompressed twice.

#include "io/hdf5.hpp"

#include <algorithm>

#include "io/format_reader.hpp"
#include "io/memory.hpp"

namespace eckart::io {
namespace {

// Read and converted at a time, unless a row of chunks is larger.
constexpr std::uint64_t block_bytes = std::uint64_t{4} << 20;

template <Scalar T>
Matrix<T> entries_of(const Hdf5Dataset& dataset) {
  const Hdf5Layout& layout = dataset.layout();
  auto matrix = Matrix<T>::uninitialized(layout.rows, layout.cols, Layout::row_major);
  if (layout.rows == 0 || layout.cols == 0) {
    return matrix;
  }
  const std::uint64_t row_bytes =
      static_cast<std::uint64_t>(layout.cols) * layout.dtype.entry_bytes;
  if (layout.dtype.is_native) {
    dataset.read(0, layout.rows, 0, layout.cols,
                 std::as_writable_bytes(std::span(
                     matrix.data(), static_cast<std::size_t>(layout.rows * layout.cols))));
    return matrix;
  }
  const Index together = std::min(
      layout.rows,
      std::max<Index>({1, layout.chunk_rows, static_cast<Index>(block_bytes / row_bytes)}));
  std::vector<std::byte> block(static_cast<std::size_t>(together) *
                               static_cast<std::size_t>(row_bytes));
  for (Index row = 0; row < layout.rows; row += together) {
    const Index count = std::min(together, layout.rows - row);
    dataset.read(row, count, 0, layout.cols,
                 std::span(block).first(static_cast<std::size_t>(count) *
                                        static_cast<std::size_t>(row_bytes)));
    layout.dtype.convert(block.data(), matrix.data() + row * layout.cols,
                         static_cast<std::size_t>(count * layout.cols));
  }
  return matrix;
}

Description description_of(const Hdf5Layout& layout) {
  return {.rows = layout.rows,
          .cols = layout.cols,
          .stored_type = layout.stored_type(),
          .computed_type = to_string(layout.dtype.computed)};
}

std::unique_ptr<Hdf5Dataset> open(const Input& input, const ReadOptions& options) {
  return open_hdf5(std::make_shared<const InputBytes>(input), options.member, options.max_bytes);
}

}  // namespace

std::string Hdf5Layout::stored_type() const {
  std::string text = type;
  if (chunk_rows > 0) {
    text += ", chunks of " + std::to_string(chunk_rows) + " x " + std::to_string(chunk_cols);
  }
  return text + (filters.empty() ? "" : ", " + filters);
}

MatrixFile read_hdf5(const Input& input, const ReadOptions& options) {
  const auto dataset = open(input, options);
  const Hdf5Layout& layout = dataset->layout();
  require_memory(input.name(), layout.rows, layout.cols, size_of(layout.dtype.computed),
                 options.max_bytes);
  return with_scalar_type(layout.dtype.computed, [&]<class T>() -> MatrixFile {
    return {entries_of<T>(*dataset), description_of(layout)};
  });
}

Description describe_hdf5(const Input& input, const ReadOptions& options) {
  return description_of(open(input, options)->layout());
}

}  // namespace eckart::io
