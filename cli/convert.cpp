// eckart convert: a matrix or an image from one format to another. What is larger than memory goes row by row, where both formats can.

#include <filesystem>

#include <eckart/io.hpp>
#include <eckart/stream_files.hpp>

#include "common/any_matrix.hpp"
#include "common/applicable.hpp"
#include "common/interrupt.hpp"
#include "common/matrix_input.hpp"
#include "common/memory_limit.hpp"
#include "common/operator_input.hpp"
#include "common/outcome.hpp"
#include "verbs.hpp"

namespace eckart::cli {
namespace {

// The buffer of a row may be there twice while it grows.
constexpr std::uint64_t part_of_memory_for_a_row = 4;

struct Options {
  InputOptions input;
  OutputOptions output;
  ElementType type = ElementType::automatic;
  bool transpose = false;
  std::uint64_t max_memory = 0;
  GeneralOptions general;
};

io::AnyView transposed(const io::AnyView& a) {
  return std::visit([](const auto& view) { return io::AnyView(view.transposed()); }, a);
}

/// An image that becomes an image keeps its channels, unless --channel picks one; everything else is one matrix.
bool keeps_channels(const Options& options, io::Format from, io::Format to) {
  return is_image(from) && is_image(to) && options.input.verb->count("--channel") == 0;
}

ExitCode convert_image(const Options& options, const Console& console, MatrixSource& source) {
  io::Image image = source.read_image();
  if (options.transpose) {
    for (Matrix<float>& channel : image.channels) {
      channel = Matrix<float>(std::as_const(channel).view().transposed());
    }
  }
  io::check_image(options.output.path, image, write_options(options.output));
  write_outcome(console, options.output, image);
  return ExitCode::ok;
}

/// What might not fit the memory and is read and written row by row: a table that becomes npy, an npy or HDF5 file that becomes either.
/// An entry of text has two characters at least, and takes eight bytes; the others say in their header how many there are.
bool goes_row_by_row(const Options& options, const MatrixSource& source, io::Format to) {
  namespace fs = std::filesystem;
  const auto has_header = [](io::Format format) {
    return format == io::Format::npy || format == io::Format::hdf5;
  };
  if (!has_header(to) || options.transpose || options.output.path == "-") {
    return false;
  }
  std::error_code unknown;
  const fs::file_status target = fs::status(options.output.path, unknown);
  if (fs::exists(target) && !fs::is_regular_file(target)) {
    return false;
  }
  const std::uint64_t limit = memory_limit(options.max_memory);
  if (has_header(source.format())) {
    return options.type == ElementType::automatic && stays_in_file(source, limit);
  }
  const std::uintmax_t bytes = fs::file_size(source.path(), unknown);
  constexpr std::uintmax_t growth = sizeof(double) / 2;
  const bool is_type_of_text = options.type == ElementType::automatic ||
                               options.type == ElementType::float64 ||
                               options.type == ElementType::complex128;
  return !unknown && source.format() == io::Format::csv && to == io::Format::npy &&
         is_type_of_text && bytes > limit / growth;
}

io::RowFormat row_format(io::Format format) {
  return format == io::Format::csv   ? io::RowFormat::csv
         : format == io::Format::npy ? io::RowFormat::npy
                                     : io::RowFormat::hdf5;
}

ExitCode convert_rows(const Options& options, const Console& console, const MatrixSource& source,
                      io::Format to) {
  io::ReadOptions reading = options.input.reading;
  reading.member = source.member();
  io::RowReader reader(
      source.path(),
      {.format = row_format(source.format()),
       .dtype = options.type == ElementType::automatic ? "" : to_string(options.type),
       .text = reading,
       .stop = interrupt_token(),
       .max_row_bytes = std::min(io::RowOptions().max_row_bytes,
                                 memory_limit(options.max_memory) / part_of_memory_for_a_row)});
  with_type(element_type_of(reader.dtype()), [&]<Scalar T>() {
    Index row = 0;
    const auto write_all = [&](auto& file, const auto& write) {
      for (io::Rows rows = reader.next(); rows.count() > 0; rows = reader.next()) {
        write(std::get<MatrixView<const T>>(rows.view));
        row += rows.count();
      }
      file.commit();
    };
    if (to == io::Format::npy) {
      io::NpyRows<T> file(options.output.path, reader.cols());
      write_all(file, [&](MatrixView<const T> rows) { file.write(rows); });
    } else {
      io::Hdf5Parts<T> file(options.output.path, source.describe().rows, reader.cols());
      write_all(file, [&](MatrixView<const T> rows) { file.write(row, 0, rows); });
    }
    console.detail("wrote " + options.output.path + ", " + std::to_string(row) +
                   " rows, one after the other");
  });
  return ExitCode::ok;
}

ExitCode run(const Options& options) {
  const Console console(options.general);
  check_output(options.output, {});
  const io::Format to = write_options(options.output).format;
  if (is_image(to) && options.type != ElementType::automatic) {
    throw InvalidArgument("--type is the type of numbers; " + std::string(io::to_string(to)) +
                          " has pixels of its own");
  }
  MatrixSource source(options.input, options.max_memory);
  require_applicable(*options.input.verb, {{source.name(), source.format()}});
  if (goes_row_by_row(options, source, to)) {
    return convert_rows(options, console, source, to);
  }
  if (keeps_channels(options, source.format(), to)) {
    return convert_image(options, console, source);
  }
  io::MatrixFile file = source.read();
  note_channel(console, source.name(), options.input.reading.channel, file.description);
  const io::AnyMatrix matrix = converted(std::move(file.matrix), options.type);
  const io::AnyView view = io::view_of(matrix);
  write_outcome(console, options.output, options.transpose ? transposed(view) : view,
                options.transpose ? std::vector<std::string>() : file.description.column_names);
  return ExitCode::ok;
}

}  // namespace

Verb add_convert(CLI::App& tool) {
  const auto options = std::make_shared<Options>();
  CLI::App* verb = add_verb(
      tool, "convert", "turn a matrix file into another format",
      {{"eckart convert data.csv data.npy", "a table becomes NumPy's format"},
       {"eckart convert A.npy - --to csv", "print a matrix as text"},
       {"eckart convert data.h5:/first A.npy", "a dataset of HDF5"},
       {"eckart convert photo.png red.npy --channel red", "one channel of a picture"},
       {"cat A.npy | eckart convert - A.mtx --type float32", "in a pipe, in single precision"}});
  add_input(*verb, options->input);
  verb->add_option("OUT", options->output.path, "The file to write; - is standard output")
      ->required()
      ->type_name("FILE")
      ->check(file_name());
  add_format_option(*verb, options->output);
  add_choice<ElementType>(*verb, "--type", options->type,
                          {{"auto", ElementType::automatic},
                           {"float32", ElementType::float32},
                           {"float64", ElementType::float64},
                           {"complex64", ElementType::complex64},
                           {"complex128", ElementType::complex128}},
                          "Type of the entries; auto keeps that of the input");
  verb->add_flag("--transpose", options->transpose, "Write the transpose");
  add_memory_option(*verb, options->max_memory);
  add_general_options(*verb, options->general);
  return {verb, [options] { return run(*options); }};
}

}  // namespace eckart::cli
