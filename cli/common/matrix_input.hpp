#pragma once

// Reading the matrix of a verb, and saying where in its file a NaN stands.

#include <string>

#include <CLI/CLI.hpp>

#include <eckart/error.hpp>
#include <eckart/io.hpp>
#include <eckart/svd.hpp>

#include "common/console.hpp"
#include "common/options.hpp"

namespace eckart::cli {

/// The positional IN with the options that say how it is read.
struct InputOptions {
  std::string path;
  io::ReadOptions reading;
};
void add_input(CLI::App& verb, InputOptions& options);

/// Reads it within `max_memory` bytes (0: what the machine has).
[[nodiscard]] io::MatrixFile read_input(const InputOptions& input, std::uint64_t max_memory);

/// How the engine runs under the options of the command line: threads, driver, seed, Ctrl-C, progress.
[[nodiscard]] SvdOptions svd_options(const NumericalOptions& options, const Console& console);

[[nodiscard]] bool is_image(io::Format format) noexcept;

/// The name of an input as messages show it: "standard input" for "-".
[[nodiscard]] std::string shown_name(const std::string& path);

/// An error about a file, in the same words whatever the file: "NAME: row 3, column 2 (counted from 1) is NaN; ...".
[[nodiscard]] Error bad_entry(const InputOptions& input, const NonFinite& error,
                              const std::string& value);

/// Calls compute(); a NonFinite that it throws becomes an error that names the file of `a` and the place in it.
template <Scalar T, class Compute>
decltype(auto) naming_bad_entries(const InputOptions& input, const Matrix<T>& a,
                                  Compute&& compute) {
  try {
    return compute();
  } catch (const NonFinite& error) {
    const auto x = std::complex<double>(a(error.row(), error.column()));
    const double worse = std::isfinite(x.real()) ? x.imag() : x.real();
    throw bad_entry(input, error,
                    std::isnan(worse) ? "NaN"
                    : worse > 0       ? "infinity"
                                      : "minus infinity");
  }
}

}  // namespace eckart::cli
