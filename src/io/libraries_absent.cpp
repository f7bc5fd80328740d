// What stands in for the readers and writers of archives and images where their libraries are left out: in the Python package, which
// needs npy, raw and text files alone (CMakeLists.txt).

#include "io/format_reader.hpp"
#include "io/npz.hpp"
#include "io/read.hpp"

namespace eckart::io {
namespace {

[[noreturn]] void fail(const std::string& name) {
  throw InvalidArgument(name +
                        ": archives and images are not read or written by this build of Eckart; "
                        "those that are: npy, csv, tsv, Matrix Market");
}

}  // namespace

MatrixFile read_npz(const Input& input, const ReadOptions&) {
  fail(input.name());
}
Description describe_npz(const Input& input, const ReadOptions&) {
  fail(input.name());
}
void write_npz(OutputFile& out, const AnyView&, const WriteOptions&) {
  fail(out.name());
}
void write_npz_arrays(OutputFile& out, std::span<const NamedArray>, const WriteOptions&) {
  fail(out.name());
}
SparseFile read_sparse_npz(const Input& input, const ReadOptions&) {
  fail(input.name());
}

MatrixFile read_image_matrix(const Input& input, const ReadOptions&) {
  fail(input.name());
}
Description describe_image(const Input& input, const ReadOptions&) {
  fail(input.name());
}
void write_image_matrix(OutputFile& out, const AnyView&, const WriteOptions&) {
  fail(out.name());
}
void check_image_shape(const std::string& name, const ArrayShape&, Format) {
  fail(name);
}

}  // namespace eckart::io
