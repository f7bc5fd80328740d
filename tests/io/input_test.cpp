#include "io/input.hpp"

#include <thread>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <eckart/error.hpp>
#include <eckart/io.hpp>

#include "io/memory.hpp"
#include "npy_bytes.hpp"
#include "temporary_folder.hpp"

namespace eckart::io {
namespace {

/// Standard input is a pipe that holds `bytes`, for as long as the object lives.
class StandardInput {
 public:
  explicit StandardInput(std::string bytes) : saved_(::dup(STDIN_FILENO)) {
    int ends[2];
    if (::pipe(ends) != 0) {
      throw std::runtime_error("no pipe");
    }
    ::dup2(ends[0], STDIN_FILENO);
    ::close(ends[0]);
    writer_ = std::thread([end = ends[1], bytes = std::move(bytes)] {
      for (std::size_t done = 0; done < bytes.size();) {
        const ssize_t n = ::write(end, bytes.data() + done, bytes.size() - done);
        if (n <= 0) {
          break;
        }
        done += static_cast<std::size_t>(n);
      }
      ::close(end);
    });
  }
  ~StandardInput() {
    // What nobody read is read here, so that the writer ends.
    char rest[4096];
    while (::read(STDIN_FILENO, rest, sizeof rest) > 0) {
    }
    writer_.join();
    ::dup2(saved_, STDIN_FILENO);
    ::close(saved_);
  }
  StandardInput(const StandardInput&) = delete;
  StandardInput& operator=(const StandardInput&) = delete;

 private:
  int saved_;
  std::thread writer_;
};

TEST(Input, MapsAFile) {
  const TemporaryFolder folder;
  const Input input = Input::open(folder.file("a", "some bytes"));
  EXPECT_EQ(input.text(), "some bytes");
  EXPECT_EQ(input.name(), folder / "a");
}

TEST(Input, OpensAnEmptyFile) {
  const TemporaryFolder folder;
  EXPECT_EQ(Input::open(folder.file("a", "")).size(), 0U);
}

TEST(Input, ReadsAFileThatClaimsToBeEmpty) {
  EXPECT_GT(Input::open("/proc/self/status").size(), 0U);
}

TEST(Input, SaysWhyAFileCannotBeRead) {
  const TemporaryFolder folder;
  EXPECT_NE(message_of<FileError>([&] {
              static_cast<void>(Input::open(folder / "none"));
            }).find("cannot be opened: No such file"),
            std::string::npos);
  EXPECT_NE(message_of<FileError>([&] {
              static_cast<void>(Input::open(folder.path().string()));
            }).find("is a folder, not a file"),
            std::string::npos);
}

TEST(Input, ShowsNoControlCharacterOfAName) {
  const std::string says =
      message_of<FileError>([] { static_cast<void>(Input::open("/none/\x1b[2J")); });
  EXPECT_EQ(says.find('\x1b'), std::string::npos);
}

TEST(Input, ReadsStandardInputToItsEnd) {
  const std::string bytes(300000, 'x');
  const StandardInput standard_input(bytes);
  const Input input = Input::open("-");
  EXPECT_EQ(input.text(), bytes);
  EXPECT_EQ(input.name(), "standard input");
}

TEST(Input, StopsAtTheLimitOfStandardInput) {
  {
    const StandardInput standard_input(std::string(100000, 'x'));
    EXPECT_EQ(Input::open("-", 100000).size(), 100000U);
  }
  const StandardInput standard_input(std::string(100001, 'x'));
  EXPECT_THROW(static_cast<void>(Input::open("-", 100000)), OutOfMemory);
}

/// A redirected file is mapped and knows no limit, unless a part of it was read before.
TEST(Input, TakesAFileForStandardInputFromWhereItStands) {
  const TemporaryFolder folder;
  const int saved = ::dup(STDIN_FILENO);
  const int file = ::open(folder.file("a", "first second").c_str(), O_RDONLY);
  ::dup2(file, STDIN_FILENO);
  EXPECT_EQ(Input::open("-", 1).text(), "first second");
  ::lseek(STDIN_FILENO, 6, SEEK_SET);
  EXPECT_EQ(Input::open("-", 100).text(), "second");
  ::dup2(saved, STDIN_FILENO);
  ::close(saved);
  ::close(file);
}

TEST(Input, ReadsANamedPipe) {
  const TemporaryFolder folder;
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  std::thread writer([&folder] { folder.file("pipe", "through the pipe"); });
  EXPECT_EQ(Input::open(folder / "pipe").text(), "through the pipe");
  writer.join();
}

TEST(Input, ReadsNpyAndNpzFromStandardInput) {
  const TemporaryFolder folder;
  Matrix<double> a(2, 2);
  a(1, 0) = 5;
  for (const char* name : {"a.npy", "a.npz"}) {
    write_matrix(folder / name, a.view());
    const StandardInput standard_input(bytes_of(folder / name));
    EXPECT_EQ(std::get<Matrix<double>>(read_matrix("-").matrix)(1, 0), 5) << name;
  }
}

TEST(Memory, RequireMemoryKnowsOverflowAndLimits) {
  EXPECT_EQ(require_memory("a", 3, 4, 8, 96), 96U);
  EXPECT_THROW(require_memory("a", 3, 4, 8, 95), OutOfMemory);
  EXPECT_THROW(require_memory("a", Index{1} << 40, Index{1} << 40, 8, 0), SizeLimit);
  EXPECT_THROW(require_memory("a", Index{1} << 30, Index{1} << 30, 1, 0), OutOfMemory);
}

}  // namespace
}  // namespace eckart::io
