#include "dense/jacobi/jacobi_kernels.hpp"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include <eckart/random.hpp>
#include <eckart/workspace.hpp>

namespace eckart::dense {
namespace {

template <class T>
class JacobiKernelsTest : public ::testing::Test {};
using Types = ::testing::Types<float, double, std::complex<float>, std::complex<double>>;
TYPED_TEST_SUITE(JacobiKernelsTest, Types);

template <Scalar T>
using Wide = std::conditional_t<ComplexScalar<T>, std::complex<long double>, long double>;

// Entry i of a padded column.
template <Scalar T>
Wide<T> entry(const std::span<Real<T>>& column, Index length, Index i) {
  if constexpr (ComplexScalar<T>) {
    return {column[static_cast<std::size_t>(i)], column[static_cast<std::size_t>(length + i)]};
  } else {
    return column[static_cast<std::size_t>(i)];
  }
}

// Every version that this processor can run does what the head of the file says.
TYPED_TEST(JacobiKernelsTest, AgreeWithTheFormulas) {
  using T = TypeParam;
  using R = Real<T>;
  using W = Wide<T>;
  const R near = 16 * epsilon<T>;
  for (const Processor processor : {Processor::base, Processor::fma, Processor::avx512}) {
    if (processor > this_processor()) {
      continue;
    }
    const JacobiKernels<T> kernels = jacobi_kernels<T>(processor);
    for (const Index n : {1, 15, 16, 17, 32, 33, 48, 64, 80, 200}) {
      const Index length = padded_length(n), reals = column_reals<T>(length);
      Workspace work(static_cast<std::uint64_t>(4 * (reals + 16)) * sizeof(R));
      const std::span<R> x = work.take<R>(reals), y = work.take<R>(reals);
      for (Index i = 0; i < reals; ++i) {
        const bool padding = i % length >= n;
        const auto at = static_cast<std::size_t>(i);
        const auto draw = static_cast<std::uint64_t>(i);
        x[at] = padding ? 0 : static_cast<R>(Random(1).normal(draw));
        y[at] = padding ? 0 : static_cast<R>(Random(2).normal(draw));
      }
      PlaneRotation<T> r{};
      r.h = static_cast<R>(0.6);
      if constexpr (ComplexScalar<T>) {
        r.alpha = {static_cast<R>(0.3), static_cast<R>(-0.4)};
        r.beta = {static_cast<R>(0.7), static_cast<R>(0.2)};
      } else {
        r.alpha = static_cast<R>(0.3);
        r.beta = static_cast<R>(0.7);
      }
      const W alpha(r.alpha), beta(r.beta);
      const long double h = r.h;
      W dot{};
      long double x_square = 0, y_square = 0;
      std::vector<W> new_x, new_y;
      for (Index i = 0; i < n; ++i) {
        const W xi = entry<T>(x, length, i), yi = entry<T>(y, length, i);
        if constexpr (ComplexScalar<T>) {
          dot += std::conj(xi) * yi;
        } else {
          dot += xi * yi;
        }
        x_square += std::norm(xi);
        new_x.push_back(xi + alpha * (yi - h * beta * xi));
        new_y.push_back(yi - beta * (xi + h * alpha * yi));
        y_square += std::norm(new_y.back());
      }
      const auto scale = static_cast<long double>(n);
      EXPECT_LE(std::abs(W(kernels.dot(x.data(), y.data(), length)) - dot), near * scale);
      EXPECT_NEAR(kernels.square(x.data(), length), static_cast<double>(x_square),
                  static_cast<double>(near * scale));
      EXPECT_NEAR(kernels.rotate(x.data(), y.data(), length, r), static_cast<double>(y_square),
                  static_cast<double>(near * y_square));
      for (Index i = 0; i < length; ++i) {
        const W want_x = i < n ? new_x[static_cast<std::size_t>(i)] : W{};
        const W want_y = i < n ? new_y[static_cast<std::size_t>(i)] : W{};
        ASSERT_LE(std::abs(entry<T>(x, length, i) - want_x), near);
        ASSERT_LE(std::abs(entry<T>(y, length, i) - want_y), near);
      }
    }
  }
}

}  // namespace
}  // namespace eckart::dense
