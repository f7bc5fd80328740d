#include <cmath>
#include <numbers>

#include <gtest/gtest.h>

#include <eckart/marchenko_pastur.hpp>

namespace eckart {
namespace {

TEST(MarchenkoPastur, MedianOfTheSquareCaseSolvesItsClosedForm) {
  // beta = 1: the distribution of the angle is (phi - sin phi) / pi, the eigenvalue 2 + 2 cos phi.
  const double t = marchenko_pastur_median(1);
  const double phi = std::acos(t / 2 - 1);
  EXPECT_NEAR((phi - std::sin(phi)) / std::numbers::pi, 0.5, 1e-14);
}

TEST(MarchenkoPastur, MedianSolvesTheClosedFormOfTheDistribution) {
  for (const double beta : {0.01, 0.1, 0.3, 0.5, 0.8, 0.97, 0.9999}) {
    const double root = std::sqrt(beta);
    const double phi = std::acos((marchenko_pastur_median(beta) - 1 - beta) / (2 * root));
    // The integral of sin^2 / (1 + beta + 2 sqrt(beta) cos), by division of polynomials and the
    // half-angle substitution.
    const double integral =
        (1 + beta) * phi / (4 * beta) - std::sin(phi) / (2 * root) -
        (1 - beta) / (2 * beta) * std::atan((1 - root) / (1 + root) * std::tan(phi / 2));
    EXPECT_NEAR(2 / std::numbers::pi * integral, 0.5, 1e-13 / beta) << beta;
  }
}

TEST(MarchenkoPastur, MedianOfThinMatricesTendsToOne) {
  EXPECT_NEAR(marchenko_pastur_median(1e-10), 1, 1e-9);
}

TEST(GavishDonoho, KnownNoise) {
  EXPECT_DOUBLE_EQ(gavish_donoho_lambda(1), 4 / std::numbers::sqrt3);
  EXPECT_NEAR(gavish_donoho_lambda(1e-12), std::numbers::sqrt2, 1e-10);
}

TEST(GavishDonoho, PublishedCoefficientsForUnknownNoise) {
  struct Row {
    double beta, omega;
  };
  // Gavish and Donoho 2014, table of omega(beta).
  constexpr Row table[] = {{0.05, 1.5194}, {0.10, 1.6089}, {0.15, 1.6896}, {0.20, 1.7650},
                           {0.25, 1.8371}, {0.30, 1.9061}, {0.35, 1.9741}, {0.40, 2.0403},
                           {0.45, 2.1060}, {0.50, 2.1711}, {0.55, 2.2365}, {0.60, 2.3021},
                           {0.65, 2.3679}, {0.70, 2.4339}, {0.75, 2.5011}, {0.80, 2.5697},
                           {0.85, 2.6399}, {0.90, 2.7099}, {0.95, 2.7832}, {1.00, 2.8582}};
  for (const Row& row : table) {
    EXPECT_NEAR(gavish_donoho_omega(row.beta), row.omega, 0.002) << "beta = " << row.beta;
  }
}

}  // namespace
}  // namespace eckart
