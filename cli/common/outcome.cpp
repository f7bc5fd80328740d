#include "common/outcome.hpp"

#include <cmath>

#include "report/json.hpp"
#include "report/text.hpp"

namespace eckart::cli {

void add_output_options(CLI::App& verb, OutputOptions& options, const std::string& description) {
  verb.add_option("-o,--output", options.path, description + "; - is standard output")
      ->type_name("FILE")
      ->check(file_name())
      ->group("Output");
  add_format_option(verb, options);
}

void add_format_option(CLI::App& verb, OutputOptions& options) {
  using io::Format;
  add_choice<Format>(verb, "--to", options.format,
                     {{"auto", Format::automatic},
                      {"npy", Format::npy},
                      {"npz", Format::npz},
                      {"csv", Format::csv},
                      {"tsv", Format::tsv},
                      {"mtx", Format::matrix_market},
                      {"json", Format::json},
                      {"png", Format::png},
                      {"jpeg", Format::jpeg},
                      {"hdf5", Format::hdf5}},
                     "Format of the output; auto goes by its name")
      ->group("Output");
}

void add_json_option(CLI::App& verb, OutputOptions& options) {
  verb.add_flag("--json", options.json, "Print one JSON object with a schema version")
      ->group("Output");
}

namespace {

bool is_table(io::Format format) {
  return format == io::Format::csv || format == io::Format::tsv;
}

}  // namespace

io::WriteOptions write_options(const OutputOptions& options) {
  io::WriteOptions writing;
  const io::Format named = io::format_of_path(options.path);
  writing.format = options.format != io::Format::automatic ? options.format : named;
  // A name that lies is read back as what it says. A table may have any ending of a table: a .txt has no delimiter of its own.
  if (named != io::Format::automatic && named != writing.format &&
      !(is_table(named) && is_table(writing.format))) {
    throw InvalidArgument(options.path + ": the ending says " + io::to_string(named) +
                          " and --to says " + io::to_string(writing.format) +
                          "; change one of them");
  }
  if (writing.format == io::Format::automatic) {
    throw InvalidArgument(
        options.path == "-"
            ? std::string("standard output has no name that says its format; add --to npy")
            : options.path +
                  ": the ending names no format; use .npy, .npz, .csv, .tsv, .mtx, "
                  ".json, .png, .jpg or .h5, or add --to");
  }
  return writing;
}

std::vector<std::string> check_output(const OutputOptions& options,
                                      std::span<const io::ArrayShape> arrays) {
  if (options.path.empty()) {
    if (options.format != io::Format::automatic) {
      throw InvalidArgument("--to is the format of what -o writes; give -o FILE");
    }
    return {};
  }
  if (options.json && options.path == "-") {
    throw InvalidArgument("--json and -o - both want standard output; give one of them a file");
  }
  std::vector<std::string> names;
  for (const io::ArrayShape& array : arrays) {
    names.push_back(array.name);
  }
  return io::check_destination(options.path, names, write_options(options));
}

void check_shapes(const OutputOptions& options, std::vector<io::ArrayShape> arrays,
                  bool are_complex) {
  for (io::ArrayShape& array : arrays) {
    if (!options.path.empty()) {
      array.is_complex = are_complex && array.name != singular_values;
      io::check_shape(options.path, array, write_options(options));
    }
  }
}

namespace {

/// "run from -3 to 1000 where an image has 0 to 255".
std::string range_of(const io::Clipping& c, double maximum) {
  return "run from " + report::format_number(c.smallest) + " to " +
         report::format_number(c.largest) + " where an image has 0 to " +
         report::format_number(maximum);
}

/// Says what became of entries that an image cannot hold. Nothing where all of them fit.
void warn_of_clipping(const Console& console, const std::string& name, const io::Clipping& c,
                      double maximum) {
  const std::string of_all = " of " + report::counted(c.entries, "entry", "entries");
  if (c.clipped > 0) {
    console.warn(
        name + ": " + report::format_count(c.clipped) + of_all + " were clipped (" +
        report::format_percent(static_cast<double>(c.clipped) / static_cast<double>(c.entries), 2) +
        "); they " + range_of(c, maximum));
  }
  if (c.nan > 0) {
    console.warn(name + ": " + report::format_count(c.nan) + of_all + " were NaN and became 0");
  }
}

nlohmann::ordered_json json_of(const Clippings& clippings) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const auto& [name, c] : clippings) {
    list.push_back({{"name", name},
                    {"entries", c.entries},
                    {"clipped", c.clipped},
                    {"nan", c.nan},
                    {"smallest", report::json_number(c.smallest)},
                    {"largest", report::json_number(c.largest)}});
  }
  return list;
}

