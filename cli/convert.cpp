// eckart convert: a matrix or an image from one format to another.

#include <eckart/io.hpp>

#include "common/any_matrix.hpp"
#include "common/matrix_input.hpp"
#include "common/outcome.hpp"
#include "verbs.hpp"

namespace eckart::cli {
namespace {

struct Options {
  InputOptions input;
  OutputOptions output;
  ElementType type = ElementType::automatic;
  bool transpose = false;
  GeneralOptions general;
};

io::AnyView transposed(const io::AnyView& a) {
  return std::visit([](const auto& view) { return io::AnyView(view.transposed()); }, a);
}

/// A colour image that becomes an image keeps its colours; everything else is one matrix.
bool keeps_colours(const Options& options, io::Format from, io::Format to) {
  return is_image(from) && is_image(to) && options.input.reading.channel == io::Channel::grey &&
         !options.transpose && options.type == ElementType::automatic && options.input.path != "-";
}

ExitCode run(const Options& options) {
  const Console console(options.general);
  check_output(options.output);
  io::WriteOptions writing = write_options(options.output);
  if (options.input.path != "-") {
    const io::Description description = io::describe(options.input.path, options.input.reading);
    if (keeps_colours(options, description.format, writing.format)) {
      io::write_image(options.output.path, io::read_image(options.input.path), writing);
      return ExitCode::ok;
    }
  }
  io::MatrixFile file = read_input(options.input, 0);
  writing.column_names =
      options.transpose ? std::vector<std::string>() : file.description.column_names;
  const io::AnyMatrix matrix = converted(std::move(file.matrix), options.type);
  const io::AnyView view = io::view_of(matrix);
  io::write_matrix(options.output.path, options.transpose ? transposed(view) : view, writing);
  console.detail("wrote " + options.output.path);
  return ExitCode::ok;
}

}  // namespace

Verb add_convert(CLI::App& tool) {
  const auto options = std::make_shared<Options>();
  CLI::App* verb = add_verb(
      tool, "convert", "turn a matrix file into another format",
      {{"eckart convert data.csv data.npy", "a table becomes NumPy's format"},
       {"eckart convert A.npy - --to csv", "print a matrix as text"},
       {"eckart convert photo.png red.npy --channel red", "one channel of a picture"},
       {"cat A.npy | eckart convert - A.mtx --type float32", "in a pipe, in single precision"}});
  add_input(*verb, options->input);
  verb->add_option("OUT", options->output.path, "The file to write; - is standard output")
      ->required()
      ->type_name("FILE");
  add_format_option(*verb, options->output);
  add_choice<ElementType>(*verb, "--type", options->type,
                          {{"auto", ElementType::automatic},
                           {"float32", ElementType::float32},
                           {"float64", ElementType::float64},
                           {"complex64", ElementType::complex64},
                           {"complex128", ElementType::complex128}},
                          "Type of the entries; auto keeps that of the input");
  verb->add_flag("--transpose", options->transpose, "Write the transpose");
  add_general_options(*verb, options->general);
  return {verb, [options] { return run(*options); }};
}

}  // namespace eckart::cli
