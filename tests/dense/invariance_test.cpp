// What must not matter: the layout of the input, the number of threads, who else computes, a power of two as a factor, which
// factors are asked for. Where the arithmetic is the same the bits are compared, elsewhere the values.

#include <algorithm>
#include <cmath>
#include <numeric>
#include <thread>

#include <gtest/gtest.h>

#include <eckart/error.hpp>

#include "support/arithmetic.hpp"
#include "support/cases.hpp"

namespace eckart {
namespace {

using testing::adjoint;
using testing::equal_bits;
using testing::same_svd;

constexpr const char* lines[] = {"normal 1x1",   "normal 1x7",         "normal 7x1",
                                 "normal 2x2",   "normal 40x40",       "normal 70x33",
                                 "normal 33x70", "normal 130x20",      "normal 20x90",
                                 "ones 30x20",   "svd_geo 60 cond=1e9"};

template <class T>
class SvdInvariance : public ::testing::Test {};
TYPED_TEST_SUITE(SvdInvariance, testing::ScalarTypes);

TYPED_TEST(SvdInvariance, TheConjugateTransposeHasTheSameValues) {
  for (const char* line : lines) {
    const Matrix<TypeParam> a = generate<TypeParam>(line), b = adjoint(a);
    for (const Driver driver : testing::drivers) {
      const auto s = svd(a, {.driver = driver}).s, t = svd(b, {.driver = driver}).s;
      if (a.rows() != a.cols()) {
        EXPECT_EQ(s, t) << line;  // the wide one is decomposed through the tall one
      }
      EXPECT_TRUE(testing::values_agree(s, std::vector<double>(t.begin(), t.end()), a.rows(),
                                        a.cols(), line));
    }
  }
}

TYPED_TEST(SvdInvariance, APowerOfTwoPassesThroughUnrounded) {
  using R = Real<TypeParam>;
  for (const char* line : lines) {
    const Matrix<TypeParam> a = generate<TypeParam>(line);
    for (const Driver driver : testing::drivers) {
      const SvdOptions options{.driver = driver};
      const Svd<TypeParam> reference = svd(a, options);
      for (const int exponent : {-60, -1, 1, 3, 60}) {
        const R factor = std::ldexp(R{1}, exponent);
        Matrix<TypeParam> scaled = a;
        std::for_each(scaled.data(), scaled.data() + a.rows() * a.cols(),
                      [&](TypeParam& x) { x *= factor; });
        // The factor goes onto the reference: where a value becomes denormal, both are rounded once.
        Svd<TypeParam> expected = reference;
        std::for_each(expected.s.begin(), expected.s.end(), [&](R& s) { s *= factor; });
        EXPECT_TRUE(same_svd(svd(scaled, options), expected))
            << line << " times 2^" << exponent << ", " << to_string(driver);
      }
    }
  }
}

TYPED_TEST(SvdInvariance, TheOrderOfRowsAndColumnsDoesNotChangeTheValues) {
  for (const char* line : lines) {
    const Matrix<TypeParam> a = generate<TypeParam>(line);
    Matrix<TypeParam> b(a.rows(), a.cols());
    for (Index j = 0; j < a.cols(); ++j) {
      for (Index i = 0; i < a.rows(); ++i) {
        b((i + a.rows() / 3) % a.rows(), a.cols() - 1 - j) = a(i, j);
      }
    }
    for (const Driver driver : testing::drivers) {
      const auto s = singular_values(a, {.driver = driver}),
                 t = singular_values(b, {.driver = driver});
      EXPECT_TRUE(testing::values_agree(t, std::vector<double>(s.begin(), s.end()), a.rows(),
                                        a.cols(), line));
    }
  }
}

TYPED_TEST(SvdInvariance, TheNumberOfThreadsDoesNotChangeABit) {
  for (const char* line :
       {"normal 7x5", "normal 90x70", "normal 60x110", "svd_clusters 100x100", "normal 400x30"}) {
    const Matrix<TypeParam> a = generate<TypeParam>(line);
    for (const Driver driver : testing::drivers) {
      for (const Vectors choice : testing::vector_choices) {
        SvdOptions options{.u = choice, .v = choice, .threads = 1, .driver = driver};
        const Svd<TypeParam> reference = svd(a, options);
        for (const int threads : {2, 3}) {
          options.threads = threads;
          EXPECT_TRUE(same_svd(svd(a, options), reference))
              << line << ", " << threads << ", " << to_string(driver);
        }
      }
    }
  }
}

// Views of the same entries with other strides. `storage` has room around the window, filled with NaN: nobody may read it.
TYPED_TEST(SvdInvariance, TheLayoutOfTheInputDoesNotChangeABit) {
  const TypeParam outside(std::numeric_limits<Real<TypeParam>>::quiet_NaN());
  for (const char* line : lines) {
    const Matrix<TypeParam> a = generate<TypeParam>(line);
    const Index m = a.rows(), n = a.cols();
    const Svd<TypeParam> reference = svd(a);
    std::vector<TypeParam> storage(static_cast<std::size_t>(6 * (m + 2) * (n + 2)));
    TypeParam* const middle = storage.data() + storage.size() / 2;
    const std::pair<const char*, MatrixView<TypeParam>> views[] = {
        {"row-major", {storage.data(), m, n, Layout::row_major}},
        {"block of a larger matrix", {storage.data() + m + 3, m, n, 1, m + 2}},
        {"every second entry", {storage.data(), m, n, 2, 2 * m + 1}},
        {"columns backwards", {middle, m, n, 1, -m}},
        {"rows backwards", {middle, m, n, -1, m}},
        {"both backwards, row-major", {middle, m, n, -n, -1}},
    };
    for (const auto& [name, view] : views) {
      std::fill(storage.begin(), storage.end(), outside);
      for (Index j = 0; j < n; ++j) {
        for (Index i = 0; i < m; ++i) {
          view(i, j) = a(i, j);
        }
      }
      EXPECT_TRUE(same_svd(svd(MatrixView<const TypeParam>(view)), reference))
          << line << ", " << name;
    }
  }
}

TYPED_TEST(SvdInvariance, AColumnRepeatedByAStrideOfZeroIsAMatrixOfRankOne) {
  const Matrix<TypeParam> column = generate<TypeParam>("normal 9x1");
  const MatrixView<const TypeParam> a(column.data(), 9, 5, 1, 0);
  testing::expect_svd(a, {}, "column stride 0");
}

// Each of the nine choices against both factors in full. Values are well separated, so that vectors are determined.
TYPED_TEST(SvdInvariance, EveryChoiceOfVectorsGivesPartsOfTheFullResult) {
  using R = Real<TypeParam>;
  for (const auto& [m, n] : {std::pair<Index, Index>{1, 1},
                             {12, 12},
                             {20, 9},
                             {9, 20},
                             {40, 6},
                             {6, 40},
                             {8, 1},
                             {1, 8}}) {
    GallerySpec spec{"svd_arith", m, n, {{"cond", 4}}};
    const Matrix<TypeParam> a = generate<TypeParam>(spec);
    const Index k = std::min(m, n);
    for (const Driver driver : testing::drivers) {
      SvdOptions options{.u = Vectors::full, .v = Vectors::full, .driver = driver};
      const Svd<TypeParam> full = testing::expect_svd(a, options, to_string(spec));
      for (const Vectors u : testing::vector_choices) {
        for (const Vectors v : testing::vector_choices) {
          options.u = u;
          options.v = v;
          const Svd<TypeParam> part = testing::expect_svd(a, options, to_string(spec));
          const R tolerance = 1000 * epsilon<TypeParam>;
          for (std::size_t i = 0; i < part.s.size(); ++i) {
            EXPECT_NEAR(part.s[i], full.s[i], tolerance);
          }
          const auto near = [&](MatrixView<const TypeParam> x, MatrixView<const TypeParam> y) {
            R largest = 0;
            for (Index j = 0; j < x.cols(); ++j) {
              for (Index i = 0; i < x.rows(); ++i) {
                largest = std::max(largest, std::abs(x(i, j) - y(i, j)));
              }
            }
            return largest <= tolerance;
          };
          if (u != Vectors::none) {
            EXPECT_TRUE(near(part.U.view().columns(0, k), full.U.view().columns(0, k)))
                << to_string(spec);
          }
          if (v != Vectors::none) {
            EXPECT_TRUE(near(part.Vh.view().top_rows(k), full.Vh.view().top_rows(k)))
                << to_string(spec);
          }
        }
      }
    }
  }
}

TYPED_TEST(SvdInvariance, TheInputIsNotModified) {
  for (const char* line : lines) {
    const Matrix<TypeParam> a = generate<TypeParam>(line), copy = a;
    for (const Driver driver : testing::drivers) {
      for (const Vectors choice : testing::vector_choices) {
        static_cast<void>(svd(a, {.u = choice, .v = choice, .driver = driver}));
        ASSERT_TRUE(equal_bits<TypeParam>(a, copy)) << line;
      }
    }
  }
}

TYPED_TEST(SvdInvariance, ManyThreadsMayCallAtOnce) {
  constexpr int callers = 8;
  std::vector<Matrix<TypeParam>> inputs;
  std::vector<Svd<TypeParam>> expected;
  for (int i = 0; i < callers; ++i) {
    inputs.push_back(generate<TypeParam>(
        GallerySpec{"normal", 60 + i, 90 - 10 * i, {}, static_cast<std::uint64_t>(i)}));
    expected.push_back(svd(inputs.back()));
  }
  std::vector<Svd<TypeParam>> results(callers);
  {
    std::vector<std::jthread> pool;
    for (std::size_t i = 0; i < callers; ++i) {
      pool.emplace_back([&, i] {
        for (int round = 0; round < 3; ++round) {
          results[i] = svd(inputs[i], {.threads = 1 + static_cast<int>(i % 2)});
        }
      });
    }
  }
  for (std::size_t i = 0; i < callers; ++i) {
    EXPECT_TRUE(same_svd(results[i], expected[i])) << i;
  }
}

// A stop at any stage ends in Cancelled, and the next call is not troubled by it.
TYPED_TEST(SvdInvariance, ACancelledCallLeavesNothingBehind) {
  const Matrix<TypeParam> a = generate<TypeParam>("normal 120x80"), copy = a;
  for (const Driver driver : testing::drivers) {
    const Svd<TypeParam> reference = svd(a, {.driver = driver});
    int steps = 0;
    static_cast<void>(svd(a, {.driver = driver, .progress = [&](const Progress&) { ++steps; }}));
    ASSERT_GT(steps, 3) << to_string(driver);
    for (const int last : {1, steps / 2, steps - 1}) {
      std::stop_source source;
      int seen = 0;
      const auto stop_at_last = [&](const Progress&) {
        if (++seen == last) {
          source.request_stop();
        }
      };
      EXPECT_THROW(
          static_cast<void>(
              svd(a, {.driver = driver, .stop = source.get_token(), .progress = stop_at_last})),
          Cancelled)
          << "step " << last << " of " << steps << ", " << to_string(driver);
    }
    EXPECT_TRUE(equal_bits<TypeParam>(a, copy));
    EXPECT_TRUE(same_svd(svd(a, {.driver = driver}), reference));
  }
}

// The expert's form, into memory of any layout, with a workspace of exactly the planned size.
TYPED_TEST(SvdInvariance, TheWorkspaceFormGivesTheSameBitsInAnyLayout) {
  for (const char* line : lines) {
    const Matrix<TypeParam> a = generate<TypeParam>(line);
    const Index m = a.rows(), n = a.cols(), k = std::min(m, n);
    for (const Driver driver : testing::drivers) {
      for (const Vectors u_choice : testing::vector_choices) {
        for (const Vectors v_choice : testing::vector_choices) {
          const SvdOptions options{.u = u_choice, .v = v_choice, .driver = driver};
          const Svd<TypeParam> reference = svd(a, options);
          for (const Layout layout : {Layout::column_major, Layout::row_major}) {
            const Index u_cols = u_choice == Vectors::none ? 0 : u_choice == Vectors::thin ? k : m;
            const Index vh_rows = v_choice == Vectors::none ? 0 : v_choice == Vectors::thin ? k : n;
            Svd<TypeParam> result;
            result.s.resize(static_cast<std::size_t>(k));
            result.U = Matrix<TypeParam>(u_choice == Vectors::none ? 0 : m, u_cols, layout);
            result.Vh = Matrix<TypeParam>(vh_rows, v_choice == Vectors::none ? 0 : n, layout);
            const MemoryPlan plan = svd_memory<TypeParam>(m, n, options);
            Workspace work(plan);
            static_cast<void>(svd_into<TypeParam>(a, result.s, result.U, result.Vh, work, options));
            EXPECT_TRUE(same_svd(result, reference)) << line << ", " << to_string(driver);
            EXPECT_LE(work.peak(), plan.bytes()) << line;
          }
        }
      }
    }
  }
}

TEST(SvdInvariance, AWorkspaceThatIsTooSmallIsAnError) {
  const Matrix<double> a = generate<double>("normal 30x20");
  Svd<double> result;
  result.s.resize(20);
  result.U = Matrix<double>(30, 20);
  result.Vh = Matrix<double>(20, 20);
  Workspace work(svd_memory<double>(30, 20).bytes() / 2);
  EXPECT_THROW(static_cast<void>(svd_into<double>(a, result.s, result.U, result.Vh, work)),
               OutOfMemory);
}

}  // namespace
}  // namespace eckart
