// The text form of a spec: reading and writing.
//
//   spec  = kind size { word }          words are separated by blanks
//   size  = number [ "x" number ]
//   word  = name "=" value

#include <array>
#include <charconv>
#include <limits>
#include <tuple>

#include <eckart/error.hpp>

#include "gallery/family.hpp"

namespace eckart {
namespace {

constexpr std::array<GalleryScalingInfo, 7> scalings = {{
    {GalleryScaling::none, "none", "entries as they are"},
    {GalleryScaling::small, "small", "largest entry about 1e-300 (float 1e-36)"},
    {GalleryScaling::large, "large", "largest entry about 1e+300 (float 1e+36)"},
    {GalleryScaling::ufl, "ufl", "largest entry the smallest normal number"},
    {GalleryScaling::denormal, "denormal", "largest entry a denormal number of ten bits"},
    {GalleryScaling::ofl, "ofl", "Frobenius norm just below the largest number"},
    {GalleryScaling::mixed, "mixed", "rows and columns multiplied by random powers of two"},
}};

constexpr const char* form =
    "KIND ROWSxCOLS [name=value ...], as in 'svd_geo 100x50 cond=1e8 seed=3 scaling=small'";

// The whole of `text` as a number, or nothing.
template <class Number>
std::optional<Number> read_number(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return value;
}

[[noreturn]] void fail(const std::string& message) {
  throw InvalidArgument("gallery: " + message);
}

std::pair<Index, Index> read_size(std::string_view word) {
  const std::size_t cross = word.find('x');
  const auto rows = read_number<Index>(word.substr(0, cross));
  const auto cols =
      cross == std::string_view::npos ? rows : read_number<Index>(word.substr(cross + 1));
  if (!rows || !cols || *rows < 0 || *cols < 0) {
    fail("'" + std::string(word) +
         "' is not a size; write ROWSxCOLS, as in 100x50, or N for a square matrix");
  }
  return {*rows, *cols};
}

GalleryScaling read_scaling(std::string_view word) {
  std::string names;
  for (const GalleryScalingInfo& info : scalings) {
    if (word == info.name) {
      return info.scaling;
    }
    names += (names.empty() ? "" : ", ") + std::string(info.name);
  }
  fail("'" + std::string(word) + "' is not a scaling; it is one of " + names);
}

std::vector<std::string_view> split(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  std::vector<std::string_view> words;
  for (std::size_t at = text.find_first_not_of(blanks); at != std::string_view::npos;
       at = text.find_first_not_of(blanks, at)) {
    const std::size_t end = std::min(text.find_first_of(blanks, at), text.size());
    words.push_back(text.substr(at, end - at));
    at = end;
  }
  return words;
}

}  // namespace

std::span<const GalleryScalingInfo> gallery_scalings() noexcept {
  return scalings;
}

GallerySpec parse_gallery(std::string_view text) {
  const std::vector<std::string_view> words = split(text);
  if (words.empty()) {
    fail(std::string("the line is empty; write ") + form);
  }
  const GalleryKind& kind = gallery::find_generator(words[0]).kind;
  if (words.size() < 2) {
    fail("'" + kind.name + "' lacks a size; write " + form);
  }
  GallerySpec spec;
  spec.kind = kind.name;
  std::tie(spec.rows, spec.cols) = read_size(words[1]);

  std::vector<std::string_view> seen;
  for (const std::string_view word : std::span(words).subspan(2)) {
    const std::size_t equals = word.find('=');
    if (equals == std::string_view::npos) {
      fail("'" + std::string(word) + "' is not of the form name=value");
    }
    const std::string_view name = word.substr(0, equals), value = word.substr(equals + 1);
    if (std::find(seen.begin(), seen.end(), name) != seen.end()) {
      fail("'" + std::string(name) + "' is given twice");
    }
    seen.push_back(name);

    if (name == "scaling") {
      spec.scaling = read_scaling(value);
    } else if (name == "seed") {
      const auto seed = read_number<std::uint64_t>(value);
      if (!seed) {
        fail("'" + std::string(word) +
             "': a seed is a whole number from 0 to 18446744073709551615");
      }
      spec.seed = *seed;
    } else {
      const double number =
          read_number<double>(value).value_or(std::numeric_limits<double>::quiet_NaN());
      gallery::check_parameter(kind, name, number, value);
      spec.parameters.emplace(name, number);
    }
  }
  return spec;
}

std::string to_string(const GallerySpec& spec) {
  std::string text = spec.kind + " " + std::to_string(spec.rows) + "x" + std::to_string(spec.cols);
  for (const auto& [name, value] : spec.parameters) {
    text += " " + name + "=" + gallery::to_text(value);
  }
  if (spec.seed != GallerySpec{}.seed) {
    text += " seed=" + std::to_string(spec.seed);
  }
  if (spec.scaling != GalleryScaling::none) {
    text += std::string(" scaling=") + scalings[static_cast<std::size_t>(spec.scaling)].name;
  }
  return text;
}

}  // namespace eckart
