//   1. Where a mark is gone on from, the options and the file must be those that it was made with; what they left open then is taken
//      from it and not found anew, since the first lines may have been fewer then.
//   2. The first bytes tell the format; with what of the beginning the decoder needs it is made: nothing (raw), the header (npy),
//      some lines (csv).
//   3. To the mark, or behind the header.

#include "stream_files/row_opening.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include <eckart/error.hpp>

#include "io/csv_dialect.hpp"
#include "io/hdf5.hpp"

namespace eckart::io {
namespace {

// What the dialect of a table is found from. It must not depend on how the bytes come, so a pipe is waited for.
constexpr std::size_t sample_bytes = std::size_t{64} << 10;
constexpr std::size_t sample_lines = 100;
// Of a file that is followed: a header and a row.
constexpr std::size_t followed_lines = 2;
constexpr std::string_view npy_magic = "\x93NUMPY";

/// "f8" is another name for "float64".
bool is_same_type(const std::string& a, const std::string& b) {
  const NpyDtype one = dtype_named(a), other = dtype_named(b);
  return one.entry_bytes == other.entry_bytes && one.computed == other.computed &&
         one.is_native == other.is_native && one.convert == other.convert;
}

class Opening {
 public:
  Opening(WaitingBytes& bytes, const RowOptions& options)
      : bytes_(bytes), name_(bytes.source().name()), options_(options) {
    // Before the first row there is nothing to go on from.
    if (options_.from && options_.from->position.rows == 0) {
      options_.from.reset();
    }
  }

  OpenedRows open() {
    if (options_.from) {
      go_by_mark(*options_.from);
    }
    out_.reading.format = format();
    switch (out_.reading.format) {
      case RowFormat::raw:
        open_raw();
        break;
      case RowFormat::npy:
        open_npy();
        break;
      case RowFormat::automatic:
      case RowFormat::hdf5:  // of a file, which is read elsewhere
      case RowFormat::csv:
        open_text();
    }
    if (options_.from) {
      out_.reading = options_.from->reading;
      out_.position = options_.from->position;
      bytes_.go_to(out_.position.bytes);
    }
    const RowDecoder& decoder = *out_.decoder;
    const std::uint64_t row = static_cast<std::uint64_t>(decoder.cols()) * size_of(decoder.type());
    if (row > options_.max_row_bytes) {
      throw OutOfMemory("a row of " + name_, row);
    }
    return std::move(out_);
  }

 private:
  void go_by_mark(const RowMark& mark);
  [[nodiscard]] RowFormat format();
  void open_raw();
  void open_npy();
  void open_text();
  [[nodiscard]] std::unique_ptr<RowDecoder> table_of(std::span<const std::byte> sample,
                                                     bool goes_on);
  [[nodiscard]] std::span<const std::byte> sample(std::size_t lines, std::size_t enough,
                                                  std::size_t count);
  /// Reads until `count` bytes wait; false where no more come.
  bool fill_to(std::size_t count) {
    while (bytes_.all().size() < count && bytes_.fill_if_possible()) {
    }
    return bytes_.all().size() >= count;
  }

