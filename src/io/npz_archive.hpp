#pragma once

// The zip archive under an npz file, read through libzip; npz.hpp says what is believed of it.

#include <algorithm>
#include <memory>
#include <string_view>
#include <vector>

#include <zip.h>

#include <eckart/io.hpp>

#include "io/byte_stream.hpp"
#include "io/text.hpp"

namespace eckart::io {

inline constexpr std::string_view npz_suffix = ".npy";
inline constexpr std::size_t npz_listed = 20;  // members that a message names
// The bound of deflate: a match of 258 bytes takes at least 2 bits (zlib, "Technical Details",
// maximum compression factor).
inline constexpr std::uint64_t npz_greatest_ratio = 1032;
inline constexpr std::size_t end_record_bytes = 22;
inline constexpr std::size_t longest_comment = 0xffff;

struct CloseArchive {
  void operator()(zip_t* archive) const noexcept { ::zip_discard(archive); }
};
struct CloseMember {
  void operator()(zip_file_t* member) const noexcept { ::zip_fclose(member); }
};

/// An error of libzip's, for as long as its text is wanted.
class ZipError {
 public:
  ZipError() { ::zip_error_init(&error_); }
  ~ZipError() { ::zip_error_fini(&error_); }
  ZipError(const ZipError&) = delete;
  ZipError& operator=(const ZipError&) = delete;
  [[nodiscard]] zip_error_t* get() noexcept { return &error_; }
  [[nodiscard]] std::string text() { return ::zip_error_strerror(&error_); }

 private:
  zip_error_t error_{};
};

/// Where the archive's end record stands; a truncated archive has none.
inline std::uint64_t find_end_record(const Input& input) {
  constexpr std::string_view signature = "PK\5\6";
  const std::string_view text = input.text();
  const std::size_t tail = std::min(text.size(), end_record_bytes + longest_comment);
  const std::size_t at = text.substr(text.size() - tail).rfind(signature);
  if (at == std::string_view::npos) {
    input.fail(text.size(),
               "truncated, or not a zip archive: the end record that closes one is missing");
  }
  return text.size() - tail + at;
}

class Archive {
 public:
  explicit Archive(const Input& input) : input_(input) {
    const std::uint64_t end_record = find_end_record(input);
    ZipError error;
    zip_source_t* source =
        ::zip_source_buffer_create(input.bytes().data(), input.size(), 0, error.get());
    if (source != nullptr) {
      archive_.reset(::zip_open_from_source(source, ZIP_RDONLY, error.get()));
      if (archive_ == nullptr) {
        ::zip_source_free(source);
      }
    }
    if (archive_ == nullptr) {
      input.fail(end_record, "the directory of the zip archive cannot be read: " + error.text());
    }
  }

  /// The member that the options mean: the array of that name, or the only one.
  [[nodiscard]] zip_uint64_t choose(const std::string& wanted) const {
    const auto count = static_cast<zip_uint64_t>(
        std::max<zip_int64_t>(::zip_get_num_entries(archive_.get(), 0), 0));
    std::vector<zip_uint64_t> arrays;
    std::vector<zip_uint64_t> matches;
    for (zip_uint64_t i = 0; i < count; ++i) {
      const std::string_view name = name_of(i);
      if (name.ends_with(npz_suffix)) {
        arrays.push_back(i);
      }
      if (!wanted.empty() && (name == wanted || name == wanted + std::string(npz_suffix))) {
        matches.push_back(i);
      }
    }
    if (arrays.empty()) {
      input_.fail(0, "the zip archive holds no array: none of its " + std::to_string(count) +
                         " members ends in .npy");
    }
    const std::vector<zip_uint64_t>& candidates = wanted.empty() ? arrays : matches;
    if (candidates.size() == 1) {
      return candidates.front();
    }
    if (!wanted.empty() && candidates.size() > 1) {
      input_.fail(0, "the member '" + printable(wanted) + "' stands " +
                         std::to_string(candidates.size()) + " times in the zip archive");
    }
    throw InvalidArgument(input_.name() + ": " +
                          (wanted.empty()
                               ? "holds " + std::to_string(arrays.size()) + " arrays; name one"
                               : "has no array '" + printable(wanted) + "'") +
                          ": " + list(arrays));
  }

