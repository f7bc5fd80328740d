#include "io/zip_writer.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include <zlib.h>

#include <eckart/error.hpp>

namespace eckart::io {
namespace {

constexpr std::uint16_t version_zip64 = 45;
constexpr std::uint16_t made_by_unix = (3 << 8) | version_zip64;
constexpr std::uint32_t regular_file = 0100644U << 16;  // Unix mode, in the high half
constexpr std::uint16_t flag_descriptor = 1 << 3;
constexpr std::uint16_t flag_utf8 = 1 << 11;
constexpr std::uint16_t method_deflate = 8;
constexpr std::uint16_t midnight = 0;
constexpr std::uint16_t first_of_1980 = (1 << 5) | 1;
constexpr std::uint32_t see_zip64_32 = 0xffffffff;
constexpr std::uint16_t see_zip64_16 = 0xffff;
constexpr std::uint16_t zip64_extra = 1;

// Mantissas hardly compress: singular vectors of a random matrix shrink by 3.8 % at level 1 and by 4.2 % at level 9; integers
// stored as double by 75 % and by 80 %, in 1/60 of the time.
constexpr int deflate_level = 1;
constexpr std::size_t deflate_buffer = std::size_t{1} << 16;

/// Fields of a record, least significant byte first.
class Record {
 public:
  template <class Word>
  Record& field(Word value) {
    for (std::size_t i = 0; i < sizeof(Word); ++i) {
      bytes_ += static_cast<char>((value >> (8 * i)) & 255);
    }
    return *this;
  }
  Record& signature(const char* two_letters) {
    bytes_ += "PK";
    bytes_ += two_letters;
    return *this;
  }
  Record& text(const std::string& text) {
    bytes_ += text;
    return *this;
  }
  [[nodiscard]] const std::string& bytes() const noexcept { return bytes_; }

 private:
  std::string bytes_;
};

/// zlib counts in 32 bits: calls f with the pieces of `bytes`, each short enough.
template <class F>
void in_pieces(std::span<const std::byte> bytes, F&& f) {
  constexpr std::size_t longest = std::numeric_limits<uInt>::max();
  while (!bytes.empty()) {
    const std::size_t n = std::min(bytes.size(), longest);
    f(reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(n));
    bytes = bytes.subspan(n);
  }
}

/// Size and CRC-32 of what passes.
struct Tally {
  std::uint64_t size = 0;
  std::uint32_t checksum = 0;
  void add(std::span<const std::byte> bytes) {
    size += bytes.size();
    in_pieces(bytes, [this](const Bytef* p, uInt n) {
      checksum = static_cast<std::uint32_t>(::crc32(checksum, p, n));
    });
  }
};

/// A raw deflate stream, as zip wants it.
class Deflater {
 public:
  explicit Deflater(const ByteSink& sink) : sink_(sink) {
    if (::deflateInit2(&stream_, deflate_level, Z_DEFLATED, -MAX_WBITS, MAX_MEM_LEVEL,
                       Z_DEFAULT_STRATEGY) != Z_OK) {
      throw OutOfMemory("compressing an array", std::uint64_t{1} << 18);
    }
  }
  ~Deflater() { ::deflateEnd(&stream_); }
  Deflater(const Deflater&) = delete;
  Deflater& operator=(const Deflater&) = delete;

  void write(std::span<const std::byte> bytes) {
    in_pieces(bytes, [this](const Bytef* p, uInt n) {
      stream_.next_in = const_cast<Bytef*>(p);  // zlib reads only
      stream_.avail_in = n;
      run(Z_NO_FLUSH);
    });
  }
  void finish() { run(Z_FINISH); }

 private:
  void run(int flush) {
    do {
      stream_.next_out = reinterpret_cast<Bytef*>(buffer_.data());
      stream_.avail_out = static_cast<uInt>(buffer_.size());
      ::deflate(&stream_, flush);
      sink_(std::span(buffer_).first(buffer_.size() - stream_.avail_out));
    } while (stream_.avail_out == 0);
  }

