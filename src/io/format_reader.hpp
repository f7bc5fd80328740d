#pragma once

// The functions of each format, which formats.cpp gathers into one table and the public functions
// dispatch through.
//
//   read_F      the matrix and its description
//   describe_F  the description alone, at the least cost that the format allows
//   write_F     one matrix; `options.format` is the format meant, never automatic
//
// All read functions check the sizes that a header claims against the size of the input, with
// arithmetic that cannot overflow, before they allocate (memory.hpp: require_memory where the
// input's size proves nothing). They throw FormatError through Input::fail. The dispatcher sets
// Description::format, and after a read_F also computed_type; a describe_F sets computed_type
// itself.

#include <eckart/io.hpp>

#include "io/input.hpp"
#include "io/output_file.hpp"

namespace eckart::io {

[[nodiscard]] MatrixFile read_npy(const Input& input, const ReadOptions& options);
[[nodiscard]] Description describe_npy(const Input& input, const ReadOptions& options);
void write_npy(OutputFile& out, const AnyView& a, const WriteOptions& options);

[[nodiscard]] MatrixFile read_npz(const Input& input, const ReadOptions& options);
[[nodiscard]] Description describe_npz(const Input& input, const ReadOptions& options);
void write_npz(OutputFile& out, const AnyView& a, const WriteOptions& options);

/// csv and tsv: for Format::tsv the delimiter is a tab unless the options name another.
[[nodiscard]] MatrixFile read_csv(const Input& input, const ReadOptions& options);
[[nodiscard]] Description describe_csv(const Input& input, const ReadOptions& options);
void write_csv(OutputFile& out, const AnyView& a, const WriteOptions& options);

[[nodiscard]] MatrixFile read_matrix_market(const Input& input, const ReadOptions& options);
[[nodiscard]] Description describe_matrix_market(const Input& input, const ReadOptions& options);
void write_matrix_market(OutputFile& out, const AnyView& a, const WriteOptions& options);

/// png and jpeg: the channel that the options name.
[[nodiscard]] MatrixFile read_image_matrix(const Input& input, const ReadOptions& options);
[[nodiscard]] Description describe_image(const Input& input, const ReadOptions& options);
void write_image_matrix(OutputFile& out, const AnyView& a, const WriteOptions& options);
void check_image_shape(const std::string& name, const ArrayShape& shape, Format format);

void write_json(OutputFile& out, const AnyView& a, const WriteOptions& options);

}  // namespace eckart::io
