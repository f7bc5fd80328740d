// An iteration that is left at every place it can be left at, and goes on from the state it handed out.

#include <chrono>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

#include <eckart/error.hpp>
#include <eckart/gallery.hpp>
#include <eckart/truncated_svd.hpp>

#include "known_operators.hpp"

namespace eckart {
namespace {

/// Where a stop is heard: before a product is formed, or when it has been, in the work that follows.
enum class Heard { before, after };

/// An operator that counts the vectors it is applied to, and does something once they are more than `limit`.
template <Scalar T>
struct Counted {
  Operator<T> a;
  struct Log {
    Index vectors = 0, limit = std::numeric_limits<Index>::max();
    std::function<void()> at_limit = [] {};
    Heard heard = Heard::before;
    template <class Product>
    void count(Index count, const Product& product) {
      const bool is_reached = vectors <= limit && vectors + count > limit;
      vectors += count;
      if (is_reached && heard == Heard::before) {
        at_limit();
      }
      product();
      if (is_reached && heard == Heard::after) {
        at_limit();
      }
    }
  };
  std::shared_ptr<Log> log = std::make_shared<Log>();

  [[nodiscard]] Index rows() const { return a.rows(); }
  [[nodiscard]] Index cols() const { return a.cols(); }
  void apply(const Execution& execution, MatrixView<const T> x, MatrixView<T> y) const {
    log->count(x.cols(), [&] { a.apply(execution, x, y); });
  }
  void apply_adjoint(const Execution& execution, MatrixView<const T> x, MatrixView<T> y) const {
    log->count(x.cols(), [&] { a.apply_adjoint(execution, x, y); });
  }
  void apply_and_back(const Execution& execution, bool adjoint, Real<T> factor,
                      MatrixView<const T> x, MatrixView<T> y, MatrixView<T> z) const {
    log->count(2 * x.cols(), [&] { a.apply_and_back(execution, adjoint, factor, x, y, z); });
  }
  [[nodiscard]] bool goes_back_in_one_pass(bool adjoint) const {
    return a.goes_back_in_one_pass(adjoint);
  }
  [[nodiscard]] std::optional<Real<T>> frobenius_norm(const Execution& execution) const {
    return a.frobenius_norm(execution);
  }
  [[nodiscard]] bool knows_norm() const { return a.knows_norm(); }
  [[nodiscard]] OperatorCost cost() const { return a.cost(); }
  [[nodiscard]] Storage storage() const { return a.storage(); }
};

/// What one problem is and how it is gone about.
template <Scalar T>
struct Problem {
  Operator<T> a;
  Truncation rule = rank(5);
  TruncatedOptions options = {
      .method = TruncatedMethod::lanczos, .block = 4, .basis = 24, .threads = 1};

