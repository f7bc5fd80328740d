#include "common/matrix_input.hpp"

#include "common/entry_place.hpp"
#include "common/interrupt.hpp"
#include "common/memory_limit.hpp"
#include "io/bad_entry.hpp"
#include "io/formats.hpp"
#include "io/read.hpp"

namespace eckart::cli {

void add_input(CLI::App& verb, InputOptions& options) {
  verb.add_option(
          "IN", options.path,
          "The matrix: npy, npz, h5, csv, tsv, Matrix Market, png or jpeg; - is standard input")
      ->required()
      ->type_name("FILE")
      ->check(file_name());
  add_input_options(verb, options.reading);
  options.verb = &verb;
}

MatrixSource::MatrixSource(const InputOptions& options, std::uint64_t max_memory)
    : name_(shown_name(options.path)), reading_(options.reading) {
  io::PathInFile place = io::split_path(options.path, reading_.member);
  path_ = std::move(place.path);
  reading_.member = std::move(place.member);
  reading_.max_bytes = memory_limit(max_memory);
  input_ = std::make_unique<io::Input>(io::Input::open(path_, reading_.max_bytes));
  format_ = io::recognise(*input_, path_, reading_).format;
  reading_.format = format_;
}

const io::Description& MatrixSource::describe() const {
  if (!description_) {
    description_ = io::describe_input(*input_, path_, reading_);
  }
  return *description_;
}

bool MatrixSource::is_table_in_file() const {
  return (format_ == io::Format::csv || format_ == io::Format::tsv) && input_ &&
         input_->is_mapped();
}

std::uint64_t MatrixSource::file_bytes() const noexcept {
  return input_ && input_->is_mapped() ? input_->size() : 0;
}

bool MatrixSource::can_stay_in_file() const {
  return (format_ == io::Format::npy || format_ == io::Format::hdf5) && input_ &&
         input_->is_mapped();
}

bool MatrixSource::is_sparse() const {
  const bool can_be = format_ == io::Format::matrix_market || format_ == io::Format::npz;
  return can_be && describe().entries.has_value();
}

io::SparseFile MatrixSource::read_sparse() {
  io::SparseFile file = io::read_sparse_input(*input_, path_, reading_);
  drop_pipe();
  return file;
}

io::MatrixFile MatrixSource::read() {
  try {
    io::MatrixFile file = io::read_input(*input_, path_, reading_);
    drop_pipe();
    return file;
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::out_of_memory && format_ == io::Format::csv && path_ != "-") {
      throw Error(
          ErrorKind::out_of_memory,
          std::string(error.what()) + "; eckart svd " + name_ +
              " -k 20 finds the leading triplets with its numbers in a file, and eckart convert " +
              name_ + " A.npy goes row by row");
    }
    throw;
  }
}

io::Image MatrixSource::read_image() {
  io::Image image = io::read_image_input(*input_, reading_.max_bytes);
  drop_pipe();
  return image;
}

void MatrixSource::drop_pipe() {
  if (!input_->is_mapped()) {
    input_.reset();
  }
}

std::string MatrixSource::place_of(Index row, Index col) const {
  return input_ ? entry_place(*input_, format_, reading_, row, col) : "";
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

Error bad_entry(const MatrixSource& source, const NonFinite& error, const std::string& value) {
  return io::bad_entry(source.name(), source.place_of(error.row(), error.column()), error.row(),
                       error.column(), value);
}

}  // namespace eckart::cli
