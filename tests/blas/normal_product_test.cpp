#include "blas/normal_product.hpp"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include <eckart/random.hpp>

namespace eckart::blas {
namespace {

template <class T>
class NormalProduct : public ::testing::Test {};
using Types = ::testing::Types<float, double, std::complex<float>, std::complex<double>>;
TYPED_TEST_SUITE(NormalProduct, Types);

template <Scalar T>
Matrix<T> uniform(Index m, Index n, std::uint64_t seed) {
  Matrix<T> a(m, n);
  fill_uniform<T>(a.view(), Random(seed));
  return a;
}

template <Scalar T>
struct Products {
  Matrix<T> w, z;
};

template <Scalar T>
Products<T> in_one_pass(MatrixView<const T> a, MatrixView<const T> x, Real<T> factor, int threads,
                        Processor processor) {
  Products<T> p{Matrix<T>(a.cols(), x.cols()), Matrix<T>(a.rows(), x.cols())};
  std::vector<T> work(static_cast<std::size_t>(normal_product_work<T>(a.rows(), a.cols())));
  normal_product<T>({.threads = threads, .stop = {}, .progress = {}}, factor, a, x, p.w.view(),
                    p.z.view(), work, false, processor);
  return p;
}

template <Scalar T>
void expect_near(const Matrix<T>& a, const Matrix<T>& b, double bound) {
  for (Index j = 0; j < a.cols(); ++j) {
    for (Index i = 0; i < a.rows(); ++i) {
      ASSERT_LE(double{std::abs(a(i, j) - b(i, j))}, bound) << i << ", " << j;
    }
  }
}

// Sizes around the packs of vectors, the tiles of rows and columns, and the strips of columns.
TYPED_TEST(NormalProduct, IsTwoProductsForEveryShapeAndProcessor) {
  using T = TypeParam;
  for (const auto& [m, n] : {std::pair<Index, Index>{1, 1},
                             {7, 3},
                             {16, 16},
                             {33, 17},
                             {100, 45},
                             {40, 1100},
                             {300, 12}}) {
    for (const Index b : {1, 2, 3, 4, 8, 16, 19}) {
      Matrix<T> storage = uniform<T>(m + 5, n, 1);  // a column stride longer than a column
      const MatrixView<const T> a = storage.view().top_rows(m);
      const Matrix<T> x = uniform<T>(m, b, 2);
      Matrix<T> w(n, b), z(m, b);
      gemm<T>(Op::adjoint, Op::none, T(0.5), a, x.view(), T(0), w.view());
      gemm<T>(Op::none, Op::none, T(1), a, w.view(), T(0), z.view());
      const double unit = 20 * double{epsilon<T>} * static_cast<double>(m);
      for (const Processor processor : {Processor::base, Processor::fma, Processor::avx512}) {
        if (processor <= this_processor()) {
          const Products<T> p = in_one_pass<T>(a, x.view(), Real<T>(0.5), 1, processor);
          expect_near(p.w, w, unit);
          expect_near(p.z, z, unit * static_cast<double>(n));
        }
      }
    }
  }
}

// X <- (I - A A^H) X where it lies, of few vectors and of many.
TYPED_TEST(NormalProduct, AddsToTheBlockThatItMultiplies) {
  using T = TypeParam;
  const Index m = 250, n = 430;
  const Matrix<T> a = uniform<T>(m, n, 1);
  std::vector<T> work(static_cast<std::size_t>(normal_product_work<T>(m, n)));
  for (const Index b : {1, 2, 3, 4, 8, 11}) {
    const Matrix<T> x = uniform<T>(m, b, 2);
    Matrix<T> w(n, b), z = x, own_w(n, b), own_z = x;
    gemm<T>(Op::adjoint, Op::none, T(-1), a.view(), x.view(), T(0), w.view());
    gemm<T>(Op::none, Op::none, T(1), a.view(), w.view(), T(1), z.view());
    normal_product<T>({.threads = 2, .stop = {}, .progress = {}}, Real<T>(-1), a.view(),
                      own_z.view(), own_w.view(), own_z.view(), work, true);
    const double unit = 20 * double{epsilon<T>} * static_cast<double>(m);
    expect_near(own_w, w, unit);
    expect_near(own_z, z, unit * static_cast<double>(n));
  }
}

TYPED_TEST(NormalProduct, TheNumberOfThreadsDoesNotChangeABit) {
  using T = TypeParam;
  const Matrix<T> a = uniform<T>(60, 2100, 1), x = uniform<T>(60, 9, 2);
  const Products<T> one = in_one_pass<T>(a.view(), x.view(), 1, 1, this_processor());
  const Products<T> three = in_one_pass<T>(a.view(), x.view(), 1, 3, this_processor());
  EXPECT_TRUE(std::equal(one.w.data(), one.w.data() + 2100 * 9, three.w.data()));
  EXPECT_TRUE(std::equal(one.z.data(), one.z.data() + 60 * 9, three.z.data()));
}

}  // namespace
}  // namespace eckart::blas
