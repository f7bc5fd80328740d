#pragma once

// A zip archive, written from front to back: no seeking, so it goes to standard output as well as
// to a file, and memory does not grow with the data.
//
//   member       local header, data, and where it is deflated a data descriptor with the sizes that
//                were not known before
//   at the end   central directory, zip64 end record and its locator, end record
//
// Every size and offset is written in its 64-bit form (zip64), as NumPy does for members: one path
// for small and large arrays, so the tests of small ones test it. Dates are fixed at 1980-01-01, so
// equal arrays give equal files. Reading is libzip's work; writing is not, because libzip seeks
// back in its target and keeps temporary files of its own, which the handler of an interrupt could
// not find.
//
// Source: PKWARE, APPNOTE.TXT 6.3.10, sections 4.3 and 4.5.3.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "io/npy.hpp"
#include "io/output_file.hpp"

namespace eckart::io {

/// The size of the sample once deflated, over its size.
[[nodiscard]] double deflated_share(std::span<const std::byte> sample);

class ZipWriter {
 public:
  explicit ZipWriter(OutputFile& out) : out_(out) {}

  /// Adds a member whose bytes `produce` gives to a sink. A stored member is produced twice: once
  /// for its checksum, which stands before the data.
  void add(const std::string& name, bool compress,
           const std::function<void(const ByteSink&)>& produce);

  /// Writes the directory. Nothing may be added afterwards.
  void finish();

 private:
  struct Member {
    std::string name;
    bool compressed = false;
    std::uint64_t size = 0, stored_size = 0, offset = 0;
    std::uint32_t checksum = 0;
  };

  void put(std::span<const std::byte> bytes);
  void put(const std::string& bytes);
  void deflate_into_archive(Member& member, const std::function<void(const ByteSink&)>& produce);

  OutputFile& out_;
  std::uint64_t position_ = 0;
  std::vector<Member> members_;
};

}  // namespace eckart::io
