// Going on in a file: the same rows, or an error that says that it is another file, or read another way.

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <eckart/error.hpp>

#include "io/temporary_folder.hpp"
#include "io/text_input.hpp"
#include "stream_files/row_tools.hpp"

namespace eckart::io {
namespace {

using Reals = std::vector<double>;

/// The mark behind the first `count` rows of a file.
RowMark mark_of(const std::string& path, Index count, const RowOptions& options = {}) {
  RowReader reader(path, options);
  EXPECT_GE(reader.next().count(), count);
  const auto mark = reader.mark(reader.behind(count));
  EXPECT_TRUE(mark.has_value());
  return mark.value_or(RowMark{});
}

TEST(RowMarks, AFileThatWasReplacedIsNoticed) {
  const TemporaryFolder folder;
  std::string text = "x,y,z\n";
  for (int i = 0; i < 30000; ++i) {
    text += "1.5,2.5,3.5\n";
  }
  const std::string path = folder.file("a.csv", text);
  const RowMark mark = mark_of(path, 20000);
  const std::size_t end = mark.position.bytes;
  EXPECT_EQ(mark.position.rows, 20000);
  EXPECT_EQ(mark.position.lines, 20001U);
  const auto error_of = [&](const std::string& now) {
    folder.file("a.csv", now);
    return message_of<FileError>([&] { RowReader(path, {.from = mark}); });
  };
  for (const std::size_t at : {std::size_t{0}, std::size_t{40000}, end - 60000, end - 2}) {
    std::string now = text;
    now[at] = now[at] == '5' ? '6' : '5';
    expect_contains(error_of(now), "was it replaced? Read all of it as new rows");
  }
  expect_contains(error_of(text.substr(0, end - 1)), "was it replaced");
  // What comes behind the mark is not of the past.
  std::string now = text.substr(0, end) + "7,8,9\n";
  folder.file("a.csv", now);
  RowReader reader(path, {.from = mark});
  EXPECT_EQ(all_of(reader), (Reals{7, 8, 9}));
}

TEST(RowMarks, ABadRowMayBeMendedAndTheFileGoneOnWith) {
  const TemporaryFolder folder;
  const std::string path = folder.file("a.csv", "x;y\n1;2\n3;oops\n5;6\n");
  const RowMark mark = mark_of(path, 1);
  folder.file("a.csv", "x;y\n1;2\n3;4\n5;6\n");
  RowReader reader(path, {.from = mark});
  EXPECT_EQ(all_of(reader), (Reals{3, 4, 5, 6}));
}

TEST(RowMarks, RowsAreReadAsTheyWereBefore) {
  const TemporaryFolder folder;
  // From its first line this is a table of real numbers with labels; from all of them it would be another one.
  const std::string path = folder.file("a.csv", "id;x\na;1\n");
  const RowMark mark = mark_of(path, 1);
  EXPECT_TRUE(mark.reading.labels);
  folder.file("a.csv", "id;x\na;1\n7;2\n8;3\n");
  RowReader reader(path, {.from = mark});
  EXPECT_EQ(reader.cols(), 1);
  EXPECT_EQ(all_of(reader), (Reals{2, 3}));
  EXPECT_TRUE(reader.mark(reader.behind(0))->reading.labels);
  folder.file("a.csv", "id;x\na;1\nb;2j\n");
  RowReader real(path, {.from = mark});
  EXPECT_EQ(real.dtype(), "float64");
}

TEST(RowMarks, AnotherWayOfReadingIsRefused) {
  const TemporaryFolder folder;
  const std::string path = folder.file("a.csv", "x,y,z\n1,2,3\n4,5,6\n");
  const RowMark mark = mark_of(path, 1, {.text = {.columns = "x,z"}});
  const auto error_of = [&](RowOptions options) {
    options.from = mark;
    return message_of<InvalidArgument>([&] { RowReader(path, options); });
  };
  expect_contains(error_of({}), "the columns 'x,z', and 'all'");
  expect_contains(error_of({.text = {.columns = "x,y"}}), "the columns 'x,z', and 'x,y'");
  expect_contains(error_of({.format = RowFormat::raw, .cols = 2}), "the format 'csv', and 'raw'");
  expect_contains(error_of({.dtype = "complex128", .text = {.columns = "x,z"}}),
                  "the type 'float64', and 'complex128'");
  expect_contains(error_of({.text = {.delimiter = ';', .columns = "x,z"}}), "delimiter");
  expect_contains(error_of({.text = {.header = false, .columns = "x,z"}}), "header");
  RowReader reader(path, {.text = {.columns = "x,z"}, .from = mark});
  EXPECT_EQ(all_of(reader), (Reals{4, 6}));
}

TEST(RowMarks, UnfinishedRawRowsOfAGrowingFileStayUnread) {
  const TemporaryFolder folder;
  const std::string bytes = bytes_of_rows(sample(3, 2));
  const std::string path = folder.file("a.raw", bytes.substr(0, 40));
  RowReader reader(path, {.cols = 2, .growing = true});
  EXPECT_EQ(reader.next().count(), 2);
  const auto mark = reader.mark(reader.behind(2));
  EXPECT_EQ(reader.next().count(), 0);
  EXPECT_EQ(reader.unread(), 8U);
  folder.file("a.raw", bytes);
  RowReader later(path, {.cols = 2, .growing = true, .from = mark});
  EXPECT_EQ(later.next().count(), 1);
  EXPECT_EQ(later.behind(1).rows, 3);
  EXPECT_EQ(later.place_of(0, 1), "byte 40");
}

TEST(RowMarks, StatesRememberTheirFile) {
  const TemporaryFolder folder;
  const std::string path = folder.file("a.csv", "a|b\n1|2\n3|4\n");
  const RowMark mark = mark_of(path, 2, {.text = {.columns = "1-2"}});
  StreamState state;
  state.put_count("eckart_stream", 1);
  state.put_count("kind", 1);
  put_source(state, path, mark);
  save_stream(folder / "s.npz", state);
  const StreamState loaded = load_stream(folder / "s.npz");
  const auto back = source_in(loaded, path);
  ASSERT_TRUE(back.has_value());
  EXPECT_EQ(back->position.bytes, mark.position.bytes);
  EXPECT_EQ(back->position.lines, 3U);
  EXPECT_EQ(back->position.rows, 2);
  EXPECT_EQ(back->checksum, mark.checksum);
  EXPECT_EQ(back->reading.format, RowFormat::csv);
  EXPECT_EQ(back->reading.dtype, "float64");
  EXPECT_EQ(back->reading.delimiter, '|');
  EXPECT_EQ(back->reading.decimal, '.');
  EXPECT_TRUE(back->reading.header);
  EXPECT_FALSE(back->reading.labels);
  EXPECT_EQ(back->reading.columns, "1-2");
  EXPECT_FALSE(source_in(loaded, folder / "b.csv").has_value());
  EXPECT_FALSE(source_in(loaded, "-").has_value());
  EXPECT_FALSE(source_in(StreamState(), path).has_value());

  StreamState next;
  keep_source(next, loaded);
  EXPECT_EQ(source_in(next, path)->position.rows, 2);
  EXPECT_FALSE(next.has("kind"));

  for (const char* name :
       {"source_bytes", "source_lines", "source_rows", "source_checksum", "source_reading"}) {
    StreamState bad;
    for (const auto& [each, array] : loaded.arrays()) {
      if (each != name) {
        bad.put(each, array);
      }
    }
    EXPECT_THROW(static_cast<void>(source_in(bad, path)), InvalidArgument) << name;
    bad.put(name, Matrix<double>(1, 3));
    EXPECT_THROW(static_cast<void>(source_in(bad, path)), InvalidArgument) << name;
  }
}

TEST(RowMarks, ARenamedFileIsKnownByItsRows) {
  const TemporaryFolder folder;
  const std::string path = folder.file("a.csv", "1,2\n3,4\n");
  StreamState state;
  EXPECT_FALSE(source_renamed(state, path).has_value());
  put_source(state, path, mark_of(path, 2));
  EXPECT_FALSE(source_renamed(state, path).has_value());  // it has its name
  EXPECT_FALSE(source_renamed(state, "-").has_value());
  EXPECT_FALSE(source_renamed(state, folder / "none.csv").has_value());
  EXPECT_FALSE(source_renamed(state, folder.file("b.csv", "1,2\n3,5\n")).has_value());
  EXPECT_FALSE(source_renamed(state, folder.file("c.csv", "1,2\n")).has_value());
  const auto mark = source_renamed(state, folder.file("d.csv", "1,2\n3,4\n5,6\n"));
  ASSERT_TRUE(mark.has_value());
  EXPECT_EQ(mark->position.rows, 2);
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  EXPECT_FALSE(source_renamed(state, folder / "pipe").has_value());
  StreamState no_rows;
  put_source(no_rows, path, mark_of(path, 0));
  EXPECT_FALSE(source_renamed(no_rows, folder / "d.csv").has_value());
}

TEST(RowMarks, AFileThatWasWrittenAnewWhileItWasReadHasNone) {
  const TemporaryFolder folder;
  const std::string path = folder.file("a.csv", "1,2\n3,4\n");
  RowReader reader(path, {.growing = true});
  EXPECT_EQ(reader.next().count(), 2);
  folder.file("a.csv", "1,2\n3,4\n5,6\n");
  EXPECT_TRUE(reader.mark(reader.behind(2)).has_value());
  folder.file("a.csv", "7,8\n3,4\n5,6\n");  // longer than what was read, and another one
  expect_contains(message_of<FileError>([&] { static_cast<void>(reader.mark(reader.behind(2))); }),
                  "its beginning has changed since it was read");
}

TEST(RowMarks, PipesHaveNone) {
  const TemporaryFolder folder;
  const std::string file = folder.file("a.csv", "1,2\n3,4\n");
  const RowMark mark = mark_of(file, 1);
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  EXPECT_THROW(RowReader(folder / "pipe", {.from = mark}), FileError);
}

}  // namespace
}  // namespace eckart::io
