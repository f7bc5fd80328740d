#include <cstring>
#include <fstream>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <eckart/error.hpp>
#include <eckart/frequent_directions.hpp>
#include <eckart/stream_files.hpp>

#include "io/temporary_folder.hpp"
#include "stream_files/row_tools.hpp"
#include "streams/stream_tools.hpp"

namespace eckart::io {
namespace {

void expect_rows(const std::string& path, const RowOptions& options, const Matrix<double>& a) {
  RowReader reader(path, options);
  EXPECT_EQ(reader.cols(), a.cols());
  const std::vector<double> all = all_of(reader);
  ASSERT_EQ(static_cast<Index>(all.size()), a.rows() * a.cols());
  EXPECT_TRUE(std::equal(all.begin(), all.end(), a.data()));
}

TEST(RowReader, EveryFormatGivesTheSameRows) {
  const TemporaryFolder folder;
  const Matrix<double> a = sample(3000, 60);  // more than a buffer
  write_matrix(folder / "a.npy", a.view());
  write_matrix(folder / "a.csv", a.view());
  folder.file("a.raw", bytes_of_rows(a));
  expect_rows(folder / "a.npy", {}, a);
  expect_rows(folder / "a.csv", {}, a);
  expect_rows(folder / "a.raw", {.cols = 60}, a);
}

TEST(RowReader, APositionIsGoneOnFrom) {
  const TemporaryFolder folder;
  const Matrix<double> a = sample(500, 7);
  write_matrix(folder / "a.npy", a.view());
  write_matrix(folder / "a.csv", a.view(), {.column_names = {"a", "b", "c", "d", "e", "f", "g"}});
  folder.file("a.raw", bytes_of_rows(a));
  for (const auto& [name, cols] :
       {std::pair<std::string, Index>{"a.npy", 0}, {"a.csv", 0}, {"a.raw", 7}}) {
    for (const Index count : {0, 1, 123, 499, 500}) {
      RowReader first(folder / name, {.cols = cols});
      ASSERT_EQ(first.next().count(), 500) << name;
      RowOptions options{.cols = cols};
      options.from = first.mark(first.behind(count));
      RowReader second(folder / name, options);
      const std::vector<double> rest = all_of(second);
      ASSERT_EQ(static_cast<Index>(rest.size()), (500 - count) * 7) << name << " from " << count;
      EXPECT_TRUE(std::equal(rest.begin(), rest.end(), a.data() + count * 7)) << name;
    }
  }
}

TEST(RowReader, OtherTypesAreConverted) {
  const TemporaryFolder folder;
  const std::int16_t numbers[] = {1, -2, 300, 4, 5, -600};
  RowReader reader(folder.file("a.raw", {reinterpret_cast<const char*>(numbers), sizeof numbers}),
                   {.cols = 2, .dtype = "<i2"});
  EXPECT_EQ(reader.dtype(), "float32");
  EXPECT_EQ(all_of(reader), (std::vector<double>{1, -2, 300, 4, 5, -600}));
  EXPECT_THROW(RowReader(folder / "a.raw", {.cols = 2, .dtype = "word"}), InvalidArgument);
}

TEST(RowReader, WhatIsNoRowIsNamed) {
  const TemporaryFolder folder;
  const auto message = [&](const std::string& name, std::string_view bytes,
                           const RowOptions& options) {
    try {
      RowReader reader(folder.file(name, bytes), options);
      static_cast<void>(all_of(reader));
    } catch (const FormatError& error) {
      return std::string(error.what());
    }
    return std::string("nothing was wrong");
  };
  EXPECT_NE(message("a.raw", std::string(20, 'x'), {.cols = 2}).find("byte 20"), std::string::npos);
  EXPECT_NE(message("a.csv", "1,2\n3,4\n5,x\n", {}).find("line 3, column 3"), std::string::npos);
  EXPECT_NE(message("a.csv", "1,2\n3,4\n5\n", {}).find("line 3"), std::string::npos);
  const Matrix<double> a = sample(4, 3);
  write_matrix(folder / "whole.npy", a.view());
  const std::string whole = bytes_of(folder / "whole.npy");
  EXPECT_NE(message("cut.npy", std::string_view(whole).substr(0, whole.size() - 30), {})
                .find("2 rows before"),
            std::string::npos);
  EXPECT_THROW(RowReader(folder / "none.csv"), FileError);
  EXPECT_THROW(RowReader(folder.file("b.raw", "12345678"), {.format = RowFormat::raw}),
               InvalidArgument);
  EXPECT_NE(message("c.csv", "1,2\n", {.format = RowFormat::csv, .cols = 3}).find("were asked for"),
            std::string::npos);
}

TEST(RowReader, LinesAreCountedThroughBatches) {
  const TemporaryFolder folder;
  std::string text;
  for (int i = 0; i < 300000; ++i) {
    text += "1.5,2.5\n";  // several buffers
  }
  text += "1.5,what\n";
  RowReader reader(folder.file("a.csv", text));
  try {
    static_cast<void>(all_of(reader));
    FAIL();
  } catch (const FormatError& error) {
    EXPECT_NE(std::string(error.what()).find("line 300001, column 5"), std::string::npos)
        << error.what();
  }
}

TEST(RowReader, QuotesHeadersAndCommentsMayStandAnywhere) {
  const TemporaryFolder folder;
  RowReader reader(folder.file("a.csv", "# first\nx,y\n\"1\",2\n\n# between\n3,\"4\"\n5,6"));
  EXPECT_EQ(all_of(reader), (std::vector<double>{1, 2, 3, 4, 5, 6}));
}

TEST(RowReader, AGrowingFileIsFollowedUntilAStopIsRequested) {
  const TemporaryFolder folder;
  const std::string path = folder.file("log.csv", "1,2\n3,4\n5,");
  std::stop_source source;
  RowReader reader(path, {.follow = true, .stop = source.get_token()});
  EXPECT_EQ(reader.next().count(), 2);
  std::thread writer([&] { std::ofstream(path, std::ios::app) << "6\n"; });
  EXPECT_EQ(reader.next().count(), 1);
  writer.join();
  std::thread stopper([&] { source.request_stop(); });
  EXPECT_THROW(static_cast<void>(reader.next()), Cancelled);
  stopper.join();
}

TEST(RowReader, APipeIsReadAsItComes) {
  const TemporaryFolder folder;
  const std::string path = folder / "pipe";
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  const Matrix<double> a = sample(700, 11);
  std::thread writer([&] {
    std::ofstream out(path, std::ios::binary);
    const std::string bytes = bytes_of_rows(a);
    for (std::size_t at = 0; at < bytes.size(); at += 1001) {  // never at a row's end
      out.write(bytes.data() + at,
                static_cast<std::streamsize>(std::min<std::size_t>(1001, bytes.size() - at)));
      out.flush();
    }
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  expect_rows(path, {.cols = 11}, a);
  writer.join();
}

TEST(StreamFiles, SavedAndResumedBitForBit) {
  const TemporaryFolder folder;
  const Matrix<double> a = sample(90, 8);
  FrequentDirections<double> stream(8, {.sketch_rows = 3, .block = 7, .threads = 1});
  stream.append(a.view().top_rows(50));
  save_stream(folder / "s.npz", stream.state());
  const StreamState loaded = load_stream(folder / "s.npz");
  EXPECT_TRUE(testing::same_state(stream.state(), loaded));
  FrequentDirections<double> resumed(loaded);
  stream.append(a.view().block(50, 0, 40, 8));
  resumed.append(a.view().block(50, 0, 40, 8));
  EXPECT_TRUE(testing::same_state(stream.state(), resumed.state()));
}

TEST(StreamFiles, DamagedStatesAreErrorsOfTheFile) {
  const TemporaryFolder folder;
  FrequentDirections<double> stream(8, {.sketch_rows = 3, .block = 7, .threads = 1});
  stream.append(sample(20, 8).view());
  save_stream(folder / "s.npz", stream.state());
  const std::string good = bytes_of(folder / "s.npz");
  for (std::size_t length = 0; length < good.size(); length += 37) {
    folder.file("cut.npz", std::string_view(good).substr(0, length));
    EXPECT_THROW(static_cast<void>(load_stream(folder / "cut.npz")), FormatError) << length;
  }
  for (std::size_t at = 0; at < good.size(); at += 11) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 0x5a);
    folder.file("bad.npz", bad);
    try {
      FrequentDirections<double> resumed(
          load_stream(folder / "bad.npz"));  // or nothing that counts was hit
    } catch (const Error& error) {
      EXPECT_TRUE(error.kind() == ErrorKind::malformed ||
                  error.kind() == ErrorKind::invalid_argument)
          << at;
    }
  }
  write_matrix(folder / "other.npz", sample(2, 2).view());
  EXPECT_THROW(static_cast<void>(load_stream(folder / "other.npz")), FormatError);
  EXPECT_THROW(static_cast<void>(load_stream(folder / "none.npz")), FileError);
}

}  // namespace
}  // namespace eckart::io
