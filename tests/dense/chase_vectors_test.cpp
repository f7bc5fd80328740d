#include "dense/reduction/chase_vectors.hpp"

#include <gtest/gtest.h>

#include <eckart/error.hpp>

#include "chase_reference.hpp"
#include "support/cases.hpp"

namespace eckart::dense {
namespace {

template <class T>
class ChaseVectors : public ::testing::Test {};
TYPED_TEST_SUITE(ChaseVectors, ChaseTypes);

template <Scalar T>
Matrix<T> applied(const Chase<T>& chase, bool left, blas::Op op, Matrix<T> c,
                  const ChaseVectorsOptions& options, const Execution& execution) {
  Workspace work(
      apply_chase_memory<T>(chase.n, chase.band, c.cols(), execution.thread_count(), options));
  if (left) {
    apply_chase_left<T>(execution, op, chase, c.view(), options, work);
  } else {
    apply_chase_right<T>(execution, op, chase, c.view(), options, work);
  }
  EXPECT_EQ(work.peak(), work.size());
  EXPECT_EQ(work.used(), 0U);
  return c;
}

// The largest distance from the definition, over both sides and both operations, in units of n eps ||C||.
template <Scalar T>
double distance(const Chase<T>& chase, Index columns, const ChaseVectorsOptions& options) {
  double largest = 0;
  for (const bool left : {true, false}) {
    for (const blas::Op op : {blas::Op::none, blas::Op::adjoint}) {
      Matrix<T> c(chase.n, columns);
      fill_normal(c.view(), Random(7));
      Matrix<T> expected = c;
      apply_by_definition(chase, left, op == blas::Op::adjoint, expected.view());
      const double norm = frobenius<T>(c);
      const Matrix<T> result = applied(chase, left, op, std::move(c), options, with_threads(1));
      for (Index j = 0; j < columns; ++j) {
        for (Index i = 0; i < chase.n; ++i) {
          expected(i, j) -= result(i, j);
        }
      }
      largest = std::max(largest, frobenius<T>(expected) /
                                      (norm * static_cast<double>(chase.n) * double{epsilon<T>}));
    }
  }
  return largest;
}

TYPED_TEST(ChaseVectors, AgreeWithTheDefinition) {
  using T = TypeParam;
  for (const Processor processor : all_processors) {
    if (processor > this_processor()) {
      continue;
    }
    for (const Index n : {1, 2, 3, 4, 5, 8, 13, 33, 40}) {
      for (const Index band : {1, 2, 3, 4, 5, 7, 8, 16, 40}) {
        const Chased<T> chased(normal_band<T>(n, band), band);
        for (const Index diamond : {1, 2, 3, 4, 5, 8, 20}) {
          for (const Index columns : {1, 5, 21}) {
            const ChaseVectorsOptions options{.diamond = diamond, .few = 0, .processor = processor};
            ASSERT_LT(distance(chased.reflectors, columns, options), 10)
                << n << " with " << band << ", " << diamond << " sweeps, " << columns << " columns";
          }
        }
      }
    }
    for (const auto& [n, band, diamond, columns] : {std::array<Index, 4>{64, 16, 16, 64},
                                                    {100, 32, 0, 250},
                                                    {200, 16, 32, 200},
                                                    {200, 32, 16, 16},
                                                    {200, 48, 24, 100}}) {
      const Chased<T> chased(normal_band<T>(n, band), band);
      const ChaseVectorsOptions options{.diamond = diamond, .processor = processor};
      ASSERT_LT(distance(chased.reflectors, columns, options), 10) << n << " with " << band;
    }
  }
}

TYPED_TEST(ChaseVectors, GiveTheSameBitsForEveryNumberOfThreads) {
  using T = TypeParam;
  const Chased<T> chased(normal_band<T>(90, 8), 8);
  Matrix<T> c(90, 400);
  fill_normal(c.view(), Random(7));
  for (const Index diamond : {1, 4}) {
    const ChaseVectorsOptions options{.diamond = diamond};
    const Matrix<T> one =
        applied(chased.reflectors, true, blas::Op::none, c, options, with_threads(1));
    for (const int threads : {2, 3, 4}) {
      const Matrix<T> several =
          applied(chased.reflectors, true, blas::Op::none, c, options, with_threads(threads));
      EXPECT_TRUE(testing::equal_bits<T>(one, several)) << threads;
    }
  }
}

TYPED_TEST(ChaseVectors, TreatAColumnAlikeInEveryCompany) {
  using T = TypeParam;
  const Chased<T> chased(normal_band<T>(70, 8), 8);
  Matrix<T> c(70, 300);
  fill_normal(c.view(), Random(7));
  const ChaseVectorsOptions options{.diamond = 5, .few = 0};
  const Matrix<T> all =
      applied(chased.reflectors, false, blas::Op::adjoint, c, options, with_threads(1));
  for (const Index columns : {1, 2, 9, 40, 150}) {
    const Matrix<T> some = applied(chased.reflectors, false, blas::Op::adjoint,
                                   Matrix<T>(MatrixView<const T>(c.view().columns(3, columns))),
                                   options, with_threads(1));
    EXPECT_TRUE(testing::equal_bits<T>(some, all.view().columns(3, columns))) << columns;
  }
}

TYPED_TEST(ChaseVectors, LeaveRowsOutsideOfTheMatrixAlone) {
  using T = TypeParam;
  const Chased<T> chased(normal_band<T>(20, 4), 4);
  Matrix<T> larger(26, 30);
  fill_normal(larger.view(), Random(7));
  const Matrix<T> before = larger;
  Workspace work(apply_chase_memory<T>(20, 4, 24, 1, {}));
  apply_chase_left<T>(with_threads(1), blas::Op::none, chased.reflectors,
                      larger.view().block(3, 2, 20, 24), {}, work);
  for (Index j = 0; j < 30; ++j) {
    for (Index i = 0; i < 26; ++i) {
      if (i < 3 || i >= 23 || j < 2 || j >= 26) {
        ASSERT_EQ(larger(i, j), before(i, j)) << i << ", " << j;
      }
    }
  }
}

TEST(ChaseVectorsDouble, StopWhenToldTo) {
  const Chased<double> chased(normal_band<double>(60, 4), 4);
  Matrix<double> c(60, 500);
  std::stop_source source;
  source.request_stop();
  const Execution stopped{.threads = 2, .stop = source.get_token(), .progress = {}};
  EXPECT_THROW(applied(chased.reflectors, true, blas::Op::none, c, {}, stopped), Cancelled);
}

}  // namespace
}  // namespace eckart::dense
