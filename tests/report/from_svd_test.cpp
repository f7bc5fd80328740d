#include <complex>

#include <gtest/gtest.h>

#include <eckart/matrix.hpp>
#include <eckart/svd.hpp>

#include "report/spectrum_report.hpp"

namespace eckart::report {
namespace {

template <class T>
class FromSvd : public ::testing::Test {};
using Types = ::testing::Types<float, double, std::complex<float>, std::complex<double>>;
TYPED_TEST_SUITE(FromSvd, Types);

TYPED_TEST(FromSvd, CarriesWhatTheDecompositionSays) {
  Matrix<TypeParam> a(3, 2);
  a(0, 0) = 3;
  a(1, 1) = 2;
  const Svd<TypeParam> d = svd(a, {.u = Vectors::none, .threads = 1});
  const SpectrumReport r = from_svd(d);
  EXPECT_EQ(r.rows, 3);
  EXPECT_EQ(r.cols, 2);
  ASSERT_EQ(r.values.size(), 2U);
  EXPECT_NEAR(r.values[0], 3, 1e-5);
  EXPECT_EQ(r.values[1], static_cast<double>(d.s[1]));
  EXPECT_FALSE(r.has_u);
  EXPECT_TRUE(r.has_v);
  EXPECT_TRUE(r.audit.passed);
  EXPECT_EQ(r.path, d.report.path());
  EXPECT_EQ(r.attempts.size(), d.report.attempts.size());
  EXPECT_EQ(r.threads, 1);
  EXPECT_EQ(r.stages.size(), d.report.stages.size());
}

}  // namespace
}  // namespace eckart::report
