// Bounds of incremental decompositions over long sequences of several kinds: certain, and of the size of the error (error_ledger.hpp).

#include "streams/error_ledger.hpp"
#include "streams/incremental_tools.hpp"

namespace eckart {
namespace {

using namespace eckart::testing;

template <class T>
class IncrementalBounds : public ::testing::Test {};
TYPED_TEST_SUITE(IncrementalBounds, ScalarTypes);

template <Scalar T>
Matrix<T> normal(Index m, Index n, std::uint64_t seed) {
  Matrix<T> a(m, n);
  fill_normal<T>(a.view(), Random(seed));
  return a;
}

template <Scalar T>
double error_of(const Companion<T>& c, const UpdatedSvd<T>& d) {
  return frobenius<WideEntry<T>>(remainder<T>(c.a, d).view());
}

/// 40 times rows, then 40 times columns, and again: four runs, whose roots of sums of squares are added up. A sum over all 160
/// truncations would state more than five times as much.
TYPED_TEST(IncrementalBounds, RunsOfOneKindAddUp) {
  using T = TypeParam;
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    Companion<T> c(0, 12, {.rank = 4, .block = 2, .threads = 1}, seed);
    for (int step = 0; step < 160; ++step) {
      const std::uint64_t own = 1000 * seed + static_cast<std::uint64_t>(step);
      step / 40 % 2 == 0 ? c.append_rows(normal<T>(1, c.a.cols(), own))
                         : c.append_columns(normal<T>(c.a.rows(), 1, own));
    }
    const UpdatedSvd<T> d = c.svd.result();
    expect_statements<T>(c, d, "seed " + std::to_string(seed));
    EXPECT_LE(d.left_out_at_most, 2.2 * error_of<T>(c, d)) << seed;
  }
}

/// A window of 20 columns, or rows, that has slid past a thousand: the bound is one of what it shows.
TYPED_TEST(IncrementalBounds, AWindowThatSlidesForgetsTheErrorsOfWhatIsGone) {
  using T = TypeParam;
  for (const bool columns : {true, false}) {
    Companion<T> c(columns ? 15 : 20, columns ? 20 : 15, {.rank = 4, .block = 2, .threads = 1}, 1);
    const std::vector<Index> oldest = {0, 1};
    double early = 0;
    for (std::uint64_t step = 1; step <= 500; ++step) {
      if (columns) {
        c.append_columns(normal<T>(15, 2, step));
        c.remove_columns(oldest);
      } else {
        c.append_rows(normal<T>(2, 15, step));
        c.remove_rows(oldest);
      }
      if (step % 100 == 0) {
        const UpdatedSvd<T> d = c.svd.result();
        expect_statements<T>(c, d, "step " + std::to_string(step));
        early = step == 100 ? d.truncation : early;
        EXPECT_LE(d.truncation, 1.3 * early) << step;
        EXPECT_LE(d.left_out_at_most, 8 * error_of<T>(c, d)) << step;
      }
    }
    // Nothing that was left out before is in a window of new columns alone.
    std::vector<Index> all(20);
    for (std::size_t i = 0; i < all.size(); ++i) {
      all[i] = static_cast<Index>(i);
    }
    columns ? c.remove_columns(all) : c.remove_rows(all);
    columns ? c.append_columns(normal<T>(15, 1, 1)) : c.append_rows(normal<T>(1, 15, 1));
    EXPECT_EQ(c.svd.result().truncation, 0);
  }
}

/// What error_ledger.hpp says of changes: each is left out in the same direction, and the sum of all is the error.
TYPED_TEST(IncrementalBounds, TheSumOfManyChangesIsAttained) {
  using T = TypeParam;
  Companion<T> c(2, 2, {.rank = 1, .block = 1, .threads = 1}, 1);
  Matrix<T> first(2, 1), second(2, 1), small(2, 1);
  first(0, 0) = T(1);
  second(1, 0) = T(1);
  small(1, 0) = T(0.125);
  Matrix<T> large = first;
  large(0, 0) = T(10);
  c.change(large, first);
  for (int i = 0; i < 40; ++i) {
    c.change(small, second);
  }
  const UpdatedSvd<T> d = c.svd.result();
  expect_statements<T>(c, d, "changes");
  EXPECT_NEAR(d.truncation, 5, 1e-12);
  EXPECT_NEAR(error_of<T>(c, d), 5, 1e-5);
}

TEST(IncrementalBounds, APastThatMakesNoSenseIsRefused) {
  IncrementalSvd<double> s(9, 0, {.rank = 2, .block = 3, .threads = 1});
  for (std::uint64_t i = 0; i < 4; ++i) {
    s.append_columns(normal<double>(s.rows(), 9, i));
    s.append_rows(normal<double>(9, s.cols(), 10 + i).view());
  }
  const StreamState good = s.state();
  const Matrix<double> past = good.matrix<double>("past", -1, 4);
  ASSERT_GT(past.rows(), 1);
  const auto with = [&](const Matrix<double>& other) {
    StreamState state;
    for (const auto& [name, array] : good.arrays()) {
      state.put(name, name == "past" ? StreamState::Array(other) : array);
    }
    return IncrementalSvd<double>(state).result().truncation;
  };
  EXPECT_EQ(with(past), s.result().truncation);
  for (const Index column : {0, 1, 2, 3}) {
    for (const double wrong : {-1.0, 0.5, 1e6, std::numeric_limits<double>::quiet_NaN()}) {
      Matrix<double> bad = past;
      bad(0, column) = wrong;
      if (column < 2 || !(wrong > 0)) {
        EXPECT_THROW(static_cast<void>(with(bad)), InvalidArgument) << column << ", " << wrong;
      }
    }
  }
  EXPECT_THROW(static_cast<void>(with(Matrix<double>(65, 4))), InvalidArgument);
  EXPECT_THROW(static_cast<void>(with(Matrix<double>(1, 3))), InvalidArgument);
}

/// More runs than there is room for are joined with later ones, of more rows and columns: nothing is lost, and it goes when those go.
TEST(ErrorLedger, JoinsRunsAndDropsThemWithTheirColumns) {
  streams::ErrorLedger errors;
  constexpr Index runs = 300;
  for (Index i = 1; i <= runs; ++i) {
    errors.add_past({1, 0.5}, 10, i);
    EXPECT_LE(errors.past.size(), streams::ErrorLedger::most_past);
    EXPECT_EQ(errors.of_past().frobenius, static_cast<double>(i));
    EXPECT_EQ(errors.of_past().spectral, static_cast<double>(i) / 2);
  }
  double before = runs;
  for (Index i = runs; i > 0; --i) {
    const Index first[] = {0};
    errors.remove(streams::Side::columns, first);
    // Of the i - 1 columns that are left none was there before run runs - i + 2.
    const double now = errors.of_past().frobenius;
    EXPECT_GE(now, static_cast<double>(i - 1));
    EXPECT_LE(now, before);
    before = now;
  }
  EXPECT_TRUE(errors.past.empty());
}

}  // namespace
}  // namespace eckart
