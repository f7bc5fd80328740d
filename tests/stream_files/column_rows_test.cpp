#include <gtest/gtest.h>

#include <eckart/error.hpp>
#include <eckart/io.hpp>
#include <eckart/stream_files.hpp>

#include "io/npy_bytes.hpp"
#include "io/temporary_folder.hpp"
#include "row_tools.hpp"

namespace eckart::io {
namespace {

std::vector<double> entries_of(const Matrix<double>& row_major) {
  return {row_major.data(), row_major.data() + row_major.rows() * row_major.cols()};
}

/// The same numbers column after column.
std::string saved_by_columns(const TemporaryFolder& folder, const Matrix<double>& a) {
  write_matrix(folder / "a.npy", Matrix<double>(a.view(), Layout::column_major).view());
  return folder / "a.npy";
}

TEST(ColumnRows, AreTheRowsOfTheMatrixInBlocksOfWhatARowMayTake) {
  const TemporaryFolder folder;
  const Matrix<double> a = sample(103, 7);
  const std::string path = saved_by_columns(folder, a);
  for (const std::uint64_t rows_of_block : {1U, 10U, 1000U}) {
    RowReader reader(path, {.max_row_bytes = rows_of_block * 7 * sizeof(double)});
    EXPECT_EQ(reader.format(), RowFormat::npy);
    EXPECT_EQ(reader.cols(), 7);
    EXPECT_EQ(reader.dtype(), "float64");
    EXPECT_EQ(all_of(reader), entries_of(a));
    EXPECT_EQ(reader.unread(), 0);
  }
}

TEST(ColumnRows, OfEveryTypeAndByteOrder) {
  const TemporaryFolder folder;
  const std::string header = npy_header(">i2", true, "(3, 2)");
  RowReader reader(folder.file("a.npy", npy_file(header, big<std::int16_t>({1, 2, 3, 4, 5, 6}))));
  EXPECT_EQ(reader.dtype(), "float32");
  EXPECT_EQ(next_of(reader), (std::vector<double>{1, 4, 2, 5, 3, 6}));
  EXPECT_EQ(reader.place_of(1, 1), "byte " + std::to_string(10 + header.size() + 8));
}

TEST(ColumnRows, GoOnBehindTheRowsThatAMarkTells) {
  const TemporaryFolder folder;
  const Matrix<double> a = sample(20, 3);
  const std::string path = saved_by_columns(folder, a);
  RowReader reader(path, {.max_row_bytes = 8 * 3 * sizeof(double)});
  ASSERT_EQ(reader.next().count(), 8);
  ASSERT_EQ(reader.next().count(), 8);
  const auto mark = reader.mark(reader.behind(5));
  ASSERT_TRUE(mark);
  EXPECT_EQ(mark->position.rows, 13);
  RowReader rest(path, {.from = mark});
  const std::vector<double> all = entries_of(a);
  EXPECT_EQ(all_of(rest), std::vector<double>(all.begin() + 13 * 3, all.end()));
  Matrix<double> other(a.view(), Layout::column_major);
  other(0, 0) += 1;
  write_matrix(path, other.view());
  EXPECT_THROW(RowReader(path, {.from = mark}), FileError);
}

TEST(ColumnRows, ErrorsSayWhatIsWrong) {
  const TemporaryFolder folder;
  const std::string path = saved_by_columns(folder, sample(20, 3));
  EXPECT_THROW(RowReader(path, {.cols = 4}), FormatError);
  EXPECT_THROW(RowReader(path, {.dtype = "f4"}), InvalidArgument);
  EXPECT_THROW(RowReader(path, {.max_row_bytes = 20}), OutOfMemory);
  const std::string bytes = bytes_of(path);
  folder.file("a.npy", std::string_view(bytes).substr(0, bytes.size() - 30));
  EXPECT_NE(message_of<Error>([&] { RowReader reader(path); }).find("ends inside the array"),
            std::string::npos);
}

}  // namespace
}  // namespace eckart::io
