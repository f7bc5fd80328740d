// The examples of docs/streams.md: they compile and hold here, and the page shows exactly these lines.

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <eckart/frequent_directions.hpp>
#include <eckart/gallery.hpp>
#include <eckart/incremental_svd.hpp>

#include "support/page_examples.hpp"

namespace {

using namespace eckart;

TEST(StreamsPage, FrequentDirections) {
  const Index n = 30;
  const Matrix<double> rows = generate<double>("normal 200x30 seed=1");
  FrequentDirections<double> other(n);
  other.append(rows.view().top_rows(50));
  // begin: frequent directions
  eckart::FrequentDirections<double> stream(n, {.sketch_rows = 64});
  stream.append(rows);           // b x n, any b; again and again
  auto top = stream.result(10);  // values, Vh, intervals; the stream goes on
  stream.merge(other);           // a sketch of other rows of the same matrix
  // end
  EXPECT_EQ(top.s.size(), 10U);
  EXPECT_EQ(stream.rows(), 250);
}

TEST(StreamsPage, IncrementalSvd) {
  const Matrix<double> columns = generate<double>("normal 100x60 seed=1"),
                       column = generate<double>("normal 100x1 seed=2"),
                       x = generate<double>("normal 100x2 seed=3"),
                       y = generate<double>("normal 60x2 seed=4");
  const std::vector<Index> oldest = {0, 1, 2};
  // begin: incremental
  eckart::IncrementalSvd<double> kept(100, 0, {.rank = 20});  // a matrix of 100 x 0
  kept.append_columns(columns);                               // 100 x b, any b; again and again
  kept.replace_column(3, column);
  kept.change(x, y);               // A <- A + x y^H, here of rank 2
  kept.remove_columns(oldest);     // indices
  kept.forget(0.99);               // A <- 0.99 A: what comes now counts for more
  auto leading = kept.result(10);  // U, s, Vh, intervals, what is left out; it goes on
  eckart::IncrementalSvd<double> resumed(kept.state());  // to the same bits
  // end
  EXPECT_EQ(leading.U.cols(), 10);
  EXPECT_EQ(leading.Vh.cols(), 57);
  EXPECT_EQ(resumed.result(10).s, leading.s);
  EXPECT_GT(leading.left_out_at_most, 0);
}

TEST(StreamsPage, ShowsTheseExamples) {
  const std::string root = ECKART_SOURCE_DIR;
  eckart::testing::expect_shown(root + "/docs/streams.md",
                                root + "/tests/streams/example_test.cpp");
}

}  // namespace
