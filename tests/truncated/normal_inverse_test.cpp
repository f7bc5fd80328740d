#include <stop_token>
#include <vector>

#include <gtest/gtest.h>

#include <eckart/error.hpp>
#include <eckart/random.hpp>

#include "truncated/inverses.hpp"

namespace eckart::truncated {
namespace {

/// diag(1, 1, ..., 1, last), with an entry beside it.
SparseMatrix<double> with_last(Index n, double last) {
  std::vector<std::int64_t> row, col;
  std::vector<double> value;
  for (Index i = 0; i < n; ++i) {
    row.push_back(i);
    col.push_back(i);
    value.push_back(i + 1 < n ? 1 : last);
  }
  row.push_back(0);
  col.push_back(1);
  value.push_back(0.5);
  return SparseMatrix<double>::from_triplets(n, n, row, col, value);
}

bool serves(const SparseMatrix<double>& a) {
  const NormalCount<double> count(a, 0);
  return inverse_by_normal<double>({}, count, in_double<double>(a, 0), 0, 1e-10) != nullptr;
}

TEST(NormalInverse, ServesWhereANormalMatrixHasTheDigits) {
  EXPECT_TRUE(serves(with_last(30, 0.5)));
  EXPECT_TRUE(serves(with_last(30, 1e-3)));
}

// 1 / 1e-156^2 is beyond the numbers: what is left of a solution is no number, and no number is not small.
TEST(NormalInverse, RefusesSolutionsThatAreNoNumbers) {
  EXPECT_FALSE(serves(with_last(30, 1e-156)));
}

// More vectors than are solved for at a time.
TEST(NormalInverse, StepsWithManyVectorsAsWithOne) {
  const SparseMatrix<double> a = with_last(70, 0.5);
  const NormalCount<double> count(a, 0);
  const auto inverse = inverse_by_normal<double>({}, count, in_double<double>(a, 0), 0, 1e-10);
  ASSERT_TRUE(inverse);
  Matrix<double> v(70, 70), u(70, 70), v_next(70, 70), u_1(70, 1), v_1(70, 1);
  fill_normal<double>(v.view(), Random(1, 1));
  inverse->step({}, v.view(), u.view(), v_next.view());
  for (const Index j : {0, 31, 32, 69}) {
    inverse->step({}, v.view().columns(j, 1), u_1.view(), v_1.view());
    for (Index i = 0; i < 70; ++i) {
      EXPECT_NEAR(u(i, j), u_1(i, 0), 1e-14);
      EXPECT_NEAR(v_next(i, j), v_1(i, 0), 1e-14);
    }
  }
}

TEST(NormalInverse, HearsAStop) {
  const SparseMatrix<double> a = with_last(70, 0.5);
  const NormalCount<double> count(a, 0);
  const auto inverse = inverse_by_normal<double>({}, count, in_double<double>(a, 0), 0, 1e-10);
  ASSERT_TRUE(inverse);
  std::stop_source stop;
  stop.request_stop();
  Execution execution;
  execution.stop = stop.get_token();
  Matrix<double> v(70, 40), w(70, 40);
  EXPECT_THROW(inverse->apply(execution, v.view(), w.view(), false), Cancelled);
}

}  // namespace
}  // namespace eckart::truncated
