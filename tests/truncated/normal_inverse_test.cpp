#include <cmath>
#include <vector>

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace eckart::truncated
