#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "io/format_reader.hpp"
#include "io/temporary_folder.hpp"
#include "io/text_input.hpp"

namespace eckart::io {
namespace {

using Reals = std::vector<double>;
using Names = std::vector<std::string>;
using Shape = std::pair<Index, Index>;

MatrixFile read(std::string_view text, const ReadOptions& options = {}) {
  return read_csv(input_of(text), options);
}

Reals entries(std::string_view text, const ReadOptions& options = {}) {
  return entries_of<double>(read(text, options).matrix);
}

std::string error(std::string_view text, const ReadOptions& options = {}) {
  return message_of<FormatError>([&] { static_cast<void>(read(text, options)); });
}

TEST(Csv, DetectsTheDelimiter) {
  const Reals expected = {1, 2.5, 3, 4};
  for (const char* text : {"1,2.5\n3,4\n", "1;2.5\n3;4\n", "1\t2.5\n3\t4\n", "1|2.5\n3|4\n",
                           "1 2.5\n3 4\n", "  1   2.5 \n\t3\t 4\n", "1 , 2.5\n 3,4 \n",
                           "1;2,5\n3;4\n", "1 2,5\n3 4", "1,2.5\r\n3,4\r\n", "1,2.5\r3,4\r",
                           "\xEF\xBB\xBF"
                           "1,2.5\n3,4"}) {
    const MatrixFile file = read(text);
    EXPECT_EQ(shape_of(file.matrix), Shape(2, 2)) << text;
    EXPECT_EQ(entries_of<double>(file.matrix), expected) << text;
    EXPECT_EQ(file.description.stored_type, "text");
    EXPECT_EQ(file.description.computed_type, "float64");
    EXPECT_TRUE(file.description.column_names.empty());
  }
}

TEST(Csv, ReadsOneColumnOneRowAndOneNumber) {
  EXPECT_EQ(shape_of(read("1\n2\n3\n").matrix), Shape(3, 1));
  EXPECT_EQ(shape_of(read("1 2 3").matrix), Shape(1, 3));
  EXPECT_EQ(entries("-7e-3"), Reals{-7e-3});
}

TEST(Csv, PassesOverBlankLinesAndComments) {
  EXPECT_EQ(entries("# made by hand\n\n1,2\n   \n# more\n3,4\n\n"), (Reals{1, 2, 3, 4}));
}

TEST(Csv, TakesTheDecimalSignFromTheNumbers) {
  EXPECT_EQ(entries("a;b\n1,5;2\n-,25;1,5e2\n"), (Reals{1.5, 2, -.25, 150}));
  EXPECT_EQ(entries("1;2\n1,5;2\n", {.decimal = ','}), (Reals{1, 2, 1.5, 2}));
  EXPECT_EQ(shape_of(read("1,5\n2,5\n").matrix), Shape(2, 2));
  EXPECT_EQ(entries("1,5\n2,5\n", {.decimal = ','}), (Reals{1.5, 2.5}));
  expect_contains(error("1;2\n1,5;2\n", {.decimal = '.'}),
                  "table: line 2, column 1: field 1, '1,5', is not a number; numbers here have the "
                  "decimal sign '.': set the option decimal if it is ','");
}

TEST(Csv, ReadsQuotedFields) {
  const MatrixFile file =
      read("\"a \"\"quoted\"\" name\",\"two\nlines, and a comma\"\n\"1\",\" 2\" \n3,4\n");
  EXPECT_EQ(file.description.column_names, (Names{"a \"quoted\" name", "two\nlines, and a comma"}));
  EXPECT_EQ(entries_of<double>(file.matrix).front(), 1);
}

TEST(Csv, CountsLinesInsideQuotes) {
  expect_contains(error("\"two\nlines\",x\n1,2\n3,abc\n"), "line 4, column 3: field 2, 'abc'");
  expect_contains(error("1,2\n3,\"4\n5,6\n"),
                  "line 2, column 3: the quote that opens here is never closed");
  expect_contains(error("1,2\n\"3\"x,4\n"), "line 2, column 4: text behind a closing quote");
}

TEST(Csv, TellsAHeaderFromData) {
  EXPECT_EQ(read("x,y\n1,2\n").description.column_names, (Names{"x", "y"}));
  EXPECT_EQ(read("i j value\n1 2 3\n").description.column_names, (Names{"i", "j", "value"}));
  EXPECT_EQ(shape_of(read("2019,2020\n1,2\n").matrix), Shape(2, 2));
  const MatrixFile years = read("2019,2020\n1,2\n", {.header = true});
  EXPECT_EQ(years.description.column_names, (Names{"2019", "2020"}));
  EXPECT_EQ(shape_of(years.matrix), Shape(1, 2));
  EXPECT_EQ(shape_of(read("x,y\n", {.header = true}).matrix), Shape(0, 2));
  expect_contains(error("x,y\n1,2\n", {.header = false}), "line 1, column 1: field 1, 'x'");
}

TEST(Csv, NeverTakesARowWithAMissingValueForAHeader) {
  expect_contains(error("NA,2\n3,4\n"),
                  "line 1, column 1: field 1, 'NA', is not a number; a matrix has no missing");
  expect_contains(error("1,,3\n4,5,6\n"),
                  "line 1, column 3: field 2 is empty; a matrix has no missing");
  expect_contains(error("NA,NA\n3,4\n"), "line 1, column 1");
}

TEST(Csv, MissingValuesAreErrorsWithTheirPlace) {
  expect_contains(error("1,2\n3,\n"), "line 2, column 3: field 2 is empty");
  expect_contains(error("1\t2\t3\n4\t\t6\n"), "line 2, column 3: field 2 is empty");
  expect_contains(error("1,2\n3,n/a\n"), "'n/a', is not a number; a matrix has no missing entries");
}

TEST(Csv, RaggedRowsAreErrorsWithTheirLine) {
  expect_contains(error("1,2,3\n4,5\n6,7,8\n"),
                  "line 2, column 4: the row has 2 fields where the first row has 3");
  expect_contains(error("1,2\n3,4\n5,6,7\n"),
                  "line 3, column 5: the row has more fields where the first row has 2");
}

TEST(Csv, SkipsAFirstColumnOfLabels) {
  const MatrixFile file = read("name,x,y\nBach,1,2\nWeill,3,4\n");
  EXPECT_EQ(entries_of<double>(file.matrix), (Reals{1, 2, 3, 4}));
  EXPECT_EQ(file.description.column_names, (Names{"x", "y"}));
  EXPECT_EQ(file.description.stored_type, "text (first column skipped as labels)");
  EXPECT_EQ(entries("Bach 1 2\nWeill 3 4\n"), (Reals{1, 2, 3, 4}));
}

TEST(Csv, SkipsTheIndexThatPandasAndRWrite) {
  EXPECT_EQ(entries(",a,b\n0,1.5,2\n1,3,4\n"), (Reals{1.5, 2, 3, 4}));  // to_csv
  EXPECT_EQ(entries("\"\",\"a\",\"b\"\n\"1\",1.5,2\n\"2\",3,4\n"),
            (Reals{1.5, 2, 3, 4}));                                        // write.csv
  const MatrixFile table = read("\"a\" \"b\"\n\"1\" 1.5 2\n\"2\" 3 4\n");  // write.table
  EXPECT_EQ(entries_of<double>(table.matrix), (Reals{1.5, 2, 3, 4}));
  EXPECT_EQ(table.description.column_names, (Names{"a", "b"}));
}

constexpr const char* iris =
    "sepal length,sepal width,species\n5.1,3.5,setosa\n4.9,3.0,setosa\n7.0,3.2,versicolor\n";

TEST(Csv, AColumnOfWordsNamesTheOptionThatChoosesColumns) {
  expect_contains(error(iris),
                  "line 2, column 9: field 3, 'setosa', is not a number; choose columns of "
                  "numbers with the option columns, here 1-2");
}

TEST(Csv, ChoosesColumnsByNumberRangeAndName) {
  const Reals both = {5.1, 3.5, 4.9, 3.0, 7.0, 3.2};
  EXPECT_EQ(entries(iris, {.columns = "1-2"}), both);
  EXPECT_EQ(entries(iris, {.columns = "1,2"}), both);
  EXPECT_EQ(entries(iris, {.columns = " sepal length , \"sepal width\""}), both);
  const MatrixFile swapped = read(iris, {.columns = "2,1"});
  EXPECT_EQ(entries_of<double>(swapped.matrix), (Reals{3.5, 5.1, 3.0, 4.9, 3.2, 7.0}));
  EXPECT_EQ(swapped.description.column_names, (Names{"sepal width", "sepal length"}));
  EXPECT_EQ(entries("1,2,3\n4,5,6\n", {.columns = "2-"}), (Reals{2, 3, 5, 6}));
  EXPECT_EQ(entries("\"a,b\",c\n1,2\n", {.columns = "\"a,b\""}), Reals{1});
}

TEST(Csv, RefusesColumnsThatAreNotThere) {
  const auto refused = [](const char* columns, const char* text = iris) {
    return message_of<InvalidArgument>(
        [&] { static_cast<void>(read(text, {.columns = columns})); });
  };
  expect_contains(refused("4"), "column 4 is outside the table, which has 3; they count from 1");
  expect_contains(refused("0"), "column 0 is outside");
  expect_contains(refused("1,1"), "column 1 is chosen twice");
  expect_contains(refused("2-1"), "the range 2-1 is empty");
  expect_contains(refused("1,,2"), "an item is empty");
  expect_contains(refused("petal"),
                  "no column is named 'petal'; the names are sepal length, sepal width, species");
  expect_contains(refused("x", "1,2\n"), "no header with names");
  expect_contains(refused("\"x"), "a quote is not closed");
  expect_contains(refused("x", "x,x\n1,2\n"), "two columns are named 'x'");
  expect_contains(refused("-9223372036854775808"), "column -9223372036854775808 is outside");
  expect_contains(refused("1-99999999999999999999"), "no column is named");
  expect_contains(refused("1-9223372036854775807"), "column 4 is outside");
}

TEST(Csv, ReadsComplexNumbersWhereverTheyBegin) {
  using C = std::complex<double>;
  EXPECT_EQ(entries_of<C>(read("1+2j,3\n4,-1i\n").matrix), (std::vector<C>{{1, 2}, 3, 4, {0, -1}}));
  std::string late;
  for (int i = 0; i < 500; ++i) {
    late += "1,2\n";
  }
  late += "(1-2j),3\n";
  const MatrixFile file = read(late);
  EXPECT_EQ(entries_of<C>(file.matrix)[1000], C(1, -2));
  EXPECT_EQ(file.description.computed_type, "complex128");
  EXPECT_EQ(describe_csv(input_of(late), {}).computed_type, "complex128");
}

TEST(Csv, ReadsNanAndInfAsSuch) {
  const Reals values = entries("1,nan\n-inf,0x10\n");
  EXPECT_TRUE(std::isnan(values[1]));
  EXPECT_EQ(values[2], -std::numeric_limits<double>::infinity());
  EXPECT_EQ(values[3], 16);
}

TEST(Csv, RefusesNumbersBeyondADouble) {
  expect_contains(error("1,1e999\n"),
                  "line 1, column 3: field 2, '1e999', is beyond the largest double");
  EXPECT_EQ(entries("1,1e-999\n"), (Reals{1, 0}));
}

TEST(Csv, RefusesWhatIsNoTable) {
  expect_contains(error(""), "the table is empty");
  expect_contains(error("# nothing\n\n"), "the table is empty");
  expect_contains(error("hello\n"), "line 1, column 1: field 1, 'hello'");
  expect_contains(error("a,b\n\n", {.header = std::nullopt}), "field 1, 'a'");
  expect_contains(error("\xFF\xFE"
                        "1"),
                  "UTF-16");
  const std::string bytes = error(std::string_view("1,2\n\x1b[31m,\0\n", 12));
  expect_contains(bytes, "'\\x1b[31m'");
}

TEST(Csv, RefusesOptionsThatCannotBe) {
  const auto refused = [](const ReadOptions& options) {
    return message_of<InvalidArgument>([&] { static_cast<void>(read("1,2\n", options)); });
  };
  expect_contains(refused({.delimiter = '1'}), "option delimiter: '1'");
  expect_contains(refused({.delimiter = '"'}), "option delimiter");
  expect_contains(refused({.decimal = ';'}), "option decimal");
  expect_contains(refused({.delimiter = ',', .decimal = ','}), "cannot both be ','");
}

TEST(Csv, HonoursTheDelimiterAskedFor) {
  EXPECT_EQ(entries("1:2\n3:4\n", {.delimiter = ':'}), (Reals{1, 2, 3, 4}));
  EXPECT_EQ(entries("1\t2\n", {.format = Format::tsv}), (Reals{1, 2}));
  expect_contains(error("1,2,3\n", {.format = Format::tsv}), "'1,2,3', is not a number");
}

TEST(Csv, SaysHowMuchMemoryIsMissing) {
  std::string text;
  for (int i = 0; i < 1000; ++i) {
    text += "1,2\n";
  }
  const auto message =
      message_of<OutOfMemory>([&] { static_cast<void>(read(text, {.max_bytes = 15999})); });
  expect_contains(message, "a dense matrix of 1000 x 2 needs 15.6 KiB (16000 bytes)");
  EXPECT_EQ(shape_of(read(text, {.max_bytes = 16000}).matrix), Shape(1000, 2));
}

TEST(Csv, ARowOfManyFieldsCannotTakeTheMemory) {
  const std::string commas(std::size_t{2} << 20, ',');
  EXPECT_THROW(static_cast<void>(read(commas, {.max_bytes = 1 << 20})), OutOfMemory);
  expect_contains(error(commas), "field 1 is empty");
}

TEST(Csv, DescribesWithoutKeeping) {
  const Description description = describe_csv(input_of("name;x;y\nBach;1,5;2\nWeill;3;4\n"), {});
  EXPECT_EQ(description.rows, 2);
  EXPECT_EQ(description.cols, 2);
  EXPECT_EQ(description.column_names, (Names{"x", "y"}));
  EXPECT_EQ(description.computed_type, "float64");
  EXPECT_THROW(static_cast<void>(describe_csv(input_of("1,2\n3,x\n"), {})), FormatError);
}

TEST(Csv, ReadsTablesLargerThanABlock) {
  std::string text;
  for (int i = 0; i < 100'000; ++i) {
    text += std::to_string(i) + "," + std::to_string(-i) + ".5,0.25\n";
  }
  const Reals values = entries(text);
  ASSERT_EQ(values.size(), 300'000U);
  EXPECT_EQ(values[3 * 99'999], 99'999);
  EXPECT_EQ(values[3 * 70'000 + 1], -70'000.5);
}

TEST(Csv, ReadsARowWiderThanTheSample) {
  std::string text;
  for (int row = 0; row < 3; ++row) {
    for (int j = 0; j < 100'000; ++j) {
      text += std::to_string(j) + (j + 1 < 100'000 ? "," : "\n");
    }
  }
  EXPECT_EQ(shape_of(read(text).matrix), Shape(3, 100'000));
}

template <class T>
class CsvWrite : public testing::Test {};
using Scalars = testing::Types<float, double, std::complex<float>, std::complex<double>>;
TYPED_TEST_SUITE(CsvWrite, Scalars);

TYPED_TEST(CsvWrite, RoundTripsEveryType) {
  using T = TypeParam;
  Matrix<T> a(3, 2);
  const auto fill = [](Index k) {
    const auto x = static_cast<Real<T>>(k - 2) / 3;
    if constexpr (ComplexScalar<T>) {
      return T(x, -x);
    } else {
      return x;
    }
  };
  for (Index k = 0; k < 6; ++k) {
    a(k / 2, k % 2) = fill(k);
  }
  a(0, 0) = std::numeric_limits<Real<T>>::denorm_min();
  a(2, 1) = std::numeric_limits<Real<T>>::max();
  const TemporaryFolder folder;
  for (const char* name : {"a.csv", "a.tsv"}) {
    const WriteOptions options{.column_names = {"first, \"quoted\"", "second"}};
    write_matrix(folder / name, a.view(), options);
    const MatrixFile file = read_matrix(folder / name);
    EXPECT_EQ(file.description.column_names, options.column_names);
    std::visit(
        [&](const auto& b) {
          ASSERT_EQ(b.rows(), 3);
          for (Index i = 0; i < 3; ++i) {
            for (Index j = 0; j < 2; ++j) {
              if constexpr (ComplexScalar<T> ==
                            ComplexScalar<std::remove_cvref_t<decltype(b(0, 0))>>) {
                EXPECT_EQ(static_cast<T>(b(i, j)), a(i, j));
              } else {
                ADD_FAILURE() << "complex became real, or the other way";
              }
            }
          }
        },
        file.matrix);
  }
}

TEST(CsvEmpty, BringsTheShapeBack) {
  const TemporaryFolder folder;
  for (const auto& [rows, cols] : {std::pair<Index, Index>(0, 0), {0, 3}, {5, 0}}) {
    for (const char* name : {"a.csv", "a.tsv"}) {
      const Matrix<float> empty(rows, cols);
      write_matrix(folder / name, empty.view());
      const Description d = describe(folder / name);
      EXPECT_EQ(d.rows, rows);
      EXPECT_EQ(d.cols, cols);
      const auto a = std::get<Matrix<double>>(read_matrix(folder / name).matrix);
      EXPECT_EQ(a.rows(), rows);
      EXPECT_EQ(a.cols(), cols);
    }
  }
}

TEST(CsvEmpty, IsOnlyTheLineOfNoEntriesAlone) {
  for (const char* text :
       {"# empty matrix: 2 x 3\n", "# empty matrix: -1 x 0\n", "# empty matrix: 0\n",
        "# empty matrix: 0 x \n", "# empty matrix: 0 x 99999999999999999999\n",
        "# empty matrix: 0 x 3 columns\n", "#empty matrix: 0 x 3\n"}) {
    EXPECT_THROW(static_cast<void>(read_csv(input_of(text), {})), FormatError) << text;
  }
  const MatrixFile rows = read_csv(input_of("# empty matrix: 0 x 3\n1,2\n"), {});
  EXPECT_EQ(rows.description.cols, 2);
  EXPECT_THROW(static_cast<void>(read_csv(input_of("# empty matrix: 0 x 3\n"), {.columns = "1"})),
               FormatError);
}

TEST(CsvWriteOptions, RefusesTooFewNames) {
  const TemporaryFolder folder;
  const Matrix<double> a(2, 2);
  EXPECT_THROW(write_matrix(folder / "a.csv", a.view(), {.column_names = {"x"}}), InvalidArgument);
  EXPECT_EQ(folder.files(), 0);
}

}  // namespace
}  // namespace eckart::io
