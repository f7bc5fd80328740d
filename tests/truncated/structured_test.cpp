// Leading triplets of matrices that are multiplied by FFT: singular spectrum analysis, which takes a series apart through the triplets
// of the matrix of its windows.

#include <cmath>
#include <numbers>

#include <gtest/gtest.h>

#include <eckart/random.hpp>
#include <eckart/structured.hpp>
#include <eckart/svd.hpp>
#include <eckart/truncated_svd.hpp>

namespace eckart {
namespace {

// Five damped sinusoids, whose windows span 10 dimensions.
std::vector<double> sinusoids(Index length) {
  std::vector<double> s(static_cast<std::size_t>(length));
  for (std::size_t t = 0; t < s.size(); ++t) {
    const auto time = static_cast<double>(t);
    for (int j = 1; j <= 5; ++j) {
      s[t] += (6 - j) * std::exp(-2 * j * time / static_cast<double>(length)) *
              std::cos(2 * std::numbers::pi * (0.01 + 0.037 * j) * time + j);
    }
  }
  return s;
}

std::vector<double> with_noise(std::vector<double> s, double size) {
  const Random random(1);
  for (std::size_t t = 0; t < s.size(); ++t) {
    s[t] += size * random.normal(t);
  }
  return s;
}

TEST(StructuredSvd, AgreesWithTheDenseDecomposition) {
  const Index m = 300, n = 250;
  const std::vector<double> s = with_noise(sinusoids(m + n - 1), 0.5);
  Matrix<double> dense(m, n);
  for (Index j = 0; j < n; ++j) {
    for (Index i = 0; i < m; ++i) {
      dense(i, j) = s[static_cast<std::size_t>(i + j)];
    }
  }
  const Svd<double> want = svd(dense);
  TruncatedOptions options;
  options.method = TruncatedMethod::lanczos;
  const auto got = truncated_svd(hankel(s, m), rank(20), options);
  ASSERT_TRUE(got.report.converged);
  for (std::size_t k = 0; k < 20; ++k) {
    EXPECT_NEAR(got.s[k], want.s[k], 1e-12 * want.s[0]);
  }
  double rest = 0;
  for (std::size_t k = 20; k < want.s.size(); ++k) {
    rest += want.s[k] * want.s[k];
  }
  EXPECT_NEAR(*got.report.left_out, std::sqrt(rest), 1e-8 * std::sqrt(rest));
  EXPECT_GE(*got.report.next_at_most, want.s[20] * (1 - 1e-12));
}

TEST(StructuredSvd, SingularSpectrumAnalysisOfALongSeries) {
  const double noise = 0.1;
  const std::vector<double> clean = sinusoids(40'000);
  const auto op = hankel(with_noise(clean, noise), 20'000);
  const auto top = truncated_svd(op, rank(10));
  ASSERT_TRUE(top.report.converged);
  EXPECT_EQ(top.report.method, TruncatedMethod::lanczos);
  // What is left out is the noise and nothing else.
  const double all =
      noise * std::sqrt(static_cast<double>(op.rows()) * static_cast<double>(op.cols()));
  EXPECT_NEAR(*top.report.left_out, all, 0.01 * all);
  EXPECT_LT(top.report.next_value, top.s[9] / 5);
  // The first window of what is kept is the series with its noise taken off.
  double squares = 0;
  for (Index i = 0; i < op.rows(); ++i) {
    double entry = 0;
    for (Index k = 0; k < 10; ++k) {
      entry += top.U(i, k) * top.s[static_cast<std::size_t>(k)] * top.Vh(k, 0);
    }
    const double error = entry - clean[static_cast<std::size_t>(i)];
    squares += error * error;
  }
  EXPECT_LT(std::sqrt(squares / static_cast<double>(op.rows())), 0.1 * noise);
}

}  // namespace
}  // namespace eckart
