#include "dense/bidiagonal/dqds.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <utility>

namespace eckart::dense {
namespace {

// The largest entry of B is scaled to this, so that products of two squares stay in the range, and small squares do too.
constexpr int largest_exponent = 245;

// r is negligible where its square root is so much smaller than what stands beside it.
constexpr double negligible = 16 * epsilon<double>;
constexpr double negligible_square = negligible * negligible;
// Beside entries scaled as above it is nothing, and a quotient by it could leave the range.
constexpr double nothing = 0x1p-400;

// A block whose first entry is so much smaller than its last is turned.
constexpr double turn_below = 2.0 / 3;

// The least t of a sweep: of all rows, and without the last 1, 2, 3.
struct Sweep {
  double least = 0, before_last = 0, before_two = 0, before_three = 0;

  [[nodiscard]] bool is_least_at_end() const noexcept { return least < before_last; }
  [[nodiscard]] Sweep without_last() const noexcept {
    return {before_last, before_two, before_three, before_three};
  }
};

class Dqds {
 public:
  Dqds(std::span<double> scratch, Index n, Index most_sweeps)
      : given_{scratch.data(), scratch.data() + n},
        other_{scratch.data() + 2 * n, scratch.data() + 3 * n},
        n_(n),
        sweeps_left_(most_sweeps) {}

  [[nodiscard]] double* q() const noexcept { return given_.q; }
  [[nodiscard]] double* r() const noexcept { return given_.r; }

  // Squares of the values come to stand in q(). Where a block ends r, below zero or -0, holds what was subtracted from it.
  bool run() {
    given_.r[n_ - 1] = -0.0;
    end_ = n_;
    while (end_ > 0) {
      // 2.
      now_ = given_;
      next_ = other_;
      shifted_ = -now_.r[end_ - 1];
      first_ = end_ - 1;
      while (first_ > 0 && !std::signbit(now_.r[first_ - 1])) {
        --first_;
      }
      split();
      if (end_ - first_ > 2) {
        turn();
      }
      swept_ = {};
      if (!solve_block()) {
        return false;
      }
    }
    return true;
  }

 private:
  static constexpr double least_part = 0.25;

  // Whether r_i may become 0 at the cost of a few eps of every value. It may beside `least`, a bound from below of the squared
  // smallest value of the rows on one side (Demmel and Kahan 1990, convergence criterion 1), or beside what was subtracted; or where
  // what goes from B B^T, sqrt(q r) and r, is nothing beside what was subtracted.
  [[nodiscard]] bool is_negligible(Index i, double least) const noexcept {
    const double r = now_.r[i];
    return r <= negligible_square * std::max(shifted_, least) || r <= nothing ||
           r * (now_.q[i + 1] + r) <= negligible_square / 64 * shifted_ * shifted_;
  }

  [[nodiscard]] bool ends_in_one() const noexcept {
    return is_negligible(end_ - 2, now_.q[end_ - 1]);
  }
  [[nodiscard]] bool ends_in_two() const noexcept {
    const double q = now_.q[end_ - 1], r = now_.r[end_ - 2];
    return is_negligible(end_ - 3, q + r > 0 ? now_.q[end_ - 2] * (q / (q + r)) : 0);
  }

  // The block becomes its rows below the last negligible r; t is of the sweep without shift.
  void split() noexcept {
    const Index top = first_;
    Index first = top;
    double t = now_.q[top];
    for (Index i = top; i + 1 < end_; ++i) {
      const double sum = t + now_.r[i];
      if (is_negligible(i, t)) {
        first = i + 1;
        t = now_.q[i + 1];
      } else {
        t = now_.q[i + 1] * (t / sum);
      }
    }
    if (first > top) {
      leave_above(first);
    }
  }

  void turn() noexcept {
    if (now_.q[first_] < turn_below * now_.q[end_ - 1]) {
      std::reverse(now_.q + first_, now_.q + end_);
      std::reverse(now_.r + first_, now_.r + end_ - 1);
    }
  }

