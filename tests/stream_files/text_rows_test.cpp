// Rows of tables: what a record is, whatever the pieces are that its bytes come in, and what is wrong with one.

#include <chrono>
#include <fstream>
#include <thread>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <eckart/error.hpp>

#include "io/csv_dialect.hpp"
#include "io/format_reader.hpp"
#include "io/temporary_folder.hpp"
#include "io/text_input.hpp"
#include "stream_files/row_decoder.hpp"
#include "stream_files/row_tools.hpp"

namespace eckart::io {
namespace {

using Reals = std::vector<double>;

/// What comes before the error, and its message.
std::pair<Reals, std::string> until_error(RowReader& reader) {
  Reals before;
  try {
    for (;;) {
      const Reals some = next_of(reader);
      if (some.empty()) {
        return {before, "nothing was wrong"};
      }
      before.insert(before.end(), some.begin(), some.end());
    }
  } catch (const FormatError& error) {
    return {before, error.what()};
  }
}

TEST(TextRows, AllRowsBeforeABadOneComeFirst) {
  const TemporaryFolder folder;
  const std::pair<const char*, const char*> bad[] = {
      {"5,x", "line 6, column 3"},  {"5", "line 6, column 2"}, {"5,6,7", "line 6, column 5"},
      {"5,", "line 6, column 3"},   {"5,1e999", "line 6"},     {"5,1+2j", "line 6, column 3"},
      {"5,\"6", "line 6, column 3"}};
  for (const auto& [line, place] : bad) {
    const std::string path =
        folder.file("a.csv", std::string("x,y\n# c\n1,2\n\n3,4\n") + line + "\n7,8\n");
    for (const bool growing : {false, true}) {
      if (growing && std::string_view(line).find('"') != std::string_view::npos) {
        continue;  // the quote may still be closed
      }
      RowReader reader(path, {.dtype = "float64", .growing = growing});
      const auto [before, message] = until_error(reader);
      EXPECT_EQ(before, (Reals{1, 2, 3, 4})) << line;
      expect_contains(message, place);
      expect_contains(message, "(row 3)");
      EXPECT_EQ(reader.behind(0).rows, 2) << line;
    }
  }
}

TEST(TextRows, AnUnfinishedLastLineOfAGrowingFileStaysUnread) {
  const TemporaryFolder folder;
  for (const std::string tail : {"5,6", "5,6\r", "5,", "5,wor", "5,\"6", "# half a comm"}) {
    const std::string path = folder.file("log.csv", "x,y\n1,2\n3,4\n" + tail);
    RowReader reader(path, {.growing = true});
    EXPECT_EQ(next_of(reader), (Reals{1, 2, 3, 4})) << tail;
    const RowPosition position = reader.behind(2);
    EXPECT_TRUE(next_of(reader).empty());
    EXPECT_EQ(reader.unread(), tail.size()) << tail;
    // When it has its end it is a row, and it was not taken before.
    folder.file("log.csv", "x,y\n1,2\n3,4\n5,67\n");
    RowReader later(path, {.growing = true, .from = reader.mark(position)});
    EXPECT_EQ(all_of(later), (Reals{5, 67})) << tail;
    EXPECT_EQ(later.unread(), 0U);
  }
  folder.file("log.csv", "x,y\n1,2\n3,4");
  RowReader whole(folder / "log.csv");
  EXPECT_EQ(all_of(whole), (Reals{1, 2, 3, 4}));
  EXPECT_EQ(whole.unread(), 0U);
}

TEST(TextRows, AQuoteInACommentOrInsideAFieldIsText) {
  const TemporaryFolder folder;
  for (const std::string first : {"# 5\" nails\n", "name,5\" nails,6\" nails\n"}) {
    std::string text = first;
    for (int i = 0; i < 400000; ++i) {
      text += i % 1000 == 7 ? "a 5\" nail,1,2\n# \"\n" : "nail,1,2\n";
    }
    // Who takes a quote for an open one waits for its end, and the row becomes too long.
    RowReader reader(folder.file("a.csv", text), {.max_row_bytes = 1 << 20});
    EXPECT_EQ(all_of(reader).size(), 800000U) << first;
  }
}

TEST(TextRows, AnOpenQuoteIsNotWaitedForWithoutEnd) {
  const TemporaryFolder folder;
  std::string text = "1,2\n5,\"6\n";
  const std::string path = folder.file("a.csv", text);
  RowReader waits(path, {.growing = true});
  EXPECT_EQ(all_of(waits), (Reals{1, 2}));
  EXPECT_EQ(waits.unread(), 5U);
  for (int i = 0; i < 300000; ++i) {
    text += "7,8\n";
  }
  folder.file("a.csv", text);
  RowReader reader(path, {.growing = true});
  const auto [before, message] = until_error(reader);
  EXPECT_EQ(before, (Reals{1, 2}));
  expect_contains(message, "line 2, column 3: the quote that opens here is never closed");
}

/// All that a decoder makes of a text that comes in two pieces, the first one at a time of which more may follow.
Reals in_two_pieces(std::string_view text, std::size_t cut, const CsvDialect& known) {
  RowReading reading;
  const auto rows =
      text_rows(Input::in_memory("a.csv", std::as_bytes(std::span(text))),
                {.format = Format::csv, .delimiter = known.delimiter}, reading, false);
  Reals all;
  RowPosition at;
  for (const std::size_t end : {cut, cut, text.size()}) {
    const bool at_end = end == text.size();
    const auto piece = std::as_bytes(std::span(text.substr(0, end))).subspan(at.bytes);
    const Decoded d = rows->decode(piece, at, at_end);
    const auto* entries = static_cast<const double*>(d.data);
    all.insert(all.end(), entries, entries + d.rows * rows->cols());
    at = d.behind;
  }
  EXPECT_EQ(at.bytes, text.size());
  EXPECT_EQ(at.rows * rows->cols(), static_cast<Index>(all.size()));
  return all;
}

TEST(TextRows, PiecesMayEndAnywhere) {
  for (const std::string_view text :
       {"x,y\r\n1,2\r\n\r\n# 3\r\n3,4\r\n", "1 2\n# \"\n 3  4 \n5 6",
        "\xEF\xBB\xBF\"a\nb\";c\n1;2\n\"3\";\"4\"\n", "1,2\r3,4\r5,6e1\r",
        "\"a\"\"\nb\",1,2\n'c\"',3,4\n\"d\",5,6\n", "x\n1\n\n\n2\n#\n#\n3"}) {
    const Input whole = input_of(text);
    const CsvDialect dialect = detect_dialect(whole, {.format = Format::csv});
    const Reals expected = entries_of<double>(read_csv(whole, {}).matrix);
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
      EXPECT_EQ(in_two_pieces(text, cut, dialect), expected) << text << ", cut at " << cut;
    }
  }
}

TEST(TextRows, LinesOfEveryKindAreCounted) {
  const TemporaryFolder folder;
  for (const std::string end : {"\n", "\r\n", "\r"}) {
    std::string text = "x,y" + end;
    for (int i = 0; i < 100000; ++i) {
      text += i % 100 == 0 ? "# comment" + end + end : "";
      text += i % 10 == 0 ? "\"1\",\"2\"" + end : "1.25,2" + end;
    }
    text += "1,what" + end;
    RowReader reader(folder.file("a.csv", text));
    const auto [before, message] = until_error(reader);
    EXPECT_EQ(before.size(), 200000U);
    expect_contains(message, "line 102002, column 3");
    expect_contains(message, "(row 100001)");
  }
}

TEST(TextRows, EntriesAreFoundInTheFile) {
  const TemporaryFolder folder;
  std::string text = "# c\nname,x,y\n";
  for (int i = 0; i < 200000; ++i) {
    text += "\"r\",1,2\n" + std::string(i % 2 == 0 ? "" : "\n");
  }
  RowReader reader(folder.file("a.csv", text));
  Index before = 0;
  int batches = 0;
  for (; before < 200000; ++batches) {
    const Index count = reader.next().count();
    ASSERT_GT(count, 0);
    for (const Index i : {Index{0}, count / 2, count - 1}) {
      const Index row = before + i;
      EXPECT_EQ(reader.place_of(i, 1), "line " + std::to_string(3 + row + row / 2) + ", column 7");
    }
    before += count;
  }
  EXPECT_GT(batches, 1);
}

TEST(TextRows, AHeaderOfManyLinesIsWaitedFor) {
  const TemporaryFolder folder;
  std::string name = "\"";
  for (int i = 0; i < 20000; ++i) {
    name += "line\n";  // beyond every first guess at how much tells the dialect
  }
  RowReader reader(folder.file("a.csv", name + "\",y\n1,2\n3,4\n"));
  EXPECT_EQ(all_of(reader), (Reals{1, 2, 3, 4}));
}

TEST(TextRows, AGrowingFileWithoutARowSaysSo) {
  const TemporaryFolder folder;
  for (const std::string text : {"x,y\n", "x,y\n1,2", "x,y"}) {
    EXPECT_THROW(RowReader(folder.file("a.csv", text), {.growing = true}), FormatError) << text;
  }
  EXPECT_THROW(RowReader(folder.file("a.csv", "# nothing yet\n1,2"), {.growing = true}),
               FormatError);
}

TEST(TextRows, AFollowedFileOfCommentsIsWaitedFor) {
  const TemporaryFolder folder;
  const std::string path = folder.file("log.csv", "# one\n# two\n# three\nx,y\n");
  std::thread writer([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(150));
    std::ofstream(path, std::ios::app) << "1,2\n";
  });
  RowReader reader(path, {.follow = true});
  EXPECT_EQ(next_of(reader), (Reals{1, 2}));
  writer.join();
}

