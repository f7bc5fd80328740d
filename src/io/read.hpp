#pragma once

// read_matrix and describe, from an input that is open already: what the fuzz targets drive.

#include <string>

#include <eckart/io.hpp>

#include "io/input.hpp"

namespace eckart::io {

/// `path` is looked at for its ending alone.
[[nodiscard]] MatrixFile read_input(const Input& input, const std::string& path,
                                    const ReadOptions& options);
[[nodiscard]] Description describe_input(const Input& input, const std::string& path,
                                         const ReadOptions& options);

}  // namespace eckart::io
