#include "io/formats.hpp"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <system_error>

#include "io/file_bytes.hpp"
#include "io/format_reader.hpp"
#include "io/hdf5.hpp"
#include "io/json.hpp"
#include "io/npz.hpp"

namespace eckart::io {
namespace {

constexpr FormatEntry table[] = {
    {Format::npy,
     "npy",
     {".npy"},
     "\x93NUMPY",
     read_npy,
     describe_npy,
     write_npy,
     nullptr,
     nullptr},
    {Format::npz,
     "npz",
     {".npz"},
     "PK\3\4",
     read_npz,
     describe_npz,
     write_npz,
     write_npz_arrays,
     nullptr},
    {Format::csv,
     "csv",
     {".csv", ".txt", ".dat"},
     "",
     read_csv,
     describe_csv,
     write_csv,
     nullptr,
     nullptr},
    {Format::tsv, "tsv", {".tsv", ".tab"}, "", read_csv, describe_csv, write_csv, nullptr, nullptr},
    {Format::matrix_market,
     "matrix market",
     {".mtx", ".mm"},
     "%%MatrixMarket",
     read_matrix_market,
     describe_matrix_market,
     write_matrix_market,
     nullptr,
     nullptr},
    {Format::png,
     "png",
     {".png"},
     "\x89PNG\r\n\x1a\n",
     read_image_matrix,
     describe_image,
     write_image_matrix,
     nullptr,
     check_image_shape},
    {Format::jpeg,
     "jpeg",
     {".jpg", ".jpeg", ".jpe"},
     "\xff\xd8\xff",
     read_image_matrix,
     describe_image,
     write_image_matrix,
     nullptr,
     check_image_shape},
    {Format::json, "json", {".json"}, "", nullptr, nullptr, write_json, write_json_arrays, nullptr},
    {Format::hdf5,
     "hdf5",
     {".h5", ".hdf5", ".h5ad"},
     hdf5_signature,
     read_hdf5,
     describe_hdf5,
     write_hdf5,
     write_hdf5_arrays,
     nullptr},
};

// Where nothing else tells, a file without a zero byte here is taken for text.
constexpr std::size_t text_sample = 4096;

char lower(char c) noexcept {
  return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
}

/// `text` ends in `ending`, whatever the case of its letters.
bool ends_in(std::string_view text, std::string_view ending) noexcept {
  return text.size() >= ending.size() &&
         std::ranges::equal(text.substr(text.size() - ending.size()), ending, {}, lower);
}

bool begins_with(std::string_view text, std::string_view mark) noexcept {
  return text.size() >= mark.size() &&
         std::ranges::equal(text.substr(0, mark.size()), mark, {}, lower, lower);
}

}  // namespace

std::span<const FormatEntry> formats() noexcept {
  return table;
}

const FormatEntry& entry_of(Format format) {
  for (const FormatEntry& e : table) {
    if (e.format == format) {
      return e;
    }
  }
  throw InvalidArgument("no format is named");
}

const char* to_string(Format format) noexcept {
  for (const FormatEntry& e : table) {
    if (e.format == format) {
      return e.name;
    }
  }
  return "automatic";
}

Format format_of_path(const std::string& path) noexcept {
  for (const FormatEntry& e : table) {
    for (const std::string_view ending : e.endings) {
      if (!ending.empty() && ends_in(path, ending)) {
        return e.format;
      }
    }
  }
  return Format::automatic;
}

namespace {

/// A regular file of HDF5, by its name or by what it holds.
bool is_hdf5_file(const std::string& path) {
  std::error_code unknown;
  return std::filesystem::is_regular_file(path, unknown) &&
         (format_of_path(path) == Format::hdf5 || has_hdf5_signature(FileBytes(path)));
}

}  // namespace

PathInFile split_path(const std::string& path, const std::string& member) {
  std::error_code unknown;
  if (!member.empty() || std::filesystem::exists(path, unknown)) {
    return {path, member};
  }
  for (std::size_t colon = path.find(':'); colon != std::string::npos;
       colon = path.find(':', colon + 1)) {
    const std::string file = path.substr(0, colon);
    if (is_hdf5_file(file)) {
      return {file, path.substr(colon + 1)};
    }
  }
  return {path, member};
}

const FormatEntry& recognise(const Input& input, const std::string& path,
                             const ReadOptions& options) {
  if (options.format != Format::automatic) {
    return entry_of(options.format);
  }
  const std::string_view text = input.text();
  for (const FormatEntry& e : table) {
    if (!e.first_bytes.empty() && begins_with(text, e.first_bytes)) {
      return e;
    }
  }
  if (has_hdf5_signature(InputBytes(input))) {
    return entry_of(Format::hdf5);
  }
  if (const Format named = format_of_path(path); named != Format::automatic) {
    return entry_of(named);
  }
  if (text.empty()) {
    input.fail(0, "the file is empty");
  }
  if (text.substr(0, text_sample).find('\0') == std::string_view::npos) {
    return entry_of(Format::csv);
  }
  input.fail(0,
             "neither the first bytes nor the name tell a format that is read: npy, npz, csv, tsv, "
             "Matrix Market, png, "
             "jpeg, hdf5");
}

}  // namespace eckart::io
