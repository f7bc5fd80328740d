#pragma once

// Where rows come from: bytes in sequence (stream_files.cpp), a dataset of HDF5 (hdf5_rows.cpp), or an npy file of columns
// (column_rows.cpp).

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <eckart/stream_files.hpp>

#include "io/scalar_type.hpp"

namespace eckart::io {

/// What RowReader does; its functions say what these are.
struct RowReader::Inner {
  virtual ~Inner() = default;
  [[nodiscard]] virtual Rows next() = 0;
  /// Where rows are never waited for, nothing.
  virtual void set_idle(std::function<void()>) {}
  [[nodiscard]] virtual RowPosition behind(Index count) const = 0;
  [[nodiscard]] virtual std::optional<RowMark> mark(const RowPosition& position) const = 0;
  [[nodiscard]] virtual std::string place_of(Index row, Index col) const = 0;
  [[nodiscard]] virtual std::size_t unread() const noexcept = 0;
  [[nodiscard]] virtual Index cols() const noexcept = 0;
  [[nodiscard]] virtual ScalarType type() const noexcept = 0;
  [[nodiscard]] virtual RowFormat format() const noexcept = 0;
  [[nodiscard]] virtual const std::string& name() const noexcept = 0;

  /// Rows of a type that is known when the program runs.
  [[nodiscard]] static Rows rows_of(ScalarType type, const void* data, Index rows, Index cols) {
    return {with_scalar_type(type, [&]<class T>() -> AnyView {
      return MatrixView<const T>(static_cast<const T*>(data), rows, cols, Layout::row_major);
    })};
  }

  /// The rows of a dataset, where `path` is a file of HDF5; else null.
  [[nodiscard]] static std::unique_ptr<Inner> of_hdf5(const std::string& path,
                                                      const RowOptions& options);
  /// The rows of an npy file that is stored column after column; for anything else null.
  [[nodiscard]] static std::unique_ptr<Inner> of_columns(const std::string& path,
                                                         const RowOptions& options);
};

}  // namespace eckart::io