TEST(TextRows, AFollowedFileThatIsCutShortIsAnError) {
  const TemporaryFolder folder;
  const std::string path = folder.file("log.csv", "1,2\n3,4\n5,6\n");
  RowReader reader(path, {.follow = true});
  EXPECT_EQ(next_of(reader), (Reals{1, 2, 3, 4, 5, 6}));
  const RowPosition position = reader.behind(3);
  folder.file("log.csv", "7,8\n");
  expect_contains(message_of<FileError>([&] { static_cast<void>(reader.next()); }),
                  "was cut short while it was followed");
  EXPECT_THROW(static_cast<void>(reader.mark(position)), FileError);
}

TEST(TextRows, AStopWhileTheBeginningIsLookedAtLosesNoRow) {
  const TemporaryFolder folder;
  const std::string path = folder / "pipe";
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  for (const std::string text : {"x,y\n1,2\n3,4\n5,", "1,2\n3,4\n", "x,y\n", ""}) {
    std::stop_source source;
    std::jthread writer([&](const std::stop_token& done) {
      std::ofstream out(path);
      out << text << std::flush;
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
      source.request_stop();
      while (!done.stop_requested()) {  // the pipe stays open
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
      }
    });
    const RowOptions options{.stop = source.get_token()};
    if (text.size() < 5) {
      EXPECT_THROW(RowReader(path, options), Cancelled) << text;
      continue;
    }
    RowReader reader(path, options);
    EXPECT_EQ(next_of(reader), (Reals{1, 2, 3, 4})) << text;
    EXPECT_THROW(static_cast<void>(reader.next()), Cancelled) << text;
  }
}

}  // namespace
}  // namespace eckart::io
