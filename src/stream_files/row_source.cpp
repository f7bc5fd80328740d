// The file of a state's rows, as arrays of numbers:
//
//   source_path      bytes of the path, absolute
//   source_bytes, source_lines, source_rows, source_checksum
//   source_reading   bytes of: format LF dtype LF delimiter decimal header labels LF columns

#include <algorithm>
#include <filesystem>
#include <limits>
#include <string_view>
#include <system_error>
#include <utility>

#include <eckart/error.hpp>
#include <eckart/stream_files.hpp>

#include "stream_files/byte_source.hpp"

namespace eckart::io {
namespace {

constexpr std::string_view prefix = "source_";
constexpr RowFormat formats[] = {RowFormat::raw, RowFormat::csv, RowFormat::npy};
constexpr char none = '0', some = '1';

Matrix<double> bytes_of(std::string_view text) {
  Matrix<double> bytes(1, static_cast<Index>(text.size()));
  std::transform(text.begin(), text.end(), bytes.data(),
                 [](char c) { return static_cast<double>(static_cast<unsigned char>(c)); });
  return bytes;
}

std::string text_in(const StreamState& state, const std::string& name) {
  const auto bytes = state.matrix<double>(name, 1, -1);
  std::string text;
  for (Index i = 0; i < bytes.cols(); ++i) {
    if (!(bytes(0, i) >= 0 && bytes(0, i) < 256)) {
      throw InvalidArgument("the state of the stream: '" + name + "' is no text");
    }
    text += static_cast<char>(static_cast<unsigned char>(bytes(0, i)));
  }
  return text;
}

std::string whole_path(const std::string& path) {
  return std::filesystem::absolute(path).lexically_normal().string();
}

std::string text_of(const RowReading& reading) {
  std::string text = to_string(reading.format) + std::string("\n") + reading.dtype + '\n';
  // A NUL for what is not said is as good a byte as any.
  text += {reading.delimiter, reading.decimal, reading.header ? some : none,
           reading.labels ? some : none, '\n'};
  return text + reading.columns;
}

RowReading reading_of(std::string_view text) {
  RowReading reading;
  const auto next = [&text] {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return line;
  };
  const std::string_view named = next();
  for (const RowFormat format : formats) {
    reading.format = to_string(format) == named ? format : reading.format;
  }
  reading.dtype = next();
  const std::string_view signs = next();
  if (reading.format == RowFormat::automatic || signs.size() != 4) {
    throw InvalidArgument("the state of the stream: 'source_reading' makes no sense");
  }
  reading.delimiter = signs[0];
  reading.decimal = signs[1];
  reading.header = signs[2] == some;
  reading.labels = signs[3] == some;
  reading.columns = text;
  return reading;
}

RowMark mark_in(const StreamState& state) {
  RowMark mark;
  mark.position = {state.bits("source_bytes"), state.bits("source_lines"),
                   state.count("source_rows", 0, std::numeric_limits<Index>::max())};
  mark.checksum = static_cast<std::uint32_t>(state.bits("source_checksum"));
  mark.reading = reading_of(text_in(state, "source_reading"));
  return mark;
}

}  // namespace

void put_source(StreamState& state, const std::string& path, const RowMark& mark) {
  state.put("source_path", bytes_of(whole_path(path)));
  state.put_bits("source_bytes", mark.position.bytes);
  state.put_bits("source_lines", mark.position.lines);
  state.put_count("source_rows", mark.position.rows);
  state.put_bits("source_checksum", mark.checksum);
  state.put("source_reading", bytes_of(text_of(mark.reading)));
}

std::optional<RowMark> source_in(const StreamState& state, const std::string& path) {
  if (path == "-" || !state.has("source_path") ||
      text_in(state, "source_path") != whole_path(path)) {
    return std::nullopt;
  }
  return mark_in(state);
}

std::optional<RowMark> source_renamed(const StreamState& state, const std::string& path) {
  std::error_code unknown;
  if (path == "-" || !state.has("source_path") ||
      text_in(state, "source_path") == whole_path(path) ||
      !std::filesystem::is_regular_file(path, unknown)) {
    return std::nullopt;
  }
  RowMark mark = mark_in(state);
  const bool is_same =
      mark.position.rows > 0 &&
      ByteSource(path, false, {}).checksum_before(mark.position.bytes) == mark.checksum;
  return is_same ? std::optional(std::move(mark)) : std::nullopt;
}

void keep_source(StreamState& state, const StreamState& earlier) {
  for (const auto& [name, array] : earlier.arrays()) {
    if (name.starts_with(prefix)) {
      state.put(name, array);
    }
  }
}

}  // namespace eckart::io
