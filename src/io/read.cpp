#include "io/read.hpp"

#include <eckart/io.hpp>

#include "io/format_reader.hpp"
#include "io/formats.hpp"
#include "io/input.hpp"
#include "io/matrix_market.hpp"
#include "io/memory.hpp"
#include "io/npz.hpp"
#include "io/scalar_type.hpp"

namespace eckart::io {
namespace {

/// The input's format, and the options with that format in place of `automatic`.
std::pair<const FormatEntry*, ReadOptions> resolve(const Input& input, const std::string& path,
                                                   ReadOptions options) {
  const FormatEntry& entry = recognise(input, path, options);
  if (entry.read == nullptr) {
    throw InvalidArgument(input.name() + ": " + entry.name + " is written, not read");
  }
  options.format = entry.format;
  return {&entry, std::move(options)};
}

/// What `read` makes of the file, or of the dataset in it, that `path` names.
template <class Read>
auto opened(const std::string& path, const ReadOptions& options, const Read& read) {
  const PathInFile place = split_path(path, options.member);
  ReadOptions known = options;
  known.member = place.member;
  return read(Input::open(place.path, options.max_bytes), place.path, known);
}

}  // namespace

// A variant of views is never without a value.
AnyView view_of(const AnyMatrix& a) noexcept {  // NOLINT(bugprone-exception-escape)
  return std::visit([](const auto& matrix) -> AnyView { return matrix.view(); }, a);
}

MatrixFile read_input(const Input& input, const std::string& path, const ReadOptions& options) {
  const auto [entry, resolved] = resolve(input, path, options);
  MatrixFile file = entry->read(input, resolved);
  file.description.format = entry->format;
  file.description.computed_type =
      std::visit([]<class T>(const Matrix<T>&) -> const char* { return to_string(scalar_type<T>); },
                 file.matrix);
  return file;
}

Description describe_input(const Input& input, const std::string& path,
                           const ReadOptions& options) {
  const auto [entry, resolved] = resolve(input, path, options);
  Description description = entry->describe(input, resolved);
  description.format = entry->format;
  return description;
}

SparseFile read_sparse_input(const Input& input, const std::string& path,
                             const ReadOptions& options) {
  const auto [entry, resolved] = resolve(input, path, options);
  SparseFile file;
  switch (entry->format) {
    case Format::matrix_market:
      file.description = describe_matrix_market(input, resolved);
      require_memory_of_lines(input.name(), file.description.rows, file.description.cols,
                              resolved.max_bytes);
      file.triplets = read_triplets(input);
      break;
    case Format::npz:
      file = read_sparse_npz(input, resolved);
      break;
    default:
      throw InvalidArgument(input.name() + ": " + entry->name +
                            " holds dense matrices; sparse ones are read from Matrix Market and "
                            "from npz files of scipy.sparse.save_npz");
  }
  file.description.format = entry->format;
  return file;
}

SparseFile read_sparse(const std::string& path, const ReadOptions& options) {
  return opened(path, options, read_sparse_input);
}

MatrixFile read_matrix(const std::string& path, const ReadOptions& options) {
  return opened(path, options, read_input);
}

Description describe(const std::string& path, const ReadOptions& options) {
  return opened(path, options, describe_input);
}

}  // namespace eckart::io
