// The matrix of an HDF5 file, by way of an open dataset: tiles of a few megabytes, of whole chunks where there are chunks, so that none
// is decompressed twice and no more than a tile is held twice.

#include "io/hdf5.hpp"

#include <algorithm>
#include <array>

#include "io/format_reader.hpp"
#include "io/memory.hpp"

namespace eckart::io {
namespace {

// Read and converted at a time, unless a chunk is larger.
constexpr Index tile_bytes = Index{4} << 20;
// The format's least block before the signature; others are this one times a power of two.
constexpr std::uint64_t smallest_user_block = 512;

/// As many whole units as are within `fitting`, one at least, and no more than `all`.
Index whole_units(Index unit, Index fitting, Index all) {
  return std::min(all, std::max<Index>(1, fitting / unit) * unit);
}

template <Scalar T>
Matrix<T> entries_of(const Hdf5Dataset& dataset) {
  const Hdf5Layout& layout = dataset.layout();
  auto matrix = Matrix<T>::uninitialized(layout.rows, layout.cols, Layout::row_major);
  if (layout.rows == 0 || layout.cols == 0) {
    return matrix;
  }
  if (layout.dtype.is_native) {
    dataset.read(0, layout.rows, 0, layout.cols,
                 std::as_writable_bytes(std::span(
                     matrix.data(), static_cast<std::size_t>(layout.rows * layout.cols))));
    return matrix;
  }
  const auto entry = static_cast<Index>(layout.dtype.entry_bytes);
  const Index chunk_rows = std::max<Index>(1, layout.chunk_rows),
              chunk_cols = layout.chunk_cols > 0 ? layout.chunk_cols : layout.cols;
  const Index width = whole_units(chunk_cols, tile_bytes / entry / chunk_rows, layout.cols),
              height = whole_units(chunk_rows, tile_bytes / entry / width, layout.rows);
  std::vector<std::byte> tile(static_cast<std::size_t>(height * width * entry));
  for (Index row = 0; row < layout.rows; row += height) {
    for (Index col = 0; col < layout.cols; col += width) {
      const Index rows = std::min(height, layout.rows - row),
                  cols = std::min(width, layout.cols - col);
      dataset.read(row, rows, col, cols,
                   std::span(tile).first(static_cast<std::size_t>(rows * cols * entry)));
      for (Index i = 0; i < rows; ++i) {
        layout.dtype.convert(tile.data() + i * cols * entry,
                             matrix.data() + (row + i) * layout.cols + col,
                             static_cast<std::size_t>(cols));
      }
    }
  }
  return matrix;
}

Description description_of(const Hdf5Layout& layout) {
  return {.member = layout.dataset,
          .rows = layout.rows,
          .cols = layout.cols,
          .stored_type = layout.stored_type(),
          .computed_type = to_string(layout.dtype.computed)};
}

std::unique_ptr<Hdf5Dataset> open(const Input& input, const ReadOptions& options) {
  return open_hdf5(std::make_shared<const InputBytes>(input), options.member, options.max_bytes);
}

}  // namespace

bool has_hdf5_signature(const RandomBytes& bytes) {
  std::array<char, hdf5_signature.size()> found = {};
  const std::uint64_t size = bytes.size();
  for (std::uint64_t at = 0; at < size && size - at >= found.size();
       at = at == 0 ? smallest_user_block : 2 * at) {
    bytes.read(at, std::as_writable_bytes(std::span(found)));
    if (std::string_view(found.data(), found.size()) == hdf5_signature) {
      return true;
    }
  }
  return false;
}

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
