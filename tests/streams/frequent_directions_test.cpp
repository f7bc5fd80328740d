#include <cmath>
#include <limits>
#include <stop_token>

#include <eckart/error.hpp>
#include <eckart/frequent_directions.hpp>

#include "streams/stream_tools.hpp"

namespace eckart {
namespace {

using namespace eckart::testing;

template <class T>
class FrequentDirectionsOf : public ::testing::Test {};
TYPED_TEST_SUITE(FrequentDirectionsOf, ScalarTypes);

/// Every statement of the header, against the whole matrix.
template <Scalar T>
void expect_bounds(const Matrix<T>& a, const FrequentDirections<T>& stream, Index k,
                   const std::string& what) {
  using W = WideEntry<T>;
  const Matrix<W> whole = wide<T>(a.view());
  const std::vector<double> sigma = singular_values(whole, {.threads = 1});
  const DirectionsOfRows<T> d = stream.result(k);
  const Index found = std::min({k, a.rows(), a.cols(), stream.sketch_rows()});
  ASSERT_LE(static_cast<Index>(d.s.size()), found) << what;
  ASSERT_EQ(d.Vh.rows(), static_cast<Index>(d.s.size())) << what;
  ASSERT_EQ(d.Vh.cols(), a.cols()) << what;
  EXPECT_EQ(d.rows, a.rows());
  const double norm = frobenius<W>(whole.view());
  EXPECT_NEAR(d.frobenius_norm, norm, 1e-13 * norm) << what;
  for (std::size_t i = 0; i < d.s.size(); ++i) {
    EXPECT_LE(d.at_least[i], sigma[i]) << what << ", value " << i;
    EXPECT_GE(d.at_most[i], sigma[i]) << what << ", value " << i;
    EXPECT_LE(d.s[i], d.at_most[i]) << what;
    EXPECT_GE(d.s[i], d.at_least[i]) << what;
  }
  // Delta (l + 1 - j) <= ||A - A_j||_F^2 for every j.
  double tail = norm * norm;
  for (Index j = 0; j < std::min<Index>(stream.sketch_rows(), static_cast<Index>(sigma.size()));
       ++j) {
    EXPECT_LE(d.shrinkage * d.shrinkage * static_cast<double>(stream.sketch_rows() + 1 - j),
              std::max(tail, 0.0) + 1e-11 * norm * norm)
        << what << ", " << j;
    tail -= sigma[static_cast<std::size_t>(j)] * sigma[static_cast<std::size_t>(j)];
  }
  // What the vectors leave out.
  const Matrix<W> rest = without_rows_space(whole, wide<T>(d.Vh.view()));
  const double left_out = frobenius<W>(rest.view());
  EXPECT_LE(d.left_out_at_least, left_out) << what;
  EXPECT_GE(d.left_out_at_most, left_out) << what;
  const double spectral = rest.empty() ? 0 : singular_values(rest, {.threads = 1})[0];
  EXPECT_LE(d.spectral_at_least, spectral * (1 + 1e-12)) << what;
  EXPECT_GE(d.spectral_at_most, spectral) << what;
  // A^H A - B^H B lies between 0 and Delta, up to rounding: its extreme eigenvalues through those of +-difference + shift.
  const Index n = a.cols();
  Matrix<W> gram(n, n);
  const Matrix<W> b(stream.sketch());
  blas::gemm<W>(blas::Op::adjoint, blas::Op::none, W(1), whole.view(), whole.view(), W(0),
                gram.view());
  blas::gemm<W>(blas::Op::adjoint, blas::Op::none, W(-1), b.view(), b.view(), W(1), gram.view());
  const double slack = (2 * d.rounding * norm + 1e-13 * norm * norm);
  EXPECT_LE(singular_values(gram, {.threads = 1})[0], d.shrinkage * d.shrinkage + slack) << what;
  for (Index i = 0; i < n; ++i) {
    gram(i, i) += W(slack);
  }
  double trace = 0, sum = 0;  // of a positive semidefinite matrix they are equal
  for (Index i = 0; i < n; ++i) {
    trace += std::real(gram(i, i));
  }
  for (const double s : singular_values(gram, {.threads = 1})) {
    sum += s;
  }
  EXPECT_NEAR(trace, sum, 1e-12 * std::max(sum, norm * norm)) << what;
}

TYPED_TEST(FrequentDirectionsOf, BoundsHoldOverManySeeds) {
  using T = TypeParam;
  for (const std::string kind :
       {"normal", "svd_geo", "svd_clusters", "svd_step", "sign", "duplicated"}) {
    for (int seed = 1; seed <= 12; ++seed) {
      const std::string line = kind + " 150x40 seed=" + std::to_string(seed);
      const Matrix<T> a = generate<T>(line);
      for (const Index l : {3, 10, 25}) {
        FrequentDirections<T> stream(
            40, {.sketch_rows = l, .block = 1 + seed % 7 + l / 2, .threads = 1});
        feed(stream, a, {7, 1, 30});
        expect_bounds(a, stream, 1 + seed % 5, line + ", l = " + std::to_string(l));
      }
    }
  }
}

TYPED_TEST(FrequentDirectionsOf, NothingIsLostWithAsManyRowsAsColumns) {
  using T = TypeParam;
  const Matrix<T> a = generate<T>("svd_geo 300x20 cond=1e6 seed=4");
  FrequentDirections<T> stream(20, {.block = 16, .threads = 1});
  feed(stream, a, {11});
  const DirectionsOfRows<T> d = stream.result(20);
  EXPECT_EQ(stream.sketch_rows(), 20);
  EXPECT_EQ(d.shrinkage, 0);
  ASSERT_EQ(d.s.size(), 20U);
  const std::vector<double> sigma = singular_values(wide<T>(a.view()), {.threads = 1});
  for (std::size_t i = 0; i < 20; ++i) {
    EXPECT_NEAR(d.s[i], sigma[i], 1e-13 * sigma[0]);
    EXPECT_LE(d.at_most[i] - d.at_least[i], 1e-11 * sigma[0]);
  }
  expect_bounds(a, stream, 5, "exact");
}

TYPED_TEST(FrequentDirectionsOf, PiecesOfRowsDoNotMatter) {
  using T = TypeParam;
  const Matrix<T> a = generate<T>("normal 200x15 seed=8");
  const FrequentDirectionsOptions options{.sketch_rows = 6, .block = 10, .threads = 1};
  FrequentDirections<T> whole(15, options), rows(15, options), odd(15, options);
  whole.append(a.view());
  feed(rows, a, {1});
  feed(odd, a, {3, 0, 40, 17});
  EXPECT_TRUE(same_state(whole.state(), rows.state()));
  EXPECT_TRUE(same_state(whole.state(), odd.state()));
  const Matrix<T> row_major(a.view(), Layout::row_major);
  FrequentDirections<T> other_layout(15, options);
  feed(other_layout, row_major, {64});
  EXPECT_TRUE(same_state(whole.state(), other_layout.state()));
}

TYPED_TEST(FrequentDirectionsOf, ThreadsDoNotMatter) {
  using T = TypeParam;
  const Matrix<T> a = generate<T>("normal 900x60 seed=8");
  FrequentDirections<T> one(60, {.sketch_rows = 20, .block = 300, .threads = 1});
  FrequentDirections<T> two(60, {.sketch_rows = 20, .block = 300, .threads = 2});
  feed(one, a, {100});
  feed(two, a, {100});
  EXPECT_TRUE(same_state(one.state(), two.state()));
}

TYPED_TEST(FrequentDirectionsOf, AResumedStreamGivesTheSameBits) {
  using T = TypeParam;
  const Matrix<T> a = generate<T>("normal 200x15 seed=8");
  const FrequentDirectionsOptions options{.sketch_rows = 6, .block = 10, .threads = 1};
  FrequentDirections<T> whole(15, options);
  whole.append(a.view());
  for (const Index stop : {0, 5, 16, 17, 100, 199}) {
    FrequentDirections<T> first(15, options);
    first.append(a.view().top_rows(stop));
    FrequentDirections<T> second(first.state());
    EXPECT_EQ(second.rows(), stop);
    feed(second, a, {9}, stop);
    EXPECT_TRUE(same_state(whole.state(), second.state())) << stop;
    const auto x = whole.result(4), y = second.result(4);
    EXPECT_EQ(x.s, y.s);
    EXPECT_TRUE(equal_bits<T>(x.Vh, y.Vh));
  }
}

TYPED_TEST(FrequentDirectionsOf, MergingKeepsTheBounds) {
  using T = TypeParam;
  for (int seed = 1; seed <= 10; ++seed) {
    const Matrix<T> a = generate<T>("svd_geo 160x24 cond=1e3 seed=" + std::to_string(seed));
    const FrequentDirectionsOptions options{.sketch_rows = 5, .block = 9, .threads = 1};
    FrequentDirections<T> first(24, options),
        second(24, {.sketch_rows = 8, .block = 40, .threads = 1});
    first.append(a.view().top_rows(70));
    second.append(a.view().block(70, 0, 90, 24));
    first.merge(second);
    expect_bounds(a, first, 3, "merged, seed " + std::to_string(seed));
  }
  FrequentDirections<T> narrow(3), broad(4);
  EXPECT_THROW(narrow.merge(broad), InvalidArgument);
}

TYPED_TEST(FrequentDirectionsOf, ShapesAtTheEdge) {
  using T = TypeParam;
  for (const auto& [m, n] : {std::pair<Index, Index>{1, 1}, {50, 1}, {1, 30}, {4, 30}, {30, 2}}) {
    const Matrix<T> a =
        generate<T>("normal " + std::to_string(m) + "x" + std::to_string(n) + " seed=3");
    for (const Index l : {1, 2, 40}) {
      FrequentDirections<T> stream(n, {.sketch_rows = l, .block = 3, .threads = 1});
      feed(stream, a, {2});
      expect_bounds(a, stream, 2, std::to_string(m) + " x " + std::to_string(n));
    }
  }
}

TYPED_TEST(FrequentDirectionsOf, NoRowsAndRowsOfZeros) {
  using T = TypeParam;
  FrequentDirections<T> stream(5, {.sketch_rows = 2, .block = 4, .threads = 1});
  const auto none = stream.result(3);
  EXPECT_EQ(none.rows, 0);
  EXPECT_TRUE(none.s.empty());
  EXPECT_EQ(none.Vh.cols(), 5);
  EXPECT_EQ(none.left_out_at_most, 0);
  stream.append(Matrix<T>(20, 5));
  const auto zero = stream.result(3);
  EXPECT_EQ(zero.rows, 20);
  EXPECT_EQ(zero.frobenius_norm, 0);
  for (const double s : zero.s) {
    EXPECT_EQ(s, 0);
  }
  EXPECT_EQ(zero.shrinkage, 0);
  // Rows after them count as if those had not been there.
  const Matrix<T> a = generate<T>("normal 9x5 seed=2");
  feed(stream, a, {4});
  EXPECT_GT(stream.result(1).s[0], 0);
}

TYPED_TEST(FrequentDirectionsOf, ALowRankIsFoundExactly) {
  using T = TypeParam;
  Matrix<T> left = generate<T>("normal 120x3 seed=5"), right = generate<T>("normal 3x17 seed=6");
  Matrix<T> a(120, 17);
  blas::gemm<T>(blas::Op::none, blas::Op::none, T(1), left.view(), right.view(), T(0), a.view());
  FrequentDirections<T> stream(17, {.sketch_rows = 4, .block = 5, .threads = 1});
  feed(stream, a, {8});
  const auto d = stream.result(4);
  EXPECT_LE(d.shrinkage, 100 * double{epsilon<T>} * d.frobenius_norm);
  EXPECT_LE(d.left_out_at_most,
            1e-6 * d.frobenius_norm + 100 * double{epsilon<T>} * d.frobenius_norm);
  expect_bounds(a, stream, 3, "rank 3");
}

TYPED_TEST(FrequentDirectionsOf, VeryLargeAndVerySmallEntries) {
  using T = TypeParam;
  using R = Real<T>;
  const Matrix<T> a = generate<T>("normal 60x9 seed=11");
  const FrequentDirectionsOptions options{.sketch_rows = 4, .block = 6, .threads = 1};
  FrequentDirections<T> plain(9, options);
  plain.append(a.view());
  const auto expected = plain.result(3);
  const int far = std::same_as<R, float> ? 110 : 980;
  for (const int exponent : {far, -far}) {
    Matrix<T> scaled = a;
    for (Index j = 0; j < 9; ++j) {
      for (Index i = 0; i < 60; ++i) {
        scaled(i, j) *= std::ldexp(R{1}, exponent);
      }
    }
    FrequentDirections<T> stream(9, options);
    stream.append(scaled.view());
    const auto d = stream.result(3);
    for (std::size_t i = 0; i < 3; ++i) {
      EXPECT_NEAR(std::ldexp(d.s[i], -exponent), expected.s[i], 1e-6);
      EXPECT_NEAR(std::ldexp(d.at_most[i], -exponent), expected.at_most[i], 1e-9);
    }
    EXPECT_NEAR(std::ldexp(d.left_out_at_most, -exponent), expected.left_out_at_most, 1e-7);
  }
}

TEST(FrequentDirections, ValuesOfFloatRowsLieInTheirIntervalsAndMayExceedFloat) {
  FrequentDirections<float> stream(2);
  Matrix<float> a(100, 2);
  std::fill_n(a.data(), 200, 3e38F);
  stream.append(a.view());
  const auto d = stream.result(1);
  EXPECT_NEAR(d.s[0], std::sqrt(200.0) * double{3e38F}, 1e27);
  EXPECT_LE(d.at_least[0], d.s[0]);
  EXPECT_GE(d.at_most[0], d.s[0]);
}

TYPED_TEST(FrequentDirectionsOf, NanIsNamedByRowAndColumnAndNothingIsTaken) {
  using T = TypeParam;
  Matrix<T> a = generate<T>("normal 30x4 seed=1");
  FrequentDirections<T> stream(4, {.sketch_rows = 2, .block = 5, .threads = 1});
  stream.append(a.view());
  const StreamState before = stream.state();
  a(7, 3) = std::numeric_limits<Real<T>>::infinity();
  a(7, 2) = std::numeric_limits<Real<T>>::quiet_NaN();
  a(20, 0) = a(7, 2);
  try {
    stream.append(a.view());
    FAIL();
  } catch (const NonFinite& error) {
    EXPECT_EQ(error.row(), 37);
    EXPECT_EQ(error.column(), 2);
  }
  EXPECT_TRUE(same_state(before, stream.state()));
}

TEST(FrequentDirections, CancelledHalfWayGoesOnToTheSameBits) {
  const Matrix<double> a = generate<double>("normal 300x30 seed=9");
  const FrequentDirectionsOptions options{.sketch_rows = 8, .block = 20, .threads = 1};
  FrequentDirections<double> whole(30, options);
  whole.append(a.view());
  std::stop_source source;
  FrequentDirectionsOptions stoppable = options;
  stoppable.stop = source.get_token();
  FrequentDirections<double> stream(30, stoppable);
  stream.append(a.view().top_rows(100));
  source.request_stop();
  EXPECT_THROW(stream.append(a.view().block(100, 0, 200, 30)), Cancelled);
  const Index taken = stream.rows();
  EXPECT_GE(taken, 100);
  EXPECT_LT(taken, 300);
  FrequentDirections<double> resumed(stream.state(), options);
  feed(resumed, a, {50}, taken);
  EXPECT_TRUE(same_state(whole.state(), resumed.state()));
}

TEST(FrequentDirections, ACancelledMergeChangesNothing) {
  const Matrix<double> a = generate<double>("normal 100x30 seed=9");
  std::stop_source source;
  FrequentDirections<double> stream(
      30, {.sketch_rows = 8, .block = 20, .threads = 1, .stop = source.get_token()});
  FrequentDirections<double> other(30, {.sketch_rows = 8, .block = 20, .threads = 1});
  stream.append(a.view().top_rows(47));
  other.append(a.view().block(47, 0, 53, 30));
  const StreamState before = stream.state();
  source.request_stop();
  EXPECT_THROW(stream.merge(other), Cancelled);
  EXPECT_TRUE(same_state(stream.state(), before));
}

TEST(FrequentDirections, TheStopOfTheRowsDoesNotEndTheResult) {
  const Matrix<double> a = generate<double>("normal 100x30 seed=9");
  std::stop_source source;
  FrequentDirections<double> stream(
      30, {.sketch_rows = 8, .block = 20, .threads = 1, .stop = source.get_token()});
  stream.append(a.view().top_rows(47));
  const auto before = stream.result(3);
  source.request_stop();
  EXPECT_EQ(stream.result(3).s, before.s);
  EXPECT_THROW(static_cast<void>(stream.result(3, source.get_token())), Cancelled);
}

TEST(FrequentDirections, MemoryIsPlanned) {
  const FrequentDirectionsOptions options{.sketch_rows = 20};
  const MemoryPlan plan = FrequentDirections<double>::memory(100, options);
  EXPECT_GT(plan.bytes(), 4096U * 100 * 8);
  EXPECT_LT(plan.bytes(), 64U << 20U);
  // A state is a copy of the rows at the most, and a result cannot do with less than its vectors.
  const std::uint64_t rows = (20U + 4096) * 100 * 8;
  EXPECT_GE(FrequentDirections<double>::memory(100, options, 10).bytes(), plan.bytes() + rows);
  const StreamState state = FrequentDirections<double>(100, options).state();
  EXPECT_EQ(FrequentDirections<double>::memory(state, 10).bytes(),
            FrequentDirections<double>::memory(100, options, 10).bytes());
}

TEST(FrequentDirections, AResultOfAnyNumberOfRowsIsPlanned) {
  const FrequentDirectionsOptions options{.sketch_rows = 20, .threads = 1};
  const std::uint64_t rows = FrequentDirections<double>::memory(900, options).bytes();
  const std::uint64_t all = FrequentDirections<double>::memory(900, options, 10).bytes();
  for (const Index m : {1, 11, 256, 257, 300, 475}) {  // 257 take more than 475
    const SvdOptions how{
        .u = Vectors::none, .v = Vectors::thin, .leading = std::min<Index>(m, 10), .threads = 1};
    EXPECT_GE(all - rows, svd_memory<double>(m, 900, how).bytes()) << m;
  }
}

TEST(FrequentDirections, VastNumbersOfRowsArePlannedAtOnce) {
  const Index vast = Index{1} << 40;
  for (const Index rows : {Index{3'000'000'000}, vast}) {
    const MemoryPlan plan = FrequentDirections<double>::memory(3, {.sketch_rows = rows}, 2);
    EXPECT_GE(plan.bytes(), static_cast<std::uint64_t>(rows) * 2 * 3 * 8);
  }
  EXPECT_THROW(static_cast<void>(FrequentDirections<double>::memory(3, {.sketch_rows = vast + 1})),
               InvalidArgument);
}

TEST(FrequentDirections, NoNumberOfTallRowsTakesMoreThanIsPlanned) {
  for (const Index cols : {1, 3, 40}) {
    const FrequentDirectionsOptions options{.sketch_rows = 20, .block = 2000, .threads = 1};
    const std::uint64_t rows = FrequentDirections<double>::memory(cols, options).bytes();
    const std::uint64_t all = FrequentDirections<double>::memory(cols, options, 10).bytes();
    for (Index m = 1; m <= 2020; ++m) {
      const SvdOptions how{.u = Vectors::none,
                           .v = Vectors::thin,
                           .leading = std::min({m, cols, Index{10}}),
                           .threads = 1};
      ASSERT_GE(all - rows, svd_memory<double>(m, cols, how).bytes()) << m << " x " << cols;
    }
  }
}

TEST(FrequentDirections, RequestsThatMakeNoSense) {
  EXPECT_THROW(FrequentDirections<double>(0), InvalidArgument);
  EXPECT_THROW(FrequentDirections<double>(3, {.sketch_rows = -1}), InvalidArgument);
  FrequentDirections<double> stream(3);
  EXPECT_THROW(stream.append(Matrix<double>(2, 4).view()), InvalidArgument);
  EXPECT_THROW(static_cast<void>(stream.result(-1)), InvalidArgument);
}

TEST(FrequentDirections, StatesThatMakeNoSense) {
  FrequentDirections<double> stream(4, {.sketch_rows = 2, .block = 5, .threads = 1});
  stream.append(generate<double>("normal 13x4 seed=1").view());
  const StreamState good = stream.state();
  EXPECT_NO_THROW(FrequentDirections<double>{good});
  EXPECT_THROW(FrequentDirections<float>{good}, InvalidArgument);
  for (const auto& [name, array] : good.arrays()) {
    EXPECT_THROW(FrequentDirections<double>{changed(good, name)}, InvalidArgument) << name;
    const StreamState::Array shapeless = Matrix<double>(7, 3);
    EXPECT_THROW((FrequentDirections<double>{changed(good, name, &shapeless)}), InvalidArgument)
        << name;
    Matrix<double> bad = std::get<Matrix<double>>(array);
    if (!bad.empty()) {
      bad(0, 0) = std::numeric_limits<double>::quiet_NaN();
      const StreamState::Array poisoned = bad;
      EXPECT_THROW((FrequentDirections<double>{changed(good, name, &poisoned)}), InvalidArgument)
          << name;
      bad(0, 0) = name == "sketch" ? 0.0 : -3;
      if (name != "sketch") {
        const StreamState::Array negative = bad;
        EXPECT_THROW((FrequentDirections<double>{changed(good, name, &negative)}), InvalidArgument)
            << name;
      }
    }
  }
}

}  // namespace
}  // namespace eckart
