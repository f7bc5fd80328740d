#pragma once

// Where an entry of a matrix stands in its file, so that a NaN can be found with an editor.

#include <string>

#include <eckart/io.hpp>

#include "io/input.hpp"

namespace eckart::cli {

/// "line 4, column 3" in a text table, "byte 256" in an npy file; "" for other formats, whose rows and columns say it already.
/// Reads the file again up to that entry. `row` and `col` are counted from 0.
[[nodiscard]] std::string entry_place(const io::Input& input, io::Format format,
                                      const io::ReadOptions& reading, Index row, Index col);

}  // namespace eckart::cli
