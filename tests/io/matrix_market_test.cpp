#include "io/matrix_market.hpp"

#include <limits>

#include <gtest/gtest.h>

#include "io/format_reader.hpp"
#include "io/temporary_folder.hpp"
#include "io/text_input.hpp"

namespace eckart::io {
namespace {

using C = std::complex<double>;
using Reals = std::vector<double>;
using Shape = std::pair<Index, Index>;

MatrixFile read(const std::string& words, const std::string& body,
                const ReadOptions& options = {}) {
  const std::string text = "%%MatrixMarket matrix " + words + "\n" + body;
  return read_matrix_market(input_of(text), options);
}

Reals reals(const std::string& words, const std::string& body) {
  return entries_of<double>(read(words, body).matrix);
}

std::string error(const std::string& words, const std::string& body) {
  return message_of<FormatError>([&] { static_cast<void>(read(words, body)); });
}

TEST(MatrixMarket, ReadsCoordinateFiles) {
  const MatrixFile file = read("coordinate real general",
                               "% a comment\n\n2 3 3\n1 1 1.5\n% another\n2 3 -2e-1\n\n1 2 3\n");
  EXPECT_EQ(entries_of<double>(file.matrix), (Reals{1.5, 3, 0, 0, 0, -.2}));
  EXPECT_EQ(file.description.stored_type, "coordinate real general");
  EXPECT_EQ(file.description.computed_type, "float64");
  EXPECT_EQ(reals("Coordinate INTEGER General", "2 2 1\n2 1 7"), (Reals{0, 0, 7, 0}));
  EXPECT_EQ(reals("coordinate pattern general", "2 2 2\r\n1 1\r\n2 2\r\n"), (Reals{1, 0, 0, 1}));
}

TEST(MatrixMarket, ReadsArraysDownTheColumns) {
  EXPECT_EQ(reals("array real general", "2 2\n1\n2\n3\n4\n"), (Reals{1, 3, 2, 4}));
  EXPECT_EQ(entries_of<C>(read("array complex general", "1 2\n1 2\n3 -4\n").matrix),
            (std::vector<C>{{1, 2}, {3, -4}}));
}

TEST(MatrixMarket, SumsDuplicates) {
  EXPECT_EQ(reals("coordinate real general", "1 1 3\n1 1 1\n1 1 2\n1 1 4\n"), Reals{7});
}

TEST(MatrixMarket, WritesOutTheOtherTriangle) {
  EXPECT_EQ(reals("coordinate real symmetric", "2 2 2\n1 1 1\n2 1 5\n"), (Reals{1, 5, 5, 0}));
  EXPECT_EQ(reals("coordinate pattern symmetric", "2 2 1\n2 1\n"), (Reals{0, 1, 1, 0}));
  EXPECT_EQ(reals("coordinate real skew-symmetric", "2 2 1\n2 1 5\n"), (Reals{0, -5, 5, 0}));
  EXPECT_EQ(entries_of<C>(read("coordinate complex hermitian", "2 2 2\n1 1 1 0\n2 1 2 3\n").matrix),
            (std::vector<C>{1, {2, -3}, {2, 3}, 0}));
  EXPECT_EQ(reals("array real symmetric", "3 3\n1\n2\n3\n4\n5\n6\n"),
            (Reals{1, 2, 3, 2, 4, 5, 3, 5, 6}));
  EXPECT_EQ(reals("array real skew-symmetric", "3 3\n1\n2\n3\n"),
            (Reals{0, -1, -2, 1, 0, -3, 2, 3, 0}));
  EXPECT_EQ(entries_of<C>(read("array complex hermitian", "2 2\n1 0\n2 3\n4 0\n").matrix),
            (std::vector<C>{1, {2, -3}, {2, 3}, 4}));
}

TEST(MatrixMarket, TakesAnUpperTriangleButNotBoth) {
  EXPECT_EQ(reals("coordinate real symmetric", "2 2 1\n1 2 5\n"), (Reals{0, 5, 5, 0}));
  expect_contains(error("coordinate real symmetric", "2 2 2\n1 2 5\n2 1 5\n"), "line 4");
  expect_contains(error("coordinate real symmetric", "2 2 2\n1 2 5\n2 1 5\n"),
                  "both sides of the diagonal");
}

TEST(MatrixMarket, HoldsSymmetriesToTheirDiagonal) {
  expect_contains(error("coordinate real skew-symmetric", "2 2 1\n1 1 5\n"),
                  "zeros on its diagonal");
  expect_contains(error("coordinate complex hermitian", "2 2 1\n1 1 5 1\n"),
                  "real numbers on its diagonal");
  expect_contains(error("array real symmetric", "2 3\n1\n2\n3\n4\n"),
                  "is square, and this one is 2 x 3");
}

TEST(MatrixMarket, NamesTheLineAndColumnOfWhatIsWrong) {
  expect_contains(error("coordinate real general", "2 2 1\n1 x 5\n"),
                  "table: line 3, column 3: 'x' is not a number and cannot be the column index");
  expect_contains(error("coordinate real general", "2 2 1\n3 1 5\n"),
                  "line 3, column 2: the row index 3 is outside 1 to 2");
  expect_contains(error("coordinate real general", "2 2 1\n1 0 5\n"),
                  "the column index 0 is outside 1 to 2");
  expect_contains(error("coordinate real general", "2 2 1\n   1 1\n"),
                  "line 3, column 7: the line ends where a value should stand");
  expect_contains(error("coordinate real general", "2 2 1\n1 1 5 6\n"), "'6' is one word too many");
  expect_contains(error("coordinate real general", "2 2 1\n1 1 1e999\n"),
                  "'1e999' is too large for a value");
  expect_contains(error("coordinate real general", "2 2 1\n1 1 5\n2 2 6\n"),
                  "line 4, column 1: more than the 1 entries");
  expect_contains(error("array real general", "2 1\n1  \n%\n%\n"),
                  "the file ends after 1 of 2 entries");
  expect_contains(error("array complex general", "1 1\n1    \n"), "an imaginary part");
}

TEST(MatrixMarket, ChecksTheBanner) {
  const auto banner = [](std::string_view text) {
    return message_of<FormatError>(
        [&] { static_cast<void>(read_matrix_market(input_of(text), {})); });
  };
  expect_contains(
      banner(""),
      "table: line 1, column 1: a Matrix Market file begins with '%%MatrixMarket matrix'");
  expect_contains(banner("%%MatrixMarket vector\n"), "begins with '%%MatrixMarket matrix'");
  expect_contains(error("dense real general", ""),
                  "'dense' in the banner should be one of array, coordinate");
  expect_contains(error("array quaternion general", ""), "real, double, integer, complex, pattern");
  expect_contains(error("array real", ""), "general, symmetric, skew-symmetric, hermitian");
  expect_contains(error("array real general extra", ""), "'extra' is one word too many");
  expect_contains(error("array pattern general", "1 1\n"), "pattern goes with coordinate");
  expect_contains(error("coordinate pattern hermitian", "1 1 1\n"), "pattern goes with");
  expect_contains(error("array real hermitian", "1 1\n"), "hermitian goes with complex alone");
  expect_contains(error("array real general", "% nothing\n"), "ends before its size line");
}

TEST(MatrixMarket, BelievesNoSizeThatTheFileCannotHold) {
  expect_contains(
      error("coordinate real general", "9 9 1000000000000\n1 1 1\n"),
      "promises 1000000000000 entries, and the rest of the file has room for 1 at most");
  expect_contains(error("array real general", "1000000 1000000\n1\n"),
                  "promises 1000000000000 entries");
  expect_contains(error("array real general", "9223372036854775807 2\n1\n"), "beyond 64 bits");
  expect_contains(error("array real general", "9223372036854775806 2\n1\n"), "exceeds 64 bits");
  expect_contains(error("array real symmetric", "9223372036854775806 9223372036854775806\n1\n"),
                  "exceeds 64 bits");
  expect_contains(error("array real general", "99999999999999999999 2\n1\n"),
                  "too large for the number of rows");
  expect_contains(error("array real general", "-1 2\n1\n"), "negative");
}

TEST(MatrixMarket, ASparseHeaderCannotTakeTheMemory) {
  EXPECT_THROW(static_cast<void>(read("coordinate real general", "100000000 100000000 1\n1 1 1\n")),
               OutOfMemory);
  EXPECT_THROW(static_cast<void>(read("coordinate real general",
                                      "9000000000000000000 9000000000000000000 1\n1 1 1\n")),
               SizeLimit);
  const auto message = message_of<OutOfMemory>([] {
    static_cast<void>(read("coordinate real general", "100 100 1\n1 1 1\n", {.max_bytes = 79'999}));
  });
  expect_contains(message, "100 x 100 needs 78.1 KiB (80000 bytes)");
  EXPECT_EQ(
      shape_of(read("coordinate real general", "100 100 1\n1 1 1\n", {.max_bytes = 80'000}).matrix),
      Shape(100, 100));
}

TEST(MatrixMarket, ReadsEmptyMatrices) {
  EXPECT_EQ(shape_of(read("array real general", "0 3\n").matrix), Shape(0, 3));
  EXPECT_EQ(shape_of(read("array real skew-symmetric", "1 1\n").matrix), Shape(1, 1));
  EXPECT_EQ(shape_of(read("coordinate real general", "3 0 0\n").matrix), Shape(3, 0));
  EXPECT_EQ(shape_of(read("array real general", "0 1000000000000000000\n").matrix),
            Shape(0, 1'000'000'000'000'000'000));
}

TEST(MatrixMarket, GivesTriplets) {
  const std::string text =
      "%%MatrixMarket matrix coordinate complex hermitian\n1000000000 1000000000 2\n3 3 1 0\n7 2 2 "
      "3\n";
  const auto triplets = std::get<Triplets<C>>(read_triplets(input_of(text)));
  EXPECT_EQ(triplets.rows, 1'000'000'000);
  EXPECT_EQ(triplets.row, (std::vector<Index>{2, 6, 1}));
  EXPECT_EQ(triplets.col, (std::vector<Index>{2, 1, 6}));
  EXPECT_EQ(triplets.value, (std::vector<C>{1, {2, 3}, {2, -3}}));
  const std::string array = "%%MatrixMarket matrix array real general\n1 2\n5\n6\n";
  EXPECT_EQ(std::get<Triplets<double>>(read_triplets(input_of(array))).value, (Reals{5, 6}));
}

TEST(MatrixMarket, DescribesFromTheHeader) {
  const std::string text =
      "%%MatrixMarket matrix coordinate pattern symmetric\n5 5 2\nnot read at all, but as long";
  const Description description = describe_matrix_market(input_of(text), {});
  EXPECT_EQ(description.rows, 5);
  EXPECT_EQ(description.cols, 5);
  EXPECT_EQ(description.stored_type, "coordinate pattern symmetric");
  EXPECT_EQ(description.computed_type, "float64");
}

TEST(MatrixMarket, RoundTripsTheShortestDigits) {
  const TemporaryFolder folder;
  Matrix<double> a(2, 2);
  a(0, 0) = 0.1;
  a(1, 0) = std::numeric_limits<double>::denorm_min();
  a(0, 1) = -std::numeric_limits<double>::max();
  write_matrix(folder / "a.mtx", a.view().transposed().transposed());
  EXPECT_EQ(
      bytes_of(folder / "a.mtx"),
      "%%MatrixMarket matrix array real general\n2 2\n0.1\n5e-324\n-1.7976931348623157e+308\n0\n");
  EXPECT_EQ(entries_of<double>(read_matrix(folder / "a.mtx").matrix),
            (Reals{0.1, a(0, 1), a(1, 0), 0}));

  Matrix<std::complex<float>> z(1, 2);
  z(0, 0) = {0.1F, -2};
  write_matrix(folder / "z.mtx", std::as_const(z).view());
  EXPECT_EQ(bytes_of(folder / "z.mtx"),
            "%%MatrixMarket matrix array complex general\n1 2\n0.1 -2\n0 0\n");
  write_matrix(folder / "empty.mtx", Matrix<double>(0, 4).view());
  EXPECT_EQ(shape_of(read_matrix(folder / "empty.mtx").matrix), Shape(0, 4));
}

}  // namespace
}  // namespace eckart::io
