#include <cstring>
#include <limits>
#include <random>

#include <eckart/svd_batch.hpp>

#include "support/checker.hpp"

namespace eckart {
namespace {

template <class T>
class SvdBatchOf : public ::testing::Test {};
using Types = ::testing::Types<float, double, std::complex<float>, std::complex<double>>;
TYPED_TEST_SUITE(SvdBatchOf, Types);

// Row-major matrices one after the other: normal entries, and every seventh matrix something special.
template <Scalar T>
std::vector<T> stack_of(Index count, Index m, Index n) {
  std::mt19937_64 generator(static_cast<std::uint64_t>(count * 1000 + m * 20 + n));
  std::normal_distribution<double> normal;
  using R = Real<T>;
  std::vector<T> entries(static_cast<std::size_t>(count * m * n));
  for (Index l = 0; l < count; ++l) {
    const MatrixView<T> a(entries.data() + l * m * n, m, n, Layout::row_major);
    for (Index j = 0; j < n; ++j) {
      for (Index i = 0; i < m; ++i) {
        if constexpr (ComplexScalar<T>) {
          a(i, j) = T(static_cast<R>(normal(generator)), static_cast<R>(normal(generator)));
        } else {
          a(i, j) = static_cast<R>(normal(generator));
        }
        switch (l % 28) {
          case 0:
            a(i, j) = T(0);
            break;
          case 7:
            a(i, j) = T(1);  // rank one
            break;
          case 14:
            a(i, j) = T(i == j ? R(2) : R(0));  // repeated values
            break;
          case 21:  // the smallest numbers there are
            a(i, j) = std::numeric_limits<R>::denorm_min() * T(static_cast<R>(1 + (i * j) % 3));
            break;
          case 10:  // columns of very different size
            a(i, j) *= std::ldexp(R(1), static_cast<int>(-12 * j));
            break;
          case 17:
            a(i, j) *= std::numeric_limits<R>::max() / 1024;
            break;
          default:
            break;
        }
      }
    }
  }
  return entries;
}

template <class X>
bool same_bits(X x, X y) {
  return std::memcmp(&x, &y, sizeof(X)) == 0;
}

template <Scalar T>
void expect_same(MatrixView<const T> x, MatrixView<const T> y, const char* what) {
  ASSERT_EQ(x.rows(), y.rows());
  ASSERT_EQ(x.cols(), y.cols());
  for (Index j = 0; j < x.cols(); ++j) {
    for (Index i = 0; i < x.rows(); ++i) {
      ASSERT_TRUE(same_bits(x(i, j), y(i, j))) << what << " " << i << " " << j;
    }
  }
}

// Whatever the neighbours in a group, and however many threads share the stack.
TYPED_TEST(SvdBatchOf, GivesTheBitsOfEachMatrixAlone) {
  using T = TypeParam;
  constexpr Index count = 61;
  for (const auto& [m, n] : {std::pair<Index, Index>{1, 1},
                             {2, 2},
                             {3, 3},
                             {4, 4},
                             {5, 5},
                             {7, 7},
                             {8, 8},
                             {9, 9},
                             {16, 8},
                             {8, 16},
                             {3, 5},
                             {6, 1},
                             {1, 4},
                             {17, 2},
                             {20, 12}}) {
    const std::vector<T> entries = stack_of<T>(count, m, n);
    const MatrixStack<T> stack(entries.data(), count, m, n);
    for (const Vectors vectors : {Vectors::thin, Vectors::none, Vectors::full}) {
      for (const int threads : {1, 3}) {
        SvdOptions options;
        options.u = options.v = vectors;
        options.threads = threads;
        const SvdBatch<T> batch = svd_batch(stack, options);
        EXPECT_EQ(batch.report.matrices, count);
        EXPECT_TRUE(batch.report.audit.passed);
        for (Index l = 0; l < count; ++l) {
          const Svd<T> alone = svd(stack[l], options);
          ASSERT_TRUE(testing::is_svd(Matrix<T>(stack[l]), alone, options))
              << m << " x " << n << ", matrix " << l << ": " << alone.report.path();
          for (std::size_t k = 0; k < alone.s.size(); ++k) {
            ASSERT_TRUE(same_bits(batch.s(l)[k], alone.s[k]))
                << m << " x " << n << ", matrix " << l;
          }
          if (vectors != Vectors::none) {
            expect_same<T>(batch.U(l), alone.U.view(), "U");
            expect_same<T>(batch.Vh(l), alone.Vh.view(), "Vh");
          }
        }
      }
    }
  }
}

TYPED_TEST(SvdBatchOf, NamesTheFirstMatrixThatIsNotFinite) {
  using T = TypeParam;
  for (const Index n : {Index{4}, Index{12}}) {
    std::vector<T> entries = stack_of<T>(50, n, n);
    entries[static_cast<std::size_t>(30 * n * n + 2 * n + 1)] =
        T(std::numeric_limits<Real<T>>::quiet_NaN());
    entries[static_cast<std::size_t>(45 * n * n)] = T(std::numeric_limits<Real<T>>::infinity());
    for (const int threads : {1, 4}) {
      SvdOptions options;
      options.threads = threads;
      try {
        static_cast<void>(svd_batch(MatrixStack<T>(entries.data(), 50, n, n), options));
        FAIL();
      } catch (const NonFiniteInBatch& error) {
        EXPECT_EQ(error.matrix(), 30);
        EXPECT_EQ(error.row(), 2);
        EXPECT_EQ(error.column(), 1);
      }
    }
  }
}

TEST(SvdBatch, TakesNoMatricesAndMatricesOfNothing) {
  EXPECT_EQ(svd_batch(MatrixStack<double>(nullptr, 0, 4, 4)).report.matrices, 0);
  const SvdBatch<double> nothing = svd_batch(MatrixStack<double>(nullptr, 5, 4, 0));
  EXPECT_EQ(nothing.report.matrices, 5);
  EXPECT_EQ(nothing.s(3).size(), 0U);
}

TEST(SvdBatch, CountsWhoGaveTheResults) {
  std::vector<double> entries = stack_of<double>(40, 4, 4);
  const BatchReport report = svd_batch(MatrixStack<double>(entries.data(), 40, 4, 4)).report;
  // Matrices 0 and 28 are zero, 7 and 35 of rank one, 21 a few of the smallest numbers: those are left to the ladder.
  EXPECT_EQ(report.by_driver[static_cast<std::size_t>(Driver::jacobi)], 35);
  EXPECT_EQ(report.last.rows, 4);
  EXPECT_EQ(report.last.path(), "one-sided Jacobi (audit passed)");
  EXPECT_LT(report.audit.residual, 3);
}

TEST(SvdBatch, SaysWhichValueIsBeyondTheType) {
  std::vector<double> entries(3 * 16, 1.5e308);
  EXPECT_THROW(static_cast<void>(svd_batch(MatrixStack<double>(entries.data(), 3, 4, 4))),
               OutOfRange);
}

TEST(SvdBatch, StopsWhenAsked) {
  std::vector<double> entries = stack_of<double>(40, 4, 4);
  std::stop_source source;
  source.request_stop();
  SvdOptions options;
  options.stop = source.get_token();
  EXPECT_THROW(static_cast<void>(svd_batch(MatrixStack<double>(entries.data(), 40, 4, 4), options)),
               Cancelled);
  EXPECT_THROW(static_cast<void>(svd(Matrix<double>(4, 4), options)), Cancelled);
}

TEST(SvdBatch, RefusesMatricesOfSeveralShapes) {
  const Matrix<double> a = Matrix<double>::identity(4, 4), b = Matrix<double>::identity(4, 3);
  std::array<double, 4> s{};
  SvdOptions options;
  options.u = options.v = Vectors::none;
  const auto place = [&](Index i) -> SvdPlace<double> {
    const Matrix<double>& x = i == 1 ? b : a;
    return {x.view(), std::span(s).first(static_cast<std::size_t>(x.cols()))};
  };
  EXPECT_THROW(svd_batch_into<double>(2, place, options), InvalidArgument);
}

}  // namespace
}  // namespace eckart