  const ByteSink& sink_;
  z_stream stream_{};
  std::array<std::byte, deflate_buffer> buffer_{};
};

}  // namespace

double deflated_share(std::span<const std::byte> sample) {
  std::size_t deflated = 0;
  const ByteSink count = [&deflated](std::span<const std::byte> bytes) {
    deflated += bytes.size();
  };
  Deflater deflater(count);
  deflater.write(sample);
  deflater.finish();
  return sample.empty() ? 1 : static_cast<double>(deflated) / static_cast<double>(sample.size());
}

void ZipWriter::put(std::span<const std::byte> bytes) {
  out_.write(bytes);
  position_ += bytes.size();
}

void ZipWriter::put(const std::string& bytes) {
  put(std::as_bytes(std::span(bytes)));
}

void ZipWriter::add(const std::string& name, bool compress,
                    const std::function<void(const ByteSink&)>& produce) {
  Member member{.name = name, .compressed = compress, .offset = position_};
  if (!compress) {
    Tally tally;
    produce([&tally](std::span<const std::byte> bytes) { tally.add(bytes); });
    member.size = member.stored_size = tally.size;
    member.checksum = tally.checksum;
  }
  const std::uint16_t flags = flag_utf8 | (compress ? flag_descriptor : 0);
  put(Record()
          .signature("\3\4")
          .field(version_zip64)
          .field(flags)
          .field(compress ? method_deflate : std::uint16_t{0})
          .field(midnight)
          .field(first_of_1980)
          .field(member.checksum)
          .field(see_zip64_32)  // stored size
          .field(see_zip64_32)  // size
          .field(static_cast<std::uint16_t>(name.size()))
          .field(std::uint16_t{20})
          .text(name)
          .field(zip64_extra)
          .field(std::uint16_t{16})
          .field(member.size)
          .field(member.stored_size)
          .bytes());
  if (compress) {
    deflate_into_archive(member, produce);
    put(Record()
            .signature("\7\10")
            .field(member.checksum)
            .field(member.stored_size)
            .field(member.size)
            .bytes());
  } else {
    produce([this](std::span<const std::byte> bytes) { put(bytes); });
  }
  members_.push_back(member);
}

void ZipWriter::deflate_into_archive(Member& member,
                                     const std::function<void(const ByteSink&)>& produce) {
  const std::uint64_t begin = position_;
  const ByteSink into_archive = [this](std::span<const std::byte> bytes) { put(bytes); };
  Deflater deflater(into_archive);
  Tally tally;
  produce([&](std::span<const std::byte> bytes) {
    tally.add(bytes);
    deflater.write(bytes);
  });
  deflater.finish();
  member.size = tally.size;
  member.checksum = tally.checksum;
  member.stored_size = position_ - begin;
}

void ZipWriter::finish() {
  const std::uint64_t begin = position_;
  for (const Member& m : members_) {
    const std::uint16_t flags = flag_utf8 | (m.compressed ? flag_descriptor : 0);
    put(Record()
            .signature("\1\2")
            .field(made_by_unix)
            .field(version_zip64)
            .field(flags)
            .field(m.compressed ? method_deflate : std::uint16_t{0})
            .field(midnight)
            .field(first_of_1980)
            .field(m.checksum)
            .field(see_zip64_32)  // stored size
            .field(see_zip64_32)  // size
            .field(static_cast<std::uint16_t>(m.name.size()))
            .field(std::uint16_t{28})
            .field(std::uint16_t{0})  // no comment
            .field(std::uint16_t{0})  // disk
            .field(std::uint16_t{0})  // internal attributes
            .field(regular_file)
            .field(see_zip64_32)  // offset
            .text(m.name)
            .field(zip64_extra)
            .field(std::uint16_t{24})
            .field(m.size)
            .field(m.stored_size)
            .field(m.offset)
            .bytes());
  }
  const std::uint64_t end = position_;
  const auto count = static_cast<std::uint64_t>(members_.size());
  put(Record()
          .signature("\6\6")
          .field(std::uint64_t{44})  // bytes that follow in this record
          .field(made_by_unix)
          .field(version_zip64)
          .field(std::uint32_t{0})  // this disk
          .field(std::uint32_t{0})  // the directory's disk
          .field(count)
          .field(count)
          .field(end - begin)
          .field(begin)
          .signature("\6\7")
          .field(std::uint32_t{0})
          .field(end)
          .field(std::uint32_t{1})  // disks in all
          .signature("\5\6")
          .field(std::uint16_t{0})
          .field(std::uint16_t{0})
          .field(see_zip64_16)
          .field(see_zip64_16)
          .field(see_zip64_32)
          .field(see_zip64_32)
          .field(std::uint16_t{0})  // no comment
          .bytes());
}

}  // namespace eckart::io
