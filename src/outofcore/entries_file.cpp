#include "outofcore/entries_file.hpp"

#include <algorithm>
#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <eckart/error.hpp>

#include "io/npy.hpp"
#include "io/text.hpp"

namespace eckart::outofcore {
namespace {

// Read in one call at the most: what a call to stop has to wait for.
constexpr std::size_t piece_bytes = std::size_t{8} << 20;

/// The bytes of an open file for the parser of npy headers, which reads a few hundred of them.
class DescriptorStream final : public io::ByteStream {
 public:
  DescriptorStream(int file, std::uint64_t size, std::string name)
      : file_(file), size_(size), name_(std::move(name)) {}

  std::size_t read(std::span<std::byte> to) override {
    std::size_t done = 0;
    while (done < to.size()) {
      const ssize_t got =
          ::pread(file_, to.data() + done, to.size() - done, static_cast<off_t>(position_ + done));
      if (got < 0 && errno != EINTR) {
        throw FileError(name_ + ": cannot be read: " + std::generic_category().message(errno));
      }
      if (got == 0) {
        break;
      }
      done += static_cast<std::size_t>(std::max<ssize_t>(got, 0));
    }
    position_ += done;
    return done;
  }
  [[nodiscard]] std::uint64_t size() const override { return size_; }
  [[nodiscard]] std::string name() const override { return name_; }

 private:
  int file_;
  std::uint64_t size_, position_ = 0;
  std::string name_;
};

}  // namespace

EntriesFile::EntriesFile(const std::string& npy) {
  open(npy);
  try {
    DescriptorStream stream(file_, opened_.size, name_);
    const io::NpyHeader header = io::read_npy_header(stream);
    type_ = header.type;
    dtype_ = header.dtype;
    begin_ = header.data_begin;
    set_shape(header.rows, header.cols,
              header.fortran_order ? Layout::column_major : Layout::row_major);
  } catch (...) {
    ::close(file_);
    throw;
  }
}

EntriesFile::EntriesFile(const std::string& path, const RawMatrix& raw) : type_(raw.type) {
  const std::string wrong = io::parse_npy_dtype(raw.type, dtype_);
  if (!wrong.empty()) {
    throw InvalidArgument(wrong);
  }
  Index entries = 0, bytes = 0, end = 0;
  if (raw.rows < 0 || raw.cols < 0 || __builtin_mul_overflow(raw.rows, raw.cols, &entries) ||
      __builtin_mul_overflow(entries, static_cast<Index>(dtype_.entry_bytes), &bytes) ||
      __builtin_add_overflow(bytes, raw.offset, &end)) {
    throw InvalidArgument("a raw matrix of " + std::to_string(raw.rows) + " x " +
                          std::to_string(raw.cols) + " entries from byte " +
                          std::to_string(raw.offset) + " on is none that a file can hold");
  }
  open(path);
  begin_ = raw.offset;
  set_shape(raw.rows, raw.cols, raw.layout);
  if (static_cast<std::uint64_t>(end) > opened_.size) {
    ::close(file_);
    io::fail_at_byte(name_, opened_.size,
                     "the file ends inside the entries: " + std::to_string(raw.rows) + " x " +
                         std::to_string(raw.cols) + " of type '" + raw.type + "' from byte " +
                         std::to_string(raw.offset) + " on need " + std::to_string(end) + " bytes");
  }
}

EntriesFile::~EntriesFile() {
  ::close(file_);
}

void EntriesFile::open(const std::string& path) {
  name_ = io::printable(path, path.size());
  file_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file_ < 0) {
    throw FileError(name_ + ": cannot be opened: " + std::generic_category().message(errno));
  }
  struct stat about = {};
  if (::fstat(file_, &about) != 0 || !S_ISREG(about.st_mode)) {
    ::close(file_);
    throw FileError(name_ +
                    ": is no regular file, and only those can be read again and again; save what "
                    "it gives as a file");
  }
  opened_ = state();
  ::posix_fadvise(file_, 0, 0, POSIX_FADV_SEQUENTIAL);  // advice: nothing is lost without it
}

void EntriesFile::set_shape(Index rows, Index cols, Layout layout) {
  rows_ = rows;
  cols_ = cols;
  has_rows_ = cols == 1 || (rows != 1 && layout == Layout::row_major);
}

EntriesFile::State EntriesFile::state() const {
  struct stat about = {};
  if (::fstat(file_, &about) != 0) {
    throw FileError(name_ + ": cannot be read: " + std::generic_category().message(errno));
  }
  return {.size = static_cast<std::uint64_t>(about.st_size), .changed = about.st_mtim};
}

std::uint64_t EntriesFile::line_bytes() const noexcept {
  return static_cast<std::uint64_t>(length()) * dtype_.entry_bytes;
}

std::uint64_t EntriesFile::bytes() const noexcept {
  return static_cast<std::uint64_t>(lines()) * line_bytes();
}

std::uint64_t EntriesFile::byte_of(Index entry) const noexcept {
  return begin_ + static_cast<std::uint64_t>(entry) * dtype_.entry_bytes;
}

void EntriesFile::fail_to_read(std::uint64_t byte) const {
  throw FileError(name_ + ": byte " + std::to_string(byte) +
                  ": cannot be read: " + std::generic_category().message(errno));
}

void EntriesFile::read(Index line, std::span<std::byte> to) const {
  const std::uint64_t begin = begin_ + static_cast<std::uint64_t>(line) * line_bytes();
  for (std::size_t done = 0; done < to.size();) {
    const std::uint64_t byte = begin + done;
    const ssize_t got = ::pread(file_, to.data() + done, std::min(piece_bytes, to.size() - done),
                                static_cast<off_t>(byte));
    if (got < 0 && errno != EINTR) {
      fail_to_read(byte);
    }
    if (got == 0) {
      io::fail_at_byte(name_, byte,
                       "the file ends inside the entries; it had " + std::to_string(opened_.size) +
                           " bytes when it was opened");
    }
    done += static_cast<std::size_t>(std::max<ssize_t>(got, 0));
  }
}

void EntriesFile::require_unchanged() const {
  const State now = state();
  if (now.size != opened_.size || now.changed.tv_sec != opened_.changed.tv_sec ||
      now.changed.tv_nsec != opened_.changed.tv_nsec) {
    throw FileError(name_ + ": was changed while it was read: " + std::to_string(opened_.size) +
                    " bytes when it was opened, " + std::to_string(now.size) +
                    " now; begin again with a file that nobody writes to");
  }
}

void EntriesFile::forget(Index line, Index count) const noexcept {
  const std::uint64_t size = line_bytes();
  ::posix_fadvise(file_, static_cast<off_t>(begin_ + static_cast<std::uint64_t>(line) * size),
                  static_cast<off_t>(static_cast<std::uint64_t>(count) * size),
                  POSIX_FADV_DONTNEED);
}

}  // namespace eckart::outofcore
