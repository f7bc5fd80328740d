#include "io/npz.hpp"

#include <algorithm>

#include "io/format_reader.hpp"
#include "io/npy.hpp"
#include "io/npz_archive.hpp"
#include "io/zip_writer.hpp"

namespace eckart::io {
namespace {

// Of an array that is to be compressed, this many pieces of this many entries are tried; it is stored when they shrink by less
// than an eighth, because deflating (30 MB/s) then takes longer than the bytes saved take to write.
constexpr Index sample_pieces = 16;
constexpr Index sample_entries = 512;
constexpr double greatest_share = 0.875;

/// Pieces of the array, evenly spaced in column order, shrink enough.
bool pays_to_deflate(const AnyView& values) {
  return std::visit(
      []<class T>(const MatrixView<const T>& a) {
        const Index count = a.rows() * a.cols();
        const Index pieces = count > sample_pieces * sample_entries ? sample_pieces : 1;
        const Index length = std::min(count, pieces == 1 ? count : sample_entries);
        std::vector<T> sample;
        sample.reserve(static_cast<std::size_t>(pieces * length));
        for (Index piece = 0; piece < pieces; ++piece) {
          const Index begin = pieces == 1 ? 0 : (count - length) / (pieces - 1) * piece;
          for (Index k = begin; k < begin + length; ++k) {
            sample.push_back(a(k % a.rows(), k / a.rows()));
          }
        }
        return deflated_share(std::as_bytes(std::span(sample))) <= greatest_share;
      },
      values);
}

}  // namespace

MatrixFile read_npz(const Input& input, const ReadOptions& options) {
  if (options.member.empty() && holds_sparse_matrix(input)) {
    return read_sparse_npz_as_dense(input, options);
  }
  const Archive archive(input);
  MemberStream member(archive, archive.choose(options.member));
  return read_npy_stream(member, options);
}

Description describe_npz(const Input& input, const ReadOptions& options) {
  if (options.member.empty() && holds_sparse_matrix(input)) {
    return describe_sparse_npz(input, options);
  }
  const Archive archive(input);
  MemberStream member(archive, archive.choose(options.member));
  return read_npy_header(member).description();
}

void write_npz_arrays(OutputFile& out, std::span<const NamedArray> arrays,
                      const WriteOptions& options) {
  ZipWriter zip(out);
  for (const NamedArray& array : arrays) {
    const bool compress = options.compress && pays_to_deflate(array.values);
    zip.add(array.name + std::string(npz_suffix), compress, [&array](const ByteSink& sink) {
      write_npy_array(array.values, array.is_vector, sink);
    });
  }
  zip.finish();
}

void write_npz(OutputFile& out, const AnyView& a, const WriteOptions& options) {
  const NamedArray array{
      .name = "arr_0", .values = a, .is_vector = false};  // NumPy's name of an array without one
  write_npz_arrays(out, {&array, 1}, options);
}

}  // namespace eckart::io
