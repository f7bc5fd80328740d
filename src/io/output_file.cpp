#include "io/output_file.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <random>
#include <system_error>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <eckart/error.hpp>
#include <eckart/io.hpp>

#include "io/text.hpp"

namespace eckart::io {
namespace {

constexpr std::size_t buffer_bytes = std::size_t{1} << 16;
constexpr int name_attempts = 100;  // random names tried before giving up

// The registry: a list of slots that only grows, so that a signal handler may walk it at any moment. An owner claims a free
// slot, writes the path and makes it live; the handler takes a live slot, and from then on its path is never written again.
enum class SlotState { free, claimed, live, taken };

struct Slot {
  std::atomic<SlotState> state{SlotState::claimed};
  std::string path;
  Slot* next = nullptr;
};
std::atomic<Slot*> first_slot{nullptr};

bool change(Slot& slot, SlotState from, SlotState to) noexcept {
  return slot.state.compare_exchange_strong(from, to);
}

Slot& claim_slot() {
  for (Slot* slot = first_slot; slot != nullptr; slot = slot->next) {
    if (change(*slot, SlotState::free, SlotState::claimed)) {
      return *slot;
    }
  }
  auto* slot = new Slot;  // lives as long as the process
  slot->next = first_slot;
  while (!first_slot.compare_exchange_weak(slot->next, slot)) {
  }
  return *slot;
}

/// A temporary file's path, registered for as long as the object lives.
class TemporaryPath {
 public:
  explicit TemporaryPath(const std::string& path) : slot_(claim_slot()) {
    slot_.path = path;
    slot_.state = SlotState::live;
  }
  ~TemporaryPath() { change(slot_, SlotState::live, SlotState::free); }
  TemporaryPath(const TemporaryPath&) = delete;
  TemporaryPath& operator=(const TemporaryPath&) = delete;
  [[nodiscard]] const char* c_str() const noexcept { return slot_.path.c_str(); }

 private:
  Slot& slot_;
};

/// The file that `path` stands for once symbolic links are followed; `path` itself where nothing
/// exists yet.
std::string follow_links(const std::string& path) {
  struct Free {
    void operator()(char* p) const noexcept { std::free(p); }
  };
  const std::unique_ptr<char, Free> real(::realpath(path.c_str(), nullptr));
  return real ? std::string(real.get()) : path;
}

/// "folder/" of "folder/name", "" of "name".
std::string folder_of(const std::string& path) {
  return path.substr(0, path.rfind('/') + 1);
}

std::string random_name(const std::string& target) {
  static constexpr char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789";
  constexpr std::size_t longest_stem = NAME_MAX - 16;  // leaves room for what is added
  std::random_device device;
  std::string name = "." + target.substr(folder_of(target).size(), longest_stem) + ".";
  for (int i = 0; i < 8; ++i) {
    name += letters[device() % (sizeof letters - 1)];
  }
  return folder_of(target) + name + ".tmp";
}

}  // namespace

struct OutputFile::State {
  std::string name;                          // for messages
  std::string target;                        // renamed to; empty when written directly
  std::unique_ptr<TemporaryPath> temporary;  // empty when written directly
  int file = -1;
  std::vector<std::byte> buffer;

  ~State() {
    close();
    if (temporary) {
      ::unlink(temporary->c_str());
    }
  }

  [[noreturn]] void fail(const char* what) const {
    throw FileError(name + ": " + what + ": " + std::generic_category().message(errno));
  }

  int close() noexcept {
    const int result = file > STDERR_FILENO ? ::close(file) : 0;
    file = -1;
    return result;
  }

  void open_temporary(mode_t mode, bool keep_mode) {
    for (int attempt = 0; attempt < name_attempts && file < 0; ++attempt) {
      temporary = std::make_unique<TemporaryPath>(random_name(target));
      file = ::open(temporary->c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
      if (file < 0) {
        const int error = errno;
        temporary.reset();
        errno = error;
        if (error != EEXIST) {
          break;
        }
      }
    }
    if (file < 0) {
      const std::string folder = folder_of(target);
      if (errno == ENOENT && !folder.empty()) {
        throw FileError(name + ": cannot be written: there is no folder " +
                        printable(folder, folder.size()) + "; make it first (mkdir -p)");
      }
      fail("a temporary file cannot be made beside it");
    }
    if (keep_mode) {
      ::fchmod(file, mode);  // a file system without permissions refuses, which does no harm
    }
  }

  void write_all(std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
      const ssize_t written = ::write(file, bytes.data(), bytes.size());
      if (written < 0 && errno != EINTR) {
        fail("cannot be written");
      }
      bytes = bytes.subspan(static_cast<std::size_t>(written < 0 ? 0 : written));
    }
  }

