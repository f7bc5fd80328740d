#pragma once

// What tests of the driver have in common: the types, the choices, and a matrix put through all drivers.

#include <algorithm>
#include <array>
#include <chrono>
#include <complex>
#include <cstring>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include <eckart/gallery.hpp>
#include <eckart/svd.hpp>

#include "support/checker.hpp"

namespace eckart::testing {

using ScalarTypes = ::testing::Types<float, double, std::complex<float>, std::complex<double>>;

inline constexpr std::array<Driver, 4> drivers = {Driver::automatic, Driver::divide_and_conquer,
                                                  Driver::qr_iteration, Driver::jacobi};
inline constexpr std::array<Vectors, 3> vector_choices = {Vectors::none, Vectors::thin,
                                                          Vectors::full};

/// No decomposition of a test takes longer; those that did in other libraries never ended.
inline constexpr double time_cap = 20;

/// Decomposes and checks, against the clock too. Returns the result.
template <MatrixLike A>
Svd<ScalarOf<A>> expect_svd(const A& a, const SvdOptions& options, const std::string& what) {
  const auto start = std::chrono::steady_clock::now();
  Svd<ScalarOf<A>> result = svd(a, options);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  EXPECT_LT(seconds.count(), time_cap) << what;
  EXPECT_TRUE(is_svd(a, result, options, what));
  return result;
}

/// Every driver, with thin factors, with values alone, and with one full factor.
template <MatrixLike A>
void expect_every_driver(const A& a, const std::string& what) {
  constexpr std::pair<Vectors, Vectors> choices[] = {{Vectors::thin, Vectors::thin},
                                                     {Vectors::none, Vectors::none},
                                                     {Vectors::full, Vectors::none},
                                                     {Vectors::none, Vectors::full}};
  for (const Driver driver : drivers) {
    for (const auto& [u, v] : choices) {
      SvdOptions options;
      options.u = u;
      options.v = v;
      options.driver = driver;
      options.threads = 1;
      expect_svd(a, options, what + ", " + to_string(driver));
    }
  }
}

/// The same for a line of the gallery's language.
template <Scalar T>
void expect_every_driver(const std::string& line) {
  expect_every_driver(generate<T>(line), line);
}

template <Scalar T>
bool equal_bits(MatrixView<const T> a, MatrixView<const T> b) {
  if (a.rows() != b.rows() || a.cols() != b.cols()) {
    return false;
  }
  for (Index j = 0; j < a.cols(); ++j) {
    for (Index i = 0; i < a.rows(); ++i) {
      if (std::memcmp(&a(i, j), &b(i, j), sizeof(T)) != 0) {
        return false;
      }
    }
  }
  return true;
}

/// Values and both factors are equal bit for bit.
template <Scalar T>
::testing::AssertionResult same_svd(const Svd<T>& a, const Svd<T>& b) {
  const auto values = [](const std::vector<Real<T>>& s) {
    return MatrixView<const Real<T>>(s.data(), static_cast<Index>(s.size()), 1);
  };
  if (!equal_bits<Real<T>>(values(a.s), values(b.s))) {
    return ::testing::AssertionFailure() << "singular values differ";
  }
  if (!equal_bits<T>(a.U, b.U)) {
    return ::testing::AssertionFailure() << "U differs";
  }
  if (!equal_bits<T>(a.Vh, b.Vh)) {
    return ::testing::AssertionFailure() << "Vh differs";
  }
  return ::testing::AssertionSuccess();
}

}  // namespace eckart::testing
