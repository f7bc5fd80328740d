#include <complex>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <eckart/io.hpp>
#include <eckart/random.hpp>

#include "io/zip_writer.hpp"
#include "npy_bytes.hpp"
#include "temporary_folder.hpp"

namespace eckart::io {
namespace {

struct Member {
  std::string name;
  std::string bytes;
};

/// A zip archive of members as they are given, sense or nonsense.
std::string zip_of(const std::vector<Member>& members, bool compress = true) {
  const TemporaryFolder folder;
  OutputFile out(folder / "a.zip");
  ZipWriter zip(out);
  for (const Member& member : members) {
    zip.add(member.name, compress,
            [&member](const ByteSink& sink) { sink(std::as_bytes(std::span(member.bytes))); });
  }
  zip.finish();
  out.commit();
  return bytes_of(folder / "a.zip");
}

std::string array_of(std::initializer_list<double> values) {
  return npy_file(npy_header("<f8", false, "(" + std::to_string(values.size()) + ",)"),
                  little(values));
}

MatrixFile read(const std::string& bytes, const ReadOptions& options = {}) {
  return read_npz(input_of(bytes, "a.npz"), options);
}

template <class E>
void expect_message(const std::string& file, const std::string& part,
                    const ReadOptions& options = {}) {
  const std::string says = message_of<E>([&] { static_cast<void>(read(file, options)); });
  EXPECT_EQ(says.substr(0, 7), "a.npz: ") << says;
  EXPECT_NE(says.find(part), std::string::npos) << says;
}

/// Replaces every occurrence of a number, as zip64 writes it.
std::string patched(std::string file, std::uint64_t from, std::uint64_t to) {
  const std::string before = little({from});
  const std::string after = little({to});
  std::size_t found = 0;
  for (std::size_t at = file.find(before); at != std::string::npos;
       at = file.find(before, at + 8)) {
    file.replace(at, 8, after);
    ++found;
  }
  EXPECT_GT(found, 0U);
  return file;
}

template <class T>
class NpzOfType : public testing::Test {};
using AllTypes = testing::Types<float, double, std::complex<float>, std::complex<double>>;
TYPED_TEST_SUITE(NpzOfType, AllTypes);

TYPED_TEST(NpzOfType, ReadsBackTheArraysOfAnSvd) {
  const TemporaryFolder folder;
  const std::string path = folder / "svd.npz";
  Matrix<TypeParam> u(30, 20);
  Matrix<Real<TypeParam>> s(20, 1);
  u(29, 19) = TypeParam{3};
  s(19, 0) = 2;
  for (const bool compress : {true, false}) {
    const NamedArray arrays[] = {{.name = "U", .values = u.view()},
                                 {.name = "S", .values = s.view(), .is_vector = true},
                                 {.name = "Vh", .values = u.view().transposed()}};
    EXPECT_EQ(write_arrays(path, arrays, {.compress = compress}), std::vector<std::string>{path});
    const MatrixFile u_file = read_matrix(path, {.member = "U"});
    EXPECT_EQ(u_file.description.format, Format::npz);
    EXPECT_EQ(std::get<Matrix<TypeParam>>(u_file.matrix)(29, 19), TypeParam{3});
    EXPECT_EQ(std::get<Matrix<TypeParam>>(u_file.matrix).layout(), Layout::column_major);
    EXPECT_EQ(std::get<Matrix<TypeParam>>(read_matrix(path, {.member = "Vh.npy"}).matrix)(19, 29),
              TypeParam{3});
    const Description s_description = describe(path, {.member = "S"});
    EXPECT_EQ(s_description.rows, 20);
    EXPECT_EQ(s_description.cols, 1);
    EXPECT_EQ(std::get<Matrix<Real<TypeParam>>>(read_matrix(path, {.member = "S"}).matrix)(19, 0),
              2);
  }
}

TEST(Npz, WritesAVectorWithOneDimensionAndAMatrixInFortranOrder) {
  const TemporaryFolder folder;
  const Matrix<double> s(3, 1);
  const Matrix<double> u(3, 3);
  const NamedArray arrays[] = {{.name = "S", .values = s.view(), .is_vector = true},
                               {.name = "U", .values = u.view()}};
  static_cast<void>(write_arrays(folder / "a.npz", arrays, {.compress = false}));
  const std::string file = bytes_of(folder / "a.npz");
  EXPECT_NE(file.find("{'descr': '<f8', 'fortran_order': False, 'shape': (3,), }"),
            std::string::npos);
  EXPECT_NE(file.find("{'descr': '<f8', 'fortran_order': True, 'shape': (3, 3), }"),
            std::string::npos);
}

/// The vector had one entry after max(rows, cols) was taken for its length.
TEST(Npz, WritesAnEmptyVector) {
  const TemporaryFolder folder;
  const Matrix<double> s(0, 1);
  const NamedArray arrays[] = {{.name = "S", .values = s.view(), .is_vector = true}};
  static_cast<void>(write_arrays(folder / "a.npz", arrays));
  EXPECT_EQ(read_matrix(folder / "a.npz").description.rows, 0);
}

TEST(Npz, DeflatesOnlyWhatShrinks) {
  const TemporaryFolder folder;
  Matrix<double> noise(200, 100);
  fill_normal(noise.view(), Random(1));
  Matrix<double> steps(200, 100);
  for (Index i = 0; i < 200 * 100; ++i) {
    steps.data()[i] = static_cast<double>(i / 100);
  }
  const std::size_t bytes = 200 * 100 * sizeof(double);
  write_matrix(folder / "noise.npz", noise.view());
  write_matrix(folder / "steps.npz", steps.view());
  EXPECT_GT(bytes_of(folder / "noise.npz").size(), bytes);
  EXPECT_LT(bytes_of(folder / "steps.npz").size(), bytes / 10);
  write_matrix(folder / "steps.npz", steps.view(), {.compress = false});
  EXPECT_GT(bytes_of(folder / "steps.npz").size(), bytes);
}

TEST(Npz, EqualArraysGiveEqualFiles) {
  EXPECT_EQ(zip_of({{"a.npy", array_of({1, 2})}}), zip_of({{"a.npy", array_of({1, 2})}}));
}

/// The records of a stored archive, field by field: what a reader of another make relies on.
TEST(Npz, WritesZip64Records) {
  const std::string file = zip_of({{"a", "data"}}, false);
  const std::uint32_t checksum = 0xadf3f363;  // CRC-32 of "data"
  const std::string local = std::string("PK\3\4\55\0\0\10\0\0\0\0\41\0", 14) + little({checksum}) +
                            std::string(8, '\xff') + std::string("\1\0\24\0a\1\0\20\0", 9) +
                            little({std::uint64_t{4}, std::uint64_t{4}});
  EXPECT_EQ(file.substr(0, local.size() + 4), local + "data");
  const std::uint64_t directory = local.size() + 4;
  EXPECT_EQ(file.substr(directory, 4), "PK\1\2");
  const std::uint64_t end = file.find("PK\6\6");
  EXPECT_EQ(file.substr(end + 24),
            little({std::uint64_t{1}, std::uint64_t{1}, end - directory, directory}) +
                std::string("PK\6\7\0\0\0\0", 8) + little({end}) + std::string("\1\0\0\0", 4) +
                std::string("PK\5\6\0\0\0\0", 8) + std::string(12, '\xff') + std::string(2, '\0'));
}

TEST(Npz, ReadsTheOnlyArrayWithoutAName) {
  EXPECT_EQ(std::get<Matrix<double>>(
                read(zip_of({{"readme", "x"}, {"a.npy", array_of({1, 7})}})).matrix)(1, 0),
            7);
}

TEST(Npz, ListsTheArraysWhenNoneOrAWrongOneIsNamed) {
  const std::string file =
      zip_of({{"U.npy", array_of({1})}, {"S.npy", array_of({1})}, {"b\nad.npy", array_of({1})}});
  expect_message<InvalidArgument>(file, "holds 3 arrays; name one: U, S, b\\x0aad");
  expect_message<InvalidArgument>(file, "has no array 'V': U, S, b\\x0aad", {.member = "V"});
  std::vector<Member> many;
  for (int i = 0; i < 30; ++i) {
    many.push_back({std::to_string(i) + ".npy", array_of({1})});
  }
  expect_message<InvalidArgument>(zip_of(many), "18, 19, ...");
}

TEST(Npz, RefusesArchivesWithoutSense) {
  expect_message<FormatError>(zip_of({}), "none of its 0 members ends in .npy");
  expect_message<FormatError>(zip_of({{"a.txt", "x"}}), "none of its 1 members ends in .npy");
  expect_message<FormatError>(zip_of({{"a.npy", array_of({1})}, {"a.npy", array_of({2})}}),
                              "stands 2 times", {.member = "a"});
  expect_message<FormatError>(zip_of({{"a.npy", "no array"}}),
                              "member a.npy: byte 0: not an npy file");
  expect_message<FormatError>(zip_of({{"a.npy", array_of({1}).substr(0, 70)}}),
                              "member a.npy: byte 70: truncated");
  expect_message<FormatError>(zip_of({{"a.npy", array_of({1}) + "x"}}), "too long");
}

TEST(Npz, RefusesEveryTruncation) {
  for (const bool compress : {true, false}) {
    const std::string file = zip_of({{"a.npy", array_of({1, 2, 3})}}, compress);
    for (std::size_t n = 0; n < file.size(); ++n) {
      EXPECT_THROW(static_cast<void>(read(file.substr(0, n))), FormatError) << n;
    }
    EXPECT_NO_THROW(static_cast<void>(read(file)));
  }
  expect_message<FormatError>("PK\3\4", "byte 4: truncated, or not a zip archive");
}

/// A flipped bit anywhere is an error or leaves the numbers as they were (dates, attributes): CRC-32 guards the data.
TEST(Npz, NeverReturnsOtherNumbersForAFlippedBit) {
  for (const bool compress : {true, false}) {
    const std::string file = zip_of({{"a.npy", array_of({1, 2, 3})}}, compress);
    for (std::size_t bit = 0; bit < 8 * file.size(); ++bit) {
      std::string flipped = file;
      flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
      try {
        const MatrixFile result = read(flipped);
        const auto& a = std::get<Matrix<double>>(result.matrix);
        ASSERT_EQ(a.rows(), 3);
        EXPECT_TRUE(a(0, 0) == 1 && a(1, 0) == 2 && a(2, 0) == 3) << bit;
      } catch (const Error&) {
      }
    }
  }
}

TEST(Npz, RefusesADirectoryThatLiesAboutSizes) {
  const std::string two = array_of({1, 2});
  const std::string three = array_of({1, 2, 3});
  // Claims a terabyte: no stream of that many stored bytes could inflate to it.
  expect_message<FormatError>(patched(zip_of({{"a.npy", two}}), two.size(), std::uint64_t{1} << 40),
                              "member a.npy: byte 0: claims 1099511627776 bytes from");
  // Claims less than the stream holds, and an npy header that agrees with the claim.
  const std::string header_of_two = npy_file(npy_header("<f8", false, "(2,)"), "");
  expect_message<FormatError>(patched(zip_of({{"a.npy", header_of_two + little({1.0, 2.0, 3.0})}}),
                                      three.size(), two.size()),
                              "member a.npy: byte");
  // Claims more than the stream holds.
  const std::string header_of_three = npy_file(npy_header("<f8", false, "(3,)"), "");
  expect_message<FormatError>(
      patched(zip_of({{"a.npy", header_of_three + little({1.0, 2.0})}}), two.size(), three.size()),
      "member a.npy: byte");
}

/// Deflated zeros shrink a thousandfold, so a small file may honestly hold a large array; the limit is then the caller's.
TEST(Npz, KeepsToTheMemoryLimit) {
  const std::string file = zip_of(
      {{"a.npy", npy_file(npy_header("|u1", false, "(1000000,)"), std::string(1000000, '\0'))}});
  EXPECT_LT(file.size(), 10000U);
  EXPECT_NO_THROW(static_cast<void>(read(file, {.max_bytes = 4000000})));
  EXPECT_THROW(static_cast<void>(read(file, {.max_bytes = 3999999})), OutOfMemory);
}

TEST(Npz, CarriesArraysAcrossTheBuffersOfDeflate) {
  const TemporaryFolder folder;
  Matrix<double> a(300, 200);
  for (Index i = 0; i < 300 * 200; ++i) {
    a.data()[i] = static_cast<double>((i * 7919) % 10007);  // shrinks to a quarter
  }
  for (const bool compress : {true, false}) {
    write_matrix(folder / "a.npz", a.view(), {.compress = compress});
    const MatrixFile file = read_matrix(folder / "a.npz");
    const auto& back = std::get<Matrix<double>>(file.matrix);
    for (Index i = 0; i < 300 * 200; ++i) {
      ASSERT_EQ(back.data()[i], a.data()[i]);
    }
  }
}

}  // namespace
}  // namespace eckart::io
