#pragma once

// JSON, written only: a matrix is a list of its rows, a vector a list, a complex number [re, im].
// Numbers have as many digits as it takes to read back the same bits. JSON has no NaN and no
// infinity; they are written as null.

#include <span>

#include <eckart/io.hpp>

#include "io/output_file.hpp"

namespace eckart::io {

/// One object: a key for each array.
void write_json_arrays(OutputFile& out, std::span<const NamedArray> arrays,
                       const WriteOptions& options);

}  // namespace eckart::io
