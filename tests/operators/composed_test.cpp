#include <cmath>

#include <eckart/composed.hpp>

#include "operators/operator_test_tools.hpp"

namespace eckart {
namespace {

template <class T>
class ComposedTest : public EveryScalar<T> {};
TYPED_TEST_SUITE(ComposedTest, Scalars);

template <class T>
Operator<T> dense(const Matrix<T>& a) {
  return DenseOperator<T>(a.view());
}

template <class T>
T some_number() {
  if constexpr (ComplexScalar<T>) {
    return T(2, -3);
  } else {
    return T(-2);
  }
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
void expect_norm(const Operator<T>& op, const Matrix<T>& a) {
  const auto norm = op.frobenius_norm({}), want = DenseOperator<T>(a.view()).frobenius_norm({});
  ASSERT_TRUE(norm);
  EXPECT_NEAR(*norm, *want, 200 * epsilon<T> * *want);
}

TYPED_TEST(ComposedTest, StandForTheirMatrices) {
  using T = TypeParam;
  const Matrix<T> a = random_matrix<T>(23, 17, 1), b = random_matrix<T>(23, 17, 2),
                  c = random_matrix<T>(17, 12, 3), square = random_matrix<T>(19, 19, 4);
  const T alpha = some_number<T>();

  const auto ah = matrix_of<T>(17, 23, [&](Index i, Index j) { return conjugate(a(j, i)); });
  expect_stands_for<T>(adjoint(dense(a)), ah, 6);
  expect_norm<T>(adjoint(dense(a)), ah);

  const auto twice = matrix_of<T>(23, 17, [&](Index i, Index j) { return alpha * a(i, j); });
  expect_stands_for<T>(scaled(dense(a), alpha), twice, 20);
  expect_norm<T>(scaled(dense(a), alpha), twice);

  expect_stands_for<T>(sum(dense(a), dense(b)),
                       matrix_of<T>(23, 17, [&](Index i, Index j) { return a(i, j) + b(i, j); }),
                       12);
  const Matrix<T> ac = plain_product<T>(a, c);
  expect_stands_for<T>(product(dense(a), dense(c)), ac, 40);
  expect_stands_for<T>(
      shifted(dense(square), alpha),
      matrix_of<T>(19, 19, [&](Index i, Index j) { return square(i, j) + (i == j ? alpha : T{}); }),
      20);
  EXPECT_FALSE(sum(dense(a), dense(b)).frobenius_norm({}));
}

// Through the adjoint an operator still goes both ways in one pass where it can.
TYPED_TEST(ComposedTest, AdjointGoesBackAsItsOperator) {
  using T = TypeParam;
  const Matrix<T> a = random_matrix<T>(23, 17, 1), x = random_matrix<T>(17, 4, 2);
  const Operator<T> op = dense(a), turned = adjoint(op);
  for (const bool way : {false, true}) {
    EXPECT_EQ(turned.goes_back_in_one_pass(way), op.goes_back_in_one_pass(!way));
  }
  Matrix<T> y(23, 4), z(17, 4);
  turned.apply_and_back({}, true, 2, x, y.view(), z.view());
  Matrix<T> want = plain_product<T>(a, x);
  for (Index i = 0; i < 23 * 4; ++i) {
    want.data()[i] *= Real<T>(2);
  }
  EXPECT_LE(largest_difference<T>(y.view(), want.view()), 2000 * epsilon<T>);
  EXPECT_LE(largest_difference<T>(z.view(), plain_product<T>(a, want, true).view()),
            20000 * epsilon<T>);
}

TYPED_TEST(ComposedTest, CentredColumnsHaveMeanZero) {
  using T = TypeParam;
  const Matrix<T> a = random_matrix<T>(23, 17, 1);
  const std::vector<T> mu = column_means(dense(a));
  const auto want = matrix_of<T>(23, 17, [&](Index i, Index j) {
    T mean{};
    for (Index l = 0; l < 23; ++l) {
      mean += a(l, j) / Real<T>(23);
    }
    return a(i, j) - mean;
  });
  const Operator<T> op = centred(dense(a), mu);
  expect_stands_for<T>(op, want, 20);
  for (const T& mean : column_means(op)) {
    EXPECT_LE(std::abs(mean), 20 * epsilon<T>);
  }
}

TYPED_TEST(ComposedTest, LowRankPlus) {
  using T = TypeParam;
  const Matrix<T> a = random_matrix<T>(23, 17, 1), u = random_matrix<T>(23, 3, 2),
                  vh = random_matrix<T>(3, 17, 3);
  const std::vector<Real<T>> s{3, 2, Real<T>(0.5)};
  expect_stands_for<T>(low_rank_plus(dense(a), u, s, vh),
                       matrix_of<T>(23, 17,
                                    [&](Index i, Index j) {
                                      T sum = a(i, j);
                                      for (Index l = 0; l < 3; ++l) {
                                        sum += u(i, l) * s[static_cast<std::size_t>(l)] * vh(l, j);
                                      }
                                      return sum;
                                    }),
                       40);
}

TYPED_TEST(ComposedTest, Kronecker) {
  using T = TypeParam;
  const Matrix<T> a = random_matrix<T>(4, 3, 1), b = random_matrix<T>(5, 7, 2);
  const auto want =
      matrix_of<T>(20, 21, [&](Index i, Index j) { return a(i / 5, j / 7) * b(i % 5, j % 7); });
  expect_stands_for<T>(kronecker(dense(a), dense(b)), want, 40);
  expect_norm<T>(kronecker(dense(a), dense(b)), want);
}

TYPED_TEST(ComposedTest, MaskedAndCallback) {
  using T = TypeParam;
  const Matrix<T> a = random_matrix<T>(9, 8, 1);
  const std::vector<Index> rows{7, 0, 3}, columns{5, 6, 1, 0};
  expect_stands_for<T>(masked(dense(a), rows, columns),
                       matrix_of<T>(3, 4,
                                    [&](Index i, Index j) {
                                      return a(rows[static_cast<std::size_t>(i)],
                                               columns[static_cast<std::size_t>(j)]);
                                    }),
                       6);
  const Operator<T> op = dense(a);
  expect_stands_for<T>(
      CallbackOperator<T>(
          9, 8,
          [op](const Execution& e, MatrixView<const T> x, MatrixView<T> y) { op.apply(e, x, y); },
          [op](const Execution& e, MatrixView<const T> x, MatrixView<T> y) {
            op.apply_adjoint(e, x, y);
          }),
      a, 6);
}

// Both factors may be far out where their product is not; and the other way round no norm is better than infinity or 0.
TYPED_TEST(ComposedTest, NormOfAProductOfNumbersIsRightOrAbsent) {
  using T = TypeParam;
  using R = Real<T>;
  const R huge = std::numeric_limits<R>::max() / 8, tiny = 8 * smallest_normal<T>;
  const auto of = [](R entry) {
    return Matrix<T>(matrix_of<T>(2, 2, [&](Index, Index) { return T(entry); }));
  };
  const Matrix<T> big = of(huge), small = of(tiny), one = of(1), zero = of(0);
  const T alpha = [&] {  // |alpha| overflows where it is complex, alpha does not
    if constexpr (ComplexScalar<T>) {
      return T(std::numeric_limits<R>::max(), -std::numeric_limits<R>::max());
    } else {
      return std::numeric_limits<R>::max();
    }
  }();
  const R modulus = std::sqrt(R(ComplexScalar<T> ? 2 : 1));
  const R want = modulus * (std::numeric_limits<R>::max() * (2 * tiny));
  EXPECT_NEAR(*scaled(dense(small), alpha).frobenius_norm({}), want, 4 * epsilon<T> * want);
  EXPECT_NEAR(*kronecker(dense(big), dense(small)).frobenius_norm({}), 4 * (huge * tiny),
              20 * epsilon<T> * huge * tiny);
  EXPECT_FALSE(scaled(dense(one), alpha).frobenius_norm({}));
  EXPECT_FALSE(scaled(dense(small), T(tiny)).frobenius_norm({}));
  EXPECT_FALSE(scaled(dense(small), T(R(0.01))).frobenius_norm({}));  // subnormal: of few digits
  EXPECT_FALSE(kronecker(dense(big), dense(big)).frobenius_norm({}));
  EXPECT_FALSE(kronecker(dense(small), dense(small)).frobenius_norm({}));
  EXPECT_EQ(*scaled(dense(big), T{}).frobenius_norm({}), 0);
  EXPECT_EQ(*kronecker(dense(zero), dense(big)).frobenius_norm({}), 0);
  // Of a norm that is itself infinite, subnormal or NaN nothing follows.
  const Matrix<T> most = of(std::numeric_limits<R>::max()), least = of(smallest_normal<T> / 64),
                  bad = of(std::numeric_limits<R>::quiet_NaN());
  for (const Matrix<T>* const a : {&most, &least, &bad}) {
    EXPECT_FALSE(scaled(dense(*a), T(R(0.5))).frobenius_norm({}));
    EXPECT_FALSE(kronecker(dense(one), dense(*a)).frobenius_norm({}));
    EXPECT_FALSE(kronecker(dense(*a), dense(zero)).frobenius_norm({}));
  }
  for (const auto& a : {sum(dense(big), dense(big)), product(dense(big), dense(big))}) {
    EXPECT_FALSE(a.frobenius_norm({}));
  }
}

// What is given to an operator may end before it does: under the address sanitizer this fails where something is not copied.
TYPED_TEST(ComposedTest, KeepsWhatItWasMadeOf) {
  using T = TypeParam;
  const Matrix<T> a = random_matrix<T>(9, 8, 1);
  const auto mean = [&](Index i, Index j) { return a(i, j) - T(static_cast<Real<T>>(j)); };
  const auto means = [] {
    std::vector<T> mu(8);
    for (std::size_t j = 0; j < 8; ++j) {
      mu[j] = T(static_cast<Real<T>>(j));
    }
    return mu;
  };
  expect_stands_for<T>(centred(dense(a), means()), matrix_of<T>(9, 8, mean), 20);
  expect_stands_for<T>(masked(dense(a), std::vector<Index>{4, 2}, std::vector<Index>{7}),
                       matrix_of<T>(2, 1, [&](Index i, Index) { return a(i == 0 ? 4 : 2, 7); }), 6);
  const Operator<T> plus = low_rank_plus(dense(a), random_matrix<T>(9, 1, 2),
                                         std::vector<Real<T>>{2}, random_matrix<T>(1, 8, 3));
  const Matrix<T> u = random_matrix<T>(9, 1, 2), vh = random_matrix<T>(1, 8, 3);
  expect_stands_for<T>(
      plus,
      matrix_of<T>(9, 8,
                   [&](Index i, Index j) { return a(i, j) + Real<T>(2) * u(i, 0) * vh(0, j); }),
      20);
}

TYPED_TEST(ComposedTest, CostOfWhatStatesNoneIsThatOfADenseMatrix) {
  using T = TypeParam;
  const auto nothing = [](const Execution&, MatrixView<const T>, MatrixView<T>) {};
  const Operator<T> op = CallbackOperator<T>(3, 5, nothing, nothing);
  EXPECT_EQ(op.cost().flops, 15 * (ComplexScalar<T> ? 8 : 2));
  EXPECT_EQ(op.cost().bytes, 15 * sizeof(T));
}

TEST(Composed, RefusesWhatDoesNotFit) {
  const Matrix<double> a = random_matrix<double>(4, 3, 1), b = random_matrix<double>(3, 4, 1);
  EXPECT_THROW((void)sum(dense(a), dense(b)), InvalidArgument);
  EXPECT_THROW((void)product(dense(a), dense(a)), InvalidArgument);
  EXPECT_THROW((void)shifted(dense(a), 1), InvalidArgument);
  EXPECT_THROW((void)centred(dense(a), std::vector<double>(4)), InvalidArgument);
  EXPECT_THROW((void)low_rank_plus(dense(a), a, std::vector<double>(2), b), InvalidArgument);
  const std::vector<Index> twice{1, 1}, outside{4}, none;
  EXPECT_THROW((void)masked(dense(a), twice, none), InvalidArgument);
  EXPECT_THROW((void)masked(dense(a), outside, none), InvalidArgument);
  EXPECT_THROW((void)CallbackOperator<double>(2, 2, nullptr, nullptr), InvalidArgument);
  const auto huge = [](Index n) -> Operator<double> {
    const auto nothing = [](const Execution&, MatrixView<const double>, MatrixView<double>) {};
    return CallbackOperator<double>(n, n, nothing, nothing);
  };
  EXPECT_THROW((void)kronecker(huge(Index{1} << 40), huge(Index{1} << 40)), SizeLimit);
}

}  // namespace
}  // namespace eckart
