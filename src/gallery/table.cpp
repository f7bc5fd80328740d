// The table of all kinds, and the look-ups in it.

#include <array>
#include <charconv>
#include <cmath>
#include <numeric>

#include <eckart/error.hpp>

#include "gallery/family.hpp"

namespace eckart {
namespace gallery {
namespace {

std::vector<Generator> collect() {
  std::vector<Generator> all;
  const auto add = [&all](const char* family, std::vector<Generator> some) {
    for (Generator& generator : some) {
      generator.kind.family = family;
      all.push_back(std::move(generator));
    }
  };
  add("random", random_family());
  add("simple", simple_family());
  add("spectrum", spectrum_family());
  add("classic", classic_family());
  add("structured", structured_family());
  add("band", band_family());
  add("data", data_family());
  return all;
}

// Levenshtein's distance: insertions, deletions and changes that turn one word into the other.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0]++;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t changed = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({changed, row[j] + 1, diagonal + 1});
    }
  }
  return row.back();
}

}  // namespace

std::string to_text(double value) {
  std::array<char, 32> digits{};
  return {digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr};
}

double Arguments::operator[](std::string_view name) const {
  if (const auto given = spec_.parameters.find(name); given != spec_.parameters.end()) {
    return given->second;
  }
  for (const GalleryParameter& parameter : kind_.parameters) {
    if (parameter.name == name) {
      return parameter.default_value;
    }
  }
  throw InvalidArgument("gallery: the kind " + kind_.name + " has no parameter " +
                        std::string(name));
}

const std::vector<Generator>& generators() {
  static const std::vector<Generator> all = collect();
  return all;
}

const Generator& find_generator(std::string_view kind) {
  const Generator* nearest = &generators().front();
  std::string names;
  for (const Generator& generator : generators()) {
    if (generator.kind.name == kind) {
      return generator;
    }
    if (distance(kind, generator.kind.name) < distance(kind, nearest->kind.name)) {
      nearest = &generator;
    }
    names += (names.empty() ? "" : ", ") + generator.kind.name;
  }
  throw InvalidArgument("gallery: '" + std::string(kind) +
                        "' is not a kind of matrix; did you mean '" + nearest->kind.name +
                        "'? The kinds are " + names);
}

void check_parameter(const GalleryKind& kind, std::string_view name, double value,
                     std::string_view text) {
  std::string names;
  for (const GalleryParameter& p : kind.parameters) {
    if (p.name == name) {
      if (!(value >= p.minimum && value <= p.maximum) || (p.whole && std::floor(value) != value)) {
        throw InvalidArgument("gallery: " + p.name + "=" + std::string(text) + " of " + kind.name +
                              " is not " + (p.whole ? "a whole number" : "a number") + " from " +
                              to_text(p.minimum) + " to " + to_text(p.maximum));
      }
      return;
    }
    names += p.name + ", ";
  }
  throw InvalidArgument("gallery: '" + std::string(name) + "' is not a parameter of " + kind.name +
                        "; it takes " + names + "seed, scaling");
}

}  // namespace gallery

std::span<const GalleryKind> gallery_kinds() {
  static const std::vector<GalleryKind> kinds = [] {
    std::vector<GalleryKind> list;
    for (const gallery::Generator& generator : gallery::generators()) {
      list.push_back(generator.kind);
    }
    return list;
  }();
  return kinds;
}

}  // namespace eckart
