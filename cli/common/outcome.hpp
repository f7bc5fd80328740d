#pragma once

// Where a verb's result goes.

#include <string>

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

/// The format that -o means. Throws InvalidArgument when neither --to nor the ending says it.
[[nodiscard]] io::WriteOptions write_options(const OutputOptions& options);

/// Throws InvalidArgument when two results want standard output at once.
void check_output(const OutputOptions& options);

/// JSON has neither infinity nor NaN: such a number, as the condition of a singular matrix is, becomes null.
[[nodiscard]] nlohmann::ordered_json json_number(double x);

/// The facts of a result: the text on standard output, or on standard error when -o - has taken that; with --json the object
/// instead.
void print_outcome(const Console& console, const OutputOptions& options, const std::string& text,
                   const nlohmann::ordered_json& json);

/// Writes arrays to -o, if any, and says so under --verbose.
void write_outcome(const Console& console, const OutputOptions& options,
                   std::span<const io::NamedArray> arrays);
void write_outcome(const Console& console, const OutputOptions& options, io::AnyView matrix);

}  // namespace eckart::cli
