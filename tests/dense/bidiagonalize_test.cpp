#include "dense/reduction/bidiagonalize.hpp"

#include <cmath>
#include <cstring>
#include <string>
#include <vector>

#include <eckart/error.hpp>
#include <eckart/gallery.hpp>
#include <eckart/random.hpp>

#include "dense/reduction/bidiagonal_vectors.hpp"
#include "support/cases.hpp"

namespace eckart::dense {
namespace {

using blas::Op;

Execution with_threads(int threads) {
  return {.threads = threads, .stop = {}, .progress = {}};
}

template <class T>
class Bidiagonalize : public ::testing::Test {};
TYPED_TEST_SUITE(Bidiagonalize, testing::ScalarTypes);

// A reduction and the memory that it stands in.
template <Scalar T>
struct Reduced {
  explicit Reduced(const Matrix<T>& a)
      : factors(a),
        d(static_cast<std::size_t>(a.cols())),
        e(static_cast<std::size_t>(a.cols() - 1)),
        tau_q(static_cast<std::size_t>(a.cols())),
        tau_p(static_cast<std::size_t>(a.cols())) {}
  Bidiagonal<T> view() { return {factors.view(), d, e, tau_q, tau_p}; }

  Matrix<T> factors;
  std::vector<Real<T>> d, e;
  std::vector<T> tau_q, tau_p;
};

template <Scalar T>
Reduced<T> reduced(const Matrix<T>& a, const BidiagonalizeOptions& options, int threads = 1) {
  Reduced<T> r(a);
  Workspace work(bidiagonalize_memory<T>(a.rows(), a.cols(), options));
  bidiagonalize<T>(with_threads(threads), r.view(), options, work);
  return r;
}

// I (n x n on top of zeros) transformed by Q, or by P.
template <Scalar T>
Matrix<T> explicit_factor(Reduced<T>& r, bool left, const ApplyOptions& options = {},
                          int threads = 1) {
  const Index m = r.factors.rows(), n = r.factors.cols();
  Matrix<T> x = Matrix<T>::identity(left ? m : n, n);
  Workspace work(apply_bidiagonal_memory<T>(m, n, n, threads, options));
  if (left) {
    apply_left<T>(with_threads(threads), Op::none, r.view(), x.view(), work, options);
  } else {
    apply_right<T>(with_threads(threads), Op::none, r.view(), x.view(), work, options);
  }
  return x;
}

// Q and P have orthonormal columns and A = Q B P^H, in the units of the checker.
template <Scalar T>
void expect_reduction(const Matrix<T>& a, Reduced<T>& r, const std::string& what) {
  using W = testing::detail::Wide<T>;
  using R = testing::detail::WideReal<T>;
  const Index m = a.rows(), n = a.cols();
  const auto wide_q = testing::detail::widened<T>(explicit_factor(r, true).view(), 0);
  const auto wide_p = testing::detail::widened<T>(explicit_factor(r, false).view(), 0);
  auto rest = testing::detail::widened<T>(a.view(), 0);
  const R eps = static_cast<R>(epsilon<T>), unit = static_cast<R>(m) * eps;
  const R norm = testing::detail::frobenius(rest);
  testing::detail::WideMatrix<W> product(n, n);  // B P^H
  for (Index j = 0; j < n; ++j) {
    for (Index i = 0; i < n; ++i) {
      const auto at = static_cast<std::size_t>(i);
      product.col(j)[i] = static_cast<R>(r.d[at]) * testing::detail::conjugated(wide_p.col(i)[j]);
      if (i + 1 < n) {
        product.col(j)[i] +=
            static_cast<R>(r.e[at]) * testing::detail::conjugated(wide_p.col(i + 1)[j]);
      }
      EXPECT_EQ(std::imag(r.factors(i, i)), 0) << what;
    }
  }
  testing::detail::subtract_product(rest, wide_q, product);
  const std::vector<R> ones;
  EXPECT_LE(testing::detail::frobenius(rest), testing::check_threshold * unit * norm) << what;
  EXPECT_LE(testing::detail::distance_from_diagonal(wide_q, ones), testing::check_threshold * unit)
      << what;
  EXPECT_LE(testing::detail::distance_from_diagonal(wide_p, ones),
            testing::check_threshold * static_cast<R>(n) * eps)
      << what;
}

std::vector<Processor> processors() {
  std::vector<Processor> all;
  for (const Processor p : {Processor::base, Processor::fma, Processor::avx512}) {
    if (p <= this_processor()) {
      all.push_back(p);
    }
  }
  return all;
}

// Every branch on small matrices: pieces of a few columns and rows, panels of any width, an end in cache or none.
BidiagonalizeOptions small_pieces(Index panel, std::uint64_t cache, Processor processor) {
  return {.panel = panel, .cache = cache, .piece = 1, .rows = 8, .processor = processor};
}

TYPED_TEST(Bidiagonalize, ReducesEveryShapeInCacheAndInPanels) {
  using T = TypeParam;
  std::vector<std::pair<Index, Index>> shapes = {{9, 1}, {3, 2}, {40, 17}, {67, 33}};
  for (Index n = 1; n <= 40; ++n) {
    shapes.emplace_back(n, n);
  }
  for (const auto& [m, n] : shapes) {
    Matrix<T> a(m, n);
    fill_normal(a.view(), Random(static_cast<std::uint64_t>(m + 100 * n)));
    for (const Processor processor : processors()) {
      const std::string what = std::to_string(m) + " x " + std::to_string(n) + ", processor " +
                               std::to_string(static_cast<int>(processor));
      Reduced<T> whole = reduced(a, {.processor = processor});
      expect_reduction(a, whole, what + ", in cache");
      for (const Index panel : {Index{1}, Index{3}, n}) {
        Reduced<T> r = reduced(a, small_pieces(panel, 0, processor));
        expect_reduction(a, r, what + ", panel " + std::to_string(panel));
      }
      Reduced<T> both = reduced(a, small_pieces(4, 100 * sizeof(T), processor));
      expect_reduction(a, both, what + ", panels and cache");
    }
  }
}

TYPED_TEST(Bidiagonalize, ReducesLargerMatrices) {
  using T = TypeParam;
  for (const auto& [m, n] : {std::pair<Index, Index>{64, 64}, {100, 100}, {200, 200}, {300, 150}}) {
    Matrix<T> a(m, n);
    fill_normal(a.view(), Random(7));
    for (const std::uint64_t cache :
         {std::uint64_t{0}, std::uint64_t{20000}, BidiagonalizeOptions().cache}) {
      Reduced<T> r = reduced(a, {.cache = cache, .piece = 1 << 14, .rows = 64});
      expect_reduction(a, r,
                       std::to_string(m) + " x " + std::to_string(n) + ", " +
                           std::to_string(cache) + " bytes in cache");
    }
  }
}

TYPED_TEST(Bidiagonalize, ReducesHardMatrices) {
  using T = TypeParam;
  using R = Real<T>;
  const Index m = 23, n = 17;
  std::vector<std::pair<std::string, Matrix<T>>> cases;
  const auto add = [&](const std::string& name, auto entry) {
    Matrix<T> a(m, n);
    fill_normal(a.view(), Random(11));
    for (Index j = 0; j < n; ++j) {
      for (Index i = 0; i < m; ++i) {
        a(i, j) = entry(i, j, a(i, j));
      }
    }
    cases.emplace_back(name, std::move(a));
  };
  const auto power = [](Index exponent) {
    return std::ldexp(R{1}, static_cast<int>(std::max<Index>(
                                exponent, std::numeric_limits<R>::min_exponent + 20)));
  };
  add("zero", [](Index, Index, T) { return T{}; });
  add("zero columns", [](Index, Index j, T x) { return j % 3 == 0 ? T{} : x; });
  add("zero rows", [](Index i, Index, T x) { return i % 4 == 0 ? T{} : x; });
  add("one entry", [](Index i, Index j, T x) { return i == 9 && j == 12 ? x : T{}; });
  add("rank one", [](Index i, Index j, T) { return T(R(i + 1) * R(2 * j - 7)); });
  add("constant", [](Index, Index, T) { return T{1}; });
  add("duplicate columns", [&](Index i, Index j, T) { return T(R((i * 7 + j / 2 * 5) % 11)); });
  add("identity", [](Index i, Index j, T) { return T(i == j ? R{1} : R{}); });
  add("bidiagonal", [](Index i, Index j, T x) { return i == j || i + 1 == j ? x : T{}; });
  add("graded rows", [&](Index i, Index, T x) { return x * power(-40 * i); });
  add("graded columns", [&](Index, Index j, T x) { return x * power(-40 * j); });
  add("graded upwards",
      [&](Index i, Index j, T x) { return x * power(-30 * (m - i) - 30 * (n - j)); });
  add("tiny but for a corner",
      [&](Index i, Index j, T x) { return i + j == 0 ? T{1} : x * power(-2000); });
  add("rows that underflow when squared", [&](Index i, Index j, T x) {
    return i == j ? x : x * power(std::numeric_limits<R>::min_exponent / 2 - 20);
  });
  for (const auto& [name, a] : cases) {
    for (const Processor processor : processors()) {
      Reduced<T> whole = reduced(a, {.processor = processor});
      expect_reduction(a, whole, name + ", in cache");
      for (const Index panel : {Index{1}, Index{5}, n}) {
        Reduced<T> r = reduced(a, small_pieces(panel, 0, processor));
        expect_reduction(a, r, name + ", panel " + std::to_string(panel));
      }
    }
  }
}

// A row so small that its products with A underflow: the second pass of step 4. Its right reflector must still be that of the row.
TYPED_TEST(Bidiagonalize, KeepsRowsWhoseProductsUnderflow) {
  using T = TypeParam;
  using R = Real<T>;
  const R tiny = std::numeric_limits<R>::min() * 64;
  for (const std::uint64_t cache : {std::uint64_t{0}, BidiagonalizeOptions().cache}) {
    Matrix<T> a(6, 6);
    a(0, 0) = T{1};
    a(0, 1) = T(3 * tiny);
    a(0, 2) = T(4 * tiny);
    for (Index i = 1; i < 6; ++i) {
      for (Index j = 1; j < 6; ++j) {
        a(i, j) = T(R(1) / R(i + 2 * j));
      }
    }
    Reduced<T> r = reduced(a, {.panel = 3, .cache = cache});
    expect_reduction(a, r, "tiny row");
    EXPECT_NEAR(std::abs(r.e[0]) / (5 * tiny), 1, 8 * double{epsilon<T>});
    // x = A w was formed from w = (2, 1, 0, 0, 0): column 1 of A P is (3 a_1 + 4 a_2) / 5.
    Matrix<T> p = explicit_factor(r, false);
    EXPECT_NEAR(std::abs(p(1, 1)), 0.6, 8 * double{epsilon<T>});
    EXPECT_NEAR(std::abs(p(2, 1)), 0.8, 8 * double{epsilon<T>});
  }
}

TYPED_TEST(Bidiagonalize, AgreesWithLapackOnValues) {
  using T = TypeParam;
  const Index m = 60, n = 45;
  Matrix<T> a(m, n);
  fill_normal(a.view(), Random(3));
  Reduced<T> reference(a);
  Workspace work(bidiagonalize_lapack_memory<T>(m, n, 8));
  bidiagonalize_lapack<T>(with_threads(1), reference.view(), 8, work);
  expect_reduction(a, reference, "LAPACK");
  Reduced<T> r = reduced(a, {.panel = 8, .cache = 0});
  // The first entries have lost nothing to the divergence of the two recurrences.
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_NEAR(r.d[i], reference.d[i],
                1000 * double{epsilon<T>} * std::abs(double{reference.d[0]}));
    EXPECT_NEAR(r.e[i], reference.e[i],
                1000 * double{epsilon<T>} * std::abs(double{reference.d[0]}));
  }
}

template <class T>
bool same_bits(const std::vector<T>& x, const std::vector<T>& y) {
  return x.size() == y.size() && std::memcmp(x.data(), y.data(), x.size() * sizeof(T)) == 0;
}
template <class T>
bool same_bits(const Matrix<T>& x, const Matrix<T>& y) {
  return std::memcmp(x.data(), y.data(),
                     static_cast<std::size_t>(x.rows() * x.cols()) * sizeof(T)) == 0;
}

TYPED_TEST(Bidiagonalize, IsTheSameForAnyNumberOfThreads) {
  using T = TypeParam;
  Matrix<T> a(150, 130);
  fill_normal(a.view(), Random(5));
  const BidiagonalizeOptions options{.panel = 8, .cache = 5000, .piece = 1 << 12, .rows = 32};
  Reduced<T> one = reduced(a, options, 1);
  for (const ApplyOptions& apply : {ApplyOptions{}, ApplyOptions{.cache = 0, .block = 12}}) {
    const Matrix<T> q = explicit_factor(one, true, apply), p = explicit_factor(one, false, apply);
    for (const int threads : {2, 3}) {
      Reduced<T> many = reduced(a, options, threads);
      EXPECT_TRUE(same_bits(one.factors, many.factors));
      EXPECT_TRUE(same_bits(one.d, many.d) && same_bits(one.e, many.e));
      EXPECT_TRUE(same_bits(one.tau_q, many.tau_q) && same_bits(one.tau_p, many.tau_p));
      EXPECT_TRUE(same_bits(q, explicit_factor(many, true, apply, threads)));
      EXPECT_TRUE(same_bits(p, explicit_factor(many, false, apply, threads)));
    }
  }
}

TYPED_TEST(Bidiagonalize, TakesExactlyTheMemoryPlanned) {
  using T = TypeParam;
  for (const auto& [m, n] : {std::pair<Index, Index>{1, 1}, {20, 7}, {50, 50}}) {
    for (const std::uint64_t cache :
         {std::uint64_t{0}, std::uint64_t{2000}, std::uint64_t{1} << 20}) {
      Matrix<T> a(m, n);
      fill_normal(a.view(), Random(2));
      Reduced<T> r(a);
      const BidiagonalizeOptions options{.panel = 4, .cache = cache};
      Workspace work(bidiagonalize_memory<T>(m, n, options));
      bidiagonalize<T>(with_threads(1), r.view(), options, work);
      EXPECT_EQ(work.peak(), work.size()) << m << " x " << n << ", " << cache;
      EXPECT_EQ(work.used(), 0U);
    }
    for (const std::uint64_t cache : {std::uint64_t{0}, std::uint64_t{1} << 20}) {
      Matrix<T> a(m, n);
      fill_normal(a.view(), Random(2));
      Reduced<T> r = reduced(a, {});
      const ApplyOptions options{.cache = cache, .short_chunk = 5, .block = 6};
      Workspace work(apply_bidiagonal_memory<T>(m, n, n, 1, options));
      Matrix<T> c = Matrix<T>::identity(m, n);
      apply_left<T>(with_threads(1), Op::none, r.view(), c.view(), work, options);
      EXPECT_EQ(work.peak(), work.size()) << m << " x " << n << ", " << cache;
    }
  }
}

TYPED_TEST(Bidiagonalize, StopsWhenAsked) {
  using T = TypeParam;
  Matrix<T> a(30, 30);
  fill_normal(a.view(), Random(2));
  std::stop_source source;
  int steps = 0;
  const Execution execution{
      .threads = 2, .stop = source.get_token(), .progress = [&](const Progress&) {
        if (++steps == 3) {
          source.request_stop();
        }
      }};
  const BidiagonalizeOptions options{.panel = 4, .cache = 0};
  Reduced<T> r(a);
  Workspace work(bidiagonalize_memory<T>(30, 30, options));
  EXPECT_THROW(bidiagonalize<T>(execution, r.view(), options, work), Cancelled);
  EXPECT_EQ(steps, 3);
}

TYPED_TEST(Bidiagonalize, PassesNanOn) {
  using T = TypeParam;
  for (const std::uint64_t cache : {std::uint64_t{0}, std::uint64_t{1} << 20}) {
    Matrix<T> a(20, 15);
    fill_normal(a.view(), Random(2));
    a(7, 4) = T(std::numeric_limits<Real<T>>::quiet_NaN());
    const Reduced<T> r = reduced(a, {.panel = 4, .cache = cache});
    bool has_nan = false;
    for (const Real<T> x : r.d) {
      has_nan = has_nan || std::isnan(x);
    }
    EXPECT_TRUE(has_nan);
  }
}

// C <- op(Q) C and op(P) C by both methods against the product with the explicit factor, and there and back again.
TYPED_TEST(Bidiagonalize, AppliesBothFactorsByBothMethods) {
  using T = TypeParam;
  for (const auto& [m, n, c] : {std::tuple<Index, Index, Index>{1, 1, 1},
                                {5, 1, 3},
                                {2, 2, 2},
                                {7, 7, 9},
                                {40, 33, 21},
                                {90, 60, 60}}) {
    Matrix<T> a(m, n), left(m, c), right(n, c);
    fill_normal(a.view(), Random(2));
    fill_normal(left.view(), Random(3));
    fill_normal(right.view(), Random(4));
    Reduced<T> r = reduced(a, {.panel = 8, .cache = 4000});
    for (const Processor processor : processors()) {
      const ApplyOptions short_vectors{.cache = 1 << 20, .short_chunk = 8, .processor = processor};
      const ApplyOptions blocks{.cache = 0, .block = 12, .processor = processor};
      const std::string what = std::to_string(m) + " x " + std::to_string(n);
      Matrix<T> images[2][2];
      for (const bool on_left : {true, false}) {
        const Matrix<T>& c0 = on_left ? left : right;
        const double allowed = 10 * static_cast<double>(c0.rows()) * double{epsilon<T>} *
                               std::sqrt(static_cast<double>(c0.rows()));
        for (const bool in_cache : {true, false}) {
          const ApplyOptions& options = in_cache ? short_vectors : blocks;
          Workspace work(apply_bidiagonal_memory<T>(m, n, c, 2, options));
          Matrix<T> x(c0);
          const auto apply = [&](Op op) {
            if (on_left) {
              apply_left<T>(with_threads(2), op, r.view(), x.view(), work, options);
            } else {
              apply_right<T>(with_threads(2), op, r.view(), x.view(), work, options);
            }
          };
          apply(Op::none);
          images[on_left][in_cache] = x;
          apply(Op::adjoint);
          for (Index j = 0; j < c; ++j) {
            for (Index i = 0; i < c0.rows(); ++i) {
              ASSERT_LE(std::abs(x(i, j) - c0(i, j)), allowed) << what;
              ASSERT_LE(std::abs(images[on_left][in_cache](i, j) - images[on_left][true](i, j)),
                        allowed)
                  << what;
            }
          }
        }
      }
    }
  }
}

}  // namespace
}  // namespace eckart::dense
