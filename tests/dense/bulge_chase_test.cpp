#include "dense/reduction/bulge_chase.hpp"

#include <cstring>
#include <limits>
#include <numeric>

#include <gtest/gtest.h>

#include <eckart/error.hpp>
#include <eckart/gallery.hpp>
#include <eckart/svd.hpp>

#include "blas/lapack.hpp"
#include "chase_reference.hpp"
#include "support/checker.hpp"

namespace eckart::dense {
namespace {

template <class T>
class BulgeChase : public ::testing::Test {};
TYPED_TEST_SUITE(BulgeChase, ChaseTypes);

constexpr Index bands[] = {1, 2, 3, 4, 5, 6, 7, 8, 16, 32};

template <Scalar T>
double orthogonality(const Matrix<T>& q) {
  Matrix<T> g = Matrix<T>::identity(q.cols(), q.cols());
  blas::gemm<T>(blas::Op::adjoint, blas::Op::none, T{1}, q, q, T{-1}, g.view());
  return frobenius<T>(g) / (static_cast<double>(std::max<Index>(q.rows(), 1)) * double{epsilon<T>});
}

// The largest of  ||B_band - Q2 B P2^H||_F / (n max(eps ||B_band||_F, denorm_min)),  ||I - Q2^H Q2||_F / (n eps)  and the same of
// P2. Factors and matrix are of moderate size, or the matrix is scaled by `scale` to be so.
template <Scalar T>
double error_of(const Matrix<T>& b, const Chased<T>& result, int exponent = 0) {
  using R = Real<T>;
  const Index n = b.rows();
  const auto scaled = [&](const T& x) {
    if constexpr (ComplexScalar<T>) {
      return T(std::ldexp(x.real(), exponent), std::ldexp(x.imag(), exponent));
    } else {
      return std::ldexp(x, exponent);
    }
  };
  Matrix<T> q = Matrix<T>::identity(n, n), p = q, qb(n, n), rest(n, n);
  apply_by_definition(result.reflectors, true, false, q.view());
  apply_by_definition(result.reflectors, false, false, p.view());
  for (Index j = 0; j < n; ++j) {
    for (Index i = 0; i < n; ++i) {
      rest(i, j) = scaled(b(i, j));
      qb(i, j) = q(i, j) * scaled(T(result.d[static_cast<std::size_t>(j)]));
      if (j > 0) {
        qb(i, j) += q(i, j - 1) * scaled(T(result.e[static_cast<std::size_t>(j - 1)]));
      }
    }
  }
  const double norm = frobenius<T>(rest);
  blas::gemm<T>(blas::Op::none, blas::Op::adjoint, T{-1}, qb, p, T{1}, rest.view());
  const double smallest = std::ldexp(double{std::numeric_limits<R>::denorm_min()}, exponent);
  const double unit = static_cast<double>(n) * std::max(double{epsilon<T>} * norm, smallest);
  return std::max({frobenius<T>(rest) / unit, orthogonality(q), orthogonality(p)});
}

TYPED_TEST(BulgeChase, ReducesEverySize) {
  using T = TypeParam;
  for (const Processor processor : all_processors) {
    if (processor > this_processor()) {
      continue;
    }
    for (Index n = 1; n <= 40; ++n) {
      for (const Index band : bands) {
        const Matrix<T> b = normal_band<T>(n, band);
        const Chased<T> result(b, band, with_threads(1), {.processor = processor});
        ASSERT_LT(error_of(b, result), 10) << n << " with " << band;
      }
    }
    for (const auto& [n, band] : {std::pair<Index, Index>{64, 8},
                                  {64, 63},
                                  {64, 64},
                                  {100, 7},
                                  {100, 32},
                                  {100, 200},
                                  {200, 16},
                                  {200, 48}}) {
      const Matrix<T> b = normal_band<T>(n, band);
      const Chased<T> result(b, band, with_threads(1), {.processor = processor});
      ASSERT_LT(error_of(b, result), 10) << n << " with " << band;
    }
  }
}

TYPED_TEST(BulgeChase, KeepsTheSingularValues) {
  using T = TypeParam;
  using R = Real<T>;
  for (const auto& [n, band] :
       {std::pair<Index, Index>{1, 1}, {8, 3}, {30, 5}, {64, 16}, {200, 32}}) {
    const Matrix<T> b = normal_band<T>(n, band);
    Chased<T> result(b, band, with_threads(2), {}, false);
    std::vector<R> scratch(static_cast<std::size_t>(4 * n));
    ASSERT_TRUE(blas::bdsqr<T>(result.d, result.e, {}, {}, scratch));
    const std::vector<R> reference = singular_values(b);
    EXPECT_TRUE(testing::values_agree<R>(
        result.d, std::vector<double>(reference.begin(), reference.end()), n, n));
  }
}

TYPED_TEST(BulgeChase, ReducesHardMatrices) {
  using T = TypeParam;
  using R = Real<T>;
  const Index n = 37;
  for (const Index band : {1, 2, 3, 8, 16, 36}) {
    const Matrix<T> random = normal_band<T>(n, band);
    const auto made = [&](auto&& factor) {
      Matrix<T> b = random;
      for (Index j = 0; j < n; ++j) {
        for (Index i = 0; i <= j; ++i) {
          b(i, j) *= static_cast<R>(factor(i, j));
        }
      }
      return b;
    };
    const auto near_one = [](Index, Index) { return 1.0; };
    const int lowest = std::numeric_limits<R>::min_exponent;
    const struct {
      const char* name;
      Matrix<T> b;
      int exponent = 0;
    } cases[] = {
        {"zero", made([](Index, Index) { return 0.0; })},
        {"diagonal", made([](Index i, Index j) { return i == j ? 1.0 : 0.0; })},
        {"bidiagonal", made([](Index i, Index j) { return j - i <= 1 ? 1.0 : 0.0; })},
        {"zero diagonal", made([](Index i, Index j) { return i == j ? 0.0 : 1.0; })},
        {"zeros inside",
         made([](Index i, Index j) { return (i * 5 + j * 3) % 4 == 0 ? 1.0 : 0.0; })},
        {"zero rows", made([](Index i, Index) { return i % 3 == 0 ? 0.0 : 1.0; })},
        {"zero columns", made([](Index, Index j) { return j % 4 < 2 ? 0.0 : 1.0; })},
        {"last column alone", made([](Index, Index j) { return j == n - 1 ? 1.0 : 0.0; })},
        {"rank one", upper_band(generate<T>("ones 37x37"), band)},
        {"graded down", made([](Index i, Index) { return std::pow(0.1, i); })},
        {"graded up", made([](Index i, Index) { return std::pow(0.1, n - i); })},
        {"graded across", made([](Index, Index j) { return std::pow(10.0, j % 20 - 10); })},
        // Squares underflow in part or altogether, or overflow.
        {"small", made([&](Index, Index) { return std::ldexp(1.0, lowest / 2 - 8); }), -lowest / 2},
        {"tiny", made([&](Index, Index) { return std::ldexp(1.0, lowest + 20); }), -lowest - 20},
        {"denormal", made([&](Index, Index) { return std::ldexp(1.0, lowest - 4); }), -lowest},
        {"large", made([&](Index, Index) { return std::ldexp(1.0, -lowest - 12); }), lowest + 12},
        {"as it is", made(near_one)},
    };
    for (const auto& one : cases) {
      const Chased<T> result(one.b, band);
      EXPECT_LT(error_of(one.b, result, one.exponent), 10) << one.name << " with " << band;
    }
  }
}

// Small next to a large entry: what is dropped is below the rounding of the large one.
TYPED_TEST(BulgeChase, ReducesRowsWhoseSquaresUnderflowBesideALargeEntry) {
  using T = TypeParam;
  using R = Real<T>;
  Matrix<T> b = normal_band<T>(20, 6);
  const R tiny = std::sqrt(smallest_normal<T>) * R(0.01);
  for (Index j = 0; j < 20; ++j) {
    for (Index i = 0; i <= j; ++i) {
      b(i, j) *= (i + j) % 7 == 0 ? R{1} : tiny;
    }
  }
  EXPECT_LT(error_of(b, Chased<T>(b, 6)), 10);
}

TYPED_TEST(BulgeChase, GivesTheSameBitsForEveryScheduleAndNumberOfThreads) {
  using T = TypeParam;
  for (const auto& [n, band] :
       {std::pair<Index, Index>{2, 1}, {8, 2}, {50, 3}, {150, 8}, {220, 16}}) {
    const Matrix<T> b = normal_band<T>(n, band);
    const Chased<T> reference(b, band, with_threads(1), {.group = 1});
    const auto same = [](const auto& x, const auto& y) {
      return x.size() == y.size() && std::memcmp(x.data(), y.data(), x.size() * sizeof(x[0])) == 0;
    };
    for (int threads = 1; threads <= 4; ++threads) {
      for (const Index group : {0, 1, 2, 5, 1000}) {
        const Chased<T> other(b, band, with_threads(threads), {.group = group});
        const Chased<T> values(b, band, with_threads(threads), {.group = group}, false);
        EXPECT_TRUE(same(reference.d, other.d) && same(reference.e, other.e));
        EXPECT_TRUE(same(reference.d, values.d) && same(reference.e, values.e));
        EXPECT_TRUE(same(reference.reflectors.left.vectors, other.reflectors.left.vectors));
        EXPECT_TRUE(same(reference.reflectors.right.vectors, other.reflectors.right.vectors));
        EXPECT_TRUE(same(reference.reflectors.left.tau, other.reflectors.left.tau));
        EXPECT_TRUE(same(reference.reflectors.right.tau, other.reflectors.right.tau));
      }
    }
  }
}

TYPED_TEST(BulgeChase, EndsOnNanAndInfinity) {
  using T = TypeParam;
  using R = Real<T>;
  for (const R bad : {std::numeric_limits<R>::quiet_NaN(), std::numeric_limits<R>::infinity()}) {
    for (const Index at : {0, 7, 29}) {
      Matrix<T> b = normal_band<T>(30, 4);
      b(at, at) = bad;
      const Chased<T> result(b, 4, with_threads(2));
      const R sum = std::accumulate(result.d.begin(), result.d.end(), R{0}) +
                    std::accumulate(result.e.begin(), result.e.end(), R{0});
      EXPECT_FALSE(std::isfinite(sum)) << at;
    }
  }
}

TEST(BulgeChaseDouble, StopsWhenToldTo) {
  const Matrix<double> b = normal_band<double>(300, 8);
  for (const int threads : {1, 2, 4}) {
    std::stop_source before, during;
    before.request_stop();
    EXPECT_THROW(
        Chased<double>(b, 8, {.threads = threads, .stop = before.get_token(), .progress = {}}),
        Cancelled);
    // The calling thread may come too late to report anything when others do its work; then nothing stops.
    bool told = false;
    const auto stop = [&](const Progress& progress) {
      EXPECT_EQ(progress.stage, "bulge chase");
      told = true;
      during.request_stop();
    };
    const Execution execution{.threads = threads, .stop = during.get_token(), .progress = stop};
    if (threads == 1) {
      EXPECT_THROW(Chased<double>(b, 8, execution), Cancelled);
      EXPECT_TRUE(told);
    } else {
      try {
        const Chased<double> result(b, 8, execution);
        EXPECT_LT(error_of(b, result), 10);
      } catch (const Cancelled&) {
        EXPECT_TRUE(told);
      }
    }
  }
}

TEST(BulgeChaseDouble, TakesAnEmptyMatrix) {
  const Chased<double> result(Matrix<double>(0, 0), 3);
  EXPECT_TRUE(result.d.empty());
}

}  // namespace
}  // namespace eckart::dense
