// The examples of docs/streams.md: they compile and hold here, and the page shows exactly these lines.

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <eckart/frequent_directions.hpp>
#include <eckart/gallery.hpp>
#include <eckart/incremental_svd.hpp>
#include <eckart/single_pass_sketch.hpp>

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

TEST(StreamsPage, SinglePassSketch) {
  const Index m = 200, n = 60, first = 120;
  const Matrix<double> rows = generate<double>("normal 50x60 seed=1"),
                       x = generate<double>("normal 200x2 seed=3"),
                       y = generate<double>("normal 60x2 seed=4");
  const std::vector<SketchEntry<double>> entries = {{3, 4, 1.5}, {3, 4, -0.5}};
  SinglePassSketch<double> other(m, n);
  other.add_rows(0, rows);
  // begin: single-pass sketch
  eckart::SinglePassSketch<double> sketch(m, n, {.rank = 10});
  sketch.add_rows(first, rows);  // in any order; add_columns too; append_rows makes A longer
  sketch.add_entries(entries);   // (row, col, value), again and again at the same place
  sketch.change(x, y);           // A <- A + X Y^H
  sketch.scale(0.99);            // forgetting
  sketch.merge(other);           // A <- A + that of another sketch of the same seed
  auto top = sketch.result(10);  // U, s, Vh; the error, estimated and bounded; a scree plot
  // end
  EXPECT_EQ(top.U.rows(), m);
  EXPECT_EQ(top.s.size(), 10U);
  EXPECT_LT(top.left_out, top.left_out_at_most);
  EXPECT_GT(top.left_out, top.left_out_at_least);
}

TEST(StreamsPage, ShowsTheseExamples) {
  const std::string root = ECKART_SOURCE_DIR;
  eckart::testing::expect_shown(root + "/docs/streams.md",
                                root + "/tests/streams/example_test.cpp");
}

}  // namespace
