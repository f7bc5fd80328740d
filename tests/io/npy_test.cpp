#include <cmath>
#include <complex>
#include <cstdint>
#include <limits>

#include <gtest/gtest.h>

#include <eckart/io.hpp>

#include "npy_bytes.hpp"
#include "temporary_folder.hpp"

namespace eckart::io {
namespace {

MatrixFile read(const std::string& bytes, const ReadOptions& options = {}) {
  return read_npy(input_of(bytes), options);
}

template <Scalar T>
const Matrix<T>& matrix_of(const MatrixFile& file) {
  return std::get<Matrix<T>>(file.matrix);
}

/// Reads a column of two stored numbers in both byte orders and expects both to become the computed
/// values.
template <Scalar Computed, class Stored>
void expect_type(const std::string& kind_and_size, Stored first, Stored second, Computed first_read,
                 Computed second_read) {
  const std::initializer_list<Stored> values = {first, second};
  for (const bool is_big : {false, true}) {
    const std::string type = (is_big ? ">" : "<") + kind_and_size;
    const MatrixFile file =
        read(npy_file(npy_header(type, false, "(2,)"), is_big ? big(values) : little(values)));
    ASSERT_TRUE(std::holds_alternative<Matrix<Computed>>(file.matrix)) << type;
    EXPECT_EQ(matrix_of<Computed>(file)(0, 0), first_read) << type;
    EXPECT_EQ(matrix_of<Computed>(file)(1, 0), second_read) << type;
    EXPECT_EQ(file.description.stored_type, type);
    EXPECT_EQ(file.description.rows, 2);
    EXPECT_EQ(file.description.cols, 1);
  }
}

TEST(Npy, ReadsEveryRealTypeInBothByteOrders) {
  expect_type<float, std::uint8_t>("b1", 0, 1, 0, 1);
  expect_type<float, std::int8_t>("i1", -128, 127, -128, 127);
  expect_type<float, std::uint8_t>("u1", 0, 255, 0, 255);
  expect_type<float, std::int16_t>("i2", -32768, 258, -32768, 258);
  expect_type<float, std::uint16_t>("u2", 65535, 258, 65535, 258);
  expect_type<double, std::int32_t>("i4", INT32_MIN, 16909060, -2147483648.0, 16909060);
  expect_type<double, std::uint32_t>("u4", UINT32_MAX, 16909060, 4294967295.0, 16909060);
  expect_type<double, std::int64_t>("i8", INT64_MIN, (std::int64_t{1} << 53) + 1, -0x1p63, 0x1p53);
  expect_type<double, std::uint64_t>("u8", UINT64_MAX, 72623859790382856, 0x1p64,
                                     72623859790382856.0);
  expect_type<float, float>("f4", -1.5F, 1e-45F, -1.5F, 1e-45F);
  expect_type<double, double>("f8", -1e308, 5e-324, -1e308, 5e-324);
}

TEST(Npy, ReadsComplexTypesInBothByteOrders) {
  const std::complex<float> c(1.5F, -2.0F);
  const std::complex<double> z(1e300, -5e-324);
  EXPECT_EQ(matrix_of<std::complex<float>>(read(
                npy_file(npy_header("<c8", false, "(1,)"), little({c.real(), c.imag()}))))(0, 0),
            c);
  EXPECT_EQ(matrix_of<std::complex<float>>(
                read(npy_file(npy_header(">c8", false, "(1,)"), big({c.real(), c.imag()}))))(0, 0),
            c);
  EXPECT_EQ(matrix_of<std::complex<double>>(read(
                npy_file(npy_header("<c16", false, "(1,)"), little({z.real(), z.imag()}))))(0, 0),
            z);
  EXPECT_EQ(matrix_of<std::complex<double>>(
                read(npy_file(npy_header(">c16", false, "(1,)"), big({z.real(), z.imag()}))))(0, 0),
            z);
}

/// All 65,536 half-precision numbers against the definition of IEEE 754.
TEST(Npy, ReadsEveryHalfPrecisionNumber) {
  std::string entries;
  for (std::uint32_t bits = 0; bits < 65536; ++bits) {
    entries += little({static_cast<std::uint16_t>(bits)});
  }
  const MatrixFile file = read(npy_file(npy_header("<f2", false, "(65536,)"), entries));
  const Matrix<float>& a = matrix_of<float>(file);
  for (std::uint32_t bits = 0; bits < 65536; ++bits) {
    const int exponent = static_cast<int>(bits >> 10) & 31;
    const int fraction = static_cast<int>(bits & 1023);
    const double sign = bits < 32768 ? 1 : -1;
    const float x = a(bits, 0);
    if (exponent == 31) {
      EXPECT_TRUE(fraction == 0 ? x == sign * std::numeric_limits<double>::infinity()
                                : std::isnan(x))
          << bits;
    } else {
      const double magnitude =
          exponent == 0 ? std::ldexp(fraction, -24) : std::ldexp(1024 + fraction, exponent - 25);
      EXPECT_EQ(x, sign * magnitude) << bits;
      EXPECT_EQ(std::signbit(x), bits >= 32768) << bits;
    }
  }
}

/// The ten bytes of an x87 number, least significant first, padded to `size`.
std::string extended(std::uint64_t significand, std::uint16_t sign_and_exponent, std::size_t size) {
  std::string bytes = little({significand}) + little({sign_and_exponent});
  bytes.resize(size, '\xaa');  // what stands in the padding does not matter
  return bytes;
}

TEST(Npy, ReadsLongDoubleOfBothWidths) {
  for (const std::size_t size : {12U, 16U}) {
    const std::string entries =
        extended(std::uint64_t{3} << 62, 16383, size) +           // 1.5
        extended(std::uint64_t{1} << 63, 0x8000 | 16384, size) +  // -2
        extended(std::uint64_t{1} << 63, 16383 + 1024, size) +    // 2^1024: beyond double
        extended(std::uint64_t{1} << 63, 16383 - 1074, size) +    // the smallest double
        extended(std::uint64_t{1} << 63, 0x7fff, size) +          // infinity
        extended(std::uint64_t{3} << 62, 0x7fff, size) +          // NaN
        extended(0, 0x8000, size);                                // -0
    const std::string width = std::to_string(size);
    std::string swapped;
    for (std::size_t i = 0; i < entries.size(); i += size) {
      swapped.append(entries.rbegin() + static_cast<std::ptrdiff_t>(entries.size() - i - size),
                     entries.rbegin() + static_cast<std::ptrdiff_t>(entries.size() - i));
    }
    for (const bool is_big : {false, true}) {
      const MatrixFile file = read(npy_file(
          npy_header((is_big ? ">f" : "<f") + width, false, "(7,)"), is_big ? swapped : entries));
      const Matrix<double>& a = matrix_of<double>(file);
      EXPECT_EQ(a(0, 0), 1.5);
      EXPECT_EQ(a(1, 0), -2.0);
      EXPECT_EQ(a(2, 0), std::numeric_limits<double>::infinity());
      EXPECT_EQ(a(3, 0), 5e-324);
      EXPECT_EQ(a(4, 0), std::numeric_limits<double>::infinity());
      EXPECT_TRUE(std::isnan(a(5, 0)));
      EXPECT_TRUE(a(6, 0) == 0 && std::signbit(a(6, 0)));
    }
    const MatrixFile file =
        read(npy_file(npy_header("<c" + std::to_string(2 * size), false, "(1, 1)"),
                      extended(std::uint64_t{3} << 62, 16383, size) +
                          extended(std::uint64_t{1} << 63, 0x8000 | 16384, size)));
    EXPECT_EQ(matrix_of<std::complex<double>>(file)(0, 0), std::complex<double>(1.5, -2));
  }
}

TEST(Npy, ReadsBothStorageOrdersWithoutTransposing) {
  const std::string entries = little({1.0, 2.0, 3.0, 4.0, 5.0, 6.0});
  const MatrixFile rows = read(npy_file(npy_header("<f8", false, "(2, 3)"), entries));
  const MatrixFile cols = read(npy_file(npy_header("<f8", true, "(2, 3)"), entries));
  EXPECT_EQ(matrix_of<double>(rows)(0, 1), 2);
  EXPECT_EQ(matrix_of<double>(rows)(1, 0), 4);
  EXPECT_EQ(matrix_of<double>(rows).layout(), Layout::row_major);
  EXPECT_EQ(matrix_of<double>(cols)(0, 1), 3);
  EXPECT_EQ(matrix_of<double>(cols)(1, 0), 2);
  EXPECT_EQ(matrix_of<double>(cols).layout(), Layout::column_major);
}

TEST(Npy, ReadsMoreEntriesThanOneBlockOfConversion) {
  const std::uint16_t count = 50000;
  std::string entries;
  for (std::uint16_t i = 0; i < count; ++i) {
    entries += big({i});
  }
  const MatrixFile file = read(npy_file(npy_header(">u2", false, "(500, 100)"), entries));
  for (Index i = 0; i < 500; ++i) {
    for (Index j = 0; j < 100; ++j) {
      ASSERT_EQ(matrix_of<float>(file)(i, j), static_cast<float>(100 * i + j));
    }
  }
}

TEST(Npy, ReadsVersionsOneToThree) {
  for (const char version : {'\1', '\2', '\3'}) {
    const MatrixFile file =
        read(npy_file(npy_header("<f8", false, "(1, 1)"), little({7.0}), version));
    EXPECT_EQ(matrix_of<double>(file)(0, 0), 7);
  }
  const std::string what =
      message_of<FormatError>([] { static_cast<void>(read(npy_file("", "", '\4'))); });
  EXPECT_EQ(what, "a.npy: byte 6: npy version 4.0 is unknown; 1.0, 2.0 and 3.0 are read");
}

TEST(Npy, TakesAnArrayOfNoDimensionAsOneByOne) {
  const MatrixFile file = read(npy_file(npy_header("<f8", false, "()"), little({7.0})));
  EXPECT_EQ(matrix_of<double>(file).rows(), 1);
  EXPECT_EQ(matrix_of<double>(file).cols(), 1);
}

TEST(Npy, ReadsEmptyArrays) {
  const MatrixFile file = read(npy_file(npy_header("<f8", false, "(0, 5)"), ""));
  EXPECT_EQ(file.description.rows, 0);
  EXPECT_EQ(file.description.cols, 5);
  EXPECT_EQ(read(npy_file(npy_header("<i2", true, "(5, 0)"), "")).description.rows, 5);
  EXPECT_EQ(read(npy_file(npy_header("<i2", true, "(0,)"), "")).description.cols, 1);
}

TEST(Npy, AcceptsEveryWayOfWritingTheHeader) {
  const std::string entries = little({1.0, 2.0});
  for (const char* header : {
           "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 1), }    \n",  // NumPy's own
           "{\"shape\":(2,1),\"fortran_order\":False,\"descr\":\"<f8\"}",  // other quotes, order
                                                                           // and no spaces
           "{'descr': 'f8', 'fortran_order': True, 'shape': (2L, 1L)}",  // Python 2's long integers
           " { 'descr' : '=f8' , 'fortran_order' : False , 'shape' : ( 2 , ) , } ",
       }) {
    EXPECT_EQ(matrix_of<double>(read(npy_file(header, entries)))(1, 0), 2) << header;
  }
}

TEST(Npy, KeepsNaNAndInfinityForTheEngineToName) {
  const double infinity = std::numeric_limits<double>::infinity();
  const MatrixFile file =
      read(npy_file(npy_header("<f8", false, "(2,)"),
                    little({std::numeric_limits<double>::quiet_NaN(), infinity})));
  EXPECT_TRUE(std::isnan(matrix_of<double>(file)(0, 0)));
  EXPECT_EQ(matrix_of<double>(file)(1, 0), infinity);
}

struct Malformed {
  const char* what;  // the name of the case
  std::string file;
  std::string message;
};

TEST(Npy, SaysWhereAMalformedFileBreaksTheFormat) {
  const std::string good = npy_header("<f8", false, "(2,)");
  const std::string entries = little({1.0, 2.0});
  const auto with = [&entries](const std::string& header) { return npy_file(header, entries); };
  const Malformed cases[] = {
      {"empty", "", "byte 0: the file ends inside the first 8 bytes of the npy format"},
      {"half a magic", "\x93NUM",
       "byte 4: the file ends inside the first 8 bytes of the npy format"},
      {"another magic", "12345678", "byte 0: not an npy file"},
      {"no length", std::string("\x93NUMPY\1\0\5", 9),
       "byte 9: the file ends inside the length of the header"},
      {"length beyond the file", std::string("\x93NUMPY\2\0\377\377\377\377", 12),
       "byte 8: the header claims 4294967295 bytes, but the file has 12"},
      {"a header of 100,000 bytes", npy_file(std::string(100000, ' '), "", 2),
       "byte 8: the header claims 100000 bytes"},
      {"truncated", npy_file(good, entries.substr(0, 15)),
       "byte 83: truncated: the shape 2 of type '<f8' needs 16 bytes of entries, but 15 follow the "
       "header"},
      {"too long", npy_file(good, entries + "x"), "byte 84: too long: the shape 2"},
      {"no dict", with("[]"), "byte 10: expected '{'"},
      {"no end", with("{'descr': '<f8',"), "byte 26: expected a string in quotes"},
      {"open string", with("{'descr': '<f8"), "byte 20: a string without its closing quote"},
      {"escape", with("{'de\\x73cr': '<f8'}"), "a string with an escape"},
      {"no colon", with("{'descr' '<f8'}"), "byte 19: expected ':' after a key"},
      {"no comma", with("{'descr': '<f8' 'shape': (2,)}"), "byte 26: expected ',' or '}'"},
      {"unknown key", with("{'extra': 1}"), "unknown key 'extra'"},
      {"a key twice", with("{'descr': '<f8', 'descr': '<f8'}"), "the key 'descr' stands twice"},
      {"a key missing", with("{'descr': '<f8', 'shape': (2,)}"),
       "the key 'fortran_order' is missing"},
      {"trailing text", with("{'descr': '<f8', 'fortran_order': False, 'shape': (2,)} + 1"),
       "something follows"},
      {"order", with("{'descr': '<f8', 'fortran_order': 1, 'shape': (2,)}"),
       "neither True nor False"},
      {"a number for a shape", with("{'descr': '<f8', 'fortran_order': False, 'shape': 2}"),
       "expected '('"},
      {"a number in brackets", with(npy_header("<f8", false, "(2)")), "a comma is missing"},
      {"a negative size", with(npy_header("<f8", false, "(-2,)")), "something that is not a size"},
      {"a size of 20 digits", with(npy_header("<f8", false, "(99999999999999999999,)")),
       "does not fit 64 bits"},
      {"a shape whose bytes overflow", with(npy_header("<f8", false, "(4294967296, 4294967296)")),
       "byte 10: the shape 4294967296 x 4294967296 exceeds the 64-bit address space"},
      {"a shape that lies", with(npy_header("<f8", false, "(1000000, 1000000)")),
       "needs 8000000000000 bytes"},
      {"three dimensions", with(npy_header("<f8", false, "(2, 1, 1)")),
       "the array has 3 dimensions (2 x 1 x 1); a matrix has two"},
      {"records", with("{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (2,)}"),
       "records"},
      {"objects", with(npy_header("|O", false, "(2,)")),
       "Python objects, which NumPy stores as a pickle"},
      {"text", with(npy_header("<U2", false, "(2,)")), "byte 20: the type '<U2' holds text"},
      {"dates", with(npy_header("<M8[ns]", false, "(2,)")), "the type '<M8[ns]' holds dates"},
      {"raw bytes", with(npy_header("|V8", false, "(2,)")),
       "the type '|V8' holds raw bytes or records"},
      {"no such width", with(npy_header("<f3", false, "(2,)")),
       "'<f3' is not one of NumPy's numeric types"},
      {"a name that steers the terminal", with(npy_header("\x1b[2J", false, "(2,)")),
       "'\\x1b[2J' is not one"},
  };
  for (const Malformed& c : cases) {
    const std::string expected = "a.npy: ";
    const std::string read_says = message_of<FormatError>([&] { static_cast<void>(read(c.file)); });
    const std::string describe_says =
        message_of<FormatError>([&] { static_cast<void>(describe_npy(input_of(c.file), {})); });
    EXPECT_EQ(read_says.substr(0, expected.size()), expected) << c.what;
    EXPECT_NE(read_says.find(c.message), std::string::npos) << c.what << ": " << read_says;
    EXPECT_EQ(read_says, describe_says) << c.what;
  }
}

/// Every prefix of a good file is an error, not a crash and not a matrix.
TEST(Npy, RefusesEveryTruncation) {
  const std::string file = npy_file(npy_header(">f4", true, "(3, 2)"), std::string(24, '\1'));
  for (std::size_t n = 0; n < file.size(); ++n) {
    EXPECT_THROW(static_cast<void>(read(file.substr(0, n))), FormatError) << n;
  }
  EXPECT_NO_THROW(static_cast<void>(read(file)));
}

TEST(Npy, KeepsToTheMemoryLimit) {
  const std::string file = npy_file(npy_header("|u1", false, "(10, 10)"), std::string(100, '\1'));
  EXPECT_NO_THROW(static_cast<void>(read(file, {.max_bytes = 400})));
  EXPECT_THROW(static_cast<void>(read(file, {.max_bytes = 399})),
               OutOfMemory);  // bytes become floats
}

TEST(Npy, DescribesFromTheHeaderAlone) {
  const Description d = describe_npy(
      input_of(npy_file(npy_header(">i2", false, "(2, 3)"), std::string(12, '\0'))), {});
  EXPECT_EQ(d.rows, 2);
  EXPECT_EQ(d.cols, 3);
  EXPECT_EQ(d.stored_type, ">i2");
  EXPECT_EQ(d.computed_type, "float32");
}

TEST(Npy, WritesTheBytesThatTheFormatAsksFor) {
  const TemporaryFolder folder;
  Matrix<double> a(2, 1);
  a(0, 0) = 1;
  a(1, 0) = -2;
  write_matrix(folder / "a.npy", a.view());
  const std::string header = "{'descr': '<f8', 'fortran_order': True, 'shape': (2, 1), }";
  const std::string file = bytes_of(folder / "a.npy");
  EXPECT_EQ(file, std::string("\x93NUMPY\1\0\166\0", 10) + header +
                      std::string(117 - header.size(), ' ') + "\n" + little({1.0, -2.0}));
  EXPECT_EQ((file.size() - 16) % 64, 0U);  // the entries are aligned
}

template <class T>
class NpyOfType : public testing::Test {};
using AllTypes = testing::Types<float, double, std::complex<float>, std::complex<double>>;
TYPED_TEST_SUITE(NpyOfType, AllTypes);

TYPED_TEST(NpyOfType, ReadsBackWhatItWroteWhateverTheStrides) {
  const TemporaryFolder folder;
  const std::string path = folder / "a.npy";
  Matrix<TypeParam> storage(24, 24);
  for (Index j = 0; j < 24; ++j) {
    for (Index i = 0; i < 24; ++i) {
      storage(i, j) = static_cast<TypeParam>(static_cast<Real<TypeParam>>(24 * i + j));
    }
  }
  const MatrixView<const TypeParam> all = storage;
  const MatrixView<const TypeParam> views[] = {
      all,
      all.transposed(),
      all.block(3, 5, 7, 4),
      all.block(3, 5, 7, 4).transposed(),
      {all.data() + 23, 4, 3, -2, 72},             // rows backwards
      {all.data() + 23 * 24 + 23, 3, 5, -24, -2},  // both backwards
      {all.data(), 3, 4, 0, 0},                    // one entry everywhere
      all.block(2, 2, 1, 5),
      all.block(2, 2, 5, 1),
      all.block(2, 2, 1, 1),
      all.block(0, 0, 0, 3),
      all.block(0, 0, 3, 0),
      {nullptr, 0, 0},
  };
  for (const MatrixView<const TypeParam>& view : views) {
    write_matrix(path, view);
    const MatrixFile file = read_matrix(path);
    ASSERT_TRUE(std::holds_alternative<Matrix<TypeParam>>(file.matrix));
    const Matrix<TypeParam>& read_back = matrix_of<TypeParam>(file);
    ASSERT_EQ(read_back.rows(), view.rows());
    ASSERT_EQ(read_back.cols(), view.cols());
    for (Index j = 0; j < view.cols(); ++j) {
      for (Index i = 0; i < view.rows(); ++i) {
        ASSERT_EQ(read_back(i, j), view(i, j)) << i << ", " << j;
      }
    }
  }
}

TYPED_TEST(NpyOfType, MapsAFileOfItsOwnType) {
  const TemporaryFolder folder;
  Matrix<TypeParam> a(3, 2);
  a(2, 1) = TypeParam{5};
  for (const bool transposed : {false, true}) {
    const MatrixView<const TypeParam> view = transposed ? a.view().transposed() : a.view();
    write_matrix(folder / "a.npy", view);
    MappedMatrix first(folder / "a.npy");
    const MappedMatrix mapped = std::move(first);
    const auto read_back = std::get<MatrixView<const TypeParam>>(mapped.view());
    EXPECT_EQ(read_back.rows(), view.rows());
    EXPECT_EQ(read_back(view.rows() - 1, view.cols() - 1), TypeParam{5});
    EXPECT_EQ(read_back.is_column_major(), !transposed);
  }
}

TEST(MappedMatrix, RefusesWhatCannotBeMapped) {
  const TemporaryFolder folder;
  const std::string swapped =
      folder.file("swapped.npy", npy_file(npy_header(">f8", false, "(1,)"), std::string(8, '\0')));
  EXPECT_NE(message_of<FormatError>([&] {
              MappedMatrix m(swapped);
            }).find("entries of type '>f8' cannot be mapped"),
            std::string::npos);
  std::string header = npy_header("<f8", false, "(1,)");
  header.insert(header.size() - 1, (8 - (10 + header.size()) % 8) % 8 + 1,
                ' ');  // one past a multiple of 8
  const std::string odd = folder.file("odd.npy", npy_file(header, std::string(8, '\0')));
  EXPECT_NE(message_of<FormatError>([&] { MappedMatrix m(odd); }).find("not aligned"),
            std::string::npos);
  EXPECT_NO_THROW(static_cast<void>(read_matrix(odd)));
  EXPECT_THROW(MappedMatrix("-"), InvalidArgument);
  EXPECT_THROW(MappedMatrix(folder / "none.npy"), FileError);
}

TEST(MappedMatrix, MapsAnEmptyMatrix) {
  const TemporaryFolder folder;
  write_matrix(folder / "a.npy", Matrix<float>(0, 4).view());
  const MappedMatrix mapped(folder / "a.npy");
  EXPECT_EQ(std::get<MatrixView<const float>>(mapped.view()).cols(), 4);
}

}  // namespace
}  // namespace eckart::io