  void flush() {
    write_all(buffer);
    buffer.clear();
  }
};

void require_writable(const std::string& path) {
  if (path == "-") {
    const int flags = ::fcntl(STDOUT_FILENO, F_GETFL);
    if (flags < 0 || (flags & O_ACCMODE) == O_RDONLY) {
      throw FileError("standard output: cannot be written: " +
                      std::generic_category().message(EBADF));
    }
    return;
  }
  struct stat about = {};
  const bool exists = ::stat(path.c_str(), &about) == 0;
  if (!exists || S_ISREG(about.st_mode) || S_ISDIR(about.st_mode)) {
    const OutputFile probe(path);  // its temporary file goes with it
  } else if (::access(path.c_str(), W_OK) != 0) {
    throw FileError(printable(path, path.size()) +
                    ": cannot be opened: " + std::generic_category().message(errno));
  }
}

OutputFile::OutputFile(const std::string& path) : state_(std::make_unique<State>()) {
  State& s = *state_;
  s.buffer.reserve(buffer_bytes);
  if (path == "-") {
    s.name = "standard output";
    s.file = STDOUT_FILENO;
    return;
  }
  s.name = printable(path, path.size());
  s.target = follow_links(path);
  struct stat about = {};
  const bool exists = ::stat(s.target.c_str(), &about) == 0;
  if (exists && S_ISDIR(about.st_mode)) {
    throw FileError(s.name + ": is a folder, not a file");
  }
  if (exists && !S_ISREG(about.st_mode)) {
    s.file = ::open(s.target.c_str(), O_WRONLY | O_CLOEXEC);
    s.target.clear();
    if (s.file < 0) {
      s.fail("cannot be opened");
    }
    return;
  }
  if (exists && ::access(s.target.c_str(), W_OK) != 0) {
    s.fail("cannot be written");
  }
  constexpr mode_t new_file = 0666;  // less what the umask takes away
  constexpr mode_t permissions = 0777;
  s.open_temporary(exists ? about.st_mode & permissions : new_file, exists);
}

OutputFile::OutputFile(OutputFile&&) noexcept = default;
OutputFile& OutputFile::operator=(OutputFile&&) noexcept = default;
OutputFile::~OutputFile() = default;

void OutputFile::write(std::span<const std::byte> bytes) {
  State& s = *state_;
  if (s.buffer.size() + bytes.size() > buffer_bytes) {
    s.flush();
    if (bytes.size() > buffer_bytes) {
      s.write_all(bytes);
      return;
    }
  }
  s.buffer.insert(s.buffer.end(), bytes.begin(), bytes.end());
}

void OutputFile::write(std::string_view text) {
  write(std::as_bytes(std::span(text)));
}

void OutputFile::reserve(std::uint64_t bytes) {
  State& s = *state_;
  if (!s.temporary || bytes == 0 ||
      ::fallocate(s.file, FALLOC_FL_KEEP_SIZE, 0, static_cast<off_t>(bytes)) == 0) {
    return;
  }
  struct statvfs about = {};
  const bool cannot_reserve = errno != ENOSPC && errno != EFBIG && errno != EDQUOT;
  if (cannot_reserve && (::fstatvfs(s.file, &about) != 0 ||
                         about.f_bavail >= bytes / std::max<std::uint64_t>(1, about.f_frsize))) {
    return;
  }
  throw FileError(s.name + ": cannot be written: the disk has no room for " +
                  std::to_string(bytes) + " bytes");
}

void OutputFile::overwrite_beginning(std::string_view text) {
  state_->flush();
  write_at(0, std::as_bytes(std::span(text)));
}

void OutputFile::write_at(std::uint64_t begin, std::span<const std::byte> bytes) {
  const State& s = *state_;
  if (!s.temporary) {
    throw InvalidArgument(s.name + ": what was written cannot be changed; name a file");
  }
  while (!bytes.empty()) {
    const ssize_t written = ::pwrite(s.file, bytes.data(), bytes.size(), static_cast<off_t>(begin));
    if (written < 0 && errno != EINTR) {
      s.fail("cannot be written");
    }
    const auto count = static_cast<std::size_t>(std::max<ssize_t>(written, 0));
    bytes = bytes.subspan(count);
    begin += count;
  }
}

std::string OutputFile::flushed_temporary() {
  State& s = *state_;
  if (!s.temporary) {
    throw InvalidArgument(s.name + ": is written directly and has no temporary file");
  }
  s.flush();
  return s.temporary->c_str();
}

void OutputFile::commit() {
  State& s = *state_;
  s.flush();
  if (s.temporary && ::fsync(s.file) != 0) {
    s.fail("cannot be flushed to the disk");
  }
  if (s.close() != 0) {
    s.fail("cannot be written");
  }
  if (!s.temporary) {
    return;
  }
  if (::rename(s.temporary->c_str(), s.target.c_str()) != 0) {
    s.fail("cannot be replaced");
  }
  s.temporary.reset();
  const std::string folder = folder_of(s.target);
  const int handle =
      ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (handle >= 0) {
    ::fsync(handle);  // not every file system can; the rename stands all the same
    ::close(handle);
  }
}

const std::string& OutputFile::name() const noexcept {
  return state_->name;
}

bool is_writing() noexcept {
  for (const Slot* slot = first_slot; slot != nullptr; slot = slot->next) {
    if (slot->state == SlotState::live) {
      return true;
    }
  }
  return false;
}

void remove_temporary_files() noexcept {
  for (Slot* slot = first_slot; slot != nullptr; slot = slot->next) {
    if (change(*slot, SlotState::live, SlotState::taken)) {
      ::unlink(slot->path.c_str());
    }
  }
}

}  // namespace eckart::io
