#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <tuple>

#include <eckart/sparse.hpp>

#include "operators/operator_test_tools.hpp"

namespace eckart {
namespace {

template <class T>
class SparseTest : public EveryScalar<T> {};
TYPED_TEST_SUITE(SparseTest, Scalars);

template <class T>
struct Sample {
  Matrix<T> dense;
  std::vector<std::int64_t> row, col;
  std::vector<T> value;
};

// Places drawn with repetitions, in no order.
template <class T>
Sample<T> sample(Index rows, Index cols, Index entries) {
  Sample<T> s{Matrix<T>(rows, cols), {}, {}, {}};
  const Matrix<T> values = random_matrix<T>(entries, 1, 5);
  for (Index k = 0; k < entries; ++k) {
    const auto u = static_cast<std::uint64_t>(k);
    s.row.push_back(static_cast<Index>(Random(6).below(u, static_cast<std::uint64_t>(rows))));
    s.col.push_back(static_cast<Index>(Random(7).below(u, static_cast<std::uint64_t>(cols))));
    s.value.push_back(values(k, 0));
    s.dense(s.row.back(), s.col.back()) += values(k, 0);
  }
  return s;
}

template <class T>
void expect_both_ways(const SparseMatrix<T>& a, MatrixView<const T> dense) {
  for (const bool keep : {true, false}) {
    const SparseOperator<T> op(a, {.keep_adjoint = keep});
    expect_stands_for<T>(op, dense, 6);
    EXPECT_NEAR(*op.frobenius_norm({}), *DenseOperator<T>(dense).frobenius_norm({}),
                1000 * epsilon<T> * (1 + *op.frobenius_norm({})));
  }
}

TYPED_TEST(SparseTest, TripletsAreSummed) {
  using T = TypeParam;
  for (const auto& [m, n, k] : {std::array<Index, 3>{1, 1, 1},
                                {1, 1, 9},
                                {40, 30, 0},
                                {40, 30, 500},
                                {300, 7, 100},
                                {5, 900, 800}}) {
    const auto s = sample<T>(m, n, k);
    const auto a = SparseMatrix<T>::from_triplets(m, n, s.row, s.col, s.value);
    EXPECT_TRUE(std::holds_alternative<std::vector<std::int32_t>>(a.columns()));
    expect_both_ways<T>(a, s.dense);
    const std::vector<std::int32_t> row(s.row.begin(), s.row.end()),
        col(s.col.begin(), s.col.end());
    expect_both_ways<T>(SparseMatrix<T>::from_triplets(m, n, row, col, s.value), s.dense);
  }
}

TYPED_TEST(SparseTest, ManyPiecesGiveTheSameBitsForAnyNumberOfThreads) {
  using T = TypeParam;
  const auto s = sample<T>(3000, 40, 90000);
  expect_both_ways<T>(SparseMatrix<T>::from_triplets(3000, 40, s.row, s.col, s.value), s.dense);
}

// So many columns that there and back is two products by rows; in CSR of int64, whose adjoint counts in 32 bits.
TYPED_TEST(SparseTest, ThereAndBackOfAWideMatrix) {
  using T = TypeParam;
  const Index n = 140'000;
  const auto s = sample<T>(6, n, 5000);
  const auto a = SparseMatrix<T>::from_triplets(6, n, s.row, s.col, s.value);
  std::vector<std::int64_t> pointers(a.pointers().begin(), a.pointers().end()),
      columns = std::visit(
          [](const auto& c) { return std::vector<std::int64_t>(c.begin(), c.end()); }, a.columns());
  const SparseOperator<T> op(SparseMatrix<T>::from_csr(
      6, n, std::move(pointers), std::move(columns), {a.values().begin(), a.values().end()}));
  const Matrix<T> x = random_matrix<T>(n, 3, 9);
  Matrix<T> y(6, 3), z(n, 3), alone(n, 3);
  op.apply_and_back({}, false, Real<T>(0.5), x, y.view(), z.view());
  op.apply_and_back(with_threads(3), false, Real<T>(0.5), x, MatrixView<T>(), alone.view());
  EXPECT_EQ(largest_difference<T>(alone.view(), z.view()), 0);
  Matrix<T> want = plain_product<T>(s.dense.view(), x.view());
  for (Index i = 0; i < 18; ++i) {
    want.data()[i] *= Real<T>(0.5);
  }
  EXPECT_LE(largest_difference<T>(y.view(), want.view()), 1e4 * epsilon<T>);
  EXPECT_LE(largest_difference<T>(z.view(), plain_product<T>(s.dense, want.view(), true).view()),
            1e5 * epsilon<T>);
}

// A X and A^H W from one reading; and where the numbers of vectors differ, or X is too large for the cache, from two.
// X, written row by row, is larger than what goes in one pass, and Y is not: the rows of A are gone through, kept adjoint or not.
TYPED_TEST(SparseTest, TheAdjointOfATallMatrixGoesByItsRows) {
  using T = TypeParam;
  constexpr Index m = 140'000, n = 30, b = 9;
  const auto s = sample<T>(m, n, 1'200'000);
  const auto a = SparseMatrix<T>::from_triplets(m, n, s.row, s.col, s.value);
  const SparseOperator<T> op(a, {.keep_adjoint = true}), plain(a, {.keep_adjoint = false});
  const Matrix<T> x = random_matrix<T>(m, b, 3);
  Matrix<T> one(n, b), three(n, b), without(n, b), want(n, b);
  op.apply_adjoint(with_threads(1), x, one.view());
  op.apply_adjoint(with_threads(3), x, three.view());
  plain.apply_adjoint(with_threads(2), x, without.view());
  DenseOperator<T>(MatrixView<const T>(s.dense)).apply_adjoint({}, x, want.view());
  EXPECT_LE(largest_difference<T>(one.view(), want.view()), 1e5 * double{epsilon<T>});
  EXPECT_EQ(largest_difference<T>(one.view(), three.view()), 0);
  EXPECT_EQ(largest_difference<T>(one.view(), without.view()), 0);
}

TYPED_TEST(SparseTest, BothProductsWithTwoBlocks) {
  using T = TypeParam;
  for (const auto& [m, n, entries, with_x, with_w] :
       {std::tuple<Index, Index, Index, Index, Index>{3000, 40, 90000, 21, 21},
        {500, 700, 4000, 3, 3},
        {500, 700, 4000, 1, 1},
        {500, 700, 4000, 3, 5},
        {6, 140'000, 5000, 3, 3}}) {
    const auto s = sample<T>(m, n, entries);
    for (const bool keep_adjoint : {true, false}) {
      const SparseOperator<T> op(SparseMatrix<T>::from_triplets(m, n, s.row, s.col, s.value),
                                 {.keep_adjoint = keep_adjoint});
      const Matrix<T> x = random_matrix<T>(n, with_x, 9), w = random_matrix<T>(m, with_w, 10);
      Matrix<T> y(m, with_x), z(n, with_w), y3(m, with_x), z3(n, with_w);
      op.apply_both({}, x, y.view(), w, z.view());
      op.apply_both(with_threads(3), x, y3.view(), w, z3.view());
      EXPECT_EQ(largest_difference<T>(y.view(), y3.view()), 0);
      EXPECT_EQ(largest_difference<T>(z.view(), z3.view()), 0);
      EXPECT_LE(largest_difference<T>(y.view(), plain_product<T>(s.dense.view(), x.view()).view()),
                1e4 * epsilon<T>);
      EXPECT_LE(largest_difference<T>(z.view(), plain_product<T>(s.dense, w.view(), true).view()),
                1e5 * epsilon<T>);
    }
  }
}

template <class T, class P, class I>
void compressed_of(const Sample<T>& s) {
  const auto a =
      SparseMatrix<T>::from_triplets(s.dense.rows(), s.dense.cols(), s.row, s.col, s.value);
  const auto h = a.adjoint();
  const auto indices = [](const SparseMatrix<T>& m) {
    return std::visit([](const auto& c) { return std::vector<I>(c.begin(), c.end()); },
                      m.columns());
  };
  const auto pointers = [](const SparseMatrix<T>& m) {
    return std::vector<P>(m.pointers().begin(), m.pointers().end());
  };
  const auto values = [](const SparseMatrix<T>& m) {
    return std::vector<T>(m.values().begin(), m.values().end());
  };
  const auto rows =
      SparseMatrix<T>::from_csr(a.rows(), a.cols(), pointers(a), indices(a), values(a));
  expect_stands_for<T>(SparseOperator<T>(rows), s.dense, 6);
  auto plain = values(h);
  for (T& v : plain) {
    v = conjugate(v);
  }
  const auto columns =
      SparseMatrix<T>::from_csc(a.rows(), a.cols(), pointers(h), indices(h), plain);
  expect_stands_for<T>(SparseOperator<T>(columns), s.dense, 6);
}

TYPED_TEST(SparseTest, CompressedOfEveryWidth) {
  using T = TypeParam;
  const auto s = sample<T>(60, 45, 400);
  compressed_of<T, std::int32_t, std::int32_t>(s);
  compressed_of<T, std::int64_t, std::int32_t>(s);
  compressed_of<T, std::int32_t, std::int64_t>(s);
  compressed_of<T, std::int64_t, std::int64_t>(s);
}

TEST(SparseMatrix, UnsortedRowsAreSortedAndSummed) {
  using V = std::vector<std::int32_t>;
  const auto a = SparseMatrix<double>::from_csr(2, 3, V{0, 4, 5}, V{2, 0, 2, 1, 1},
                                                std::vector<double>{1, 2, 3, 4, 5});
  EXPECT_EQ(std::get<V>(a.columns()), (V{0, 1, 2, 1}));
  EXPECT_TRUE(std::ranges::equal(a.values(), std::vector<double>{2, 4, 4, 5}));
  EXPECT_TRUE(std::ranges::equal(a.pointers(), std::vector<Index>{0, 3, 4}));
}

TEST(SparseMatrix, ArraysInOrderAreKept) {
  std::vector<Index> pointers{0, 1, 2};
  std::vector<std::int32_t> columns{1, 0};
  std::vector<double> values{3, 4};
  const double* const where = values.data();
  const auto a = SparseMatrix<double>::from_csr(2, 2, std::move(pointers), std::move(columns),
                                                std::move(values));
  EXPECT_EQ(a.values().data(), where);
}

template <class E, class F>
std::string message_of(const F& f) {
  try {
    f();
  } catch (const E& e) {
    return e.what();
  }
  return "nothing was thrown";
}

TEST(SparseMatrix, SaysWhereItsArraysAreWrong) {
  using V = std::vector<std::int32_t>;
  using D = std::vector<double>;
  const auto csr = [](V p, V c, D v) {
    return message_of<InvalidArgument>(
        [&] { (void)SparseMatrix<double>::from_csr(2, 3, p, c, v); });
  };
  EXPECT_EQ(csr({0, 1, 2}, {0, 3}, {1, 2}),
            "sparse matrix: the column of entry 1 is 3, outside 0 ... 2");
  EXPECT_EQ(csr({0, 1, 2}, {-1, 2}, {1, 2}),
            "sparse matrix: the column of entry 0 is -1, outside 0 ... 2");
  EXPECT_NE(csr({0, 3, 2}, {0, 2}, {1, 2}).find("pointer 2 is 2, below"), std::string::npos);
  EXPECT_NE(csr({1, 1, 2}, {0, 2}, {1, 2}).find("pointer 0 is 1"), std::string::npos);
  EXPECT_NE(csr({0, 1, 3}, {0, 2}, {1, 2}).find("the last pointer is 3"), std::string::npos);
  EXPECT_NE(csr({0, 2}, {0, 2}, {1, 2}).find("2 pointers for 2 rows"), std::string::npos);
  EXPECT_NE(csr({0, 1, 2}, {0}, {1, 2}).find("1 indices for 2 values"), std::string::npos);
  EXPECT_THROW((void)SparseMatrix<double>::from_csr(-1, 3, V{0}, V{}, D{}), InvalidArgument);

  const double nan = std::numeric_limits<double>::quiet_NaN();
  try {
    (void)SparseMatrix<double>::from_csc(3, 2, V{0, 0, 2}, V{1, 2},
                                         D{1, -std::numeric_limits<double>::infinity()});
    FAIL();
  } catch (const NonFinite& e) {
    EXPECT_EQ(e.row(), 2);
    EXPECT_EQ(e.column(), 1);
  }
  EXPECT_THROW((void)SparseMatrix<double>::from_triplets(2, 2, V{0}, V{1}, D{nan}), NonFinite);
}

TEST(SparseMatrix, SaysWhereASumOfDuplicatesOverflows) {
  using V = std::vector<std::int32_t>;
  using D = std::vector<double>;
  const double huge = -0.6 * std::numeric_limits<double>::max();
  const auto expect_refused = [](const auto& make) {
    try {
      (void)make();
      FAIL();
    } catch (const NonFinite& e) {
      EXPECT_EQ(e.row(), 1);
      EXPECT_EQ(e.column(), 2);
      EXPECT_NE(std::string(e.what()).find("-infinity, the sum of entries named twice"),
                std::string::npos);
    }
  };
  using Sparse = SparseMatrix<double>;
  expect_refused([&] {
    return Sparse::from_triplets(3, 4, V{1, 0, 1, 1}, V{2, 3, 0, 2}, D{huge, 1, 2, huge});
  });
  expect_refused(
      [&] { return Sparse::from_csr(3, 4, V{0, 0, 3, 3}, V{2, 3, 2}, D{huge, 1, huge}); });
  expect_refused(
      [&] { return Sparse::from_csc(3, 4, V{0, 0, 0, 3, 3}, V{1, 0, 1}, D{huge, 1, huge}); });
  expect_refused([&] {
    using C = std::complex<double>;
    return SparseMatrix<C>::from_triplets(3, 4, V{1, 1}, V{2, 2},
                                          std::vector<C>{C(1, huge), C(1, huge)});
  });
}

}  // namespace
}  // namespace eckart
