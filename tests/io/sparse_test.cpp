#include <complex>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <eckart/io.hpp>
#include <eckart/sparse.hpp>

#include "io/read.hpp"
#include "io/zip_writer.hpp"
#include "npy_bytes.hpp"
#include "temporary_folder.hpp"

namespace eckart::io {
namespace {

struct Member {
  std::string name;
  std::string bytes;
};

template <class T>
std::string numbers(const char* type, std::initializer_list<T> values) {
  return npy_file(npy_header(type, false, "(" + std::to_string(values.size()) + ",)"),
                  little(values));
}

std::string word(const std::string& name) {
  return npy_file(npy_header("|S3", false, "()"), name);
}

std::string zip_of(const std::vector<Member>& members) {
  const TemporaryFolder folder;
  OutputFile out(folder / "a.zip");
  ZipWriter zip(out);
  for (const Member& member : members) {
    zip.add(member.name + ".npy", true,
            [&member](const ByteSink& sink) { sink(std::as_bytes(std::span(member.bytes))); });
  }
  zip.finish();
  out.commit();
  return bytes_of(folder / "a.zip");
}

using Int = std::int32_t;

// [ 1 . 2 ]
// [ . . 3 ]
std::vector<Member> csr() {
  return {{"indices", numbers<Int>("<i4", {0, 2, 2})},
          {"indptr", numbers<Int>("<i4", {0, 2, 3})},
          {"format", word("csr")},
          {"shape", numbers<std::int64_t>("<i8", {2, 3})},
          {"data", numbers<double>("<f8", {1, 2, 3})}};
}

SparseFile read(const std::vector<Member>& members) {
  return read_sparse_input(input_of(zip_of(members), "a.npz"), "a.npz", {});
}

void expect_the_matrix(const SparseFile& file) {
  const auto& t = std::get<Triplets<double>>(file.triplets);
  const auto a = SparseMatrix<double>::from_triplets(t.rows, t.cols, t.row, t.col, t.value);
  EXPECT_EQ(a.rows(), 2);
  EXPECT_EQ(a.cols(), 3);
  EXPECT_EQ(std::vector<double>(a.values().begin(), a.values().end()),
            (std::vector<double>{1, 2, 3}));
  EXPECT_EQ(std::get<std::vector<Int>>(a.columns()), (std::vector<Int>{0, 2, 2}));
  EXPECT_EQ(std::vector<Index>(a.pointers().begin(), a.pointers().end()),
            (std::vector<Index>{0, 2, 3}));
}

TEST(ReadSparse, CompressedRowsColumnsAndTriplets) {
  expect_the_matrix(read(csr()));
  EXPECT_EQ(read(csr()).description.stored_type, "csr <f8");
  expect_the_matrix(read({{"indices", numbers<std::int64_t>("<i8", {0, 0, 1})},
                          {"indptr", numbers<std::int64_t>("<i8", {0, 1, 1, 3})},
                          {"format", word("csc")},
                          {"shape", numbers<std::int64_t>("<i8", {2, 3})},
                          {"data", numbers<double>("<f8", {1, 2, 3})}}));
  expect_the_matrix(read({{"row", numbers<Int>("<i4", {1, 0, 0})},
                          {"col", numbers<Int>("<i4", {2, 0, 2})},
                          {"format", word("coo")},
                          {"shape", numbers<std::int64_t>("<i8", {2, 3})},
                          {"data", numbers<double>("<f8", {3, 1, 2})}}));
}

TEST(ReadSparse, MatrixMarket) {
  const std::string text =
      "%%MatrixMarket matrix coordinate real general\n2 3 3\n1 1 1\n1 3 2\n2 3 3\n";
  expect_the_matrix(read_sparse_input(input_of(text, "a.mtx"), "a.mtx", {}));
}

TEST(ReadSparse, EveryReaderTakesItAsADenseOne) {
  const auto bytes = zip_of(csr());
  const Input file = input_of(bytes, "a.npz");
  const Description d = describe_input(file, "a.npz", {});
  EXPECT_EQ(std::pair(d.rows, d.cols), std::pair(Index{2}, Index{3}));
  EXPECT_EQ(d.entries, Index{3});
  EXPECT_EQ(d.stored_type, "csr <f8");
  EXPECT_EQ(d.computed_type, "float64");
  const MatrixFile dense = read_input(file, "a.npz", {});
  const auto& a = std::get<Matrix<double>>(dense.matrix);
  EXPECT_EQ(a(0, 0) + 10 * a(0, 2) + 100 * a(1, 2), 321);
  EXPECT_EQ(a(0, 1), 0);
  // A member that is named is that array.
  EXPECT_EQ(read_input(file, "a.npz", {.member = "data"}).description.rows, 3);
  EXPECT_THROW(static_cast<void>(read_input(file, "a.npz", {.max_bytes = 16})), Error);
}

TEST(ReadSparse, SymmetricEntriesCountTwice) {
  const std::string text = "%%MatrixMarket matrix coordinate real symmetric\n3 3 2\n1 1 1\n3 2 2\n";
  EXPECT_EQ(describe_input(input_of(text, "a.mtx"), "a.mtx", {}).entries, Index{4});
  EXPECT_FALSE(
      describe_input(input_of("%%MatrixMarket matrix array real general\n1 1\n1\n", "a.mtx"),
                     "a.mtx", {})
          .entries);
}

void expect_says(const std::string& name, const std::string& bytes, const std::string& part) {
  auto members = csr();
  for (Member& member : members) {
    member.bytes = member.name == name ? bytes : member.bytes;
  }
  const std::string says = message_of<FormatError>([&] { static_cast<void>(read(members)); });
  EXPECT_NE(says.find(part), std::string::npos) << says;
}

TEST(ReadSparse, NamesWhatIsWrong) {
  expect_says("format", word("bsr"), "format 'bsr'");
  expect_says("format", numbers<double>("<f8", {1}), "three bytes");
  expect_says("shape", numbers<std::int64_t>("<i8", {2}), "'shape' has 1 numbers");
  expect_says("shape", numbers<std::int64_t>("<i8", {-2, 3}), "entry 0 of 'shape'");
  expect_says("indices", numbers<Int>("<i4", {0, 3, 2}), "entry 1 of 'indices'");
  expect_says("indices", numbers<Int>("<i4", {0, -1, 2}), "entry 1 of 'indices'");
  expect_says("indices", numbers<double>("<f8", {0, 0.5, 2}), "entry 1 of 'indices'");
  expect_says("indices", numbers<Int>("<i4", {0, 2}), "'indices' has 2 numbers for 3 entries");
  expect_says("indptr", numbers<Int>("<i4", {0, 3}), "'indptr' should have one number more");
  expect_says("indptr", numbers<Int>("<i4", {1, 2, 3}), "'indptr' should have");
  expect_says("indptr", numbers<Int>("<i4", {}), "'indptr' should have");
  expect_says("indptr", numbers<Int>("<i4", {0, 4, 3}), "entry 1 of 'indptr'");
  auto members = csr();
  members.pop_back();
  EXPECT_NE(message_of<FormatError>([&] { static_cast<void>(read(members)); }).find("'data'"),
            std::string::npos);
  EXPECT_NE(message_of<FormatError>([] {
              static_cast<void>(read({{"x", numbers<double>("<f8", {1})}}));
            }).find("save_npz"),
            std::string::npos);
}

TEST(ReadSparse, BelievesNoShapeThatTheMachineCannotHold) {
  auto members = csr();
  members[2].bytes = word("coo");
  members[3].bytes = numbers<std::int64_t>("<i8", {std::int64_t{1} << 50, 3});
  EXPECT_THROW(static_cast<void>(read(members)), OutOfMemory);
  const std::string text = "%%MatrixMarket matrix coordinate real general\n3 1125899906842624 0\n";
  EXPECT_THROW(static_cast<void>(read_sparse_input(input_of(text, "a.mtx"), "a.mtx", {})),
               OutOfMemory);
}

TEST(ReadSparse, RefusesDenseFormats) {
  const std::string says = message_of<InvalidArgument>(
      [] { static_cast<void>(read_sparse_input(input_of("1,2\n", "a.csv"), "a.csv", {})); });
  EXPECT_NE(says.find("dense"), std::string::npos) << says;
}

}  // namespace
}  // namespace eckart::io
