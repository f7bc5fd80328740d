// What rounding leaves of a residual, and what is granted for it.

#include "truncated/rounding.hpp"

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include <eckart/gallery.hpp>
#include <eckart/truncated_svd.hpp>

namespace eckart::truncated {
namespace {

template <class T>
class Rounding : public ::testing::Test {};
using Types = ::testing::Types<float, double, std::complex<float>, std::complex<double>>;
TYPED_TEST_SUITE(Rounding, Types);

/// However much is asked for, what comes out is within what is granted, whatever shape and spectrum.
TYPED_TEST(Rounding, IsWithinWhatIsGranted) {
  using T = TypeParam;
  for (const char* line : {"normal 2000x60", "normal 300x200", "svd_geo 250x400 cond=1e6",
                           "svd_arith 300x300 cond=10", "uniform 400x300"}) {
    const auto d = truncated_svd(generate<T>(line), rank(5),
                                 {.method = TruncatedMethod::lanczos, .tolerance = 1e-16});
    const double largest = *std::ranges::max_element(d.report.residuals);
    EXPECT_TRUE(d.report.converged) << line << ": " << d.report.shortfall;
    EXPECT_LE(largest, granted_to_residual<T>(double{d.s[0]})) << line;
  }
}

/// A residual passes where it is within the tolerance or that floor, and nowhere else: no root of n is granted any more.
TYPED_TEST(Rounding, IsTheOnlyFloor) {
  using T = TypeParam;
  bool some_fail = false;
  for (int restarts = 0; restarts < 6; ++restarts) {
    const auto d = truncated_svd(generate<T>("normal 600x500"), rank(6),
                                 {.method = TruncatedMethod::lanczos,
                                  .tolerance = 1e-16,
                                  .basis = 40,
                                  .restarts = 2 * restarts});
    const double granted = granted_to_residual<T>(double{d.s[0]});
    const auto within = std::ranges::count_if(d.report.residuals,
                                              [&](double residual) { return residual <= granted; });
    EXPECT_EQ(d.report.within_tolerance, within);
    some_fail = some_fail || within < 6;
    EXPECT_FALSE(d.report.converged && within < 6);
  }
  EXPECT_TRUE(some_fail);
}

}  // namespace
}  // namespace eckart::truncated
