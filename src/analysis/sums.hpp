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
#include <cstddef>
#include <span>
#include <vector>

namespace eckart::analysis {

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

 private:
  double sum_ = 0, lost_ = 0;
};

class SumOfSquares {
 public:
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

/// tails[k] = sum of x_i^2 over i >= k (counted from 0), k = 0 .. size, for descending x: each sum
/// runs from the small end.
[[nodiscard]] inline std::vector<SumOfSquares> energy_tails(std::span<const double> x) {
  std::vector<SumOfSquares> tails(x.size() + 1);
  for (std::size_t k = x.size(); k-- > 0;) {
    tails[k] = tails[k + 1];
    tails[k].add(x[k]);
  }
  return tails;
}

}  // namespace eckart::analysis
