#include "common/outcome.hpp"

#include <cmath>

namespace eckart::cli {

void add_output_options(CLI::App& verb, OutputOptions& options, const std::string& description) {
  verb.add_option("-o,--output", options.path, description + "; - is standard output")
      ->type_name("FILE")
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
                      {"jpeg", Format::jpeg}},
                     "Format of the output; auto goes by its name")
      ->group("Output");
}

void add_json_option(CLI::App& verb, OutputOptions& options) {
  verb.add_flag("--json", options.json, "Print one JSON object with a schema version")
      ->group("Output");
}

io::WriteOptions write_options(const OutputOptions& options) {
  io::WriteOptions writing;
  writing.format =
      options.format != io::Format::automatic ? options.format : io::format_of_path(options.path);
  if (writing.format == io::Format::automatic) {
    throw InvalidArgument(
        options.path == "-"
            ? std::string("standard output has no name that says its format; add --to npy")
            : options.path +
                  ": the ending names no format; use .npy, .npz, .csv, .tsv, .mtx, "
                  ".json, .png or .jpg, or add --to");
  }
  return writing;
}

void check_output(const OutputOptions& options) {
  if (!options.path.empty()) {
    static_cast<void>(write_options(options));
  }
  if (options.json && options.path == "-") {
    throw InvalidArgument("--json and -o - both want standard output; give one of them a file");
  }
}

nlohmann::ordered_json json_number(double x) {
  return std::isfinite(x) ? nlohmann::ordered_json(x) : nlohmann::ordered_json(nullptr);
}

void print_outcome(const Console& console, const OutputOptions& options, const std::string& text,
                   const nlohmann::ordered_json& json) {
  if (options.json) {
    console.print_json(json);
  } else if (options.path == "-") {
    console.note(text);
  } else {
    console.print(text);
  }
}

void write_outcome(const Console& console, const OutputOptions& options,
                   std::span<const io::NamedArray> arrays) {
  if (options.path.empty()) {
    return;
  }
  for (const std::string& written :
       io::write_arrays(options.path, arrays, write_options(options))) {
    console.detail("wrote " + written);
  }
}

void write_outcome(const Console& console, const OutputOptions& options, io::AnyView matrix) {
  if (options.path.empty()) {
    return;
  }
  io::write_matrix(options.path, matrix, write_options(options));
  console.detail("wrote " + options.path);
}

}  // namespace eckart::cli
