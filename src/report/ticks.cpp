#include "report/ticks.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

namespace eckart::report {

namespace {

// Sizes that are written out plainly: 0.0001 to 999999. Beyond, a linear axis counts in units of a
// power of ten.
constexpr int plain_low = -4, plain_high = 5;
// Slack for quotients like 0.3 / 0.1, which fall just short of a whole number.
constexpr double slack = 1e-9;
// Ends that agree to this many digits count as one value: ticks between them would share their
// labels.
constexpr double constant = 1e-12;
constexpr std::array<double, 3> mantissas = {1, 2, 5};

int decimal_exponent(double x) {
  return static_cast<int>(std::floor(std::log10(x) + slack));
}

/// The step 1, 2 or 5 times a power of ten that is nearest to `wish` by ratio.
double nearest_step(double wish) {
  const double power = std::pow(10.0, std::floor(std::log10(wish)));
  double best = power;
  for (const double mantissa : {1.0, 2.0, 5.0, 10.0}) {
    if (std::abs(std::log(mantissa * power / wish)) < std::abs(std::log(best / wish))) {
      best = mantissa * power;
    }
  }
  return best;
}

/// "10^-3", "2e-9" as "2 10^-9", or written out when the power is small.
std::string log_label(double mantissa, int power, bool plain) {
  if (plain) {
    return fmt::format("{:.{}f}", mantissa * std::pow(10.0, power), std::max(0, -power));
  }
  return mantissa == 1 ? fmt::format("10^{}", power) : fmt::format("{:g}·10^{}", mantissa, power);
}

}  // namespace

double scaled_by_power_of_ten(double value, int power) {
  const int half = power / 2;
  return value * std::pow(10.0, half) * std::pow(10.0, power - half);
}

AxisScale::AxisScale(Scale scale, double low, double high, bool rounded, int target, bool integer)
    : scale_(scale) {
  target = std::max(target, 1);
  if (!drawable(low)) {
    low = drawable(high) ? high : (scale == Scale::log ? 1 : 0);
  }
  if (!drawable(high)) {
    high = low;
  }
  if (low > high) {
    std::swap(low, high);
  }
  if (scale == Scale::log) {
    low_ = std::log10(low);
    high_ = std::log10(high);
    log_ticks(rounded, target);
    return;
  }
  const double largest = std::max(std::abs(low), std::abs(high));
  if (largest > 0) {
    const int power = decimal_exponent(largest);
    exponent_ = power < plain_low || power > plain_high ? power : 0;
  }
  low_ = inner(low);
  high_ = inner(high);
  if (high_ - low_ <= constant * std::max(std::abs(low_), std::abs(high_))) {
    low_ = std::min(0.0, low_);
    high_ = std::max(0.0, high_);
  }
  if (low_ == high_) {
    high_ = low_ + 1;
  }
  linear_ticks(rounded, target, integer);
}

bool AxisScale::drawable(double value) const {
  return std::isfinite(value) && (scale_ == Scale::linear || value > 0);
}

double AxisScale::inner(double value) const {
  return scale_ == Scale::log ? std::log10(value) : scaled_by_power_of_ten(value, -exponent_);
}

double AxisScale::position(double value) const {
  constexpr double far = 1000;  // axis lengths: outside every picture, yet a number
  return std::clamp((inner(value) - low_) / (high_ - low_), -far, far);
}

void AxisScale::linear_ticks(bool rounded, int target, bool integer) {
  const double unit =
      integer ? scaled_by_power_of_ten(1, -exponent_) : 0;  // 1 in inner coordinates
  const double step = std::max(nearest_step((high_ - low_) / target), unit);
  if (rounded) {
    low_ = std::floor(low_ / step + slack) * step;
    high_ = std::ceil(high_ / step - slack) * step;
  }
  const int decimals = std::max(0, -decimal_exponent(step));
  const auto first = static_cast<Index>(std::ceil(low_ / step - slack));
  const auto last = static_cast<Index>(std::floor(high_ / step + slack));
  for (Index i = first; i <= last; ++i) {
    const double at = static_cast<double>(i) * step;
    ticks_.push_back({(at - low_) / (high_ - low_), fmt::format("{:.{}f}", at, decimals), true});
  }
}

void AxisScale::log_ticks(bool rounded, int target) {
  // Ends at powers of ten; at 1, 2 or 5 times one where all values lie within a decade.
  const bool fine = high_ - low_ < 1;
  const auto outward = [&](double x, bool down) {
    const double power = std::floor(x + slack);
    double best = down ? power : power + 1;
    if (!down && x - power <= slack) {
      best = power;
    }
    for (const double mantissa : mantissas) {
      const double at = power + std::log10(mantissa);
      if (fine && down && at <= x + slack) {
        best = std::max(best, at);
      }
      if (fine && !down && at >= x - slack) {
        best = std::min(best, at);
      }
    }
    return best;
  };
  if (rounded || fine) {
    low_ = outward(low_, true);
    high_ = outward(high_, false);
  }
  if (high_ - low_ < slack) {
    low_ -= 1;
    high_ += 1;
  }

  const double decades = high_ - low_;
  int stride = 1;
  for (const int candidate : {1, 2, 5, 10, 20, 50, 100, 200, 500}) {
    stride = candidate;
    if (decades / candidate <= target) {
      break;
    }
  }
  // Three labels a decade, where that is not far beyond the number wished for.
  const bool mantissas_labelled = 3 * decades <= 1.6 * target;
  const int first = static_cast<int>(std::floor(low_ + slack));
  const int last = static_cast<int>(std::ceil(high_ - slack));
  const bool plain = first >= -2 && last <= 4;
  const auto place = [&](double mantissa, int power, bool major) {
    const double at = (power + std::log10(mantissa) - low_) / decades;
    if (at >= -slack && at <= 1 + slack) {
      ticks_.push_back({at, major ? log_label(mantissa, power, plain) : "", major});
    }
  };
  // Minor marks show that the axis is logarithmic; over many decades they would be a grey band.
  constexpr double decades_with_all_minor_marks = 4, decades_with_power_marks = 40;
  for (int power = first; power <= last; ++power) {
    const bool major = power % stride == 0;
    if (major || decades <= decades_with_power_marks) {
      place(1, power, major);
    }
    if (decades <= decades_with_all_minor_marks) {
      for (int mantissa = 2; mantissa <= 9; ++mantissa) {
        place(mantissa, power, mantissas_labelled && (mantissa == 2 || mantissa == 5));
      }
    }
  }
}

}  // namespace eckart::report
