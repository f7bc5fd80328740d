#include "io/output_file.hpp"

#include <filesystem>
#include <stdexcept>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <eckart/error.hpp>
#include <eckart/io.hpp>

#include "temporary_folder.hpp"

namespace eckart::io {
namespace {

mode_t mode_of(const std::string& path) {
  struct stat about = {};
  ::stat(path.c_str(), &about);
  return about.st_mode & 0777;
}

TEST(OutputFile, AppearsOnCommitAndNotBefore) {
  const TemporaryFolder folder;
  OutputFile out(folder / "a");
  out.write("one ");
  out.write("two");
  EXPECT_FALSE(std::filesystem::exists(folder / "a"));
  out.commit();
  EXPECT_EQ(bytes_of(folder / "a"), "one two");
  EXPECT_EQ(folder.files(), 1);
}

TEST(OutputFile, LeavesTheOldFileWhenItIsAbandoned) {
  const TemporaryFolder folder;
  folder.file("a", "old");
  try {
    OutputFile out(folder / "a");
    out.write(std::string(200000, 'x'));
    throw std::runtime_error("something else fails");
  } catch (const std::runtime_error&) {
  }
  EXPECT_EQ(bytes_of(folder / "a"), "old");
  EXPECT_EQ(folder.files(), 1);
}

TEST(RequireWritable, SaysWhatAWriteWouldAndLeavesNothing) {
  const TemporaryFolder folder;
  folder.file("a", "old");
  require_writable(folder / "a");
  require_writable(folder / "new");
  require_writable("/dev/null");
  require_writable("-");
  EXPECT_EQ(bytes_of(folder / "a"), "old");
  EXPECT_EQ(folder.files(), 1);
  std::filesystem::create_directory(folder / "folder");
  for (const std::string& path : {folder / "folder", folder / "no/such/a", folder / "a/b"}) {
    std::string asked;
    try {
      require_writable(path);
    } catch (const FileError& error) {
      asked = error.what();
    }
    try {
      OutputFile out(path);
      ADD_FAILURE() << path;
    } catch (const FileError& error) {
      EXPECT_EQ(asked, error.what());
    }
  }
  EXPECT_EQ(folder.files(), 2);
}

TEST(OutputFile, WritesPiecesOfEverySizeInOrder) {
  const TemporaryFolder folder;
  std::string expected;
  OutputFile out(folder / "a");
  for (const std::size_t size : {0U, 1U, 65535U, 1U, 65536U, 65537U, 200000U, 3U}) {
    const std::string piece(size, static_cast<char>('a' + size % 26));
    out.write(piece);
    expected += piece;
  }
  out.commit();
  EXPECT_EQ(bytes_of(folder / "a"), expected);
}

TEST(OutputFile, KeepsThePermissionsOfTheFileItReplaces) {
  const TemporaryFolder folder;
  ::chmod(folder.file("a", "old").c_str(), 0640);
  OutputFile out(folder / "a");
  out.commit();
  EXPECT_EQ(mode_of(folder / "a"), 0640U);
}

TEST(OutputFile, GivesANewFileThePermissionsThatTheUmaskLeaves) {
  const TemporaryFolder folder;
  const mode_t before = ::umask(027);
  OutputFile out(folder / "a");
  out.commit();
  ::umask(before);
  EXPECT_EQ(mode_of(folder / "a"), 0640U);
}

TEST(OutputFile, FollowsASymbolicLink) {
  const TemporaryFolder folder;
  folder.file("target", "old");
  std::filesystem::create_symlink("target", folder / "link");
  OutputFile out(folder / "link");
  out.write("new");
  out.commit();
  EXPECT_TRUE(std::filesystem::is_symlink(folder / "link"));
  EXPECT_EQ(bytes_of(folder / "target"), "new");
}

TEST(OutputFile, WritesIntoADeviceInsteadOfReplacingIt) {
  OutputFile out("/dev/null");
  out.write("gone");
  out.commit();
  EXPECT_TRUE(std::filesystem::is_character_file("/dev/null"));
}

TEST(OutputFile, SaysWhyItCannotBeMade) {
  const TemporaryFolder folder;
  EXPECT_THROW(OutputFile(folder.path().string()), FileError);
  EXPECT_THROW(OutputFile(folder / "none/a"), FileError);
}

TEST(OutputFile, SaysWhenTheDiskIsFull) {
  OutputFile out("/dev/full");
  out.write("x");
  EXPECT_THROW(out.commit(), FileError);
}

TEST(OutputFile, MakesItsNameFitWhenTheTargetsNameIsAsLongAsNamesMayBe) {
  const TemporaryFolder folder;
  const std::string path = folder / std::string(255, 'n');
  OutputFile out(path);
  out.write("x");
  out.commit();
  EXPECT_EQ(bytes_of(path), "x");
}

TEST(OutputFile, TemporaryFilesGoOnAnInterrupt) {
  const TemporaryFolder folder;
  OutputFile first(folder / "a");
  OutputFile second(folder / "b");
  OutputFile done(folder / "c");
  done.commit();
  EXPECT_EQ(folder.files(), 3);
  remove_temporary_files();
  EXPECT_EQ(folder.files(), 1);
  EXPECT_THROW(first.commit(), FileError);
  OutputFile again(folder / "a");
  again.commit();
  EXPECT_EQ(folder.files(), 2);
}

TEST(OutputFile, WritesToStandardOutput) {
  testing::internal::CaptureStdout();
  OutputFile out("-");
  out.write("to the pipe");
  out.commit();
  EXPECT_EQ(out.name(), "standard output");
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "to the pipe");
}

}  // namespace
}  // namespace eckart::io