  // Until the block [first, end) is done, or splits above its end; the rest is for run().
  bool solve_block() {
    for (;;) {
      // 3.
      while (end_ > first_ && tail_ == 0) {
        if (end_ - first_ == 1 || ends_in_one()) {
          take_one();
        } else if (end_ - first_ == 2 || ends_in_two()) {
          take_two();
        } else if (now_.q[end_ - 1] <= epsilon<double> / 2 * shifted_) {
          drop_last();
        } else {
          break;
        }
      }
      if (end_ == first_) {
        return true;
      }
      if (tail_ == 0 && least_r_ <= negligible * std::max(shifted_, least_q_)) {
        split();
      }
      if (!advance()) {
        return false;
      }
    }
  }

  // The rows above `first` become a block of their own, for later.
  void leave_above(Index first) noexcept {
    if (now_.q != given_.q) {
      std::copy(now_.q + first_, now_.q + first, given_.q + first_);
      std::copy(now_.r + first_, now_.r + first - 1, given_.r + first_);
    }
    given_.r[first - 1] = -shifted_;
    first_ = first;
  }

  // The last row, or the last two, are decomposed; the block ends above.
  void take_one() noexcept {
    given_.q[end_ - 1] = now_.q[end_ - 1] + shifted_;
    swept_ = swept_.without_last();
    --end_;
  }

  void take_two() noexcept {
    const double b = now_.q[end_ - 1] + tail_, r = now_.r[end_ - 2], a = now_.q[end_ - 2];
    const double product = r * now_.q[end_ - 1];
    const double root = std::sqrt((a + r - b) * (a + r - b) + 4 * product);
    const double larger = (a + b + r + root) / 2;
    // The determinant a b + r tail, divided by the larger value.
    given_.q[end_ - 1] = (larger > 0 ? a * (b / larger) + r * (tail_ / larger) : 0) + shifted_;
    given_.q[end_ - 2] = larger + shifted_;
    tail_ = 0;
    swept_ = swept_.without_last().without_last();
    end_ -= 2;
  }

  // B^T B has q_n in one entry alone, so that no value notices when it becomes 0. Then shifted_ is a value, and the last column of
  // what remains of B has a single entry. Its square r is added to the last q of the next sweep.
  void drop_last() noexcept {
    const double r = now_.r[end_ - 2];
    take_one();
    tail_ = r;
    if (end_ - first_ == 1) {
      now_.q[end_ - 1] += std::exchange(tail_, 0.0);
    } else if (end_ - first_ == 2) {
      take_two();
    }
  }

  // 4.
  bool advance() {
    double tau = choose_shift();
    for (int failures = 0;; ++failures) {
      if (sweeps_left_-- <= 0) {
        return false;
      }
      const Sweep now = sweep(tau);
      if (now.least >= 0) {
        swept_ = now;
        shifted_ += tau;
        tail_ = 0;
        part_ = failures > 0 || swept_.is_least_at_end() ? least_part : part_ + (1 - part_) / 3;
        std::swap(now_, next_);
        return true;
      }
      if (tau == 0) {
        return false;  // NaN
      }
      const bool late = failures == 0 && now.before_last > 0 && tau + now.least > 0;
      tau = failures >= 2 ? 0 : late ? (tau + now.least) * (1 - 4 * epsilon<double>) : tau / 4;
    }
  }

  // An estimate from below of the smallest eigenvalue of B B^T. The vector that is 1 in the last row has the Rayleigh quotient q_n
  // and a residual of sqrt(q_n now_.r{n-1}); with a gap to the other eigenvalues the smallest is above q_n minus residual^2 / gap. The
  // gap is that of the row above, less by its own coupling. Where no gap is seen, a part of the least t, which is never below the
  // smallest eigenvalue: a larger one the more often that was not too much; or what is certain, where that is more: B is its diagonal
  // and a rest of norm sqrt(max r).
  [[nodiscard]] double choose_shift() const noexcept {
    const double least = swept_.least;
    if (!(least > 0)) {
      return 0;
    }
    double part = part_;
    if (swept_.is_least_at_end()) {
      const double last = now_.q[end_ - 1] + tail_, above = now_.q[end_ - 2] + now_.r[end_ - 2];
      const double residual = now_.q[end_ - 1] * now_.r[end_ - 2],
                   coupling = now_.q[end_ - 2] * now_.r[end_ - 3];
      const double gap_above = 0.75 * swept_.before_two - above;
      const double gap = gap_above > 0 && gap_above * gap_above > coupling
                             ? above - last - coupling / gap_above
                             : above - last - std::sqrt(residual) - std::sqrt(coupling);
      if (gap > 0 && gap * gap > residual) {
        return std::max(last - residual / gap, least / 2);
      }
      part = 1.0 / 3;
    }
    double certain = 0;
    if (least_q_ > largest_r_) {
      const double root = std::sqrt(least_q_) - std::sqrt(largest_r_);
      certain = std::min(root * root * (1 - 16 * epsilon<double>), least);
    }
    return std::max(part * least, certain);
  }