/// The clipping of one array or channel in an image that went to -o, with its warning.
void add_clipping(Clippings& clippings, const Console& console, const OutputOptions& options,
                  const std::string& name, const io::AnyView& values, double maximum) {
  clippings.emplace_back(name, io::image_clipping(values, maximum));
  const std::string where = options.path == "-" ? "standard output" : options.path;
  warn_of_clipping(console, where + (name == "matrix" ? "" : ", " + name), clippings.back().second,
                   maximum);
}

/// The same for a matrix, whose entries may be meant for another scale.
void add_matrix_clipping(Clippings& clippings, const Console& console, const OutputOptions& options,
                         const std::string& name, const io::AnyView& values) {
  constexpr double maximum = 255;
  add_clipping(clippings, console, options, name, values, maximum);
  const io::Clipping& c = clippings.back().second;
  if (c.clipped == 0 && c.largest > 0 && c.largest <= 1) {
    console.warn(name + ": the picture is nearly black; the entries " + range_of(c, maximum));
  }
}

bool writes_image(const OutputOptions& options) {
  const io::Format format = write_options(options).format;
  return format == io::Format::png || format == io::Format::jpeg;
}

}  // namespace

Clippings write_outcome(const Console& console, const OutputOptions& options,
                        std::span<const io::NamedArray> arrays) {
  Clippings clippings;
  if (options.path.empty()) {
    return clippings;
  }
  for (const std::string& written :
       io::write_arrays(options.path, arrays, write_options(options))) {
    console.detail("wrote " + written);
  }
  if (writes_image(options)) {
    for (const io::NamedArray& array : arrays) {
      add_matrix_clipping(clippings, console, options, array.name, array.values);
    }
  }
  return clippings;
}

Clippings write_outcome(const Console& console, const OutputOptions& options, io::AnyView matrix,
                        const std::vector<std::string>& column_names) {
  Clippings clippings;
  if (options.path.empty()) {
    return clippings;
  }
  io::WriteOptions writing = write_options(options);
  writing.column_names = column_names;
  io::write_matrix(options.path, matrix, writing);
  console.detail("wrote " + options.path);
  if (writes_image(options)) {
    add_matrix_clipping(clippings, console, options, "matrix", matrix);
  }
  return clippings;
}

Clippings write_outcome(const Console& console, const OutputOptions& options,
                        const io::Image& image) {
  Clippings clippings;
  io::write_image(options.path, image, write_options(options));
  console.detail("wrote " + options.path);
  const std::size_t count = image.channels.size();
  for (std::size_t i = 0; i < count; ++i) {
    add_clipping(clippings, console, options, channel_name(i, count),
                 io::AnyView(image.channels[i].view()), image.maximum);
  }
  return clippings;
}

const char* channel_name(std::size_t index, std::size_t count) noexcept {
  constexpr const char* grey_names[] = {"grey", "alpha"};
  constexpr const char* colour_names[] = {"red", "green", "blue", "alpha"};
  return count < 3 ? grey_names[index] : colour_names[index];
}

void print_outcome(const Console& console, const OutputOptions& options, const std::string& text,
                   nlohmann::ordered_json json, const Clippings& clippings) {
  if (options.json) {
    if (!clippings.empty()) {
      json["clipped"] = json_of(clippings);
    }
    console.print_json(json);
  } else if (options.path == "-") {
    console.note(text);
  } else {
    console.print(text);
  }
}

}  // namespace eckart::cli
