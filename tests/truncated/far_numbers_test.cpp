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

// Sums of entries overflow, or are denormal, where values are not.
template <Scalar T>
void expect_values_of_far_entries(double entry) {
  Matrix<T> a(300, 200);
  for (Index i = 0; i < 400; ++i) {
    a(i % 300, 7 * i % 200) += static_cast<T>(i < 3 ? entry * (1 - 0.1 * double(i)) : entry / 12);
  }
  const std::vector<Real<T>> exact = singular_values(a);
  for (const TruncatedMethod method :
       {TruncatedMethod::automatic, TruncatedMethod::lanczos, TruncatedMethod::randomized}) {
    const TruncatedSvd<T> d =
        truncated_svd(a, rank(3), {.method = method, .tolerance = 1e-4, .block = 4});
    EXPECT_TRUE(d.report.converged) << d.report.shortfall;
    for (std::size_t i = 0; i < 3; ++i) {
      EXPECT_NEAR(double{d.s[i] / exact[i]}, 1, 1e-4) << to_string(method) << i;
    }
  }
}

TEST(FarNumbers, ValuesOfEntriesNearBothEndsOfTheRange) {
  expect_values_of_far_entries<double>(1.2e308);
  expect_values_of_far_entries<float>(2.3e38);
  expect_values_of_far_entries<double>(2e-309);
  expect_values_of_far_entries<float>(3e-39);
}

}  // namespace
}  // namespace eckart
