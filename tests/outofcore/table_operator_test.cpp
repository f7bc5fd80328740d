#include <cmath>
#include <complex>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <eckart/error.hpp>
#include <eckart/io.hpp>
#include <eckart/table_operator.hpp>
#include <eckart/truncated_svd.hpp>

#include "io/npy_bytes.hpp"
#include "io/temporary_folder.hpp"
#include "operators/operator_test_tools.hpp"

namespace eckart {
namespace {

using io::message_of;
using io::TemporaryFolder;

template <Scalar T>
std::vector<T> product_of(const FileOperator<T>& a, std::uint64_t seed) {
  const Matrix<T> x = random_matrix<T>(a.cols(), 3, seed);
  Matrix<T> y(a.rows(), 3), z(a.cols(), 3);
  a.apply_and_back({}, false, Real<T>(1), x.view(), y.view(), z.view());
  return {z.data(), z.data() + z.rows() * z.cols()};
}

TEST(TableOperator, IsTheOperatorOfTheSameNumbersInNpyAndLeavesNothingInTheFolder) {
  const TemporaryFolder folder;
  const Matrix<double> a(random_matrix<double>(60, 25, 3).view(), Layout::row_major);
  io::write_matrix(folder / "a.csv", a.view());
  const FileOperatorOptions file{.memory = 4096};
  const auto table = table_operator<double>(folder / "a.csv", {.file = file});
  EXPECT_EQ(folder.files(), 1);
  io::write_matrix(folder / "a.npy", a.view());
  const FileOperator<double> numbers(folder / "a.npy", file);
  EXPECT_EQ(product_of(table, 5), product_of(numbers, 5));
  EXPECT_EQ(table.frobenius_norm({}), numbers.frobenius_norm({}));
  EXPECT_NE(table.description().find("a.csv"), std::string::npos);
  const Operator<double> outline = table_outline<double>(io::describe(folder / "a.csv"));
  EXPECT_EQ(outline.rows(), 60);
  EXPECT_EQ(outline.cols(), 25);
  EXPECT_EQ(outline.cost().flops, numbers.cost().flops);
  EXPECT_EQ(outline.cost().reading, numbers.cost().reading);
  EXPECT_EQ(outline.goes_back_in_one_pass(false), numbers.goes_back_in_one_pass(false));
}

TEST(TableOperator, ReadsATableAsReadMatrixDoes) {
  const TemporaryFolder folder;
  folder.file("a.csv", "name;x;y;z\nfirst;1,5;2;3\n# a comment\nsecond;4;5;6e2\n");
  const auto a =
      table_operator<double>(folder / "a.csv", {.reading = {.columns = "z,x"}, .file = {}});
  ASSERT_EQ(a.rows(), 2);
  ASSERT_EQ(a.cols(), 2);
  const Matrix<double> x = Matrix<double>::identity(2, 2);
  Matrix<double> y(2, 2);
  a.apply({}, x.view(), y.view());
  EXPECT_EQ(std::vector<double>(y.data(), y.data() + 4), (std::vector<double>{3, 600, 1.5, 4}));
}

TEST(TableOperator, OfComplexNumbersThatComeLate) {
  const TemporaryFolder folder;
  std::string text;
  for (int i = 0; i < 500; ++i) {
    text += "1,2\n";
  }
  folder.file("a.csv", text + "3+4j,1j\n");
  const auto a = table_operator<std::complex<double>>(folder / "a.csv");
  EXPECT_EQ(a.rows(), 501);
  EXPECT_NEAR(*a.frobenius_norm({}), std::sqrt(500 * 5.0 + 26), 1e-12);
  EXPECT_THROW(static_cast<void>(table_operator<double>(folder / "a.csv")), InvalidArgument);
  EXPECT_EQ(folder.files(), 1);
}

TEST(TableOperator, ErrorsNameTheLineAndLeaveNothing) {
  const TemporaryFolder folder;
  const std::pair<const char*, const char*> bad[] = {
      {"x,y\n1,2\n3,nan\n", "line 3, column 3: row 2, column 2"},
      {"1,2\n3,-inf\n", "line 2, column 3: row 2, column 2 of the matrix (counted from 1) is"},
      {"1,2\n3,4\n5\n", "line 3"},
      {"1,2\n3,four\n", "line 2, column 3"},
  };
  for (const auto& [text, place] : bad) {
    folder.file("a.csv", text);
    const std::string message =
        message_of<Error>([&] { static_cast<void>(table_operator<double>(folder / "a.csv")); });
    EXPECT_NE(message.find(place), std::string::npos) << message;
    EXPECT_NE(message.find("a.csv"), std::string::npos) << message;
    EXPECT_EQ(folder.files(), 1);
  }
}

TEST(TableOperator, OfAnythingElseIsRefused) {
  const TemporaryFolder folder;
  io::write_matrix(folder / "a.npy", Matrix<double>(2, 2).view());
  EXPECT_THROW(static_cast<void>(table_operator<double>(folder / "a.npy")), InvalidArgument);
}

TEST(TableOperator, StopsBetweenRowsAndLeavesNothing) {
  const TemporaryFolder folder;
  folder.file("a.csv", "1,2\n3,4\n");
  std::stop_source source;
  source.request_stop();
  EXPECT_THROW(static_cast<void>(table_operator<double>(folder / "a.csv",
                                                        {.file = {}, .stop = source.get_token()})),
               Cancelled);
  EXPECT_EQ(folder.files(), 1);
}

TEST(TableOperator, TakesTheRoomOnTheDiskBeforeItReads) {
  const TemporaryFolder folder;
  folder.file("a.csv", "1,2\n3,4\n");
  io::Description far = io::describe(folder / "a.csv");
  far.rows = Index{1} << 50;
  const std::string message = message_of<Error>(
      [&] { static_cast<void>(table_operator<double>(folder / "a.csv", {.description = far})); });
  EXPECT_NE(message.find("the disk has no room"), std::string::npos) << message;
  far.rows = 3;
  EXPECT_THROW(
      static_cast<void>(table_operator<double>(folder / "a.csv", {.description = far, .file = {}})),
      FileError);
  EXPECT_EQ(folder.files(), 1);
}

}  // namespace
}  // namespace eckart
