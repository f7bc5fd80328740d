#pragma once

// Where a verb's result goes.
//
//   1. check_output() and check_shapes(), before anything is computed: what -o names can be written, in that format
//   2. write_outcome(): the arrays to -o; for an image with what could not be held of them
//   3. print_outcome(): the facts

#include <string>
#include <utility>

#include <CLI/CLI.hpp>

#include <eckart/io.hpp>

#include "common/console.hpp"

namespace eckart::cli {

/// -o, --to and --json.
struct OutputOptions {
  std::string path;
  io::Format format = io::Format::automatic;
  bool json = false;
};

/// `description` says what -o writes.
void add_output_options(CLI::App& verb, OutputOptions& options, const std::string& description);
void add_format_option(CLI::App& verb, OutputOptions& options);
void add_json_option(CLI::App& verb, OutputOptions& options);

/// The format that -o means. Throws InvalidArgument when neither --to nor the ending says it, or both say different ones.
[[nodiscard]] io::WriteOptions write_options(const OutputOptions& options);

/// Throws InvalidArgument when two results want standard output at once or --to has no -o, and what writing `arrays` to -o
/// would throw whatever their shapes are. Returns the paths that will be written; none without -o.
std::vector<std::string> check_output(const OutputOptions& options,
                                      std::span<const io::ArrayShape> arrays);

/// The name of the array of singular values, the one that is real whatever the matrix is.
inline constexpr const char* singular_values = "S";

/// Throws what writing `arrays` to -o, if any, would throw for their shapes.
void check_shapes(const OutputOptions& options, std::vector<io::ArrayShape> arrays,
                  bool are_complex);

/// What images could not hold: of each array or channel by its name; empty where no image was written.
using Clippings = std::vector<std::pair<std::string, io::Clipping>>;

/// Writes arrays to -o, if any, and says so under --verbose. What an image clips is a warning.
Clippings write_outcome(const Console& console, const OutputOptions& options,
                        std::span<const io::NamedArray> arrays);
Clippings write_outcome(const Console& console, const OutputOptions& options, io::AnyView matrix,
                        const std::vector<std::string>& column_names = {});
Clippings write_outcome(const Console& console, const OutputOptions& options,
                        const io::Image& image);

/// "red", "alpha" ...: of channel `index` in an image of `count`.
[[nodiscard]] const char* channel_name(std::size_t index, std::size_t count) noexcept;

/// The facts of a result: the text on standard output, or on standard error when -o - has taken that; with --json the object
/// instead, which gains "clipped" where an image was written.
void print_outcome(const Console& console, const OutputOptions& options, const std::string& text,
                   nlohmann::ordered_json json, const Clippings& clippings = {});

}  // namespace eckart::cli
