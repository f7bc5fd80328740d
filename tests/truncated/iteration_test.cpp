// When a Krylov space is looked at, and when one side gives way to both: told by the products that were spent.

#include <cmath>

#include <gtest/gtest.h>

#include <eckart/gallery.hpp>
#include <eckart/truncated_svd.hpp>

namespace eckart {
namespace {

TruncatedReport report_of(const Matrix<double>& a, Index k, double tolerance) {
  const TruncatedSvd<double> d = truncated_svd(
      a, rank(k), {.method = TruncatedMethod::lanczos, .tolerance = tolerance, .threads = 1});
  EXPECT_TRUE(d.report.converged) << tolerance;
  return d.report;
}

// A look that had become too dear was put off again and again until the basis was full: k = 20 took 308 products at 1e-11 and 204 at 1e-12,
// k = 40 took 344 at 1e-3 and 272 at 1e-4.
TEST(Iteration, ALooserToleranceTakesNoMoreProducts) {
  const Matrix<double> a = generate<double>("svd_poly 600x600 power=0.8");
  for (const Index k : {20, 30, 40}) {
    Index before = 0;
    for (int digits = 2; digits <= 12; ++digits) {
      const Index products = report_of(a, k, std::pow(10.0, -digits)).products;
      EXPECT_GE(products, before) << k << ", " << digits;
      before = products;
    }
  }
}

// Three quarters of the digits, which eckart.svds() asks for: one side gave way where it was as good as was asked for, and all began anew.
TEST(Iteration, ASmallToleranceThatOneSideReachesDoesNotTakeBoth) {
  const Matrix<double> a = generate<double>("svd_poly 600x600 power=0.8");
  const double tolerance = std::pow(epsilon<double>, 0.75);
  for (const Index k : {30, 60}) {
    const TruncatedReport usual = report_of(a, k, 0), small = report_of(a, k, tolerance);
    EXPECT_TRUE(small.one_sided);
    EXPECT_LE(small.products, 3 * usual.products / 2);
  }
}

// Where one side must give way it does so as soon as that is seen. All began anew after all had converged: 472 products.
TEST(Iteration, OneSideGivesWayBeforeItHasConverged) {
  const Matrix<double> a = generate<double>("svd_poly 600x600 power=0.8");
  const TruncatedReport usual = report_of(a, 20, 0), least = report_of(a, 20, 1e-15);
  EXPECT_FALSE(least.one_sided);
  EXPECT_LE(least.products, 2 * usual.products);
}

}  // namespace
}  // namespace eckart
