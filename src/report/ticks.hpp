#pragma once

// Where an axis has its marks, and what is written beside them.
//
// Linear: steps of 1, 2 or 5 times a power of ten, the step that comes nearest to the wanted number
// of marks. Values beyond ordinary sizes are handled in units of 10^exponent, which the axis names
// once, so that neither 1e308 nor a denormal leaves the range of double on the way.
//
// Logarithmic: powers of ten; every 1st, 2nd, 5th, 10th, 20th ... power, so that few stand even
// over 600 decades; over few decades also 2 and 5 times a power. Ends move out to powers of ten, or
// to 1, 2 or 5 times one where all values lie within a decade.

#include <string>
#include <vector>

#include <eckart/types.hpp>

namespace eckart::report {

enum class Scale { linear, log };

struct Tick {
  double position = 0;  // in [0, 1] along the axis
  std::string label;    // "0.25", "120"; what follows '^' is an exponent: "10^-3", "2·10^-9"
  bool major = true;    // minor ticks have no label
};

/// An axis from `low` to `high` that maps values to [0, 1].
class AxisScale {
 public:
  /// An axis that covers [low, high]. `rounded`: the ends move out to ticks.
  /// `target` is the number of ticks wished for; `integer` keeps ticks to whole numbers. Ends that
  /// are equal, not finite or, on a log axis, not positive are replaced by sensible ones.
  AxisScale(Scale scale, double low, double high, bool rounded, int target, bool integer = false);

  /// Position of a drawable value: 0 at low, 1 at high, beyond for values outside, always finite.
  [[nodiscard]] double position(double value) const;
  /// Whether the value can be drawn: finite, and positive on a log axis.
  [[nodiscard]] bool drawable(double value) const;

  [[nodiscard]] const std::vector<Tick>& ticks() const noexcept { return ticks_; }
  /// Linear axes: labels are in units of 10^exponent; 0 for ordinary sizes.
  [[nodiscard]] int exponent() const noexcept { return exponent_; }

 private:
  [[nodiscard]] double inner(double value) const;  // value / 10^exponent, or log10(value)
  void linear_ticks(bool rounded, int target, bool integer);
  void log_ticks(bool rounded, int target);

  Scale scale_;
  double low_ = 0, high_ = 1;  // inner coordinates
  int exponent_ = 0;
  std::vector<Tick> ticks_;
};

/// value * 10^power, in two steps, so that denormals come back as ordinary numbers.
[[nodiscard]] double scaled_by_power_of_ten(double value, int power);

}  // namespace eckart::report
