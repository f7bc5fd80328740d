// What a truncated decomposition states holds, every time: on the spectra that are hard for Krylov methods, against exact values.
// A hundred seeds here; --gtest_random_seed=N takes the N-th hundred.

#include <cmath>
#include <string>

#include <gtest/gtest.h>

#include <eckart/random.hpp>
#include <eckart/svd.hpp>
#include <eckart/truncated_svd.hpp>

namespace eckart {
namespace {

constexpr Index m = 130, n = 100, wanted = 6;
constexpr double rounding = 200 * epsilon<double>;

struct Hard {
  const char* name;
  double (*value)(Index i);
};

const Hard spectra[] = {
    {"flat", [](Index i) { return 1 - 0.002 * static_cast<double>(i); }},
    {"cluster at the top", [](Index i) { return i < 8 ? 1 - 1e-9 * static_cast<double>(i) : 0.5; }},
    {"repeated", [](Index i) { return i < 9 ? 1.0 : 0.9; }},
    {"low rank and noise", [](Index i) { return i < 4 ? 10.0 - static_cast<double>(i) : 1e-3; }},
    {"geometric", [](Index i) { return std::pow(0.7, static_cast<double>(i)); }},
};

/// Reflectors on both sides of diag(values).
Matrix<double> with_values(double (*value)(Index), std::uint64_t seed) {
  Matrix<double> a(m, n);
  for (Index i = 0; i < n; ++i) {
    a(i, i) = value(i);
  }
  const auto reflect = [](MatrixView<double> b, const Matrix<double>& w, Index of) {
    double length = 0;
    for (Index i = 0; i < b.rows(); ++i) {
      length += w(i, of) * w(i, of);
    }
    for (Index j = 0; j < b.cols(); ++j) {
      double sum = 0;
      for (Index i = 0; i < b.rows(); ++i) {
        sum += w(i, of) * b(i, j);
      }
      for (Index i = 0; i < b.rows(); ++i) {
        b(i, j) -= 2 / length * sum * w(i, of);
      }
    }
  };
  Matrix<double> w(m, 4);
  fill_normal<double>(w.view(), Random(seed));
  reflect(a.view(), w, 0);
  reflect(a.view(), w, 1);
  reflect(a.view().transposed(), w, 2);
  reflect(a.view().transposed(), w, 3);
  return a;
}

TEST(Bounds, HoldEveryTime) {
  const auto base =
      100 * static_cast<std::uint64_t>(::testing::UnitTest::GetInstance()->random_seed());
  for (const Hard& hard : spectra) {
    for (std::uint64_t seed = base; seed < base + 100; ++seed) {
      const Matrix<double> a = with_values(hard.value, seed);
      const TruncatedSvd<double> d = truncated_svd(a, rank(wanted),
                                                   {.method = TruncatedMethod::lanczos,
                                                    .block = 4,
                                                    .basis = 32,
                                                    .threads = 1,
                                                    .seed = seed});
      ASSERT_TRUE(d.report.converged) << hard.name << ", seed " << seed;
      for (Index i = 0; i < wanted; ++i) {
        const auto at = static_cast<std::size_t>(i);
        const double exact = hard.value(i), largest = hard.value(0);
        ASSERT_LE(std::abs(d.s[at] - exact), d.report.residuals[at] + rounding * largest)
            << hard.name << ", seed " << seed << ", value " << i;
        ASSERT_NEAR(d.s[at], exact, 1e-10 * exact) << hard.name << ", seed " << seed;
      }
      ASSERT_LE(d.report.next_value, hard.value(wanted) + rounding * hard.value(0)) << hard.name;
      ASSERT_GE(d.report.next_at_most.value(), hard.value(wanted)) << hard.name;
    }
  }
}

}  // namespace
}  // namespace eckart
