// What the audit sees. Its promise (AuditReport::fooled): an error of 8 times the accepted figure passes p random probes with at
// most the stated probability. With the ten probes of the default that is too rare to be seen; with one, two and three it is
// counted here, over thousands of seeds, and held against the promise and five standard deviations of a binomial count. An
// error of rank one is the one that hides best: there the count must come near the promise too, or the experiment shows
// nothing.

#include <cmath>
#include <string>

#include <gtest/gtest.h>

#include <eckart/svd.hpp>

#include "dense/audit/audit.hpp"
#include "support/arithmetic.hpp"
#include "support/cases.hpp"

namespace eckart::dense {
namespace {

using eckart::testing::normal_matrix;

constexpr int seeds = 2000;
constexpr double hidden_factor = 8;
// Far above rounding, so that the figures are those of the planted errors.
constexpr double accepted = 1e5;

enum class Shape { rank_one, diagonal, dense };
constexpr Shape shapes[] = {Shape::rank_one, Shape::diagonal, Shape::dense};

std::string name_of(Shape shape) {
  return shape == Shape::rank_one ? "rank one" : shape == Shape::diagonal ? "diagonal" : "dense";
}

/// A random Hermitian matrix of this shape with the 2-norm 1.
template <Scalar T>
Matrix<T> unit_error(Shape shape, Index n, std::uint64_t seed) {
  Matrix<T> e = normal_matrix<T>(n, shape == Shape::rank_one ? 1 : n, seed);
  if (shape == Shape::rank_one) {
    e = eckart::testing::product(e, eckart::testing::adjoint(e));
  }
  for (Index j = 0; j < n; ++j) {
    e(j, j) = T(real_part(e(j, j)));
    for (Index i = 0; i < j; ++i) {
      e(i, j) = shape == Shape::diagonal ? T{} : conjugate(e(j, i));
      e(j, i) = conjugate(e(i, j));
    }
  }
  const Real<T> norm = singular_values(e).front();
  for (Index j = 0; j < n; ++j) {
    for (Index i = 0; i < n; ++i) {
      e(i, j) /= norm;
    }
  }
  return e;
}

/// U = [I; 0], s = 2, ..., 1 and Vh = I, the decomposition of their product: all figures of the audit are 0.
template <Scalar T>
struct Known {
  static constexpr Index m = 11, n = 7;
  static constexpr double unit = double(m) * double{epsilon<T>};

  Known() {
    for (Index i = 0; i < n; ++i) {
      s.push_back(static_cast<Real<T>>(2 - static_cast<double>(i) / (n - 1)));
      a(i, i) = T(s.back());
    }
  }

  AuditReport audited(int probes, std::uint64_t seed) {
    const SvdOptions options{.seed = seed, .audit = {.threshold = accepted, .probes = probes}};
    Workspace work(std::uint64_t{1} << 16);
    const Execution run{.threads = 1, .stop = {}, .progress = {}};
    const Witness<T> witness = make_witness<T>(run, a, options, work);
    return audit<T>(run, witness, u, s, vh, options.audit, work);
  }

