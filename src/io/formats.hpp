#pragma once

// The formats in one table: their names, how a file is recognised, and their functions. A new
// format is a new line here.

#include <array>
#include <span>
#include <string_view>

#include <eckart/io.hpp>

#include "io/input.hpp"
#include "io/output_file.hpp"

namespace eckart::io {

struct FormatEntry {
  Format format;
  const char* name;
  std::array<std::string_view, 3>
      endings;  // lower case, with the dot; the first is the one that is written
  std::string_view
      first_bytes;  // every file of the format begins so; empty where nothing marks one
  MatrixFile (*read)(const Input&, const ReadOptions&);       // null: written only
  Description (*describe)(const Input&, const ReadOptions&);  // null: written only
  void (*write)(OutputFile&, const AnyView&, const WriteOptions&);
  void (*write_several)(OutputFile&, std::span<const NamedArray>,
                        const WriteOptions&);                               // null: a file an array
  void (*check_shape)(const std::string& name, const ArrayShape&, Format);  // null: any shape
};

[[nodiscard]] std::span<const FormatEntry> formats() noexcept;

/// The line of a format; throws InvalidArgument for `automatic`.
[[nodiscard]] const FormatEntry& entry_of(Format format);

/// What the file is: by the options, else by its first bytes, else by its name, else csv where it
/// looks like text. Throws FormatError when nothing tells.
[[nodiscard]] const FormatEntry& recognise(const Input& input, const std::string& path,
                                           const ReadOptions& options);

}  // namespace eckart::io
