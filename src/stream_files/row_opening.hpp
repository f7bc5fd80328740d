#pragma once

// The beginning of a file of rows: its format, what that says of the rows, and the way to where reading begins or goes on.

#include <memory>

#include "stream_files/row_decoder.hpp"
#include "stream_files/waiting_bytes.hpp"

namespace eckart::io {

struct OpenedRows {
  std::unique_ptr<RowDecoder> decoder;
  RowReading reading;
  RowPosition position;  // of the first byte that waits
};

/// Throws what the constructor of RowReader does.
[[nodiscard]] OpenedRows open_rows(WaitingBytes& bytes, const RowOptions& options);

}  // namespace eckart::io
