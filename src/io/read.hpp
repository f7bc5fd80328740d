#pragma once

// read_matrix, read_sparse, describe and read_image, from an input that is open already: what the fuzz targets drive.

#include <string>

#include <eckart/io.hpp>

#include "io/input.hpp"

namespace eckart::io {

/// `path` is looked at for its ending alone.
[[nodiscard]] MatrixFile read_input(const Input& input, const std::string& path,
                                    const ReadOptions& options);
[[nodiscard]] Description describe_input(const Input& input, const std::string& path,
                                         const ReadOptions& options);
[[nodiscard]] SparseFile read_sparse_input(const Input& input, const std::string& path,
                                           const ReadOptions& options);
/// Every channel; max_bytes bounds their matrices (0: the machine's memory).
[[nodiscard]] Image read_image_input(const Input& input, std::uint64_t max_bytes = 0);

}  // namespace eckart::io