  WaitingBytes& bytes_;
  const std::string& name_;
  RowOptions options_;
  OpenedRows out_;
};

// 1.
void Opening::go_by_mark(const RowMark& mark) {
  const RowReading& was = mark.reading;
  ReadOptions& text = options_.text;
  const auto require = [this](bool same, const std::string& what, const std::string& before,
                              const std::string& now) {
    if (!same) {
      throw InvalidArgument(name_ + ": its rows so far were read with the " + what + " '" + before +
                            "', and '" + now +
                            "' is asked for now; ask for the same, or begin another stream");
    }
  };
  require(options_.format == RowFormat::automatic || options_.format == was.format, "format",
          to_string(was.format), to_string(options_.format));
  if (was.format != RowFormat::npy) {
    require(options_.dtype.empty() || is_same_type(options_.dtype, was.dtype), "type", was.dtype,
            options_.dtype);
  }
  const auto choice = [](const std::string& columns) { return columns.empty() ? "all" : columns; };
  require(text.columns == was.columns, "columns", choice(was.columns), choice(text.columns));
  const auto require_sign = [&](char asked, char before, const char* what) {
    require(asked == '\0' || asked == before, what, {before}, {asked});
  };
  require_sign(text.delimiter, was.delimiter, "delimiter");
  require_sign(text.decimal, was.decimal, "decimal sign");
  const auto yes_or_no = [](bool x) { return x ? "yes" : "no"; };
  require(!text.header || *text.header == was.header, "header", yes_or_no(was.header),
          yes_or_no(text.header.value_or(false)));
  require_same_past(bytes_.source(), mark);
  options_.format = was.format;
  if (was.format != RowFormat::npy) {
    options_.dtype = was.dtype;
  }
  if (was.format == RowFormat::csv) {
    text.delimiter = was.delimiter;
    text.decimal = was.decimal;
    text.header = was.header;
    if (text.columns.empty()) {
      text.columns = was.labels ? "2-" : "1-";
    }
  }
}

// 2.
RowFormat Opening::format() {
  if (options_.format != RowFormat::automatic) {
    return options_.format;
  }
  fill_to(npy_magic.size());
  const std::span<const std::byte> bytes = bytes_.all();
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (text.starts_with(hdf5_signature)) {
    throw InvalidArgument(
        name_ + ": is HDF5, whose rows are read from a file that is named and from no pipe");
  }
  return text.starts_with(npy_magic) ? RowFormat::npy
         : options_.cols > 0         ? RowFormat::raw
                                     : RowFormat::csv;
}

void Opening::open_raw() {
  if (options_.cols < 1) {
    throw InvalidArgument(name_ +
                          ": raw rows do not say how long they are; give the number of columns");
  }
  out_.reading.dtype = options_.dtype.empty() ? "float64" : options_.dtype;
  out_.decoder = binary_rows(name_, options_.cols, dtype_named(out_.reading.dtype), -1, 0);
}

void Opening::open_npy() {
  require_no_type(name_, options_);
  // The length of the header stands in its first bytes, so the parser knows when it has not been shown enough.
  NpyHeader header;
  for (std::size_t want = 128;; want *= 2) {
    const bool all = fill_to(want);
    const Input input = Input::in_memory(name_, bytes_.all());
    InputStream known(input);
    try {
      header = parse_npy_header(known);
      break;
    } catch (const FormatError&) {
      if (bytes_.stopped()) {
        throw Cancelled();
      }
      if (!all || want > WaitingBytes::usual_size) {
        throw;
      }
    }
  }
  require_columns(name_, options_, header.cols);
  if (header.fortran_order && header.rows > 1 && header.cols > 1) {
    fail_at_byte(name_, 0,
                 "the array is stored column after column and cannot be read row by row from a "
                 "pipe; name the file, or save it row-major: numpy.save(name, "
                 "numpy.ascontiguousarray(a))");
  }
  const Index done = options_.from ? options_.from->position.rows : 0;
  bytes_.drop(static_cast<std::size_t>(header.data_begin));
  out_.position.bytes = header.data_begin;
  out_.reading.dtype = to_string(header.dtype.computed);
  out_.decoder =
      binary_rows(name_, header.cols, header.dtype, header.rows, std::min(done, header.rows));
}

/// The first lines: so many of them, fewer where these are so many bytes; `enough` will do where no more have come. Up to the end of a
/// line, or all there is where no more comes.
std::span<const std::byte> Opening::sample(std::size_t lines, std::size_t enough,
                                           std::size_t count) {
  std::size_t end = 0, searched = 0;  // a long line comes in many pieces: each is looked at once
  for (std::size_t found = 0; found < lines && end < count;) {
    const std::span<const std::byte> bytes = bytes_.all();
    const auto line_end = std::find(bytes.begin() + static_cast<std::ptrdiff_t>(searched),
                                    bytes.end(), std::byte{'\n'});
    searched = static_cast<std::size_t>(line_end - bytes.begin());
    if (line_end != bytes.end()) {
      end = ++searched;
      ++found;
    } else if (found >= enough) {
      break;
    } else if (!bytes_.fill_if_possible()) {
      return bytes_.all();
    }
  }
  return bytes_.all().first(end);
}

void Opening::open_text() {
  const ByteSource& source = bytes_.source();
  const bool is_followed = options_.follow && source.is_file();
  std::size_t lines = sample_lines, count = sample_bytes;
  std::size_t enough = is_followed ? followed_lines : lines;
  while (!out_.decoder) {
    const std::span<const std::byte> first = sample(lines, enough, count);
    const bool is_all = bytes_.at_end() && first.size() == bytes_.all().size();
    try {
      out_.decoder = table_of(first, !is_all || (options_.growing && source.is_file()));
    } catch (const NoRecord& error) {
      if (bytes_.stopped()) {
        throw Cancelled();
      }
      if (is_all) {
        throw FormatError(error.what() +
                          std::string(options_.growing ? " has come with its line end" : ""));
      }
      enough = is_followed ? enough + 1 : 2 * enough;
      lines = std::max(lines, enough);
      count *= 2;
    }
  }
  require_columns(name_, options_, out_.decoder->cols());
}

std::unique_ptr<RowDecoder> Opening::table_of(std::span<const std::byte> sample, bool goes_on) {
  out_.reading.dtype = options_.dtype;
  out_.reading.columns = options_.text.columns;
  const auto read_as = [&](bool may_go_on) {
    return text_rows(Input::in_memory(name_, sample, {0, may_go_on}), options_.text, out_.reading,
                     options_.from.has_value());
  };
  try {
    return read_as(goes_on);
  } catch (const NoRecord&) {
    throw;
  } catch (const FormatError& error) {
    if (!goes_on) {
      // A quote that is never closed hides nothing of what stands before it.
      try {
        return read_as(true);
      } catch (const NoRecord&) {
        throw FormatError(error.what());
      }
    }
    throw;
  }
}

}  // namespace

void require_same_past(const ByteSource& source, const RowMark& mark) {
  if (source.checksum_before(mark.position.bytes) != mark.checksum) {
    throw FileError(source.name() + ": its first " + std::to_string(mark.position.bytes) +
                    " bytes, which were read before, are there no more or have changed; was it "
                    "replaced? Read all of it as new rows through a pipe, or begin another stream");
  }
}

void require_columns(const std::string& name, const RowOptions& options, Index has) {
  if (has < 1) {
    throw FormatError(name + ": its rows have no entries");
  }
  if (options.cols > 0 && options.cols != has) {
    throw FormatError(name + ": rows of " + std::to_string(has) + " entries where " +
                      std::to_string(options.cols) + " were asked for");
  }
}

void require_no_type(const std::string& name, const RowOptions& options) {
  if (!options.dtype.empty()) {
    throw InvalidArgument(name + ": a file of this format says its type itself; leave out '" +
                          options.dtype + "'");
  }
}

OpenedRows open_rows(WaitingBytes& bytes, const RowOptions& options) {
  return Opening(bytes, options).open();
}

}  // namespace eckart::io
