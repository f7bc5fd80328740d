#include "io/input.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <eckart/error.hpp>

#include "io/memory.hpp"
#include "io/text.hpp"

namespace eckart::io {
namespace {

constexpr std::size_t first_block = std::size_t{1} << 16;  // a pipe's usual capacity

/// Closes a descriptor at the end of its scope.
class Descriptor {
 public:
  explicit Descriptor(int number) noexcept : number_(number) {}
  ~Descriptor() {
    if (number_ > STDIN_FILENO) {
      ::close(number_);
    }
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int number() const noexcept { return number_; }

 private:
  int number_;
};

[[noreturn]] void fail_to_read(const std::string& name) {
  throw FileError(name + ": cannot be read: " + std::generic_category().message(errno));
}

std::shared_ptr<const std::byte> map(int file, std::size_t size, const std::string& name) {
  void* address = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file, 0);
  if (address == MAP_FAILED && errno == ENOMEM) {  // ulimit -v, or a file beyond the address space
    throw OutOfMemory("mapping " + name, size);
  }
  if (address == MAP_FAILED) {
    fail_to_read(name);
  }
  const auto unmap = [size](const std::byte* p) { ::munmap(const_cast<std::byte*>(p), size); };
  return {static_cast<const std::byte*>(address), unmap};
}

/// All bytes up to the end of the stream. The block doubles by realloc, which moves pages instead
/// of copying large blocks.
std::pair<std::shared_ptr<const std::byte>, std::size_t> read_whole(int file, std::uint64_t limit,
                                                                    const std::string& name) {
  struct Free {
    void operator()(std::byte* p) const noexcept { std::free(p); }
  };
  std::unique_ptr<std::byte, Free> block;
  std::size_t size = 0;
  std::size_t capacity = 0;
  for (;;) {
    if (size == capacity) {
      capacity = std::max(first_block, 2 * capacity);
      auto* grown = static_cast<std::byte*>(std::realloc(block.get(), capacity));
      if (grown == nullptr) {
        throw OutOfMemory("reading " + name, capacity);
      }
      static_cast<void>(block.release());
      block.reset(grown);
    }
    const ssize_t got = ::read(file, block.get() + size, capacity - size);
    if (got == 0) {
      return {std::shared_ptr<const std::byte>(std::move(block)), size};
    }
    if (got < 0 && errno != EINTR) {
      fail_to_read(name);
    }
    size += static_cast<std::size_t>(std::max<ssize_t>(got, 0));
    if (size > limit) {
      throw OutOfMemory("reading " + name + " past the limit of " + std::to_string(limit) +
                            " bytes (save it as a file, which is not read into memory)",
                        size);
    }
  }
}

}  // namespace

void fail_at_byte(const std::string& name, std::uint64_t byte, const std::string& what) {
  throw FormatError(name + ": byte " + std::to_string(byte) + ": " + what);
}

Input::Input(std::string name, std::shared_ptr<const std::byte> bytes, std::size_t size)
    : name_(std::move(name)), bytes_(std::move(bytes)), size_(size) {}

Input Input::open(const std::string& path, std::uint64_t limit) {
  const bool standard_input = path == "-";
  std::string name = standard_input ? "standard input" : printable(path, path.size());
  const Descriptor file(standard_input ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.number() < 0) {
    throw FileError(name + ": cannot be opened: " + std::generic_category().message(errno));
  }
  struct stat about = {};
  if (::fstat(file.number(), &about) != 0) {
    fail_to_read(name);
  }
  if (S_ISDIR(about.st_mode)) {
    throw FileError(name + ": is a folder, not a file");
  }
  // Files under /proc say that they are regular and empty; reading them tells the truth. Standard input may be a file too,
  // but one that somebody has read a part of.
  const bool at_its_beginning = ::lseek(file.number(), 0, SEEK_CUR) == 0;
  if (S_ISREG(about.st_mode) && about.st_size > 0 && at_its_beginning) {
    const auto size = static_cast<std::size_t>(about.st_size);
    auto bytes = map(file.number(), size, name);
    Input input(std::move(name), std::move(bytes), size);
    input.mapped_ = true;
    return input;
  }
  auto [bytes, size] = read_whole(file.number(), limit != 0 ? limit : physical_memory() / 2, name);
  return {std::move(name), std::move(bytes), size};
}

Input Input::in_memory(std::string name, std::span<const std::byte> bytes, Excerpt excerpt) {
  Input input(std::move(name),
              std::shared_ptr<const std::byte>(bytes.data(), [](const std::byte*) {}),
              bytes.size());
  input.excerpt_ = excerpt;
  return input;
}

std::string_view Input::text() const noexcept {
  return {reinterpret_cast<const char*>(bytes_.get()), size_};
}

void Input::fail(TextPosition at, const std::string& what) const {
  throw FormatError(name_ + ": line " + std::to_string(excerpt_.lines_before + at.line) +
                    ", column " + std::to_string(at.column) + ": " + what);
}

void Input::forget(std::size_t end) const noexcept {
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  if (mapped_ && end >= page) {
    ::madvise(const_cast<std::byte*>(bytes_.get()), std::min(end, size_) / page * page,
              MADV_DONTNEED);  // advice: nothing is lost without it
  }
}

}  // namespace eckart::io
