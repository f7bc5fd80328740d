#include <cmath>
#include <limits>
#include <numbers>

#include <eckart/gallery.hpp>
#include <eckart/structured.hpp>

#include "operators/fft.hpp"
#include "operators/operator_test_tools.hpp"

namespace eckart {
namespace {

template <class T>
class StructuredTest : public EveryScalar<T> {};
TYPED_TEST_SUITE(StructuredTest, Scalars);

template <class T>
std::vector<T> numbers(Index count, std::uint64_t seed) {
  std::vector<T> x(static_cast<std::size_t>(count));
  fill_normal(MatrixView<T>(x.data(), count, 1), Random(seed));
  return x;
}

template <class T>
std::vector<T> times(std::vector<T> x, Real<T> factor) {
  for (T& entry : x) {
    entry *= factor;
  }
  return x;
}

template <class T, class F>
Matrix<T> matrix_of(Index rows, Index cols, const F& entry) {
  Matrix<T> a(rows, cols);
  for (Index j = 0; j < cols; ++j) {
    for (Index i = 0; i < rows; ++i) {
      a(i, j) = entry(i, j);
    }
  }
  return a;
}

template <class T>
T at(const std::vector<T>& x, Index k) {
  return x[static_cast<std::size_t>(k)];
}

template <class T>
Matrix<T> toeplitz_matrix(const std::vector<T>& c, const std::vector<T>& r) {
  return matrix_of<T>(std::ssize(c), std::ssize(r),
                      [&](Index i, Index j) { return i >= j ? at(c, i - j) : at(r, j - i); });
}

template <class T>
Matrix<T> hankel_matrix(const std::vector<T>& c, const std::vector<T>& r) {
  const Index m = std::ssize(c);
  return matrix_of<T>(m, std::ssize(r), [&](Index i, Index j) {
    return i + j < m ? at(c, i + j) : at(r, i + j - m + 1);
  });
}

template <class T>
Matrix<T> circulant_matrix(const std::vector<T>& c) {
  const Index n = std::ssize(c);
  return matrix_of<T>(n, n, [&](Index i, Index j) { return at(c, (i - j + n) % n); });
}

template <class T>
void expect_norm(const Operator<T>& op, const Matrix<T>& a) {
  const Real<T> want = *DenseOperator<T>(a.view()).frobenius_norm({});
  EXPECT_NEAR(*op.frobenius_norm({}), want, 4 * epsilon<T> * want);
}

TYPED_TEST(StructuredTest, StandForTheirMatrices) {
  using T = TypeParam;
  for (const auto& [m, n] : {std::pair<Index, Index>{1, 1},
                             {1, 9},
                             {7, 1},
                             {2, 2},
                             {31, 18},
                             {18, 31},
                             {64, 65},
                             {120, 90}}) {
    const std::vector<T> c = numbers<T>(m, 1), r = numbers<T>(n, 2);
    const Matrix<T> t = toeplitz_matrix(c, r), h = hankel_matrix(c, r), s = circulant_matrix(c);
    expect_stands_for<T>(toeplitz(c, r), t, 2);
    expect_norm<T>(toeplitz(c, r), t);
    expect_stands_for<T>(hankel(c, r), h, 2);
    expect_norm<T>(hankel(c, r), h);
    expect_stands_for<T>(circulant(c), s, 2);
    expect_norm<T>(circulant(c), s);
    std::vector<T> series = c;
    series.insert(series.end(), r.begin() + 1, r.end());
    expect_stands_for<T>(hankel(series, m), h, 2);
  }
}

TYPED_TEST(StructuredTest, StandForThoseOfTheGallery) {
  using T = TypeParam;
  const auto first = [](MatrixView<const T> line) {
    std::vector<T> x(static_cast<std::size_t>(line.rows()));
    for (Index i = 0; i < line.rows(); ++i) {
      x[static_cast<std::size_t>(i)] = line(i, 0);
    }
    return x;
  };
  const Matrix<T> t = generate<T>("toeplitz 61x44 seed=3"), h = generate<T>("hankel 44x61 seed=3"),
                  s = generate<T>("circulant 47 seed=3");
  expect_stands_for<T>(
      toeplitz(first(t.view().columns(0, 1)), first(t.view().transposed().columns(0, 1))), t, 2);
  expect_stands_for<T>(
      hankel(first(h.view().columns(0, 1)), first(h.view().transposed().columns(43, 1))), h, 2);
  expect_stands_for<T>(circulant(first(s.view().columns(0, 1))), s, 2);
}

TYPED_TEST(StructuredTest, OfNoRowsOrColumnsGivesZero) {
  using T = TypeParam;
  const std::vector<T> none, some = numbers<T>(5, 1);
  expect_stands_for<T>(toeplitz(none, some), Matrix<T>(0, 5));
  expect_stands_for<T>(toeplitz(some, none), Matrix<T>(5, 0));
  expect_stands_for<T>(hankel(some, none), Matrix<T>(5, 0));
  expect_stands_for<T>(circulant(none), Matrix<T>(0, 0));
  EXPECT_EQ(*toeplitz(none, some).frobenius_norm({}), 0);
}

// |error| <= 3 eps log2(N) ||v|| ||x|| in every column of a block, against sums in long double.
template <class T>
void expect_accurate(const std::vector<T>& c, const std::vector<T>& r, MatrixView<const T> x) {
  using Wide = std::complex<long double>;
  const Operator<T> op = toeplitz(c, r);
  Matrix<T> y(op.rows(), x.cols());
  op.apply({}, x, y.view());
  const auto norm = [](const T* from, Index count) {
    long double sum = 0;
    for (Index i = 0; i < count; ++i) {
      sum += std::norm(Wide(from[i]));
    }
    return std::sqrt(sum);
  };
  const long double of_v = std::hypot(norm(c.data(), std::ssize(c)), norm(r.data(), std::ssize(r)));
  const auto size = static_cast<double>(fast_fft_size(op.rows() + op.cols() - 1));
  for (Index k = 0; k < x.cols(); ++k) {
    const long double bound = 3 * epsilon<T> * std::log2(size) * of_v * norm(x.col(k), x.rows());
    // What is below the smallest number is rounded to it.
    const long double least = std::numeric_limits<Real<T>>::denorm_min();
    for (Index i = 0; i < y.rows(); i += 1 + y.rows() / 50) {
      Wide want = 0;
      for (Index j = 0; j < x.rows(); ++j) {
        want += Wide(i >= j ? at(c, i - j) : at(r, j - i)) * Wide(x(j, k));
      }
      ASSERT_LE(std::abs(Wide(y(i, k)) - want), bound + least) << k << ", " << i;
    }
  }
}

TYPED_TEST(StructuredTest, ErrorsGrowAsTheLogarithmOfTheSize) {
  using T = TypeParam;
  for (const Index n : {10, 100, 1000, 10'000, 100'000}) {
    const Index m = n + n / 7;
    const Matrix<T> x = random_matrix<T>(n, 3, 3);
    expect_accurate<T>(numbers<T>(m, 1), numbers<T>(n, 2), x);
  }
}

// Two real vectors share a transform: the small one has the digits that it would have alone.
TYPED_TEST(StructuredTest, VectorsOfAnySizeKeepTheirDigits) {
  using T = TypeParam;
  using R = Real<T>;
  const R most = std::numeric_limits<R>::max(), least = std::numeric_limits<R>::denorm_min();
  Matrix<T> x = random_matrix<T>(150, 8, 3);
  const R sizes[] = {1, 16 * smallest_normal<T>, 1, most / 1024, 1 / most, R(1e-20), 0, 1};
  for (Index k = 0; k < 8; ++k) {
    for (Index i = 0; i < 150; ++i) {
      x(i, k) *= sizes[k];
    }
  }
  x(40, 6) = T(least);  // a single one, beside dense ones
  const std::vector<T> c = numbers<T>(200, 1), r = numbers<T>(150, 2);
  expect_accurate<T>(times(c, R(1) / 4096), times(r, R(1) / 4096), x);
  expect_accurate<T>(times(c, 64 * smallest_normal<T>), times(r, 64 * smallest_normal<T>), x);
  expect_accurate<T>(times(c, 64 * least), times(r, 64 * least), x);
  expect_accurate<T>(times(c, most / 4096), times(r, most / 4096), x.view().columns(4, 1));
  if constexpr (std::is_same_v<R, double>) {
    expect_accurate<T>(times(c, 1e300), times(r, 1e300), x.view().columns(4, 3));
  }
}

TYPED_TEST(StructuredTest, BadVectorsSpoilNoOthers) {
  using T = TypeParam;
  using R = Real<T>;
  const std::vector<T> c = numbers<T>(20, 1), r = numbers<T>(15, 2);
  Matrix<T> x = random_matrix<T>(15, 4, 3), y(20, 4), alone(20, 4);
  toeplitz(c, r).apply({}, x, alone.view());
  x(7, 1) = std::numeric_limits<R>::quiet_NaN();
  x(7, 2) = -std::numeric_limits<R>::infinity();
  toeplitz(c, r).apply({}, x, y.view());
  for (Index i = 0; i < 20; ++i) {
    EXPECT_LE(std::abs(y(i, 0) - alone(i, 0)), 100 * epsilon<T>);
    EXPECT_TRUE(std::isnan(std::abs(y(i, 1))));
    EXPECT_TRUE(std::isnan(std::abs(y(i, 2))));
    EXPECT_LE(std::abs(y(i, 3) - alone(i, 3)), 100 * epsilon<T>);
  }
}

TYPED_TEST(StructuredTest, NormIsRightAtBothEndsOfTheRangeOrAbsent) {
  using T = TypeParam;
  using R = Real<T>;
  const R most = std::numeric_limits<R>::max(), least = smallest_normal<T>;
  const std::vector<T> c(8, T(1)), r(5, T(1));
  for (const R scale : {R(1), most / 64, least * 4}) {
    EXPECT_NEAR(*toeplitz(times(c, scale), times(r, scale)).frobenius_norm({}) / scale,
                std::sqrt(R(40)), 8 * epsilon<T>);
    EXPECT_NEAR(*circulant(times(c, scale)).frobenius_norm({}) / scale, 8, 8 * epsilon<T>);
  }
  EXPECT_FALSE(toeplitz(times(c, most), times(r, most)).frobenius_norm({}));
  EXPECT_EQ(*hankel(times(c, 0), times(r, 0)).frobenius_norm({}), 0);
}

TYPED_TEST(StructuredTest, SayWhereANumberIsNotFinite) {
  using T = TypeParam;
  const auto with = [](Index count, Index bad) {
    std::vector<T> x = numbers<T>(count, 1);
    x[static_cast<std::size_t>(bad)] = std::numeric_limits<Real<T>>::infinity();
    return x;
  };
  const auto expect_at = [](const auto& make, Index row, Index column) {
    try {
      (void)make();
      FAIL();
    } catch (const NonFinite& e) {
      EXPECT_EQ(std::pair(e.row(), e.column()), std::pair(row, column)) << e.what();
    }
  };
  const std::vector<T> c = numbers<T>(6, 1), r = numbers<T>(4, 2);
  expect_at([&] { return toeplitz(with(6, 5), r); }, 5, 0);
  expect_at([&] { return toeplitz(c, with(4, 2)); }, 0, 2);
  expect_at([&] { return hankel(with(6, 0), r); }, 0, 0);
  expect_at([&] { return hankel(c, with(4, 3)); }, 5, 3);
  expect_at([&] { return hankel(with(9, 5), 6); }, 5, 0);
  expect_at([&] { return hankel(with(9, 7), 6); }, 5, 2);
  expect_at([&] { return circulant(with(6, 4)); }, 4, 0);
  // The first numbers of r are not used.
  EXPECT_NO_THROW((void)toeplitz(c, with(4, 0)));
  EXPECT_NO_THROW((void)hankel(c, with(4, 0)));
  EXPECT_THROW((void)hankel(c, 0), InvalidArgument);
  EXPECT_THROW((void)hankel(c, 7), InvalidArgument);
}

TEST(Structured, CostIsThatOfTwoTransforms) {
  const std::vector<double> c(500), r(501);
  const std::vector<std::complex<double>> z(500), w(501);
  const double transforms = 1000 * (5 * std::log2(1000.0) + 8);
  EXPECT_DOUBLE_EQ(toeplitz(c, r).cost().flops, transforms);
  EXPECT_DOUBLE_EQ(toeplitz(z, w).cost().flops, 2 * transforms);
  EXPECT_EQ(toeplitz(c, r).description(), "Toeplitz");
}

TEST(Fft, FastSizesHaveSmallFactors) {
  for (Index least = -1; least < 3000; ++least) {
    Index want = std::max<Index>(least, 2);
    for (;; ++want) {
      Index rest = want;
      for (const Index p : {2, 3, 5}) {
        while (rest % p == 0) {
          rest /= p;
        }
      }
      if (rest == 1) {
        break;
      }
    }
    ASSERT_EQ(fast_fft_size(least), want) << least;
  }
}

TEST(Fft, IsTheSumThatItStandsFor) {
  using C = std::complex<double>;
  for (const Index n : {2, 3, 5, 6, 15, 16, 60, 375}) {
    const std::vector<C> x = numbers<C>(n, 1);
    std::vector<C> y(x.size()), base(x.size());
    Fft<double>(n).transform(x.data(), y.data());
    Fft<double>(n, Processor::base).transform(x.data(), base.data());
    for (Index k = 0; k < n; ++k) {
      C want = 0;
      for (Index j = 0; j < n; ++j) {
        want += at(x, j) * std::polar(1.0, -2 * std::numbers::pi * static_cast<double>(j * k % n) /
                                               static_cast<double>(n));
      }
      const double bound = 100 * epsilon<double> * std::sqrt(n);
      EXPECT_LE(std::abs(at(y, k) - want), bound) << n << ", " << k;
      EXPECT_LE(std::abs(at(base, k) - want), bound) << n << ", " << k;
    }
  }
}

}  // namespace
}  // namespace eckart
