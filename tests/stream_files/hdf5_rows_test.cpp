#include <gtest/gtest.h>

#include <eckart/stream_files.hpp>

#include "io/hdf5.hpp"
#include "io/npy_bytes.hpp"
#include "io/temporary_folder.hpp"
#include "row_tools.hpp"

namespace eckart::io {
namespace {

std::string corpus(const std::string& name) {
  return ECKART_SOURCE_DIR "/fuzz/corpus/hdf5/" + name + ".h5";
}

class Hdf5Rows : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!reads_hdf5()) {
      GTEST_SKIP() << "built without the HDF5 library";
    }
  }
};

TEST_F(Hdf5Rows, ComeInBlocksOfWholeChunksUntilTheEnd) {
  RowReader reader(corpus("wide"), {.max_row_bytes = 30 * (2 + 4) * 20});
  EXPECT_EQ(reader.format(), RowFormat::hdf5);
  EXPECT_EQ(reader.cols(), 30);
  EXPECT_EQ(reader.dtype(), "float32");
  Index row = 0;
  for (Rows rows = reader.next(); rows.count() > 0; rows = reader.next()) {
    EXPECT_TRUE(rows.count() % 7 == 0 || row + rows.count() == 50);
    const auto& view = std::get<MatrixView<const float>>(rows.view);
    for (Index i = 0; i < view.rows(); ++i) {
      EXPECT_EQ(view(i, 29), static_cast<float>((7 * (row + i) + 11 * 29) % 23 - 11));
    }
    EXPECT_EQ(reader.behind(1).rows, row + 1);
    EXPECT_EQ(reader.place_of(2, 3), "/a[" + std::to_string(row + 2) + ", 3]");
    EXPECT_FALSE(reader.mark(reader.behind(1)).has_value());
    row += rows.count();
  }
  EXPECT_EQ(row, 50);
}

TEST_F(Hdf5Rows, AreThoseOfTheDatasetThatThePathNames) {
  RowReader reader(corpus("two") + ":/second");
  EXPECT_EQ(next_of(reader), (std::vector<double>{-5, -4, -3, -2, -1, 0}));
  EXPECT_EQ(reader.next().count(), 0);
}

TEST_F(Hdf5Rows, AreNeitherFollowedNorTakenForAnotherType) {
  EXPECT_THROW(RowReader(corpus("gzip"), {.follow = true}), InvalidArgument);
  EXPECT_THROW(RowReader(corpus("gzip"), {.dtype = "f4"}), InvalidArgument);
  EXPECT_THROW(RowReader(corpus("gzip"), {.cols = 4}), FormatError);
  EXPECT_THROW(RowReader(corpus("gzip"), {.max_row_bytes = 20}), OutOfMemory);
  EXPECT_THROW(RowReader(corpus("two")), InvalidArgument);
}

}  // namespace
}  // namespace eckart::io