  Matrix<T> a = Matrix<T>(m, n), u = Matrix<T>::identity(m, n), vh = Matrix<T>::identity(n, n);
  std::vector<Real<T>> s;
};

/// Counts the seeds at which `figure` of the audit accepts the error that `plant(known, error)` puts in.
template <Scalar T, class Plant, class Figure>
void expect_power(const Plant& plant, const Figure& figure, const std::string& what) {
  for (const Shape shape : shapes) {
    int fooled[3] = {};
    double promised[3] = {};
    for (int trial = 0; trial < seeds; ++trial) {
      const auto seed = static_cast<std::uint64_t>(trial);
      Known<T> known;
      Matrix<T> error = unit_error<T>(shape, known.n, seed + 1'000'000);
      plant(known, error);
      for (int probes = 1; probes <= 3; ++probes) {
        const AuditReport report = known.audited(probes, seed);
        fooled[probes - 1] += figure(report) <= accepted ? 1 : 0;
        promised[probes - 1] = report.fooled;
      }
    }
    EXPECT_LT(promised[0], 0.12);
    for (int probes = 1; probes <= 3; ++probes) {
      const double bound = promised[probes - 1];
      EXPECT_DOUBLE_EQ(bound, std::pow(promised[0], probes)) << "independent probes";
      const double margin = 5 * std::sqrt(bound * (1 - bound) / seeds) + 1.0 / seeds;
      const double seen = static_cast<double>(fooled[probes - 1]) / seeds;
      EXPECT_LE(seen, bound + margin) << what << ", " << name_of(shape) << ", " << probes;
      if (shape == Shape::rank_one) {
        EXPECT_GE(seen, bound / 2 - margin) << what << ", " << probes;
      }
    }
  }
}

template <Scalar T>
void scale(Matrix<T>& a, double factor) {
  for (Index j = 0; j < a.cols(); ++j) {
    for (Index i = 0; i < a.rows(); ++i) {
      a(i, j) *= static_cast<Real<T>>(factor);
    }
  }
}

/// top rows of `a` += error.
template <Scalar T>
void add(Matrix<T>& a, const Matrix<T>& error) {
  for (Index j = 0; j < error.cols(); ++j) {
    for (Index i = 0; i < error.rows(); ++i) {
      a(i, j) += error(i, j);
    }
  }
}

template <class T>
class AuditPower : public ::testing::Test {};
using Types = ::testing::Types<double, std::complex<double>>;
TYPED_TEST_SUITE(AuditPower, Types);

TYPED_TEST(AuditPower, AResidualHidesAsSeldomAsPromised) {
  expect_power<TypeParam>(
      [](Known<TypeParam>& known, Matrix<TypeParam>& error) {
        const double sigma_1 = known.s.front();
        scale(error, hidden_factor * accepted * known.unit * sigma_1);
        add(known.a, error);
      },
      [](const AuditReport& report) { return report.residual; }, "residual");
}

// (I + E / 2)^H (I + E / 2) = I + E to first order; the second order is 1e-9 of it.
TYPED_TEST(AuditPower, ADefectOfUHidesAsSeldomAsPromised) {
  expect_power<TypeParam>(
      [](Known<TypeParam>& known, Matrix<TypeParam>& error) {
        scale(error, hidden_factor * accepted * known.unit / 2);
        add(known.u, error);
      },
      [](const AuditReport& report) { return report.orthogonality_u; }, "U");
}

TYPED_TEST(AuditPower, ADefectOfVHidesAsSeldomAsPromised) {
  expect_power<TypeParam>(
      [](Known<TypeParam>& known, Matrix<TypeParam>& error) {
        const double unit = static_cast<double>(known.n) * double{epsilon<TypeParam>};
        scale(error, hidden_factor * accepted * unit / 2);
        add(known.vh, error);
      },
      [](const AuditReport& report) { return report.orthogonality_v; }, "V");
}

template <class T>
class AuditDefault : public ::testing::Test {};
TYPED_TEST_SUITE(AuditDefault, eckart::testing::ScalarTypes);

TYPED_TEST(AuditDefault, NoErrorHidesFromTheDefaultProbes) {
  using T = TypeParam;
  constexpr Index m = 40, n = 30;
  const AuditOptions defaults;
  ASSERT_LT(probability_of_being_fooled<T>(n, defaults.probes), 2e-10);
  // At the promised size, and in units of this type's rounding.
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    for (const Shape shape : shapes) {
      Matrix<T> error = unit_error<T>(shape, n, seed), u = Matrix<T>::identity(m, n);
      scale(error, hidden_factor * defaults.threshold * double(m) * double{epsilon<T>});
      Matrix<T> a = Matrix<T>::identity(m, n);
      add(a, error);
      const std::vector<Real<T>> s(n, Real<T>{1});
      const Matrix<T> vh = Matrix<T>::identity(n, n);
      Workspace work(std::uint64_t{1} << 20);
      const Execution run{.threads = 1, .stop = {}, .progress = {}};
      const Witness<T> witness = make_witness<T>(run, a, {.seed = seed}, work);
      const AuditReport report = audit<T>(run, witness, u, s, vh, defaults, work);
      EXPECT_FALSE(report.passed) << name_of(shape) << ", seed " << seed;
      EXPECT_GT(report.residual, defaults.threshold) << name_of(shape) << ", seed " << seed;
    }
  }
}

}  // namespace
}  // namespace eckart::dense
