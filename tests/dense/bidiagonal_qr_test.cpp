#include "dense/bidiagonal/bidiagonal_qr.hpp"

#include <limits>
#include <stop_token>
#include <thread>
#include <utility>

#include <gtest/gtest.h>

#include <eckart/error.hpp>
#include <eckart/execution.hpp>

#include "dense/bidiagonal/rotation_kernels.hpp"
#include "support/bidiagonal.hpp"
#include "support/mpfr_reference.hpp"

namespace eckart::dense {
namespace {

using testing::Bidiagonal;
using testing::bidiagonal;
using testing::bidiagonal_kinds;

template <class R>
::testing::AssertionResult qr_solves(const Bidiagonal<R>& b,
                                     const BidiagonalQrOptions& options = {}) {
  const Index n = b.n();
  std::vector<R> d = b.d, e = b.e;
  std::vector<R> scratch(static_cast<std::size_t>(bidiagonal_qr_scratch(n, options)));
  Matrix<R> u = Matrix<R>::identity(n, n), v = Matrix<R>::identity(n, n);
  if (!bidiagonal_qr<R>({}, d, e, u, v, scratch, options)) {
    return ::testing::AssertionFailure() << "not converged";
  }
  return testing::decomposes<R>(b, d, u.view(), v.view());
}

template <class R>
class BidiagonalQrTest : public ::testing::Test {};
using Types = ::testing::Types<float, double>;
TYPED_TEST_SUITE(BidiagonalQrTest, Types);

TYPED_TEST(BidiagonalQrTest, EveryKind) {
  for (const auto kind : bidiagonal_kinds) {
    for (const Index n : {1, 2, 3, 4, 5, 8, 13, 21, 40, 79, 85, 150}) {
      const auto b = bidiagonal<TypeParam>(kind, n, static_cast<std::uint64_t>(n));
      for (const bool relative : {false, true}) {
        EXPECT_TRUE(qr_solves(b, {.relative = relative}))
            << kind << " " << n << (relative ? " relative" : " absolute");
      }
    }
  }
}

// The smaller value of the last block, 2.828..., was a fixed point of the shifted sweeps here.
TEST(BidiagonalQr, ShiftsDoNotStandStill) {
  EXPECT_TRUE(qr_solves(bidiagonal<float>("glued Wilkinson", 15), {.relative = false}));
  EXPECT_TRUE(qr_solves(bidiagonal<double>("glued Wilkinson", 500), {.relative = false}));
}

// Angles of sqrt(eps): with c = 1 every rotation made both columns longer, and the error grew as n^1.5.
TEST(BidiagonalQr, ManySmallAnglesKeepColumnsOrthonormal) {
  EXPECT_TRUE(qr_solves(bidiagonal<double>("near ones", 400), {.relative = false}));
}

TEST(BidiagonalQr, ResultsDoNotDependOnHowManySweepsGoTogether) {
  const auto b = bidiagonal<double>("random", 50);
  std::vector<Matrix<double>> factors;
  for (const Index together : {4, 12, 64}) {
    std::vector<double> d = b.d, e = b.e;
    const BidiagonalQrOptions options{.sweeps_together = together};
    std::vector<double> scratch(static_cast<std::size_t>(bidiagonal_qr_scratch(50, options)));
    Matrix<double> u = Matrix<double>::identity(50, 50), v = u;
    ASSERT_TRUE(bidiagonal_qr<double>({}, d, e, u, v, scratch, options));
    factors.push_back(u);
    for (Index i = 0; i < 50 * 50; ++i) {
      EXPECT_NEAR(u.data()[i], factors[0].data()[i], 1e-13);
    }
  }
}

TEST(BidiagonalQr, SmallValuesToRelativeAccuracy) {
  for (const auto kind : {"descending", "ascending", "log-uniform"}) {
    const auto b = bidiagonal<double>(kind, 25);
    std::vector<double> d = b.d, e = b.e,
                        scratch(static_cast<std::size_t>(bidiagonal_qr_scratch(25)));
    ASSERT_TRUE(bidiagonal_qr<double>({}, d, e, {}, {}, scratch));
    const std::vector<double> exact = testing::reference_singular_values(b.matrix(), 1200);
    for (std::size_t i = 0; i < exact.size(); ++i) {
      EXPECT_NEAR(d[i], exact[i], 200 * epsilon<double> * exact[i]) << kind << " " << i;
    }
  }
}

TEST(BidiagonalQr, RefusesWhatIsNotFiniteAndStopsAtItsCap) {
  auto b = bidiagonal<double>("random", 10);
  b.e[3] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_FALSE(qr_solves(b));
  EXPECT_FALSE(qr_solves(bidiagonal<double>("random", 100), {.sweeps_per_value = 0}));
}

TEST(BidiagonalQr, StopsWhenAsked) {
  const Index n = 300;
  const auto b = bidiagonal<double>("random", n);
  const auto solve = [&](std::stop_token stop) {
    std::vector<double> d = b.d, e = b.e,
                        scratch(static_cast<std::size_t>(bidiagonal_qr_scratch(n)));
    Execution execution;
    execution.stop = std::move(stop);
    return bidiagonal_qr<double>(execution, d, e, {}, {}, scratch);
  };
  std::stop_source before;
  before.request_stop();
  EXPECT_THROW((void)solve(before.get_token()), Cancelled);

  // From another thread, in the middle: the matrix is solved again and again until the request is seen.
  std::stop_source during;
  std::jthread other([&] { during.request_stop(); });
  EXPECT_THROW(
      {
        while (solve(during.get_token())) {
        }
      },
      Cancelled);
}

// Every version of the kernels that this processor can run, against one rotation after the other.
TYPED_TEST(BidiagonalQrTest, WavesAreRotationsInOrder) {
  using R = TypeParam;
  for (const Processor processor : {Processor::base, Processor::fma, Processor::avx512}) {
    if (processor > this_processor()) {
      continue;
    }
    const auto kernels = rotation_kernels<R>(processor);
    for (const Index rows : {1, 3, 8, 31, 32, 67, 130}) {
      for (const Index columns : {2, 3, 4, 5, 6, 12}) {
        for (const bool upwards : {false, true}) {
          Matrix<R> a(rows, columns);
          for (Index i = 0; i < rows * columns; ++i) {
            a.data()[i] = static_cast<R>(Random(1).normal(static_cast<std::uint64_t>(i)));
          }
          Matrix<R> b = a;
          std::vector<std::vector<R>> c, s, tau;
          RotationWave<R> wave{};
          wave.columns = upwards ? a.view().col(columns - 1) : a.data();
          wave.stride = upwards ? -rows : rows;
          wave.rows = rows;
          wave.first = 0;
          wave.last = columns - 1;
          wave.step = 1;
          for (Index q = 0; q < fused_sequences; ++q) {
            c.emplace_back();
            s.emplace_back();
            tau.emplace_back();
            for (Index t = 0; t + 1 < columns; ++t) {
              const double angle =
                  1.5 * std::sin(0.7 * static_cast<double>(q) + 1.1 * static_cast<double>(t));
              c.back().push_back(static_cast<R>(std::cos(angle)));
              s.back().push_back(static_cast<R>(std::sin(angle)));
              tau.back().push_back(static_cast<R>(std::tan(angle / 2)));
            }
          }
          for (Index q = 0; q < fused_sequences; ++q) {
            const auto at = static_cast<std::size_t>(q);
            wave.sine[q] = s[at].data();
            wave.tangent[q] = tau[at].data();
            for (Index t = 0; t + 1 < columns; ++t) {
              const Index x = upwards ? columns - 1 - t : t, y = upwards ? x - 1 : x + 1;
              kernels.rotate(b.view().col(x), b.view().col(y), rows,
                             c[at][static_cast<std::size_t>(t)],
                             s[at][static_cast<std::size_t>(t)]);
            }
          }
          kernels.wave(wave);
          for (Index i = 0; i < rows * columns; ++i) {
            EXPECT_NEAR(a.data()[i], b.data()[i], 40 * epsilon<R>) << rows << " x " << columns;
          }
        }
      }
    }
  }
}

}  // namespace
}  // namespace eckart::dense
