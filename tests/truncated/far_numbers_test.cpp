// Matrices near the largest and the smallest number of their type.

#include <cmath>

#include <gtest/gtest.h>

#include <eckart/error.hpp>
#include <eckart/gallery.hpp>
#include <eckart/svd.hpp>
#include <eckart/truncated_svd.hpp>

namespace eckart {
namespace {

// Entries, products and values are numbers of their type, ||A||_F is none.
template <Scalar T>
void expect_energy_without_norm(double unit) {
  Matrix<T> a = generate<T>("normal 200x150 seed=3");
  const Truncation rule = energy(0.5);
  const std::size_t k = truncated_svd(a, rule, {.method = TruncatedMethod::dense}).s.size();
  for (Index j = 0; j < a.cols(); ++j) {
    for (Index i = 0; i < a.rows(); ++i) {
      a(i, j) *= static_cast<T>(unit);
    }
  }
  for (const TruncatedMethod method : {TruncatedMethod::automatic, TruncatedMethod::dense}) {
    const TruncatedSvd<T> d = truncated_svd(a, rule, {.method = method});
    EXPECT_EQ(d.s.size(), k);
    EXPECT_EQ(d.report.bound_by, "energy");
    EXPECT_TRUE(d.report.converged) << d.report.shortfall;
    EXPECT_FALSE(d.report.frobenius_norm);
    EXPECT_FALSE(d.report.left_out);
  }
  EXPECT_THROW(static_cast<void>(truncated_svd(a, rule, {.method = TruncatedMethod::lanczos})),
               InvalidArgument);
  const TruncatedSvd<T> d =
      truncated_svd(a, energy(0.1), {.method = TruncatedMethod::randomized, .tolerance = 1e-3});
  EXPECT_EQ(d.report.bound_by, "energy");
  EXPECT_TRUE(d.report.converged) << d.report.shortfall;
  EXPECT_TRUE(!d.report.norm_at_most || std::isfinite(*d.report.norm_at_most));
  EXPECT_TRUE(!d.report.left_out_at_most || std::isfinite(*d.report.left_out_at_most));
}

TEST(FarNumbers, EnergyOfAMatrixWhoseNormOverflows) {
  expect_energy_without_norm<double>(3e306);
  expect_energy_without_norm<float>(8e36);
}

}  // namespace
}  // namespace eckart
