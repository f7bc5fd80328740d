// eckart gen: a test matrix from a line of the gallery's language.

#include <algorithm>

#include <eckart/gallery.hpp>

#include "common/any_matrix.hpp"
#include "common/console.hpp"
#include "common/interrupt.hpp"
#include "common/memory_limit.hpp"
#include "common/outcome.hpp"
#include "report/text.hpp"
#include "verbs.hpp"

namespace eckart::cli {
namespace {

struct Options {
  std::vector<std::string> words;
  std::optional<std::uint64_t> seed;
  ElementType type = ElementType::float64;
  bool list = false;
  OutputOptions output;
  std::uint64_t max_memory = 0;
  GeneralOptions general;
};

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) {
    text += (text.empty() ? "" : " ") + word;
  }
  return text;
}

/// "cond=1e6 (1 to 1e300): condition number".
std::string parameter_text(const GalleryParameter& p) {
  return "    " + p.name + "=" + report::format_number(p.default_value) + "  " + p.description +
         ", " + report::format_number(p.minimum) + " to " + report::format_number(p.maximum) + "\n";
}

std::string list_text() {
  std::string text = "eckart gen KIND ROWSxCOLS [NAME=VALUE...] [seed=N] [scaling=WORD] -o FILE\n";
  std::string family;
  for (const GalleryKind& kind : gallery_kinds()) {
    if (kind.family != family) {
      family = kind.family;
      text += "\n" + family + "\n";
    }
    text += "  " + kind.name + ": " + kind.description + "\n";
    for (const GalleryParameter& parameter : kind.parameters) {
      text += parameter_text(parameter);
    }
  }
  text += "\nscaling\n";
  for (const GalleryScalingInfo& scaling : gallery_scalings()) {
    text += "  " + std::string(scaling.name) + ": " + scaling.description + "\n";
  }
  return text;
}

// Columns at a time: so many that it is worth it to share them out, and few enough that nobody notices.
constexpr std::uint64_t block_bytes = std::uint64_t{64} << 20;

/// A file of npy or HDF5 of any size in little memory.
template <Scalar T>
void write_by_columns(const Console& console, const Options& options, const GallerySpec& spec) {
  const auto bytes = [&spec](Index width) {
    return generate_columns_memory<T>(spec, width).bytes();
  };
  // HDF5 keeps rows together: the wider the blocks are, the fewer pieces are written.
  const bool is_npy = write_options(options.output).format == io::Format::npy;
  const std::uint64_t limit = memory_limit(options.max_memory),
                      room = is_npy ? std::min(limit, bytes(1) + block_bytes) : limit;
  Index width = spec.cols;
  while (width > 1 && bytes(width) > room) {
    width = (width + 1) / 2;
  }
  require_memory(generate_columns_memory<T>(spec, width), options.max_memory,
                 "that is for one column at a time; a matrix of fewer rows needs less");
  const auto generate_into = [&](auto& file, const auto& write) {
    generate_columns<T>({.threads = 0, .stop = interrupt_token(), .progress = console.progress()},
                        spec, width, write);
    file.commit();
  };
  if (is_npy) {
    io::NpyColumns<T> file(options.output.path, spec.rows, spec.cols);
    generate_into(file, [&file](MatrixView<const T> columns) { file.write(columns); });
  } else {
    io::Hdf5Parts<T> file(options.output.path, spec.rows, spec.cols);
    generate_into(file, [&file, col = Index{0}](MatrixView<const T> columns) mutable {
      file.write(0, col, columns);
      col += columns.cols();
    });
  }
  console.detail("wrote " + options.output.path);
}

ExitCode run(const Options& options) {
  const Console console(options.general);
  if (options.list) {
    if (!options.words.empty() || !options.output.path.empty()) {
      throw InvalidArgument("--list prints the kinds and makes no matrix; leave out SPEC and -o");
    }
    console.print(list_text());
    return ExitCode::ok;
  }
  if (options.words.empty()) {
    throw InvalidArgument(
        "a matrix is wanted, such as: eckart gen svd_geo 100x50 cond=1e8 -o A.npy; "
        "eckart gen --list shows the kinds");
  }
  if (options.output.path.empty()) {
    throw InvalidArgument("-o FILE is wanted; -o - --to csv prints the matrix");
  }
  GallerySpec spec = parse_gallery(joined(options.words));
  spec.seed = options.seed.value_or(spec.seed);
  with_type(options.type, [&]<Scalar T>() {
    const io::ArrayShape shape{"matrix", spec.rows, spec.cols};
    check_output(options.output, {&shape, 1});
    check_shapes(options.output, {shape}, ComplexScalar<T>);
    const MemoryPlan whole = MemoryPlan::block<T>("matrix", spec.rows, spec.cols);
    const io::Format to = write_options(options.output).format;
    const bool is_too_large = whole.bytes() > memory_limit(options.max_memory);
    if (generates_columns(spec) &&
        (to == io::Format::npy || (to == io::Format::hdf5 && is_too_large))) {
      write_by_columns<T>(console, options, spec);
      return;
    }
    require_memory(whole, options.max_memory,
                   "ask for a smaller one; --type float32 takes half of float64");
    const Matrix<T> a = generate<T>(spec);
    write_outcome(console, options.output, io::AnyView(a.view()));
  });
  console.detail(to_string(spec));
  return ExitCode::ok;
}

}  // namespace

Verb add_gen(CLI::App& tool) {
  const auto options = std::make_shared<Options>();
  CLI::App* verb =
      add_verb(tool, "gen", "write a test matrix: kind, size, spectrum, condition, scaling, seed",
               {{"eckart gen normal 200x50 -o A.npy", "200 x 50 standard normal entries"},
                {"eckart gen svd_geo 100x100 cond=1e8 --seed 7 -o B.npz",
                 "values falling geometrically from 1 to 1e-8"},
                {"eckart gen hilbert 5 -o - --to csv", "the 5 x 5 Hilbert matrix, printed"},
                {"eckart gen --list", "all kinds with their parameters"}});
  verb->add_option("SPEC", options->words, "KIND, ROWSxCOLS and NAME=VALUE words; see --list")
      ->type_name("TEXT");
  add_choice<ElementType>(*verb, "--type", options->type,
                          {{"float32", ElementType::float32},
                           {"float64", ElementType::float64},
                           {"complex64", ElementType::complex64},
                           {"complex128", ElementType::complex128}},
                          "Type of the entries");
  verb->add_option("--seed", options->seed, "Seed of the random kinds; the same as seed=N")
      ->type_name("N")
      ->check(whole_within(0, std::numeric_limits<std::uint64_t>::max()));
  verb->add_flag("--list", options->list, "Print the kinds and their parameters");
  add_output_options(*verb, options->output, "Where the matrix goes");
  add_memory_option(*verb, options->max_memory);
  add_general_options(*verb, options->general);
  return {verb, [options] { return run(*options); }};
}

}  // namespace eckart::cli
