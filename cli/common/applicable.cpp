#include "common/applicable.hpp"

#include <algorithm>

#include <eckart/error.hpp>

#include "common/matrix_input.hpp"

namespace eckart::cli {
namespace {

struct Subject {
  std::string_view ending;  // of the option's name: --columns, --b-columns
  const char* formats;
  bool (*has)(io::Format);
};

bool is_text(io::Format format) {
  return format == io::Format::csv || format == io::Format::tsv;
}

constexpr Subject subjects[] = {
    {"columns", "text tables (csv, tsv)", is_text},
    {"member", "npz and hdf5 files",
     [](io::Format format) { return format == io::Format::npz || format == io::Format::hdf5; }},
    {"channel", "images (png, jpeg)", [](io::Format format) { return is_image(format); }},
    {"delimiter", "text tables (csv, tsv)", is_text},
    {"decimal", "text tables (csv, tsv)", is_text},
    {"header", "text tables (csv, tsv)", is_text},
};

bool was_given(const CLI::App& verb, const std::string& name) {
  const CLI::Option* option = verb.get_option(name);
  return option->count() > 0 && option->results().front() != "auto";
}

}  // namespace

void require_applicable(const CLI::App& verb, const std::vector<std::string>& names,
                        const std::vector<KnownFile>& files) {
  for (const std::string& name : names) {
    const Subject& subject = *std::find_if(
        std::begin(subjects), std::end(subjects),
        [&](const Subject& each) { return std::string_view(name).ends_with(each.ending); });
    const bool applies = std::any_of(files.begin(), files.end(), [&](const KnownFile& file) {
      return subject.has(file.format);
    });
    if (applies || !was_given(verb, name)) {
      continue;
    }
    std::string what;
    for (const KnownFile& file : files) {
      what.append(what.empty() ? "" : ", ").append(file.name).append(" is ");
      what.append(io::to_string(file.format));
    }
    throw InvalidArgument(name + " is about " + subject.formats + "; " + what);
  }
}

void require_applicable(const CLI::App& verb, const std::vector<KnownFile>& files) {
  require_applicable(verb, choosing_options, files);
  require_applicable(verb, spelling_options, files);
}

void note_channel(const Console& console, const std::string& name, io::Channel channel,
                  const io::Description& description) {
  const bool is_colour =
      channel == io::Channel::red || channel == io::Channel::green || channel == io::Channel::blue;
  if (is_colour && (description.channels == 1 || description.channels == 2)) {
    console.note("eckart: note: " + name + " is a grey image; each of its colours is the grey one");
  }
}

}  // namespace eckart::cli
