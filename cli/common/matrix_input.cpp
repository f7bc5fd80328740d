#include "common/matrix_input.hpp"

#include "common/entry_place.hpp"
#include "common/interrupt.hpp"
#include "common/memory_limit.hpp"

namespace eckart::cli {

void add_input(CLI::App& verb, InputOptions& options) {
  verb.add_option("IN", options.path,
                  "The matrix: npy, npz, csv, tsv, Matrix Market, png or jpeg; - is standard input")
      ->required()
      ->type_name("FILE");
  add_input_options(verb, options.reading);
}

io::MatrixFile read_input(const InputOptions& input, std::uint64_t max_memory) {
  io::ReadOptions reading = input.reading;
  reading.max_bytes = memory_limit(max_memory);
  return io::read_matrix(input.path, reading);
}

SvdOptions svd_options(const NumericalOptions& options, const Console& console) {
  SvdOptions svd;
  svd.threads = options.threads;
  svd.driver = options.driver;
  svd.seed = options.seed;
  svd.stop = interrupt_token();
  svd.progress = console.progress();
  return svd;
}

bool is_image(io::Format format) noexcept {
  return format == io::Format::png || format == io::Format::jpeg;
}

std::string shown_name(const std::string& path) {
  return path == "-" ? "standard input" : path;
}

Error bad_entry(const InputOptions& input, const NonFinite& error, const std::string& value) {
  const std::string place = entry_place(input.path, input.reading, error.row(), error.column());
  return Error(
      ErrorKind::non_finite,
      shown_name(input.path) + ": " + (place.empty() ? "" : place + ": ") + "row " +
          std::to_string(error.row() + 1) + ", column " + std::to_string(error.column() + 1) +
          " of the matrix (counted from 1) is " + value +
          "; a singular value decomposition needs finite numbers: remove the row or fill the gap");
}

}  // namespace eckart::cli
