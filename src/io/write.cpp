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

std::pair<Index, Index> shape_of(const AnyView& a) {
  return std::visit([](const auto& view) { return std::pair(view.rows(), view.cols()); }, a);
}

/// A vector as a column, whichever way it lies.
AnyView as_column(const AnyView& a) {
  return std::visit(
      [](const auto& view) -> AnyView { return view.cols() == 1 ? view : view.transposed(); }, a);
}

void check_names(std::span<const std::string> names) {
  std::set<std::string_view> seen;
  for (const std::string& name : names) {
    if (name.empty() || name.find('/') != std::string::npos || !seen.insert(name).second) {
      throw InvalidArgument(
          "'" + name + "' cannot name an array: names are different, not empty, and have no '/'");
    }
  }
}

void check_vectors(std::span<const NamedArray> arrays) {
  for (const NamedArray& array : arrays) {
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

/// The paths that arrays of these names go to in the format of `entry`.
std::vector<std::string> paths_of(const FormatEntry& entry, const std::string& path,
                                  std::span<const std::string> names) {
  check_names(names);
  if (entry.write_several != nullptr || names.size() <= 1) {
    return {path};
  }
  if (path == "-") {
    throw InvalidArgument(std::string("standard output takes one ") + entry.name +
                          " array; npz, hdf5 and json hold several, or name a file");
  }
  std::vector<std::string> paths;
  for (const std::string& name : names) {
    paths.push_back(path_with_name(path, name));
  }
  return paths;
}

}  // namespace

std::vector<std::string> check_destination(const std::string& path,
                                           std::span<const std::string> names,
                                           const WriteOptions& options) {
  const auto [entry, resolved] = resolve(path, options);
  std::vector<std::string> paths = paths_of(*entry, path, names);
  for (const std::string& each : paths) {
    require_writable(each);
  }
  return paths;
}

void check_shape(const std::string& path, const ArrayShape& shape, const WriteOptions& options) {
  const auto [entry, resolved] = resolve(path, options);
  if (entry->check_shape != nullptr) {
    entry->check_shape(path, shape, resolved.format);
  }
}

void write_matrix(const std::string& path, AnyView a, const WriteOptions& options) {
  const auto [entry, resolved] = resolve(path, options);
  OutputFile out(path);
  entry->write(out, a, resolved);
  out.commit();
}

std::vector<std::string> write_arrays(const std::string& path, std::span<const NamedArray> arrays,
                                      const WriteOptions& options) {
  const auto [entry, resolved] = resolve(path, options);
  std::vector<std::string> names;
  for (const NamedArray& array : arrays) {
    names.push_back(array.name);
  }
  std::vector<std::string> paths = paths_of(*entry, path, names);
  check_vectors(arrays);
  if (entry->write_several != nullptr) {
    OutputFile out(path);
    entry->write_several(out, arrays, resolved);
    out.commit();
    return paths;
  }
  std::vector<OutputFile> files;  // all are written before the first one appears under its name
  for (std::size_t i = 0; i < arrays.size(); ++i) {
    files.emplace_back(paths[i]);
    entry->write(files.back(), arrays[i].is_vector ? as_column(arrays[i].values) : arrays[i].values,
                 resolved);
  }
  for (OutputFile& file : files) {
    file.commit();
  }
  return paths;
}

}  // namespace eckart::io
