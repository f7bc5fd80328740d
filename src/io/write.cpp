#include <algorithm>
#include <set>

#include <eckart/io.hpp>

#include "io/formats.hpp"
#include "io/output_file.hpp"

namespace eckart::io {
namespace {

/// The format to write, and the options with that format in place of `automatic`.
std::pair<const FormatEntry*, WriteOptions> resolve(const std::string& path, WriteOptions options) {
  if (options.format == Format::automatic) {
    options.format = format_of_path(path);
  }
  if (options.format == Format::automatic) {
    std::string endings;
    for (const FormatEntry& e : formats()) {
      endings += (endings.empty() ? "" : ", ") + std::string(e.endings.front());
    }
    throw InvalidArgument("the format to write is not told by the name '" + path +
                          "'; name a format, or end the name in " + endings);
  }
  const FormatEntry& entry = entry_of(options.format);
  return {&entry, std::move(options)};
}

std::pair<Index, Index> shape_of(const AnyView& a) noexcept {
  return std::visit([](const auto& view) { return std::pair(view.rows(), view.cols()); }, a);
}

/// A vector as a column, whichever way it lies.
AnyView as_column(const AnyView& a) noexcept {
  return std::visit(
      [](const auto& view) -> AnyView { return view.cols() == 1 ? view : view.transposed(); }, a);
}

void check_arrays(std::span<const NamedArray> arrays) {
  std::set<std::string_view> names;
  for (const NamedArray& array : arrays) {
    if (array.name.empty() || array.name.find('/') != std::string::npos ||
        !names.insert(array.name).second) {
      throw InvalidArgument(
          "'" + array.name +
          "' cannot name an array: names are different, not empty, and have no '/'");
    }
    const auto [rows, cols] = shape_of(array.values);
    if (array.is_vector && rows != 1 && cols != 1) {
      throw InvalidArgument("the array '" + array.name + "' of " + std::to_string(rows) + " x " +
                            std::to_string(cols) + " is no vector");
    }
  }
}

/// "folder/stem.NAME.csv" of "folder/stem.csv".
std::string path_with_name(const std::string& path, const std::string& name) {
  const std::size_t file = path.rfind('/') + 1;  // 0 where there is no folder
  const std::size_t dot = path.rfind('.');
  const std::size_t stem_end = dot == std::string::npos || dot <= file ? path.size() : dot;
  return path.substr(0, stem_end) + "." + name + path.substr(stem_end);
}

}  // namespace

void write_matrix(const std::string& path, AnyView a, const WriteOptions& options) {
  const auto [entry, resolved] = resolve(path, options);
  OutputFile out(path);
  entry->write(out, a, resolved);
  out.commit();
}

std::vector<std::string> write_arrays(const std::string& path, std::span<const NamedArray> arrays,
                                      const WriteOptions& options) {
  const auto [entry, resolved] = resolve(path, options);
  check_arrays(arrays);
  if (entry->write_several != nullptr) {
    OutputFile out(path);
    entry->write_several(out, arrays, resolved);
    out.commit();
    return {path};
  }
  if (arrays.size() > 1 && path == "-") {
    throw InvalidArgument(std::string("standard output takes one ") + entry->name +
                          " array; npz and json hold several, or name a file");
  }
  std::vector<std::string> paths;
  std::vector<OutputFile> files;  // all are written before the first one appears under its name
  for (const NamedArray& array : arrays) {
    paths.push_back(arrays.size() == 1 ? path : path_with_name(path, array.name));
    files.emplace_back(paths.back());
    entry->write(files.back(), array.is_vector ? as_column(array.values) : array.values, resolved);
  }
  for (OutputFile& file : files) {
    file.commit();
  }
  return paths;
}

}  // namespace eckart::io
