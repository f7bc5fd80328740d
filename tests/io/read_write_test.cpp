#include <complex>
#include <limits>

#include <gtest/gtest.h>

#include <eckart/io.hpp>

#include "io/formats.hpp"
#include "npy_bytes.hpp"
#include "temporary_folder.hpp"

namespace eckart::io {
namespace {

Format recognised(std::string_view bytes, const std::string& path,
                  const ReadOptions& options = {}) {
  return recognise(input_of(bytes, path), path, options).format;
}

TEST(Formats, AreNamedByTheEndingOfAPath) {
  EXPECT_EQ(format_of_path("a.npy"), Format::npy);
  EXPECT_EQ(format_of_path("folder.csv/A.NPZ"), Format::npz);
  EXPECT_EQ(format_of_path("a.txt"), Format::csv);
  EXPECT_EQ(format_of_path("a.tsv"), Format::tsv);
  EXPECT_EQ(format_of_path("a.mtx"), Format::matrix_market);
  EXPECT_EQ(format_of_path("a.png"), Format::png);
  EXPECT_EQ(format_of_path("a.JPEG"), Format::jpeg);
  EXPECT_EQ(format_of_path("a.json"), Format::json);
  EXPECT_EQ(format_of_path("a.npy.old"), Format::automatic);
  EXPECT_EQ(format_of_path("npy"), Format::automatic);
  EXPECT_EQ(format_of_path(""), Format::automatic);
}

TEST(Formats, AreRecognisedByTheOptionsThenTheBytesThenTheName) {
  EXPECT_EQ(recognised("\x93NUMPY\1", "a.csv"), Format::npy);
  EXPECT_EQ(recognised("\x93NUMPY\1", "a.csv", {.format = Format::csv}), Format::csv);
  EXPECT_EQ(recognised("PK\3\4", "a"), Format::npz);
  EXPECT_EQ(recognised("%%matrixmarket matrix", "a"), Format::matrix_market);
  EXPECT_EQ(recognised("\x89PNG\r\n\x1a\n", "photo.jpg"), Format::png);
  EXPECT_EQ(recognised("\xff\xd8\xff\xe0", "photo.png"), Format::jpeg);
  EXPECT_EQ(recognised("1 2 3", "a.mtx"), Format::matrix_market);
  EXPECT_EQ(recognised("1 2 3", "-"), Format::csv);
  EXPECT_NE(message_of<FormatError>([] {
              recognised(std::string_view("\0\1", 2), "a");
            }).find("neither the first bytes"),
            std::string::npos);
  EXPECT_NE(message_of<FormatError>([] { recognised("", "a"); }).find("byte 0: the file is empty"),
            std::string::npos);
}

TEST(Formats, JsonIsWrittenOnly) {
  const TemporaryFolder folder;
  EXPECT_THROW(static_cast<void>(read_matrix(folder.file("a.json", "[[1]]"))), InvalidArgument);
  EXPECT_THROW(static_cast<void>(describe(folder.file("a.json", "[[1]]"))), InvalidArgument);
}

TEST(Write, WantsAFormat) {
  const Matrix<double> a(1, 1);
  const std::string says = message_of<InvalidArgument>([&] { write_matrix("-", a.view()); });
  EXPECT_NE(says.find(".npy, .npz, .csv, .tsv, .mtx, .png, .jpg, .json"), std::string::npos)
      << says;
}

TEST(Write, JsonHoldsEveryNumberAsItIs) {
  const TemporaryFolder folder;
  Matrix<double> a(2, 2);
  a(0, 0) = 0.1;
  a(0, 1) = -5e-324;
  a(1, 0) = std::numeric_limits<double>::max();
  a(1, 1) = std::numeric_limits<double>::quiet_NaN();
  write_matrix(folder / "a.json", a.view());
  EXPECT_EQ(bytes_of(folder / "a.json"), "[[0.1,-5e-324],\n[1.7976931348623157e+308,null]]\n");
}

TEST(Write, JsonHoldsSeveralArrays) {
  const TemporaryFolder folder;
  Matrix<std::complex<float>> u(1, 2);
  u(0, 1) = {0.1F, -2};
  Matrix<float> s(2, 1);
  s(0, 0) = 1.5F;
  const Matrix<double> empty(0, 3);
  const NamedArray arrays[] = {{.name = "U", .values = u.view()},
                               {.name = "S", .values = s.view(), .is_vector = true},
                               {.name = "row", .values = s.view().transposed(), .is_vector = true},
                               {.name = "quo\"te\n", .values = empty.view()}};
  EXPECT_EQ(write_arrays(folder / "a.json", arrays), std::vector<std::string>{folder / "a.json"});
  EXPECT_EQ(bytes_of(folder / "a.json"),
            "{\"U\": [[[0,0],[0.1,-2]]],\n\"S\": [1.5,0],\n\"row\": "
            "[1.5,0],\n\"quo\\\"te\\u000a\": []}\n");
}

TEST(Write, OneFileAnArrayWhereAFormatHoldsOne) {
  const TemporaryFolder folder;
  const Matrix<double> u(3, 2);
  const Matrix<double> s(2, 1);
  const NamedArray arrays[] = {{.name = "U", .values = u.view()},
                               {.name = "S", .values = s.view().transposed(), .is_vector = true}};
  const std::vector<std::string> expected = {folder / "out.U.npy", folder / "out.S.npy"};
  EXPECT_EQ(write_arrays(folder / "out.npy", arrays), expected);
  EXPECT_EQ(describe(expected[0]).cols, 2);
  EXPECT_EQ(describe(expected[1]).rows, 2);  // a vector is a column
  EXPECT_EQ(write_arrays(folder / "out.npy", std::span(arrays).first(1)),
            std::vector<std::string>{folder / "out.npy"});
  EXPECT_EQ(folder.files(), 3);
  EXPECT_THROW(static_cast<void>(write_arrays("-", arrays, {.format = Format::npy})),
               InvalidArgument);
}

TEST(Write, NoFileAppearsWhenOneOfSeveralFails) {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder / "out.S.npy");  // stands in the way
  const Matrix<double> u(3, 2);
  const NamedArray arrays[] = {{.name = "U", .values = u.view()},
                               {.name = "S", .values = u.view()}};
  EXPECT_THROW(static_cast<void>(write_arrays(folder / "out.npy", arrays)), FileError);
  EXPECT_EQ(folder.files(), 1);
}

TEST(CheckDestination, TellsThePathsAndLeavesNothing) {
  const TemporaryFolder folder;
  const std::vector<std::string> names = {"U", "S"};
  const std::vector<std::string> several = {folder / "out.U.csv", folder / "out.S.csv"};
  EXPECT_EQ(check_destination(folder / "out.csv", names), several);
  EXPECT_EQ(check_destination(folder / "out.npz", names),
            std::vector<std::string>{folder / "out.npz"});
  EXPECT_EQ(check_destination(folder / "out.csv", {}),
            std::vector<std::string>{folder / "out.csv"});
  EXPECT_EQ(folder.files(), 0);
  EXPECT_THROW(check_destination(folder / "out.unknown", {}), InvalidArgument);
  EXPECT_THROW(check_destination("-", names, {.format = Format::csv}), InvalidArgument);
  EXPECT_THROW(check_destination(folder / "no/out.npz", names), FileError);
  std::filesystem::create_directory(folder / "out.S.csv");
  EXPECT_THROW(check_destination(folder / "out.csv", names), FileError);
}

TEST(CheckShape, RefusesWhatAnImageCannotBe) {
  check_shape("a.png", {"A", 2, 3, false});
  check_shape("a.npy", {"A", 0, 3, true});
  EXPECT_THROW(check_shape("a.png", {"A", 2, 3, true}), InvalidArgument);
  EXPECT_THROW(check_shape("a.png", {"A", 0, 3, false}), InvalidArgument);
  check_shape("a.png", {"A", 1, 65501, false});
  EXPECT_THROW(check_shape("a.jpg", {"A", 1, 65501, false}), InvalidArgument);
}

TEST(Write, RefusesNamesAndShapesThatMakeNoSense) {
  const TemporaryFolder folder;
  const Matrix<double> u(3, 2);
  const NamedArray unnamed[] = {{.name = "", .values = u.view()}};
  const NamedArray outside[] = {{.name = "../U", .values = u.view()}};
  const NamedArray twice[] = {{.name = "U", .values = u.view()}, {.name = "U", .values = u.view()}};
  const NamedArray no_vector[] = {{.name = "S", .values = u.view(), .is_vector = true}};
  for (const std::span<const NamedArray> arrays :
       {std::span<const NamedArray>(unnamed), std::span<const NamedArray>(outside),
        std::span<const NamedArray>(twice), std::span<const NamedArray>(no_vector)}) {
    EXPECT_THROW(static_cast<void>(write_arrays(folder / "a.npz", arrays)), InvalidArgument);
  }
  EXPECT_EQ(folder.files(), 0);
}

TEST(ViewOf, SeesTheMatrix) {
  const AnyMatrix a = Matrix<float>::identity(2, 3);
  const auto view = std::get<MatrixView<const float>>(view_of(a));
  EXPECT_EQ(view.cols(), 3);
  EXPECT_EQ(view(1, 1), 1);
}

}  // namespace
}  // namespace eckart::io
