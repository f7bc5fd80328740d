#pragma once

// Reading the matrix of a verb, and saying where in its file a NaN stands.

#include <memory>
#include <optional>
#include <string>

#include <CLI/CLI.hpp>

#include <eckart/error.hpp>
#include <eckart/io.hpp>
#include <eckart/svd.hpp>

#include "common/console.hpp"
#include "common/options.hpp"
#include "io/input.hpp"

namespace eckart::cli {

/// The positional IN with the options that say how it is read.
struct InputOptions {
  std::string path;
  io::ReadOptions reading;
  const CLI::App* verb = nullptr;  // knows which of its options were given
};
void add_input(CLI::App& verb, InputOptions& options);

/// A matrix file that is open. Standard input and pipes can be looked at before they are read, too:
/// their bytes are kept until the matrix is taken from them.
class MatrixSource {
 public:
  /// Opens it; what is read into memory stays within `max_memory` bytes (0: what the machine has).
  MatrixSource(const InputOptions& options, std::uint64_t max_memory);

  /// The name as messages show it: "standard input" for "-".
  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  /// The array of the file that is the matrix, where one was named.
  [[nodiscard]] const std::string& member() const noexcept { return reading_.member; }
  [[nodiscard]] io::Format format() const noexcept { return format_; }
  /// How it is read, the format included.
  [[nodiscard]] const io::ReadOptions& reading() const noexcept { return reading_; }
  /// Whether it can be multiplied where it lies, a block at a time: FileOperator<T>(path()) of member().
  [[nodiscard]] bool can_stay_in_file() const;
  /// Whether it is a text table in a file, whose numbers can be: table_operator<T>(path()).
  [[nodiscard]] bool is_table_in_file() const;
  /// Of the file; none for a pipe.
  [[nodiscard]] std::uint64_t file_bytes() const noexcept;

  /// Looked for once: for a table it is a pass over the text.
  [[nodiscard]] const io::Description& describe() const;

  /// Whether the file holds a sparse matrix; read() makes it dense.
  [[nodiscard]] bool is_sparse() const;

  /// These three end the source's use for everything but place_of().
  [[nodiscard]] io::MatrixFile read();
  [[nodiscard]] io::SparseFile read_sparse();
  [[nodiscard]] io::Image read_image();

  /// "line 4, column 3" in a text table, "byte 256" in an npy file, for an entry counted from 0; ""
  /// for other formats, whose rows and columns say it already, and for a pipe, which is gone.
  [[nodiscard]] std::string place_of(Index row, Index col) const;

 private:
  void drop_pipe();

  std::string path_, name_;
  io::ReadOptions reading_;
  std::unique_ptr<io::Input> input_;  // a pipe is dropped once it has been read
  io::Format format_;
  mutable std::optional<io::Description> description_;
};

/// How the engine runs under the options of the command line: threads, driver, seed, Ctrl-C, progress.
[[nodiscard]] SvdOptions svd_options(const NumericalOptions& options, const Console& console);

[[nodiscard]] bool is_image(io::Format format) noexcept;

/// The name of an input as messages show it: "standard input" for "-".
[[nodiscard]] std::string shown_name(const std::string& path);

/// io::bad_entry() with the place in the file.
[[nodiscard]] Error bad_entry(const MatrixSource& source, const NonFinite& error,
                              const std::string& value);

/// Calls compute(); a NonFinite that it throws becomes an error that names the file of `a` and the place in it.
template <Scalar T, class Compute>
decltype(auto) naming_bad_entries(const MatrixSource& source, const Matrix<T>& a,
                                  Compute&& compute) {
  try {
    return compute();
  } catch (const NonFinite& error) {
    throw bad_entry(source, error, name_of_non_finite(a(error.row(), error.column())));
  }
}

}  // namespace eckart::cli
