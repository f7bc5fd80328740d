#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include <eckart/random.hpp>

#include "dense/bidiagonal/secular_kernels.hpp"

namespace eckart::dense {
namespace {

template <class R>
struct Problem {
  std::vector<R> pole, z, square, origin, offset;
  R sum = 0;

  Problem(std::vector<R> d, std::vector<R> weights) : pole(std::move(d)), z(std::move(weights)) {
    for (const R x : z) {
      square.push_back(x * x);
      sum += x * x;
    }
    origin.resize(pole.size());
    offset.resize(pole.size());
  }
  SecularProblem<R> view() {
    return {static_cast<Index>(pole.size()),
            pole.data(),
            square.data(),
            sum,
            origin.data(),
            offset.data()};
  }
};

// Poles of several kinds: spread, at the limit of deflation, growing fast; weights from that limit to 1.
template <class R>
Problem<R> problem(int kind, Index k, std::uint64_t seed) {
  const Random random(seed);
  const double tolerance = 16 * double{epsilon<R>};
  std::vector<R> pole{0}, z;
  double last = 0;
  for (Index i = 0; i < k; ++i) {
    const double u = random.uniform(static_cast<std::uint64_t>(3 * i)),
                 w = random.normal(static_cast<std::uint64_t>(3 * i + 1));
    const double step = kind == 0   ? u + 0.01
                        : kind == 1 ? tolerance * (1 + u) * std::max(1.0, last)
                                    : std::pow(tolerance, 1 - u);
    if (i > 0) {
      last = (i == 1 && kind == 1 ? 1 : last) + step;
      pole.push_back(static_cast<R>(last));
    }
    const double size =
        kind == 2 ? std::pow(tolerance, random.uniform(static_cast<std::uint64_t>(3 * i + 2)))
                  : std::abs(w) + tolerance;
    z.push_back(static_cast<R>(std::copysign(size, w)));
  }
  return {pole, z};
}

template <class R>
class SecularTest : public ::testing::Test {};
using Types = ::testing::Types<float, double>;
TYPED_TEST_SUITE(SecularTest, Types);

// Roots lie strictly between their poles, f vanishes there to rounding, and the recomputed weights are close to the given ones.
TYPED_TEST(SecularTest, RootsAndWeightsOnEveryProcessor) {
  using R = TypeParam;
  for (const Processor processor : {Processor::base, Processor::fma, Processor::avx512}) {
    if (processor > this_processor()) {
      continue;
    }
    const auto kernels = secular_kernels<R>(processor);
    for (int kind = 0; kind < 3; ++kind) {
      for (const Index k : {2, 3, 7, 8, 9, 16, 17, 33, 100}) {
        auto p = problem<R>(kind, k, static_cast<std::uint64_t>(k));
        const auto view = p.view();
        const int steps = kernels.roots(view, {}, 0, k);
        ASSERT_GT(steps, 0) << kind << " " << k;
        EXPECT_LE(steps, 20) << kind << " " << k;
        for (Index i = 0; i < k; ++i) {
          const auto at = static_cast<std::size_t>(i);
          const long double origin = p.origin[at], offset = p.offset[at];
          EXPECT_TRUE(p.origin[at] == p.pole[at] || (i + 1 < k && p.origin[at] == p.pole[at + 1]));
          EXPECT_GT((origin - static_cast<long double>(p.pole[at])) + offset, 0)
              << kind << " " << k << " " << i;
          long double f = 1, size = 1;
          for (std::size_t j = 0; j < p.pole.size(); ++j) {
            const long double d = p.pole[j], z = p.z[j];
            const long double term = z * z / (((d - origin) - offset) * ((d + origin) + offset));
            f += term;
            size += std::abs(term);
          }
          EXPECT_LE(std::abs(f), static_cast<long double>(8 * (k + 8)) *
                                     static_cast<long double>(epsilon<R>) * size)
              << kind << " " << k << " " << i;
        }
        std::vector<R> weight(static_cast<std::size_t>(k));
        kernels.weights(view, 0, k, weight.data());
        for (std::size_t j = 0; j < weight.size(); ++j) {
          EXPECT_NEAR(weight[j], std::abs(p.z[j]),
                      100 * static_cast<R>(k + 8) * epsilon<R> * std::abs(p.z[j]))
              << kind << " " << k << " " << j;
        }
      }
    }
  }
}

TYPED_TEST(SecularTest, VectorsAreOrthonormal) {
  using R = TypeParam;
  for (const Processor processor : {Processor::base, Processor::fma, Processor::avx512}) {
    if (processor > this_processor()) {
      continue;
    }
    const auto kernels = secular_kernels<R>(processor);
    for (int kind = 0; kind < 3; ++kind) {
      constexpr Index k = 37;
      auto p = problem<R>(kind, k, 5);
      ASSERT_GT(kernels.roots(p.view(), {}, 0, k), 0);
      std::vector<R> weight(k);
      kernels.weights(p.view(), 0, k, weight.data());
      for (const bool left : {false, true}) {
        std::vector<std::vector<R>> columns(k, std::vector<R>(k));
        for (std::size_t j = 0; j < k; ++j) {
          const SecularRows<R> rows{k, p.pole.data(), weight.data(), 0};
          (left ? kernels.left_column : kernels.right_column)(rows, p.origin[j], p.offset[j],
                                                              columns[j].data());
        }
        for (std::size_t a = 0; a < k; ++a) {
          for (std::size_t b = 0; b <= a; ++b) {
            long double dot = a == b ? -1 : 0;
            for (std::size_t i = 0; i < k; ++i) {
              dot +=
                  static_cast<long double>(columns[a][i]) * static_cast<long double>(columns[b][i]);
            }
            EXPECT_LE(std::abs(dot), 40 * static_cast<long double>(epsilon<R>))
                << kind << (left ? " left " : " right ") << a << " " << b;
          }
        }
      }
    }
  }
}

// Two rows times all right vectors: the same as by the vectors themselves.
TYPED_TEST(SecularTest, EndsAreRowsTimesTheRightVectors) {
  using R = TypeParam;
  for (const Processor processor : {Processor::base, Processor::fma, Processor::avx512}) {
    if (processor > this_processor()) {
      continue;
    }
    const auto kernels = secular_kernels<R>(processor);
    for (const Index k : {2, 3, 8, 17, 36}) {
      const auto size = static_cast<std::size_t>(k);
      auto p = problem<R>(0, k, 3);
      ASSERT_GT(kernels.roots(p.view(), {}, 0, k), 0);
      std::vector<R> weight(size), x(size), y(size), new_x(size), new_y(size), column(size);
      kernels.weights(p.view(), 0, k, weight.data());
      const Random random(11);
      for (std::size_t i = 0; i < size; ++i) {
        x[i] = static_cast<R>(random.normal(2 * i));
        y[i] = static_cast<R>(random.normal(2 * i + 1));
      }
      kernels.ends(p.view(), {weight.data(), x.data(), y.data(), new_x.data(), new_y.data()}, 0, k);
      for (std::size_t j = 0; j < size; ++j) {
        kernels.right_column({k, p.pole.data(), weight.data(), 0}, p.origin[j], p.offset[j],
                             column.data());
        R by_x = 0, by_y = 0;
        for (std::size_t i = 0; i < size; ++i) {
          by_x += x[i] * column[i];
          by_y += y[i] * column[i];
        }
        const R unit = static_cast<R>(4 * (k + 8)) * epsilon<R>;
        EXPECT_NEAR(new_x[j], by_x, unit) << k << " " << j;
        EXPECT_NEAR(new_y[j], by_y, unit) << k << " " << j;
      }
    }
  }
}

TEST(Secular, StopsAtItsLimit) {
  auto p = problem<double>(0, 20, 1);
  EXPECT_LT(secular_kernels<double>().roots(p.view(), {.steps = 2}, 0, 20), 0);
}

}  // namespace
}  // namespace eckart::dense
