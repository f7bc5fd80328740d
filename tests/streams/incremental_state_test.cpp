// How an incremental decomposition is saved, resumed, cut into calls, interrupted and misused.

#include <limits>
#include <stop_token>

#include "streams/incremental_tools.hpp"
#include "streams/rotated_basis.hpp"

namespace eckart {
namespace {

using namespace eckart::testing;

template <class T>
class IncrementalState : public ::testing::Test {};
TYPED_TEST_SUITE(IncrementalState, ScalarTypes);

TYPED_TEST(IncrementalState, PiecesOfCallsDoNotMatter) {
  using T = TypeParam;
  const Matrix<T> a = generate<T>("normal 30x50 seed=1");
  const Matrix<T> x = generate<T>("normal 30x9 seed=2"), y = generate<T>("normal 50x9 seed=3");
  const IncrementalOptions options{.rank = 5, .block = 4, .threads = 1};
  const auto fed = [&](Index piece) {
    IncrementalSvd<T> s(30, 0, options);
    for (Index j = 0; j < 50; j += piece) {
      s.append_columns(a.view().columns(j, std::min(piece, 50 - j)));
    }
    for (Index j = 0; j < 9; j += piece) {
      const Index count = std::min(piece, 9 - j);
      s.change(x.view().columns(j, count), y.view().columns(j, count));
    }
    return s.state();
  };
  const StreamState whole = fed(50);
  for (const Index piece : {1, 3, 4, 7}) {
    EXPECT_TRUE(same_state(whole, fed(piece))) << piece;
  }
}

TYPED_TEST(IncrementalState, ThreadsAndQuestionsDoNotMatter) {
  using T = TypeParam;
  const auto run = [](int threads, bool ask) {
    IncrementalSvd<T> s(700, 0, {.rank = 20, .block = 60, .threads = threads});
    for (int i = 0; i < 4; ++i) {
      s.append_columns(generate<T>("normal 700x90 seed=" + std::to_string(i)));
      if (ask) {
        EXPECT_EQ(s.result(3).s.size(), 3U);
      }
    }
    s.append_rows(generate<T>("normal 150x360 seed=9"));
    return s.state();
  };
  const StreamState one = run(1, false);
  EXPECT_TRUE(same_state(one, run(2, false)));
  EXPECT_TRUE(same_state(one, run(1, true)));
}

TYPED_TEST(IncrementalState, AResumedOneGivesTheSameBits) {
  using T = TypeParam;
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    const IncrementalOptions options{.rank = 5, .block = 3, .threads = 1};
    Companion<T> whole(6, 0, options, seed), stopped(6, 0, options, seed);
    for (int step = 0; step < 30; ++step) {
      whole.step(20);
      stopped.step(20);
      stopped.svd = IncrementalSvd<T>(stopped.svd.state());
      ASSERT_TRUE(same_state(whole.svd.state(), stopped.svd.state())) << seed << ", " << step;
    }
    const auto x = whole.svd.result(), y = stopped.svd.result();
    EXPECT_EQ(x.s, y.s);
    EXPECT_TRUE(equal_bits<T>(x.U, y.U));
    EXPECT_TRUE(equal_bits<T>(x.Vh, y.Vh));
    EXPECT_EQ(x.left_out_at_most, y.left_out_at_most);
  }
}

/// diag(entries), m x m.
template <Scalar T>
Matrix<T> diagonal(const std::vector<double>& entries) {
  const auto m = static_cast<Index>(entries.size());
  Matrix<T> a(m, m);
  for (Index i = 0; i < m; ++i) {
    a(i, i) = static_cast<T>(static_cast<Real<T>>(entries[static_cast<std::size_t>(i)]));
  }
  return a;
}

/// The bounds hold for diag(2^exponents), which may be below every range; and the state resumes to the same bits.
template <Scalar T>
void expect_sound(const IncrementalSvd<T>& svd, const std::vector<int>& exponents) {
  const UpdatedSvd<T> d = svd.result();
  double rest = 0;
  for (std::size_t i = 0; i < exponents.size(); ++i) {
    const double truth = std::ldexp(1.0, exponents[i]);  // 0 where nothing but its sign is known
    const double s = i < d.s.size() ? double{d.s[i]} : 0.0;
    rest = std::hypot(rest, truth - s);
    EXPECT_NEAR(s, truth,
                1e-6 * truth + 1e-15 * std::ldexp(1.0, exponents[0]) +
                    double{std::numeric_limits<Real<T>>::denorm_min()});
    EXPECT_GT(i < d.s.size() ? d.at_most[i] : d.spectral_at_most, 0) << i;
    if (i < d.s.size()) {
      EXPECT_LE(d.at_least[i], truth) << i;
      EXPECT_GE(d.at_most[i], truth) << i;
    }
  }
  EXPECT_GE(d.left_out_at_most, rest);
  EXPECT_GE(d.spectral_at_most * std::sqrt(static_cast<double>(exponents.size())), rest);
  EXPECT_GT(d.left_out_at_most, 0);
  EXPECT_LE(d.left_out_at_most, 1e-5 * std::ldexp(1.0, exponents[0]) +
                                    4 * double{std::numeric_limits<Real<T>>::denorm_min()});
  const IncrementalSvd<T> resumed(svd.state());
  EXPECT_TRUE(same_state(svd.state(), resumed.state()));
  const UpdatedSvd<T> again = resumed.result();
  EXPECT_EQ(d.s, again.s);
  EXPECT_EQ(d.left_out_at_most, again.left_out_at_most);
  EXPECT_EQ(d.at_least, again.at_least);
  EXPECT_EQ(d.at_most, again.at_most);
  EXPECT_TRUE(equal_bits<T>(d.U, again.U));
  EXPECT_TRUE(equal_bits<T>(d.Vh, again.Vh));
}

TYPED_TEST(IncrementalState, ForgettingAlmostAllLosesNoBound) {
  using T = TypeParam;
  // Factors near 1e-200, powers of 2 so that the truth is known; 1e300 where the type has it.
  const bool is_double = std::same_as<Real<T>, double>;
  for (const int first :
       is_double ? std::vector<int>{0, 996, -500} : std::vector<int>{0, 100, -99}) {
    for (const bool flushed : {false, true}) {
      const std::vector<int> exponents{first, first - 20, is_double ? first - 498 : -140};
      std::vector<double> entries;
      for (const int e : exponents) {
        entries.push_back(std::ldexp(1.0, e));
      }
      IncrementalSvd<T> s(3, 0, {.threads = 1});
      s.append_columns(diagonal<T>(entries));
      if (flushed) {
        s.flush();
      }
      for (int times = 1; times <= 4; ++times) {
        SCOPED_TRACE(std::to_string(first) + (flushed ? " flushed " : " gathered ") +
                     std::to_string(times));
        s.forget(std::ldexp(1.0, -664));
        std::vector<int> now;
        for (const int e : exponents) {
          now.push_back(e - 664 * times);
        }
        expect_sound(s, now);
      }
    }
  }
}

TYPED_TEST(IncrementalState, WhatIsBelowTheRangeOfALargerChangeIsCounted) {
  using T = TypeParam;
  const int large = std::same_as<Real<T>, double> ? 996 : 120;
  for (const bool flushed : {false, true}) {
    IncrementalSvd<T> s(2, 0, {.threads = 1});
    s.append_columns(diagonal<T>({1, 0}).view().columns(0, 1));
    s.flush();
    s.forget(std::ldexp(1.0, -1000));
    s.append_columns(diagonal<T>({0, std::ldexp(1.0, large)}).view().columns(1, 1));
    if (flushed) {
      s.flush();
    }
    s.forget(0.5);
    expect_sound(s, {large - 1, -1001});
    // Of what was left out in the units of the large one the bound is as good as they are.
    EXPECT_GE(s.result(1).left_out_at_most, std::ldexp(1.0, -1001));
  }
}

TEST(IncrementalState, ASmallColumnReplacedAfterALargeOneWasRemoved) {
  IncrementalSvd<double> s(2, 0, {.threads = 1});
  s.append_columns(diagonal<double>({std::ldexp(1.0, 900), 0}));
  s.remove_columns(std::vector<Index>{0});
  s.replace_column(0, diagonal<double>({std::ldexp(1.0, -900), 0}).view().columns(0, 1));
  const UpdatedSvd<double> d = s.result();
  EXPECT_GE((d.s.empty() ? 0 : d.s[0]) + d.spectral_at_most, std::ldexp(1.0, -900));
  EXPECT_NO_THROW(static_cast<void>(IncrementalSvd<double>(s.state()).result()));
}

TEST(IncrementalState, OfOneSideAlone) {
  IncrementalSvd<double> s(0, 8, {.rank = 3, .block = 4, .u = Vectors::none, .threads = 1});
  s.append_rows(generate<double>("normal 30x8 seed=1"));
  IncrementalSvd<double> t(s.state());
  s.append_rows(generate<double>("normal 3x8 seed=2"));
  t.append_rows(generate<double>("normal 3x8 seed=2"));
  EXPECT_TRUE(same_state(s.state(), t.state()));
  EXPECT_EQ(t.rows(), 33);
}

TYPED_TEST(IncrementalState, NanIsNamedAndNothingIsTaken) {
  using T = TypeParam;
  IncrementalSvd<T> s(4, 0, {.rank = 2, .block = 3, .threads = 1});
  s.append_columns(generate<T>("normal 4x10 seed=1"));
  const StreamState before = s.state();
  const T nan = std::numeric_limits<Real<T>>::quiet_NaN();
  const auto expect_named = [&](Index row, Index column, const auto& call) {
    try {
      call();
      ADD_FAILURE() << row << ", " << column;
    } catch (const NonFinite& error) {
      EXPECT_EQ(error.row(), row);
      EXPECT_EQ(error.column(), column);
    }
    EXPECT_TRUE(same_state(before, s.state()));
  };
  Matrix<T> columns = generate<T>("normal 4x7 seed=2"), rows = generate<T>("normal 7x10 seed=2"),
            x = generate<T>("normal 4x2 seed=3"), y = generate<T>("normal 10x2 seed=3");
  columns(2, 5) = nan;
  rows(3, 1) = nan;
  y(6, 1) = std::numeric_limits<Real<T>>::infinity();
  expect_named(2, 15, [&] { s.append_columns(columns); });
  expect_named(7, 1, [&] { s.append_rows(rows); });
  expect_named(6, 1, [&] { s.change(x, y); });
  expect_named(2, 8, [&] { s.replace_column(8, columns.view().columns(5, 1)); });
  expect_named(0, 1, [&] { s.replace_row(0, rows.view().block(3, 0, 1, 10)); });
}

TEST(IncrementalState, ACancelledCallChangesNothing) {
  std::stop_source source;
  IncrementalSvd<double> s(30, 0,
                           {.rank = 5, .block = 10, .threads = 1, .stop = source.get_token()});
  s.append_columns(generate<double>("normal 30x37 seed=1"));
  const StreamState before = s.state();
  source.request_stop();
  EXPECT_THROW(s.append_columns(generate<double>("normal 30x50 seed=2")), Cancelled);
  EXPECT_TRUE(same_state(before, s.state()));
  EXPECT_THROW(s.append_rows(generate<double>("normal 2x37 seed=2")), Cancelled);
  EXPECT_THROW(s.remove_columns(std::vector<Index>{1}), Cancelled);
  EXPECT_THROW(s.replace_column(1, generate<double>("normal 30x1 seed=2")), Cancelled);
  EXPECT_THROW(s.flush(), Cancelled);
  EXPECT_THROW(static_cast<void>(s.result()), Cancelled);
  EXPECT_TRUE(same_state(before, s.state()));
  EXPECT_NO_THROW(static_cast<void>(IncrementalSvd<double>(before).result()));
}

TEST(IncrementalState, RequestsThatMakeNoSense) {
  using S = IncrementalSvd<double>;
  EXPECT_THROW(S(-1, 2), InvalidArgument);
  EXPECT_THROW(S(1, 2, {.rank = -1}), InvalidArgument);
  EXPECT_THROW(S(1, 2, {.tolerance = 1}), InvalidArgument);
  EXPECT_THROW(S(1, 2, {.block = -3}), InvalidArgument);
  EXPECT_THROW(S(1, 2, {.u = Vectors::none, .v = Vectors::none}), InvalidArgument);
  EXPECT_THROW(S(1, 2, {.u = Vectors::full}), InvalidArgument);
  S s(3, 4);
  const Matrix<double> wrong(2, 2);
  EXPECT_THROW(s.append_columns(wrong), InvalidArgument);
  EXPECT_THROW(s.append_rows(wrong), InvalidArgument);
  EXPECT_THROW(s.change(Matrix<double>(3, 2), Matrix<double>(4, 1)), InvalidArgument);
  EXPECT_THROW(s.replace_column(4, Matrix<double>(3, 1)), InvalidArgument);
  EXPECT_THROW(s.replace_row(-1, Matrix<double>(1, 4)), InvalidArgument);
  EXPECT_THROW(s.replace_row(1, wrong), InvalidArgument);
  EXPECT_THROW(s.remove_columns(std::vector<Index>{4}), InvalidArgument);
  EXPECT_THROW(s.remove_rows(std::vector<Index>{1, 1}), InvalidArgument);
  EXPECT_THROW(s.forget(0), InvalidArgument);
  EXPECT_THROW(s.forget(1.5), InvalidArgument);
  EXPECT_THROW(s.forget(std::numeric_limits<double>::quiet_NaN()), InvalidArgument);
  EXPECT_THROW(static_cast<void>(s.result(-1)), InvalidArgument);
}

TEST(IncrementalState, StatesThatMakeNoSense) {
  IncrementalSvd<double> s(9, 0, {.rank = 3, .block = 4, .threads = 1});
  s.append_columns(generate<double>("normal 9x30 seed=1"));
  const StreamState good = s.state();
  EXPECT_NO_THROW(IncrementalSvd<double>{good});
  EXPECT_THROW(IncrementalSvd<float>{good}, InvalidArgument);
  for (const auto& [name, array] : good.arrays()) {
    EXPECT_THROW(IncrementalSvd<double>{changed(good, name)}, InvalidArgument) << name;
    const StreamState::Array shapeless = Matrix<double>(7, 5);
    EXPECT_THROW((IncrementalSvd<double>{changed(good, name, &shapeless)}), InvalidArgument)
        << name;
    Matrix<double> bad = std::get<Matrix<double>>(array);
    if (bad.empty()) {
      continue;
    }
    bad(0, 0) = std::numeric_limits<double>::quiet_NaN();
    const StreamState::Array poisoned = bad;
    EXPECT_THROW((IncrementalSvd<double>{changed(good, name, &poisoned)}), InvalidArgument) << name;
    if (name != "exponent" && name != "waiting_x") {
      bad(0, 0) = -3;
      const StreamState::Array negative = bad;
      EXPECT_THROW((IncrementalSvd<double>{changed(good, name, &negative)}), InvalidArgument)
          << name;
    }
  }
}

TEST(IncrementalState, NothingIsAllocatedForWhatAStateClaims) {
  IncrementalSvd<double> s(9, 0, {.block = 64, .threads = 1});
  s.append_columns(generate<double>("normal 9x5 seed=1"));
  const auto claims = [&](const char* name, double number) {
    Matrix<double> claimed(1, 1);
    claimed(0, 0) = number;
    const StreamState::Array array = claimed;
    return changed(s.state(), name, &array);
  };
  IncrementalSvd<double> endless(claims("block", 0x1p40));
  EXPECT_EQ(endless.block(), Index{1} << 40);
  for (IncrementalSvd<double>* one : {&s, &endless}) {
    one->append_columns(generate<double>("normal 9x13 seed=2"));
    one->append_columns(generate<double>("normal 9x2 seed=3"));
  }
  EXPECT_EQ(s.gathered(), 20);
  EXPECT_EQ(s.result().s, endless.result().s);
  EXPECT_TRUE(equal_bits<double>(s.result().Vh, endless.result().Vh));
  // Rows of a matrix without vectors yet, beside changes that show how many there are.
  EXPECT_THROW(IncrementalSvd<double>{claims("rows", 0x1p40)}, InvalidArgument);
  EXPECT_THROW(IncrementalSvd<double>{claims("waiting", 63)}, InvalidArgument);
}

TEST(IncrementalState, MemoryIsPlanned) {
  const MemoryPlan both = IncrementalSvd<double>::memory(1000, 100'000, {.rank = 20});
  const MemoryPlan right =
      IncrementalSvd<double>::memory(Index{1} << 40, 1000, {.rank = 20, .u = Vectors::none});
  EXPECT_GT(both.bytes(), 101'000U * 40 * 8);
  EXPECT_LT(both.bytes(), 101'000U * 160 * 8);
  EXPECT_LT(right.bytes(), 4U << 20U);
}

TEST(RotatedBasis, RotatesEachRowALogarithmOfTimes) {
  const Execution how{.threads = 1, .stop = {}, .progress = {}};
  const Index r = 4, c = 3, steps = 400;
  streams::RotatedBasis<double> lazy(0, true);
  Matrix<double> dense(0, 0);
  for (Index step = 0; step < steps; ++step) {
    const Index wide = lazy.cols() + c, kept = std::min(r, wide);
    const Svd<double> turn =
        svd(generate<double>("normal " + std::to_string(wide) + "x" + std::to_string(kept) +
                             " seed=" + std::to_string(step)));
    lazy.extend(how, turn.U.view());
    Matrix<double> longer(dense.rows() + c, wide), next(dense.rows() + c, kept);
    for (Index j = 0; j < dense.cols(); ++j) {
      std::copy_n(&dense(0, j), dense.rows(), &longer(0, j));
    }
    for (Index j = 0; j < c; ++j) {
      longer(dense.rows() + j, dense.cols() + j) = 1;
    }
    blas::gemm<double>(blas::Op::none, blas::Op::none, 1.0, longer.view(), turn.U.view(), 0.0,
                       next.view());
    dense = std::move(next);
    EXPECT_LE(lazy.pieces(), 2 + std::ilogb(static_cast<double>(step + 1)));
  }
  ASSERT_EQ(lazy.rows(), steps * c);
  Matrix<double> copy(lazy.rows(), r);
  lazy.copy_to(how, copy.view());
  const Matrix<double> row = lazy.row(how, 700);
  for (Index j = 0; j < r; ++j) {
    EXPECT_NEAR(row(0, j), dense(700, j), 1e-13);
    for (Index i = 0; i < lazy.rows(); ++i) {
      ASSERT_NEAR(copy(i, j), dense(i, j), 1e-13) << i;
    }
  }
  EXPECT_LT(lazy.loss(how), 1e-12);
}

}  // namespace
}  // namespace eckart
