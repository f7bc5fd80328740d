// The error of single-pass sketches: what is estimated, bounded and expected of it, over many seeds.

#include <cmath>

#include <eckart/error.hpp>

#include "streams/sketch_tools.hpp"
#include "truncated/probes.hpp"

namespace eckart {
namespace {

using namespace eckart::testing;

template <class T>
class SketchEstimatesOf : public ::testing::Test {};
using Types = ::testing::Types<double, std::complex<double>>;
TYPED_TEST_SUITE(SketchEstimatesOf, Types);

struct Spectrum {
  const char* name;
  double (*value)(Index);
};
constexpr Spectrum spectra[] = {
    {"slow", [](Index i) { return std::pow(static_cast<double>(i + 1), -0.8); }},
    {"flat", [](Index i) { return i < 5 ? 1.0 : 0.1; }},
    {"fast", [](Index i) { return std::exp2(-static_cast<double>(i)); }},
    {"one", [](Index i) { return i < 6 ? 1.0 : 0.0; }}};

/// Diagonal, which is the hardest for sparse test matrices: every row and column has one entry.
template <Scalar T>
Matrix<T> diagonal(Index n, double (*value)(Index)) {
  Matrix<T> a(n, n);
  for (Index i = 0; i < n; ++i) {
    a(i, i) = T(value(i));
  }
  return a;
}

// The mean square of the error of the reconstruction, of full rank r', against the theorem of Tropp et al. 2019 for Gaussian matrices;
// estimates against truth, which is within a factor of 2 for all seeds; bounds, which are allowed to be wrong once in twenty and never are
// by more, intervals of tails included.
TYPED_TEST(SketchEstimatesOf, AreRightOverManySeeds) {
  using T = TypeParam;
  constexpr bool is_complex = ComplexScalar<T>;
  constexpr Index n = 80, k = 5;
  constexpr double alpha = is_complex ? 0 : 1;
  constexpr int seeds = 300;
  for (const Spectrum& spectrum : spectra) {
    const Matrix<T> a = diagonal<T>(n, spectrum.value);
    std::vector<double> tails(n + 1, 0.0);
    for (Index j = n; j-- > 0;) {
      tails[static_cast<std::size_t>(j)] =
          std::hypot(tails[static_cast<std::size_t>(j) + 1], spectrum.value(j));
    }
    double mean_square = 0, mean_truncated = 0, mean_estimate = 0;
    int violated = 0, violated_below = 0, violated_spectral = 0, far = 0;
    SketchSizes sizes;
    for (int seed = 1; seed <= seeds; ++seed) {
      SinglePassSketch<T> sketch(
          n, n, {.rank = k, .seed = static_cast<std::uint64_t>(1000 + seed), .threads = 1});
      sketch.add_rows(0, a.view());
      sizes = sketch.sizes();
      const SketchedSvd<T> whole = sketch.result(n), d = sketch.result(k, 0.05);
      const double error = error_of<T>(a, whole), truncated = error_of<T>(a, d);
      mean_square += error * error / seeds;
      mean_truncated += truncated / seeds;
      mean_estimate += d.left_out * d.left_out / (truncated * truncated) / seeds;
      // Beside rounding, at which neither is meant.
      const double slack = 1e-13;
      violated += truncated > d.left_out_at_most + slack;
      violated_below += truncated < d.left_out_at_least - slack;
      const double spectral = singular_values(rest_of<T>(a, d, d.s), {.threads = 1})[0];
      violated_spectral += spectral > d.spectral_at_most + slack;
      far += truncated > slack && !(d.left_out < 2 * truncated && d.left_out > truncated / 2);
    }
    const auto r = static_cast<double>(sizes.range), s = static_cast<double>(sizes.core);
    double expected = 1e300;
    for (Index j = 0; j < sizes.range - static_cast<Index>(alpha); ++j) {
      const auto rho = static_cast<double>(j);
      expected = std::min(expected, (r + rho - alpha) / (r - rho - alpha) *
                                        std::pow(tails[static_cast<std::size_t>(j)], 2));
    }
    expected *= (s - alpha) / (s - r - alpha);
    EXPECT_LE(mean_square, 1.1 * expected + 1e-26) << spectrum.name;
    EXPECT_LE(mean_truncated, tails[k] + 2 * std::sqrt(1.1 * expected) + 1e-13) << spectrum.name;
    EXPECT_LE(violated, seeds / 20) << spectrum.name;
    EXPECT_LE(violated_below, seeds / 20) << spectrum.name;
    EXPECT_LE(violated_spectral, seeds / 20) << spectrum.name;
    EXPECT_LE(far, seeds / 50) << spectrum.name;
    if (tails[k] > 0.01) {
      EXPECT_NEAR(mean_estimate, 1, 0.1) << spectrum.name;
      EXPECT_LE(mean_truncated, 1.6 * tails[k]) << spectrum.name;
    }
  }
}

/// Normal numbers of the same seed and of any of its first streams, as the gallery draws them: 16 rows of them that were the test matrix
/// itself would be estimated five times too large, and "at least" be above the norm.
TYPED_TEST(SketchEstimatesOf, AMatrixMadeFromTheSameSeedIsNoOther) {
  using T = TypeParam;
  constexpr Index n = 400;
  for (std::uint64_t stream = 0; stream < 8; ++stream) {
    Matrix<T> tests(16, n);
    fill_normal<T>(tests.view(), Random(7, stream));
    Matrix<T> a(n, 16);
    for (Index i = 0; i < n; ++i) {
      for (Index p = 0; p < 16; ++p) {
        a(i, p) = conjugate(tests(p, i));
      }
    }
    SinglePassSketch<T> sketch(n, 16, {.rank = 3, .seed = 7, .threads = 1});
    sketch.add_rows(0, a.view());
    const SketchedSvd<T> d = sketch.result(3);
    expect_statements<T>(a, d, "stream " + std::to_string(stream));
    const double norm = frobenius<T>(a.view());
    EXPECT_NEAR(d.frobenius_norm, norm, 0.5 * norm) << stream;
  }
}

TYPED_TEST(SketchEstimatesOf, SizesFollowRankAndMemory) {
  using T = TypeParam;
  using W = typename SinglePassSketch<T>::W;
  constexpr Index alpha = ComplexScalar<T> ? 0 : 1;
  const SketchSizes ten = sketch_sizes<T>(10), one = sketch_sizes<T>(1);
  EXPECT_EQ(ten.range, 40 + alpha);
  EXPECT_EQ(ten.core, 80 + 3 * alpha);
  EXPECT_EQ(one.range, 16);
  EXPECT_THROW(static_cast<void>(sketch_sizes<T>(0)), InvalidArgument);
  double before = 1e300;
  for (const std::uint64_t bytes : {300'000U, 1'000'000U, 20'000'000U}) {
    const SketchSizes sizes = sketch_sizes_within<T>(bytes, 400, 300);
    const Index numbers = 700 * sizes.range + sizes.core * sizes.core + 16 * 300;
    EXPECT_LE(static_cast<std::uint64_t>(numbers) * sizeof(W), bytes);
    EXPECT_GE(sizes.core, 2 * sizes.range + alpha);
    EXPECT_LE(sizes.range, 300);
    if (sizes.range < 300) {  // one more does not fit
      const Index more = sizes.range + 1, core = 2 * more + alpha;
      EXPECT_GT(static_cast<std::uint64_t>(700 * more + core * core + 16 * 300) * sizeof(W), bytes);
    }
    const Matrix<T> a = generate<T>("svd_geo 400x300 cond=1e8 seed=3");
    SinglePassSketch<T> sketch(400, 300, {.range = sizes.range, .core = sizes.core});
    sketch.add_rows(0, a.view());
    const double error = sketch.result(300).left_out;
    EXPECT_LT(error, before);
    before = error;
    EXPECT_GE(
        SinglePassSketch<T>::memory(400, 300, {.range = sizes.range, .core = sizes.core}).bytes(),
        static_cast<std::uint64_t>(numbers) * sizeof(W));
  }
  EXPECT_THROW(static_cast<void>(sketch_sizes_within<T>(20'000, 400, 300)), OutOfMemory);
}

TEST(SketchProbes, SharesSolveTheirEquation) {
  for (const double exponent : {0.5, 1.0, 5.0, 8.0, 100.0}) {
    for (const double failure : {0.3, 1e-3, 1e-6, 1e-12}) {
      const double x = truncated::smallest_share(exponent, failure),
                   y = truncated::largest_share(exponent, failure);
      EXPECT_LT(x, 1);
      EXPECT_GT(y, 1);
      for (const double each : {x, y}) {
        EXPECT_NEAR(exponent * (std::log(each) + 1 - each), std::log(failure),
                    1e-9 * std::abs(std::log(failure)));
      }
    }
  }
}

}  // namespace
}  // namespace eckart
