// Lanczos with the short side alone, and where it gives way to both sides.

#include <cmath>
#include <functional>

#include <gtest/gtest.h>

#include <eckart/gallery.hpp>
#include <eckart/svd.hpp>
#include <eckart/truncated_svd.hpp>

namespace eckart {
namespace {

template <class T>
class OneSided : public ::testing::Test {};
using Types = ::testing::Types<float, double, std::complex<float>, std::complex<double>>;
TYPED_TEST_SUITE(OneSided, Types);

template <Scalar T>
struct Sparse {
  Matrix<T> dense;
  SparseMatrix<T> matrix;
};

// A tall sparse matrix, with `weight(j)` the size of column j; every fifth row and every seventh column are empty.
template <Scalar T>
Sparse<T> tall_sparse(const std::function<double(Index)>& weight) {
  const Index m = 900, n = 150;
  const Matrix<T> values = generate<T>("normal 6000x1 seed=3");
  Sparse<T> s{Matrix<T>(m, n), {}};
  std::vector<std::int64_t> row, col;
  std::vector<T> value;
  for (Index k = 0; k < 6000; ++k) {
    const Index i = (k * 7919 + k / 900) % m, j = (k * 104729 + k / 37) % n;
    if (i % 5 != 0 && j % 7 != 0) {
      row.push_back(i);
      col.push_back(j);
      value.push_back(values(k, 0) * static_cast<Real<T>>(weight(j)));
      s.dense(i, j) += value.back();
    }
  }
  s.matrix = SparseMatrix<T>::from_triplets(m, n, row, col, value);
  return s;
}

template <Scalar T>
void expect_leading(const Matrix<T>& a, const TruncatedSvd<T>& d, double accuracy) {
  const std::vector<Real<T>> exact = singular_values(a);
  const double unit = double{exact[0]};
  EXPECT_TRUE(d.report.converged);
  EXPECT_LE(d.report.orthogonality_u, 10);
  EXPECT_LE(d.report.orthogonality_v, 10);
  for (std::size_t i = 0; i < d.s.size(); ++i) {
    EXPECT_NEAR(double{d.s[i]}, double{exact[i]}, accuracy * unit) << i;
    EXPECT_LE(std::abs(double{d.s[i]} - double{exact[i]}),
              d.report.residuals[i] + 50 * double{epsilon<T>} * unit);
  }
}

TYPED_TEST(OneSided, TallSparseWithEmptyRowsAndColumns) {
  using T = TypeParam;
  const Sparse<T> s =
      tall_sparse<T>([](Index j) { return 1 / (1 + 0.02 * static_cast<double>(j)); });
  for (const bool keep : {true, false}) {
    const SparseOperator<T> op(s.matrix, {.keep_adjoint = keep});
    TruncatedOptions options{.method = TruncatedMethod::lanczos, .threads = 1};
    const TruncatedSvd<T> d = truncated_svd<T>(op, rank(6), options);
    EXPECT_TRUE(d.report.one_sided);
    expect_leading<T>(s.dense, d, 100 * double{epsilon<T>});
    options.threads = 3;
    const TruncatedSvd<T> three = truncated_svd<T>(op, rank(6), options);
    EXPECT_EQ(d.s, three.s);
    EXPECT_TRUE(std::equal(d.U.data(), d.U.data() + 900 * 6, three.U.data()));
    EXPECT_TRUE(std::equal(d.Vh.data(), d.Vh.data() + 150 * 6, three.Vh.data()));
    const TruncatedSvd<T> wide = truncated_svd<T>(adjoint(Operator<T>(op)), rank(6), options);
    EXPECT_TRUE(wide.report.one_sided);
    for (std::size_t i = 0; i < 6; ++i) {
      EXPECT_NEAR(double{wide.s[i]}, double{d.s[i]}, 100 * double{epsilon<T>} * double{d.s[0]});
    }
  }
}

// sigma_k far below sigma_1: one side alone would lose it; the report says that both were orthogonalised, and it is right.
TYPED_TEST(OneSided, ValuesFarBelowTheLargestTakeBothSides) {
  using T = TypeParam;
  for (const double smallest : {1e-12, 1e-4}) {
    const Sparse<T> s =
        tall_sparse<T>([&](Index j) { return j % 15 == 1 ? 1.0 : smallest / (1.0 + double(j)); });
    const TruncatedSvd<T> d = truncated_svd<T>(SparseOperator<T>(s.matrix), rank(12),
                                               {.method = TruncatedMethod::lanczos});
    EXPECT_FALSE(d.report.one_sided) << smallest;
    expect_leading<T>(s.dense, d, 100 * double{epsilon<T>});
  }
}

TYPED_TEST(OneSided, ARankBelowTheOneAskedFor) {
  using T = TypeParam;
  const Sparse<T> s = tall_sparse<T>([](Index j) { return j % 40 == 1 ? 1.0 : 0.0; });
  const TruncatedSvd<T> d =
      truncated_svd<T>(SparseOperator<T>(s.matrix), rank(8), {.method = TruncatedMethod::lanczos});
  expect_leading<T>(s.dense, d, 100 * double{epsilon<T>});
  EXPECT_LE(double{d.s[7]}, 100 * double{epsilon<T>} * double{d.s[0]});
}

TYPED_TEST(OneSided, ASmallToleranceTakesBothSides) {
  using T = TypeParam;
  const Sparse<T> s =
      tall_sparse<T>([](Index j) { return j % 40 == 1 ? 1.0 : 0.05 / (1 + 0.05 * double(j)); });
  const double tolerance = 60 * double{epsilon<T>};
  const TruncatedSvd<T> d =
      truncated_svd<T>(SparseOperator<T>(s.matrix), rank(6),
                       {.method = TruncatedMethod::lanczos, .tolerance = tolerance});
  EXPECT_FALSE(d.report.one_sided);
  expect_leading<T>(s.dense, d, 100 * double{epsilon<T>});
}

// Eleven copies of one value and blocks of four, in a tall matrix: verification goes through random directions and what they
// made the triplets give up.
TYPED_TEST(OneSided, RepeatedValues) {
  using T = TypeParam;
  const Index m = 700, n = 300;
  std::vector<std::int64_t> row, col;
  std::vector<T> value;
  for (Index j = 0; j < n; ++j) {
    row.push_back(2 * j);
    col.push_back((7 * j) % n);
    value.push_back(static_cast<Real<T>>(j < 2    ? 3.0
                                         : j < 13 ? 2.0
                                                  : 1.0 / (1.0 + 0.01 * double(j))));
  }
  const SparseOperator<T> op(SparseMatrix<T>::from_triplets(m, n, row, col, value));
  for (const Index k : {13, 14}) {
    const TruncatedSvd<T> d = truncated_svd<T>(
        op, rank(k), {.method = TruncatedMethod::lanczos, .block = 4, .basis = 44});
    EXPECT_TRUE(d.report.converged);
    EXPECT_LE(d.report.restarts, 100);
    for (std::size_t i = 0; i < static_cast<std::size_t>(k); ++i) {
      const double exact = i < 2 ? 3.0 : i < 13 ? 2.0 : 1 / 1.13;
      EXPECT_NEAR(double{d.s[i]}, exact, 1e3 * double{epsilon<T>}) << i;
    }
  }
}

}  // namespace
}  // namespace eckart
