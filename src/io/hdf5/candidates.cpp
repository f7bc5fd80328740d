#include "io/hdf5/candidates.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>
#include <string_view>
#include <utility>
#include <vector>

#include <eckart/error.hpp>

#include "io/hdf5/stored_type.hpp"
#include "io/text.hpp"

namespace eckart::io::hdf5 {
namespace {

constexpr std::size_t most_listed = 12;
// Objects looked at in a file: a hostile one may have any number of them, and nobody reads a longer list.
constexpr std::size_t most_objects = 100'000;
// Groups within groups: the library visits them by recursion, and a file of some megabytes can nest enough of them for any stack.
constexpr std::ptrdiff_t most_nested = 64;
// Soft links followed on the way to a dataset.
constexpr std::size_t most_links = 16;

struct Candidate {
  std::string path;
  std::vector<hsize_t> shape;

  [[nodiscard]] std::string text() const {
    std::string sizes;
    for (const hsize_t length : shape) {
      sizes += (sizes.empty() ? "" : " x ") + std::to_string(length);
    }
    return printable(path) + " (" + (sizes.empty() ? "one number" : sizes) + ")";
  }
};

struct Visit {
  std::vector<std::string> datasets;
  std::size_t objects = 0;
  bool is_cut_short = false;
};

herr_t note_dataset(hid_t, const char* path, const H5O_info_t* info, void* to) noexcept {
  auto& visit = *static_cast<Visit*>(to);
  try {
    if (info->type == H5O_TYPE_DATASET) {
      visit.datasets.push_back(std::string("/") + path);
    }
    const std::string_view names = path;
    const bool is_too_deep = std::count(names.begin(), names.end(), '/') >= most_nested;
    visit.is_cut_short = ++visit.objects >= most_objects || is_too_deep;
    return visit.is_cut_short ? 1 : 0;
  } catch (...) {
    return 1;
  }
}

herr_t refuse_link(const char*, const char*, const char*, const char*, unsigned*, hid_t,
                   void*) noexcept {
  return -1;
}

/// Not open where there is none of that path.
Handle open_object(hid_t file, const std::string& path) {
  const Handle links(H5Pcreate(H5P_LINK_ACCESS), H5Pclose);
  if (!links.is_open() || H5Pset_elink_cb(links.id(), refuse_link, nullptr) < 0 ||
      H5Pset_nlinks(links.id(), most_links) < 0) {
    return {};
  }
  // H5Dopen has no place for how links are followed.
  return {H5Oopen(file, path.c_str(), links.id()), H5Oclose};
}

/// The datasets in the file's own groups. Of a damaged file, those that were found.
Visit datasets_in(hid_t file) {
  Visit visit;
  H5Ovisit2(file, H5_INDEX_NAME, H5_ITER_INC, note_dataset, &visit, H5O_INFO_BASIC);
  return visit;
}

/// Those of them that hold numbers.
std::vector<Candidate> candidates_in(hid_t file, const std::vector<std::string>& datasets) {
  std::vector<Candidate> candidates;
  for (const std::string& path : datasets) {
    const Handle dataset = open_dataset(file, path);
    if (!dataset.is_open()) {
      continue;
    }
    const Handle space(H5Dget_space(dataset.id()), H5Sclose),
        type(H5Dget_type(dataset.id()), H5Tclose);
    const bool has_shape = space.is_open() && H5Sget_simple_extent_type(space.id()) != H5S_NULL;
    const int dimensions = has_shape ? H5Sget_simple_extent_ndims(space.id()) : -1;
    if (dimensions < 0 || dimensions > H5S_MAX_RANK || !type.is_open() ||
        stored_type(type.id()).numpy.empty()) {
      continue;
    }
    Candidate candidate{path, std::vector<hsize_t>(static_cast<std::size_t>(dimensions))};
    if (dimensions == 0 ||
        H5Sget_simple_extent_dims(space.id(), candidate.shape.data(), nullptr) >= 0) {
      candidates.push_back(std::move(candidate));
    }
  }
  return candidates;
}

std::string list(const std::vector<Candidate>& candidates) {
  std::string text;
  for (std::size_t i = 0; i < std::min(most_listed, candidates.size()); ++i) {
    text += (i == 0 ? "" : ", ") + candidates[i].text();
  }
  return text + (candidates.size() > most_listed
                     ? " and " + std::to_string(candidates.size() - most_listed) + " more"
                     : "");
}

/// Why the path that was asked for leads to no dataset.
std::string problem_of(hid_t file, const std::string& path) {
  const std::string shown = "'" + printable(path) + "'";
  const Handle object = open_object(file, path);
  if (object.is_open()) {
    return shown + (H5Iget_type(object.id()) == H5I_GROUP ? " is a group and no dataset"
                                                          : " is no dataset");
  }
  return H5Lexists(file, path.c_str(), H5P_DEFAULT) > 0
             ? shown + " leads nowhere in this file; links into other files are not followed"
             : "has no dataset " + shown;
}

}  // namespace

Handle open_dataset(hid_t file, const std::string& path) {
  Handle object = open_object(file, path);
  return object.is_open() && H5Iget_type(object.id()) == H5I_DATASET ? std::move(object) : Handle();
}

// 1. the one that was asked for   2. the only one there is   3. the only one of numbers with the most fitting shape   4. none: what there is
std::string choose_dataset(hid_t file, const std::string& name, const std::string& member) {
  // 1.
  const std::string path = member.empty() || member.front() == '/' ? member : "/" + member;
  if (!path.empty() && open_dataset(file, path).is_open()) {
    return path;
  }
  // 2.
  const Visit found = datasets_in(file);
  if (path.empty() && found.datasets.size() == 1 && !found.is_cut_short) {
    return found.datasets.front();  // whatever it holds: the error about that says more than a list
  }
  // 3.
  const std::vector<Candidate> all = candidates_in(file, found.datasets);
  std::vector<Candidate> chosen;
  for (const std::size_t dimensions : {std::size_t{2}, std::size_t{1}, std::size_t{0}}) {
    if (chosen.empty()) {
      std::copy_if(all.begin(), all.end(), std::back_inserter(chosen),
                   [=](const Candidate& each) { return each.shape.size() == dimensions; });
    }
  }
  if (path.empty() && chosen.size() == 1 && !found.is_cut_short) {
    return chosen.front().path;
  }
  // 4.
  const std::vector<Candidate>& listed = chosen.empty() ? all : chosen;
  const std::string problem =
      !path.empty()            ? problem_of(file, path)
      : found.datasets.empty() ? "holds no dataset"
      : chosen.empty()         ? "no dataset is a matrix of numbers"
                       : "which dataset? Name one, as FILE:" + printable(listed.front().path);
  throw InvalidArgument(
      name + ": " + problem + (listed.empty() ? "" : "; it has " + list(listed)) +
      (found.is_cut_short ? "; what lies in more than " + std::to_string(most_nested) +
                                " groups within groups, or behind " + std::to_string(most_objects) +
                                " objects, was not looked for: name it"
                          : ""));
}

}  // namespace eckart::io::hdf5
