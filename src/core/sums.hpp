#pragma once

// Sums that lose nothing on the way.
//
// CompensatedSum: Neumaier's variant of Kahan's sum (ZAMM 54, 1974). The rounding error of each
// addition is kept in a second number; for terms of one sign the error of the sum is 2 eps,
// whatever their number and order.
//
// SumOfSquares: sum x_i^2 = 4^e * sum (x_i / 2^e)^2 with e the exponent of the largest x_i so far,
// so that squares neither overflow nor vanish. The scaling itself is exact.

#include <cmath>

namespace eckart::core {

class CompensatedSum {
 public:
  void add(double x) noexcept {
    const double t = sum_ + x;
    lost_ += std::abs(sum_) >= std::abs(x) ? (sum_ - t) + x : (x - t) + sum_;
    sum_ = t;
  }
  void scale(double power_of_two) noexcept {
    sum_ *= power_of_two;
    lost_ *= power_of_two;
  }
  [[nodiscard]] double value() const noexcept { return sum_ + lost_; }

  /// Both numbers, and a sum that goes on from them.
  [[nodiscard]] double sum() const noexcept { return sum_; }
  [[nodiscard]] double lost() const noexcept { return lost_; }
  CompensatedSum() noexcept = default;
  CompensatedSum(double sum, double lost) noexcept : sum_(sum), lost_(lost) {}

 private:
  double sum_ = 0, lost_ = 0;
};

class SumOfSquares {
 public:
  SumOfSquares() noexcept = default;
  /// A sum that goes on from another one's scaled() and exponent().
  SumOfSquares(const CompensatedSum& sum, int exponent) noexcept
      : sum_(sum), exponent_(exponent), empty_(sum.value() == 0) {}

  /// The sum in units of 4^exponent().
  [[nodiscard]] const CompensatedSum& scaled() const noexcept { return sum_; }
  [[nodiscard]] int exponent() const noexcept { return exponent_; }

  void add(double x) noexcept {
    if (x == 0) {
      return;
    }
    const int exponent = std::ilogb(x);
    if (empty_ || exponent > exponent_) {
      sum_.scale(empty_ ? 1.0 : std::ldexp(1.0, 2 * (exponent_ - exponent)));
      exponent_ = exponent;
      empty_ = false;
    }
    const double scaled = std::ldexp(x, -exponent_);
    sum_.add(scaled * scaled);
  }

  /// sqrt of the sum; infinite when it exceeds double.
  [[nodiscard]] double norm() const noexcept {
    return std::ldexp(std::sqrt(sum_.value()), exponent_);
  }

  /// This sum divided by `whole`, which contains it; 0 when both are 0.
  [[nodiscard]] double share_of(const SumOfSquares& whole) const noexcept {
    return empty_
               ? 0.0
               : std::ldexp(sum_.value() / whole.sum_.value(), 2 * (exponent_ - whole.exponent_));
  }

  /// norm() / whole.norm(), which is in range where the two norms and even share_of() are not.
  [[nodiscard]] double norm_relative_to(const SumOfSquares& whole) const noexcept {
    return empty_ ? 0.0
                  : std::ldexp(std::sqrt(sum_.value() / whole.sum_.value()),
                               exponent_ - whole.exponent_);
  }

 private:
  CompensatedSum sum_;
  int exponent_ = 0;
  bool empty_ = true;
};

}  // namespace eckart::core
