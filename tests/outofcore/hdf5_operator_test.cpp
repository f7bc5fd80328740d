#include <gtest/gtest.h>

#include <eckart/file_operator.hpp>
#include <eckart/io.hpp>

#include "io/hdf5.hpp"
#include "io/npy_bytes.hpp"
#include "io/temporary_folder.hpp"
#include "operators/operator_test_tools.hpp"

namespace eckart {
namespace {

std::string corpus(const std::string& name) {
  return ECKART_SOURCE_DIR "/fuzz/corpus/hdf5/" + name + ".h5";
}

class Hdf5Operator : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!io::reads_hdf5()) {
      GTEST_SKIP() << "built without the HDF5 library";
    }
  }
};

/// A matrix of the corpus as doubles, read into memory.
Matrix<double> in_memory(const std::string& path) {
  return std::visit(
      [](const auto& a) {
        Matrix<double> b(a.rows(), a.cols());
        for (Index i = 0; i < a.rows(); ++i) {
          for (Index j = 0; j < a.cols(); ++j) {
            b(i, j) = double{std::real(a(i, j))};
          }
        }
        return b;
      },
      io::read_matrix(path).matrix);
}

TEST_F(Hdf5Operator, MultipliesAsTheMatrixInMemoryInPiecesAndInChunksWideAndTall) {
  for (const char* name : {"f8", "big_f4", "gzip", "wide", "tall", "vector", "userblock", "fill"}) {
    SCOPED_TRACE(name);
    const Matrix<double> a = in_memory(corpus(name));
    for (const std::uint64_t memory :
         {std::uint64_t{3000}, std::uint64_t{6000}, std::uint64_t{1} << 20}) {
      expect_stands_for<double>(FileOperator<double>(corpus(name), {.memory = memory}), a.view(),
                                8);
    }
  }
}

TEST_F(Hdf5Operator, BlocksAreWholeChunksWhereTheMemoryHoldsThem) {
  // wide: 50 x 30 of two bytes in chunks of 7 x 16, read by rows and converted to eight bytes: 30 * (2 * 2 + 8) a line.
  EXPECT_EQ(FileOperator<double>(corpus("wide"), {.memory = 360 * 20}).lines_of_block(), 14);
  EXPECT_EQ(FileOperator<double>(corpus("wide"), {.memory = 360 * 5}).lines_of_block(), 5);
  EXPECT_TRUE(FileOperator<double>(corpus("wide")).goes_back_in_one_pass(false));
  // tall: 50 x 30 of eight bytes in chunks of 50 x 4, read by columns.
  EXPECT_EQ(FileOperator<double>(corpus("tall"), {.memory = 800 * 11}).lines_of_block(), 8);
  EXPECT_TRUE(FileOperator<double>(corpus("tall")).goes_back_in_one_pass(true));
  EXPECT_THROW(FileOperator<double>(corpus("tall"), {.memory = 1599}), OutOfMemory);
}

TEST_F(Hdf5Operator, ADatasetIsNamedInThePathOrByTheMember) {
  EXPECT_EQ(FileOperator<double>(corpus("two") + ":/second").rows(), 2);
  EXPECT_EQ(FileOperator<double>(corpus("two"), {.member = "first"}).rows(), 4);
  EXPECT_THROW(FileOperator<double>(corpus("two")), InvalidArgument);
}

TEST_F(Hdf5Operator, WhatAFileHoldsCountsMoreThanItsName) {
  const io::TemporaryFolder folder;
  const Matrix<double> a = random_matrix<double>(8, 5, 7);
  io::write_matrix(folder / "a.npy", a.view());
  const FileOperator<double> npy(folder.file("a.h5", io::bytes_of(folder / "a.npy")));
  expect_stands_for<double>(npy, a.view(), 8);
  const FileOperator<double> hdf5(folder.file("b.mat", io::bytes_of(corpus("userblock"))));
  EXPECT_EQ(hdf5.rows(), 4);
}

TEST_F(Hdf5Operator, ANanInATallChunkIsNamedByRowAndColumn) {
  const FileOperator<double> a(corpus("nan"));
  const std::string says = io::message_of<Error>([&] { static_cast<void>(a.frobenius_norm({})); });
  EXPECT_NE(says.find("nan.h5: row 42, column 18 of the matrix (counted from 1) is NaN"),
            std::string::npos)
      << says;
}

TEST_F(Hdf5Operator, DatasetsInOnePieceAreReadWhereTheyLie) {
  const io::TemporaryFolder folder;
  const Matrix<double> a = random_matrix<double>(40, 25, 7);
  io::write_matrix(folder / "a.h5", a.view());
  const FileOperator<double> op(folder / "a.h5");
  expect_stands_for<double>(op, a.view(), 8);
  EXPECT_EQ(op.traffic().bytes % (40 * 25 * 8), 0);
  EXPECT_NE(op.description().find("<f8 by rows"), std::string::npos) << op.description();
}

}  // namespace
}  // namespace eckart