  /// A run that is stopped after so many vectors; what it gives where it ends before, and its last state.
  std::optional<TruncatedSvd<T>> run(Index limit, std::optional<TruncatedState<T>>& state,
                                     Index& vectors, Heard heard = Heard::before) const {
    const Counted<T> counted{a};
    std::stop_source source;
    counted.log->limit = limit;
    counted.log->heard = heard;
    counted.log->at_limit = [&] { source.request_stop(); };
    TruncatedOptions with_stop = options;
    with_stop.stop = source.get_token();
    const std::optional<TruncatedState<T>> from = state;
    std::optional<TruncatedSvd<T>> result;
    try {
      result = truncated_svd<T>(Operator<T>(counted), rule, with_stop,
                                {.from = from ? &*from : nullptr,
                                 .save = [&](const TruncatedState<T>& s) { state = s; }});
    } catch (const Cancelled&) {
    }
    vectors += counted.log->vectors;
    return result;
  }
};

/// The bits of a state, all but how many products it took.
template <Scalar T>
void expect_equal(const TruncatedState<T>& a, const TruncatedState<T>& b) {
  const auto entries = [](const Matrix<T>& x) {
    return std::vector<T>(x.data(), x.data() + x.rows() * x.cols());
  };
  EXPECT_EQ(entries(a.V), entries(b.V));
  EXPECT_EQ(entries(a.U), entries(b.U));
  EXPECT_EQ(entries(a.H), entries(b.H));
  EXPECT_EQ(entries(a.S), entries(b.S));
  EXPECT_EQ(a.given_up, b.given_up);
  EXPECT_EQ(a.values, b.values);
  EXPECT_EQ(a.residuals, b.residuals);
  EXPECT_EQ(a.in_hand, b.in_hand);
  EXPECT_EQ(a.verified, b.verified);
  const auto numbers = [](const TruncatedState<T>& s) {
    return std::tuple(s.found, s.block, s.basis, s.coupled, s.uncoupled, s.scaled, s.exponent,
                      s.seed, s.streams, s.target, s.restarts, s.looked_at, s.next_look, s.to_look,
                      s.to_renew, s.verifying, s.work, s.excess);
  };
  EXPECT_EQ(numbers(a), numbers(b));
}

/// Stops after 1, 1 + every, 1 + 2 every ... vectors; goes on from what that left, and must find the same, bit for bit, with hardly
/// more products.
template <Scalar T>
void expect_the_same_wherever_it_is_left(const Problem<T>& problem, Index every = 1) {
  std::optional<TruncatedState<T>> last;
  Index whole = 0;
  const auto expected = problem.run(std::numeric_limits<Index>::max(), last, whole);
  ASSERT_TRUE(expected);
  ASSERT_TRUE(expected->report.converged);
  ASSERT_TRUE(last);
  const auto k = static_cast<Index>(expected->s.size());
  for (Index limit = 1; limit < whole; limit += every) {
    for (const Heard heard : {Heard::before, Heard::after}) {
      SCOPED_TRACE("stopped " + std::string(heard == Heard::before ? "before" : "after") + " " +
                   std::to_string(limit) + " of " + std::to_string(whole));
      std::optional<TruncatedState<T>> state;
      Index first = 0, second = 0;
      if (problem.run(limit, state, first, heard)) {
        ASSERT_EQ(heard, Heard::after);  // nobody listens behind the last product
        continue;
      }
      const Index before = state ? state->products : 0;
      const auto found = problem.run(std::numeric_limits<Index>::max(), state, second);
      ASSERT_TRUE(found);
      EXPECT_TRUE(found->report.converged);
      EXPECT_EQ(found->s, expected->s);
      expect_equal(*state, *last);
      EXPECT_EQ(found->report.restarts, expected->report.restarts);
      EXPECT_EQ(found->report.products_before, before);
      // A step or the last look anew, and the check of the state.
      EXPECT_LE(first + second, whole + 6 * problem.options.block + 4 * k + 4);
      if (before > 2 * problem.options.block) {
        EXPECT_LT(second, whole);
      }
    }
  }
}

TEST(Checkpoints, OneSideAlone) {
  const Matrix<double> a = generate<double>("svd_poly 120x100 power=1");
  expect_the_same_wherever_it_is_left<double>({DenseOperator<double>(a.view())});
}

TEST(Checkpoints, ASparseMatrix) {
  std::vector<Index> row, col;
  std::vector<double> value;
  for (Index i = 0; i < 150; ++i) {
    for (const Index j : {i % 100, (7 * i + 3) % 100, (31 * i + 11) % 100}) {
      row.push_back(i);
      col.push_back(j);
      value.push_back(1.0 / static_cast<double>(1 + i % 17) + static_cast<double>(j) / 100);
    }
  }
  const auto a = SparseMatrix<double>::from_triplets(150, 100, row, col, value);
  expect_the_same_wherever_it_is_left<double>({SparseOperator<double>(a)}, 3);
}

TEST(Checkpoints, AnOperatorThatKnowsNothingButProducts) {
  const Matrix<double> a = generate<double>("svd_poly 100x120 power=1");
  expect_the_same_wherever_it_is_left<double>({Blind<double>{DenseOperator<double>(a.view())}}, 5);
}

TEST(Checkpoints, BothSides) {
  // Values far below the first are lost in the rounding of A^H A.
  const Matrix<double> a = generate<double>("svd_geo 90x80 cond=1e12");
  Problem<double> problem{DenseOperator<double>(a.view()), rank(30)};
  problem.options.basis = 48;
  std::optional<TruncatedState<double>> state;
  Index vectors = 0;
  const auto found = problem.run(std::numeric_limits<Index>::max(), state, vectors);
  ASSERT_TRUE(found);
  ASSERT_FALSE(found->report.one_sided);
  expect_the_same_wherever_it_is_left<double>(problem, 3);
}

TEST(Checkpoints, WhileCopiesOfAValueAreLookedFor) {
  const Matrix<double> a =
      with_values(120, 100, [](Index i) { return i < 9 ? 1.0 : 0.5 / static_cast<double>(i); }, 3);
  Problem<double> problem{DenseOperator<double>(a.view()), rank(9)};
  problem.options.basis = 36;
  expect_the_same_wherever_it_is_left<double>(problem, 3);
}

TEST(Checkpoints, BlocksOfOneVector) {
  const Matrix<double> a = generate<double>("normal 90x80");
  Problem<double> problem{DenseOperator<double>(a.view()), rank(4)};
  problem.options.block = 1;
  problem.options.basis = 16;
  expect_the_same_wherever_it_is_left<double>(problem, 3);
}

// A step that was left in its orthogonalisation had taken its random numbers, and so all fresh directions after it were others: with
// blocks of one vector, where every value counts as repeated as often as a block has vectors, values differed by a few eps.
TEST(Checkpoints, LeftAtAnyMoment) {
  using Clock = std::chrono::steady_clock;
  const Matrix<double> a = generate<double>("normal 500x400");
  Problem<double> problem{DenseOperator<double>(a.view()), rank(12)};
  problem.options.block = 1;
  problem.options.basis = 48;
  std::optional<TruncatedState<double>> last;
  Index vectors = 0;
  const auto start = Clock::now();
  const auto expected = problem.run(std::numeric_limits<Index>::max(), last, vectors);
  const auto whole = Clock::now() - start;
  ASSERT_TRUE(last);
  constexpr int moments = 50;
  for (int i = 1; i < moments; ++i) {
    SCOPED_TRACE(i);
    std::stop_source source;
    std::thread someone([&] {
      std::this_thread::sleep_for(whole * i / moments);
      source.request_stop();
    });
    std::optional<TruncatedState<double>> state;
    TruncatedOptions with_stop = problem.options;
    with_stop.stop = source.get_token();
    try {
      static_cast<void>(
          truncated_svd<double>(problem.a, problem.rule, with_stop,
                                {.save = [&](const TruncatedState<double>& s) { state = s; }}));
    } catch (const Cancelled&) {
    }
    someone.join();
    const auto found = problem.run(std::numeric_limits<Index>::max(), state, vectors);
    EXPECT_EQ(found->s, expected->s);
    expect_equal(*state, *last);
  }
}

TEST(Checkpoints, WhenTheRulesNameNoNumber) {
  const Matrix<double> a = generate<double>("svd_poly 200x160 power=1");
  expect_the_same_wherever_it_is_left<double>({DenseOperator<double>(a.view()), energy(0.97)}, 7);
}

template <class T>
class CheckpointTypes : public ::testing::Test {};
using Types = ::testing::Types<float, double, std::complex<float>, std::complex<double>>;
TYPED_TEST_SUITE(CheckpointTypes, Types);

TYPED_TEST(CheckpointTypes, EveryType) {
  using T = TypeParam;
  const Matrix<T> a = generate<T>("svd_poly 70x90 power=1");
  expect_the_same_wherever_it_is_left<T>({DenseOperator<T>(a.view())}, 11);
}

TYPED_TEST(CheckpointTypes, EntriesFarOut) {
  using T = TypeParam;
  for (const char* scaling : {"small", "large"}) {
    const Matrix<T> a = generate<T>(std::string("svd_geo 80x60 cond=1e3 scaling=") + scaling);
    expect_the_same_wherever_it_is_left<T>({DenseOperator<T>(a.view())}, 23);
  }
}

TEST(Checkpoints, LeftAgainAndAgain) {
  const Matrix<double> a = generate<double>("normal 120x100");
  const Problem<double> problem{DenseOperator<double>(a.view()), rank(4)};
  std::optional<TruncatedState<double>> state;
  Index vectors = 0;
  const auto expected = problem.run(std::numeric_limits<Index>::max(), state, vectors);
  state.reset();
  int runs = 1;
  for (; runs < 100; ++runs) {
    if (const auto found = problem.run(40, state, vectors)) {
      EXPECT_EQ(found->s, expected->s);
      break;
    }
  }
  EXPECT_GT(runs, 3);
  EXPECT_LT(runs, 100);
}

TEST(Checkpoints, AnErrorOfTheOperatorLeavesAStateToo) {
  const Matrix<double> a = generate<double>("svd_poly 120x100 power=1");
  const Problem<double> problem{DenseOperator<double>(a.view())};
  const Counted<double> counted{problem.a};
  counted.log->limit = 60;
  counted.log->at_limit = [] { throw FileError("the disk is gone"); };
  std::optional<TruncatedState<double>> state;
  EXPECT_THROW(static_cast<void>(truncated_svd<double>(
                   Operator<double>(counted), problem.rule, problem.options,
                   {.save = [&](const TruncatedState<double>& s) { state = s; }})),
               FileError);
  ASSERT_TRUE(state);
  EXPECT_GE(state->products, 48);
  Index vectors = 0;
  EXPECT_TRUE(problem.run(std::numeric_limits<Index>::max(), state, vectors)->report.converged);
}

TEST(Checkpoints, AreHandedOutAsOftenAsAskedFor) {
  const Matrix<double> a = generate<double>("svd_poly 120x100 power=1");
  const Problem<double> problem{DenseOperator<double>(a.view())};
  for (const bool often : {false, true}) {
    Index times = 0;
    const auto d =
        truncated_svd<double>(problem.a, problem.rule, problem.options,
                              {.save = [&](const TruncatedState<double>&) { ++times; },
                               .every = often ? std::chrono::seconds(0) : std::chrono::minutes(5)});
    // At the end in any case, and before every step but the first one.
    EXPECT_EQ(times > 5, often) << times;
    EXPECT_GE(times, 1);
  }
}

TEST(Checkpoints, MoreTripletsThanBefore) {
  const Matrix<double> a = generate<double>("svd_poly 200x160 power=1");
  Problem<double> problem{DenseOperator<double>(a.view())};
  problem.options.basis = 0;
  std::optional<TruncatedState<double>> state;
  Index few = 0, more = 0, anew = 0;
  ASSERT_TRUE(problem.run(std::numeric_limits<Index>::max(), state, few));
  problem.rule = rank(12);
  const auto found = problem.run(std::numeric_limits<Index>::max(), state, more);
  state.reset();
  const auto expected = problem.run(std::numeric_limits<Index>::max(), state, anew);
  EXPECT_TRUE(found->report.converged);
  EXPECT_LT(more, anew);
  for (std::size_t i = 0; i < 12; ++i) {
    EXPECT_NEAR(found->s[i], expected->s[i], 1e-13);
  }
}

TEST(Checkpoints, WhereTheRestartsWereUsedUpMoreGoOn) {
  const Matrix<double> a = generate<double>("normal 300x200");
  Problem<double> problem{DenseOperator<double>(a.view())};
  problem.options.restarts = 1;
  std::optional<TruncatedState<double>> state;
  Index vectors = 0, anew = 0, on = 0;
  EXPECT_FALSE(problem.run(std::numeric_limits<Index>::max(), state, vectors)->report.converged);
  problem.options.restarts = 1000;
  const auto found = problem.run(std::numeric_limits<Index>::max(), state, on);
  state.reset();
  const auto expected = problem.run(std::numeric_limits<Index>::max(), state, anew);
  EXPECT_EQ(found->s, expected->s);
  EXPECT_LT(on, anew);
}

TEST(Checkpoints, AStateOfAnotherMatrixIsRefused) {
  const Matrix<double> a = generate<double>("svd_poly 120x100 power=1"),
                       other = generate<double>("svd_poly 120x100 power=1 seed=7"),
                       smaller = generate<double>("svd_poly 110x100 power=1");
  Matrix<double> nearly = a;
  nearly(3, 5) += 1e-7;
  for (const bool knows_norm : {true, false}) {
    const auto operator_of = [&](const Matrix<double>& matrix) {
      const DenseOperator<double> dense(matrix.view());
      return knows_norm ? Operator<double>(dense) : Operator<double>(Blind<double>{dense});
    };
    std::optional<TruncatedState<double>> state;
    Index vectors = 0;
    const Problem<double> problem{operator_of(a)};
    ASSERT_FALSE(problem.run(60, state, vectors));
    ASSERT_TRUE(state);
    for (const Matrix<double>* wrong : {&other, &smaller, &std::as_const(nearly)}) {
      EXPECT_THROW(static_cast<void>(truncated_svd<double>(operator_of(*wrong), problem.rule,
                                                           problem.options, {.from = &*state})),
                   StateMismatch);
    }
    TruncatedOptions randomized = problem.options, smallest = problem.options;
    randomized.method = TruncatedMethod::randomized;
    smallest.which = Which::smallest;
    for (const TruncatedOptions& other_way : {randomized, smallest}) {
      EXPECT_THROW(static_cast<void>(truncated_svd<double>(problem.a, problem.rule, other_way,
                                                           {.from = &*state})),
                   InvalidArgument);
    }
  }
}

TEST(Checkpoints, AStateThatMakesNoSenseIsRefused) {
  const Matrix<double> a = generate<double>("svd_poly 120x100 power=1");
  const Problem<double> problem{DenseOperator<double>(a.view())};
  std::optional<TruncatedState<double>> state;
  Index vectors = 0;
  ASSERT_FALSE(problem.run(60, state, vectors));
  using State = TruncatedState<double>;
  const std::function<void(State&)> damages[] = {
      [](State& s) { s.rows = 1; },
      [](State& s) { s.block = 0; },
      [](State& s) { s.block = 5; },
      [](State& s) { s.basis = 1 << 20; },
      [](State& s) { s.H = Matrix<double>(3, 3); },
      [](State& s) { s.H = Matrix<double>(0, 0); },
      [](State& s) { s.V = Matrix<double>(120, s.V.cols()); },
      [](State& s) { s.V(7, 2) *= 1.001; },
      [](State& s) { s.V(7, 2) = std::numeric_limits<double>::quiet_NaN(); },
      [](State& s) { s.H(1, 1) *= 1.001; },
      [](State& s) { s.given_up.pop_back(); },
      [](State& s) { s.residuals.push_back(1); },
      [](State& s) { s.exponent = 100000; },
      [](State& s) { s.exponent += 1; },
      [](State& s) { s.two_sided = true; },
      [](State& s) { s.adjoint = !s.adjoint; },
      [](State& s) { s.coupled = 1000; },
      [](State& s) { s.target = 0; },
      [](State& s) { s.restarts = -1; },
      [](State& s) { s.work = std::numeric_limits<double>::infinity(); },
  };
  for (std::size_t i = 0; i < std::size(damages); ++i) {
    State damaged = *state;
    damages[i](damaged);
    EXPECT_THROW(static_cast<void>(truncated_svd<double>(problem.a, problem.rule, problem.options,
                                                         {.from = &damaged})),
                 StateMismatch)
        << i;
  }
}

}  // namespace
}  // namespace eckart
