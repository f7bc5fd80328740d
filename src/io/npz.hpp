#pragma once

// npz: a zip archive whose members NAME.npy are npy files. Written for numpy.load; read through
// libzip.
//
// A member's size in the archive's directory is a claim. It is believed only where the member's
// stored bytes could inflate to it (deflate gives at most 1032 bytes for one), where it equals what
// the npy header announces, and where the memory limit allows it; then entries are inflated
// straight into the matrix, and a stream that is longer or shorter is an error. So a "zip bomb"
// costs no more memory than its own npy header may ask for.

#include <span>

#include <eckart/io.hpp>

#include "io/input.hpp"
#include "io/output_file.hpp"

namespace eckart::io {

void write_npz_arrays(OutputFile& out, std::span<const NamedArray> arrays,
                      const WriteOptions& options);

/// A sparse matrix of scipy.sparse.save_npz; npz_sparse.cpp has the format.
[[nodiscard]] SparseFile read_sparse_npz(const Input& input, const ReadOptions& options);

/// Whether the archive has the arrays of one: "format", "shape" and "data", which no archive of anything else is likely to have.
[[nodiscard]] bool holds_sparse_matrix(const Input& input);

/// From the headers, and the shape.
[[nodiscard]] Description describe_sparse_npz(const Input& input, const ReadOptions& options);

/// Written out with its zeros.
[[nodiscard]] MatrixFile read_sparse_npz_as_dense(const Input& input, const ReadOptions& options);

}  // namespace eckart::io