  [[nodiscard]] Sweep sweep(double tau) noexcept {
    const double *const q = now_.q, *const r = now_.r;
    double *const to_q = next_.q, *const to_r = next_.r;
    const Index last = end_ - 1;
    double t = q[first_] - tau;
    Sweep seen{t, t, t, t};
    double least_r = r[first_], largest_r = 0, least_q = q[first_];
    const auto see = [&seen](double value) {
      seen = {seen.least < value ? seen.least : value, seen.least, seen.before_last,
              seen.before_two};  // a NaN stays
    };
    for (Index i = first_; i < last; ++i) {
      // The chain, t and the q', waits for one addition, one division and one subtraction a row; the other division goes beside it.
      const double sum = t + r[i];
      const double of_t = t * q[i + 1] / sum;
      const double of_r = r[i] * q[i + 1] / sum;
      to_q[i] = sum;
      to_r[i] = of_r;
      t = of_t - tau;
      least_r = of_r < least_r ? of_r : least_r;
      largest_r = of_r > largest_r ? of_r : largest_r;
      least_q = sum < least_q ? sum : least_q;
      if (i + 1 < last) {
        see(t);
      }
    }
    t += tail_;
    to_q[last] = t;
    see(t);
    least_r_ = least_r;
    largest_r_ = largest_r;
    least_q_ = std::min(least_q, t);
    return seen;
  }

  struct Arrays {
    double *q, *r;
  };

  // Rows of all blocks, and room for those of one: a sweep goes from one to the other.
  Arrays given_, other_, now_{}, next_{};
  Index n_, first_ = 0, end_ = 0, sweeps_left_;
  double shifted_ = 0;
  double tail_ = 0;  // see drop_last()
  double part_ = least_part;
  double least_r_ = 0, largest_r_ = 0, least_q_ = 0;
  Sweep swept_;
};

}  // namespace

template <RealScalar R>
bool dqds(std::span<R> d, std::span<const R> e, std::span<double> scratch,
          const DqdsOptions& options) {
  const Index n = static_cast<Index>(d.size());
  if (n == 0) {
    return true;
  }
  // 1.
  double largest = 0;
  bool finite = true;
  for (const std::span<const R> line : {std::span<const R>(d), e}) {
    for (const R x : line) {
      largest = std::max(largest, std::abs(double{x}));
      finite = finite && std::isfinite(x);
    }
  }
  if (!finite) {
    return false;
  }
  if (largest == 0) {
    std::fill(d.begin(), d.end(), R{0});
    return true;
  }
  const int exponent = largest_exponent - std::ilogb(largest);
  const double half = std::ldexp(1.0, exponent / 2),
               rest = std::ldexp(1.0, exponent - exponent / 2);
  Dqds iteration(scratch, n, options.sweeps_per_value * n);
  const auto square = [&](R x) {
    const double scaled = double{x} * half * rest;
    return scaled * scaled;
  };
  std::transform(d.begin(), d.end(), iteration.q(), square);
  std::transform(e.begin(), e.end(), iteration.r(), square);
  if (!iteration.run()) {
    return false;
  }
  // 5.
  double* const values = iteration.q();
  std::sort(values, values + n, std::greater<>());
  const double back = 1 / half, back_rest = 1 / rest;
  std::transform(values, values + n, d.begin(),
                 [&](double value) { return static_cast<R>(std::sqrt(value) * back * back_rest); });
  return true;
}

template bool dqds(std::span<float>, std::span<const float>, std::span<double>, const DqdsOptions&);
template bool dqds(std::span<double>, std::span<const double>, std::span<double>,
                   const DqdsOptions&);

}  // namespace eckart::dense
