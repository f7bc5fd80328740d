#pragma once

// The beginning of a file of rows: its format, what that says of the rows, and the way to where reading begins or goes on.

#include <memory>
#include <string>

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

// What the ways of reading have in common.

/// Throws FileError where the file does not begin with what was read up to the mark.
void require_same_past(const ByteSource& source, const RowMark& mark);
/// Throws FormatError where rows of `has` entries are none, or not those that were asked for.
void require_columns(const std::string& name, const RowOptions& options, Index has);
/// Throws InvalidArgument where a type is said of rows whose file has it.
void require_no_type(const std::string& name, const RowOptions& options);

}  // namespace eckart::io