  [[nodiscard]] bool has(const std::string& array) const {
    return ::zip_name_locate(archive_.get(), (array + std::string(npz_suffix)).c_str(), 0) >= 0;
  }

  [[nodiscard]] std::string_view name_of(zip_uint64_t index) const {
    const char* name = ::zip_get_name(archive_.get(), index, ZIP_FL_ENC_RAW);
    return name != nullptr ? name : "";
  }
  [[nodiscard]] zip_t* get() const noexcept { return archive_.get(); }
  [[nodiscard]] const Input& input() const noexcept { return input_; }

 private:
  [[nodiscard]] std::string list(const std::vector<zip_uint64_t>& members) const {
    std::string names;
    for (std::size_t i = 0; i < std::min(members.size(), npz_listed); ++i) {
      std::string_view name = name_of(members[i]);
      name.remove_suffix(npz_suffix.size());
      names += (i == 0 ? "" : ", ") + printable(name);
    }
    return members.size() > npz_listed ? names + ", ..." : names;
  }

  const Input& input_;
  std::unique_ptr<zip_t, CloseArchive> archive_;
};

/// A member's bytes, inflated as they are read.
class MemberStream final : public ByteStream {
 public:
  MemberStream(const Archive& archive, zip_uint64_t index)
      : name_(archive.input().name() + ": member " + printable(archive.name_of(index))) {
    zip_stat_t about;
    ::zip_stat_init(&about);
    constexpr zip_uint64_t needed =
        ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_COMP_METHOD | ZIP_STAT_ENCRYPTION_METHOD;
    if (::zip_stat_index(archive.get(), index, 0, &about) != 0 ||
        (about.valid & needed) != needed) {
      fail(0, "its entry in the directory cannot be read");
    }
    if (about.encryption_method != ZIP_EM_NONE) {
      fail(0, "is encrypted");
    }
    if (about.comp_method != ZIP_CM_STORE && about.comp_method != ZIP_CM_DEFLATE) {
      fail(0, "is compressed by method " + std::to_string(about.comp_method) +
                  "; NumPy stores (0) or deflates (8)");
    }
    const bool stored = about.comp_method == ZIP_CM_STORE;
    if (about.comp_size > archive.input().size() ||
        (stored ? about.size != about.comp_size
                : about.size / npz_greatest_ratio > about.comp_size)) {
      fail(0, "claims " + std::to_string(about.size) + " bytes from " +
                  std::to_string(about.comp_size) + " stored ones, in a file of " +
                  std::to_string(archive.input().size()));
    }
    size_ = about.size;
    member_.reset(::zip_fopen_index(archive.get(), index, 0));
    if (member_ == nullptr) {
      fail(0, std::string("cannot be opened: ") + ::zip_strerror(archive.get()));
    }
  }

  std::size_t read(std::span<std::byte> to) override {
    std::size_t done = 0;
    while (done < to.size()) {
      const zip_int64_t got = ::zip_fread(member_.get(), to.data() + done, to.size() - done);
      if (got < 0) {
        fail(position_, std::string("cannot be inflated: ") +
                            ::zip_error_strerror(::zip_file_get_error(member_.get())));
      }
      if (got == 0) {
        break;
      }
      done += static_cast<std::size_t>(got);
      position_ += static_cast<std::uint64_t>(got);
    }
    return done;
  }
  [[nodiscard]] std::uint64_t size() const override { return size_; }
  [[nodiscard]] std::string name() const override { return name_; }

 private:
  std::string name_;
  std::uint64_t size_ = 0;
  std::uint64_t position_ = 0;
  std::unique_ptr<zip_file_t, CloseMember> member_;
};

}  // namespace eckart::io
