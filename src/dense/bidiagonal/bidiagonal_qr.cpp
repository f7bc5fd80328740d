#include "dense/bidiagonal/bidiagonal_qr.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "dense/bidiagonal/kept_rotations.hpp"
#include "dense/bidiagonal/plane_rotation.hpp"

namespace eckart::dense {
namespace {

// The smaller singular value of [f g; 0 h]:  2 |f h| / (sqrt((|f| + |h|)^2 + g^2) + sqrt((|f| - |h|)^2 + g^2)).
template <RealScalar R>
R smaller_value(R f, R g, R h) noexcept {
  f = std::abs(f);
  h = std::abs(h);
  const R largest = std::max({f, std::abs(g), h});
  if (largest == 0) {
    return 0;
  }
  const R fs = f / largest, gs = g / largest, hs = h / largest;
  const R sum =
      std::sqrt((fs + hs) * (fs + hs) + gs * gs) + std::sqrt((fs - hs) * (fs - hs) + gs * gs);
  return 2 * fs * h / sum;
}

// One iteration on a bidiagonal matrix.
template <RealScalar R>
class QrIteration {
 public:
  QrIteration(std::span<R> d, std::span<R> e, KeptRotations<R>& rotations,
              const BidiagonalQrOptions& options) noexcept
      : n_(static_cast<Index>(d.size())),
        d_(d.data()),
        e_(e.data()),
        rotations_(rotations),
        options_(options) {}

  // `largest` is the largest modulus in B.
  bool run(R largest) {
    negligible_ = options_.relative ? smallest_that_counts() : epsilon<R> * largest;

    Index last = n_ - 1;  // rows below are finished
    Index old_first = -1, old_last = -1, unchanged = 0;
    bool upwards = false;
    for (Index sweeps = options_.sweeps_per_value * n_ + 20; last > 0; --sweeps) {
      if (sweeps == 0) {
        return false;
      }
      // 1. The lowest block first .. last with nothing zero beside its diagonal.
      Index first = last;
      while (first > 0 && !(std::abs(e_[first - 1]) <= negligible_)) {
        --first;
      }
      if (first > 0) {
        e_[first - 1] = 0;
      }
      if (first == last) {
        --last;
        continue;
      }
      // 3. A block of two.
      if (first + 1 == last) {
        solve_two(first, upwards);
        last -= 2;
        continue;
      }
      if (first > old_last || last < old_first) {
        upwards = std::abs(d_[first]) < std::abs(d_[last]);
      }
      unchanged = first == old_first && last == old_last ? unchanged + 1 : 0;
      old_first = first;
      old_last = last;
      // 2. Relative criteria, and a lower bound of the smallest value over the largest entry.
      R ratio = 0;
      if (options_.relative && drop_negligible(first, last, upwards, ratio)) {
        continue;
      }
      // 4. Shift and sweep.
      const R shift = choose_shift(first, last, upwards, ratio, unchanged >= usual_sweeps);
      if (upwards) {
        shift == 0 ? sweep_up_unshifted(first, last) : sweep_up(first, last, shift);
      } else {
        shift == 0 ? sweep_down_unshifted(first, last) : sweep_down(first, last, shift);
      }
    }
    return true;
  }

 private:
  static constexpr R tolerance = 16 * epsilon<R>;  // for the relative criteria
  static constexpr Index usual_sweeps = 6;  // without a change of the block; then the other shift

  // Entries below this are zero, relative to the smallest value (Demmel and Kahan, section 4): a lower bound of it by the recurrence
  // of drop_negligible(), or the smallest number that arithmetic keeps exact.
  R smallest_that_counts() const noexcept {
    R bound = std::abs(d_[0]), mu = bound;
    for (Index i = 1; i < n_ && bound > 0; ++i) {
      mu = std::abs(d_[i]) * (mu / (mu + std::abs(e_[i - 1])));
      bound = std::min(bound, mu);
    }
    const R floor = static_cast<R>(6 * n_) * static_cast<R>(n_) * std::numeric_limits<R>::min();
    return std::max(tolerance * bound / std::sqrt(static_cast<R>(n_)), floor);
  }

  // Demmel and Kahan's criteria in the direction of the sweeps. Returns whether something was dropped; otherwise `ratio` is a
  // lower bound of the block's values over its largest entry.
  bool drop_negligible(Index first, Index last, bool upwards, R& ratio) noexcept {
    const Index ending = upwards ? first : last - 1;
    const R beside = std::abs(d_[upwards ? first : last]);
    if (std::abs(e_[ending]) <= tolerance * beside) {
      e_[ending] = 0;
      return true;
    }
    R mu = std::abs(d_[upwards ? last : first]);
    R smallest = mu, largest = mu;
    for (Index step = 0; step < last - first; ++step) {
      const Index i = upwards ? last - 1 - step : first + step;
      if (std::abs(e_[i]) <= tolerance * mu) {
        e_[i] = 0;
        return true;
      }
      const R next = std::abs(d_[upwards ? i : i + 1]);
      largest = std::max({largest, next, std::abs(e_[i])});
      mu = next * (mu / (mu + std::abs(e_[i])));
      smallest = std::min(smallest, mu);
    }
    ratio = smallest / largest;
    return false;
  }

  R choose_shift(Index first, Index last, bool upwards, R value_ratio,
                 bool is_slow) const noexcept {
    if (options_.relative) {
      // A shift would spoil values this small.
      if (static_cast<R>(n_) * tolerance * value_ratio <= epsilon<R>) {
        return 0;
      }
    } else if (std::any_of(d_ + first, d_ + last + 1,
                           [this](R x) { return std::abs(x) <= negligible_; })) {
      // B is singular: one sweep without shift brings the value 0 out.
      return 0;
    }
    // The end that converges, outermost first: d, e, d, e.
    const R d0 = d_[upwards ? first : last], e0 = e_[upwards ? first : last - 1];
    const R d1 = d_[upwards ? first + 1 : last - 1], e1 = e_[upwards ? first + 1 : last - 2];
    const R start = std::abs(d_[upwards ? last : first]);
    const R shift = is_slow ? wilkinson_shift(d0, e0, d1, e1) : smaller_value(d1, e0, d0);
    // A shift that is nothing against the start changes nothing; where the start is nothing, a sweep without shift removes it.
    const R ratio = start > 0 ? shift / start : R{0};
    return ratio * ratio < epsilon<R> || ratio > 1 / epsilon<R> ? R{0} : shift;
  }

  // The smaller value of the last 2 x 2 block can be a fixed point. The root of the eigenvalue of the last block of B^T B that is
  // nearer to its last entry never is (Wilkinson, Linear Algebra Appl. 1, 1968).
  static R wilkinson_shift(R d0, R e0, R d1, R e1) noexcept {
    const R a = d1 * d1 + e1 * e1, b = d1 * e0, c = d0 * d0 + e0 * e0;
    const R half = (a - c) / 2;
    const R reach = std::abs(half) + std::sqrt(half * half + b * b);
    return reach > 0 ? std::sqrt(std::max(R{0}, c - std::copysign(b * b / reach, half))) : R{0};
  }

  // 3. B = [f g; 0 h]. The right rotation makes the columns (f, 0) and (g, h) orthogonal; the longer one, divided by its length, is
  // the left vector.
  void solve_two(Index i, bool upwards) {
    const R scale = std::max({std::abs(d_[i]), std::abs(e_[i]), std::abs(d_[i + 1])});
    const R f = d_[i] / scale, g = e_[i] / scale, h = d_[i + 1] / scale;
    R c = 1, s = 0;
    if (f == 0) {
      c = 0;
      s = 1;
    } else {
      // tan of the angle: the smaller root of t^2 + 2 zeta t - 1 = 0.
      const R zeta = ((f - h) * (f + h) - g * g) / (2 * f * g);
      const R t = 1 / (std::abs(zeta) + std::sqrt(1 + zeta * zeta));
      c = 1 / std::sqrt(1 + t * t);
      s = std::copysign(c * t, zeta);
    }
    // Columns c x + s y and c y - s x.
    R first_top = c * f + s * g, first_low = s * h, second_top = c * g - s * f, second_low = c * h;
    if (std::hypot(second_top, second_low) > std::hypot(first_top, first_low)) {
      // The other order: a further quarter turn.
      std::swap(first_top, second_top);
      std::swap(first_low, second_low);
      second_top = -second_top;
      second_low = -second_low;
      const R old = c;
      c = -s;
      s = old;
    }
    if (c < 0) {
      c = -c;
      s = -s;
      first_top = -first_top;
      first_low = -first_low;
      second_top = -second_top;
      second_low = -second_low;
    }
    const Rotation<R> left = rotation_for(first_top, first_low);
    d_[i] = left.r * scale;
    d_[i + 1] = (left.c * second_low - left.s * second_top) * scale;
    if (left.r != 0) {
      // The product of the values is |f h|: the smaller one to full relative accuracy.
      d_[i + 1] = std::copysign(f / left.r * h * scale, d_[i + 1]);
    }
    e_[i] = 0;
    const auto keep = rotations_.begin(i, i + 1, upwards);
    keep.right(i, c, upwards ? -s : s);
    keep.left(i, left.c, upwards ? -left.s : left.s);
  }

  // 4. From the upper end to the lower: each right rotation makes an entry below the diagonal, each left one moves it to the right.
  void sweep_down(Index first, Index last, R shift) {
    const auto keep = rotations_.begin(first, last, false);
    R f = (std::abs(d_[first]) - shift) * (std::copysign(R{1}, d_[first]) + shift / d_[first]);
    R g = e_[first];
    for (Index i = first; i < last; ++i) {
      const Rotation<R> right = rotation_for(f, g);
      if (i > first) {
        e_[i - 1] = right.r;
      }
      f = right.c * d_[i] + right.s * e_[i];
      e_[i] = right.c * e_[i] - right.s * d_[i];
      g = right.s * d_[i + 1];
      d_[i + 1] = right.c * d_[i + 1];
      const Rotation<R> left = rotation_for(f, g);
      d_[i] = left.r;
      f = left.c * e_[i] + left.s * d_[i + 1];
      d_[i + 1] = left.c * d_[i + 1] - left.s * e_[i];
      if (i + 1 < last) {
        g = left.s * e_[i + 1];
        e_[i + 1] = left.c * e_[i + 1];
      }
      keep.right(i, right.c, right.s);
      keep.left(i, left.c, left.s);
    }
    e_[last - 1] = f;
  }

  // The same from the lower end to the upper, with left and right exchanged.
  void sweep_up(Index first, Index last, R shift) {
    const auto keep = rotations_.begin(first, last, true);
    R f = (std::abs(d_[last]) - shift) * (std::copysign(R{1}, d_[last]) + shift / d_[last]);
    R g = e_[last - 1];
    for (Index i = last; i > first; --i) {
      const Rotation<R> left = rotation_for(f, g);
      if (i < last) {
        e_[i] = left.r;
      }
      f = left.c * d_[i] + left.s * e_[i - 1];
      e_[i - 1] = left.c * e_[i - 1] - left.s * d_[i];
      g = left.s * d_[i - 1];
      d_[i - 1] = left.c * d_[i - 1];
      const Rotation<R> right = rotation_for(f, g);
      d_[i] = right.r;
      f = right.c * e_[i - 1] + right.s * d_[i - 1];
      d_[i - 1] = right.c * d_[i - 1] - right.s * e_[i - 1];
      if (i - 1 > first) {
        g = right.s * e_[i - 2];
        e_[i - 2] = right.c * e_[i - 2];
      }
      keep.left(i - 1, left.c, left.s);
      keep.right(i - 1, right.c, right.s);
    }
    e_[first] = f;
  }

  // 4. without shift: no subtraction, hence every entry to full relative accuracy (Demmel and Kahan, section 3).
  void sweep_down_unshifted(Index first, Index last) {
    const auto keep = rotations_.begin(first, last, false);
    R c = 1, old_c = 1, old_s = 0;
    for (Index i = first; i < last; ++i) {
      const Rotation<R> right = rotation_for(d_[i] * c, e_[i]);
      if (i > first) {
        e_[i - 1] = old_s * right.r;
      }
      const Rotation<R> left = rotation_for(old_c * right.r, d_[i + 1] * right.s);
      d_[i] = left.r;
      c = right.c;
      old_c = left.c;
      old_s = left.s;
      keep.right(i, right.c, right.s);
      keep.left(i, left.c, left.s);
    }
    const R h = d_[last] * c;
    d_[last] = h * old_c;
    e_[last - 1] = h * old_s;
  }

  void sweep_up_unshifted(Index first, Index last) {
    const auto keep = rotations_.begin(first, last, true);
    R c = 1, old_c = 1, old_s = 0;
    for (Index i = last; i > first; --i) {
      const Rotation<R> left = rotation_for(d_[i] * c, e_[i - 1]);
      if (i < last) {
        e_[i] = old_s * left.r;
      }
      const Rotation<R> right = rotation_for(old_c * left.r, d_[i - 1] * left.s);
      d_[i] = right.r;
      c = left.c;
      old_c = right.c;
      old_s = right.s;
      keep.left(i - 1, left.c, left.s);
      keep.right(i - 1, right.c, right.s);
    }
    const R h = d_[first] * c;
    d_[first] = h * old_c;
    e_[first] = h * old_s;
  }

  Index n_;
  R* d_;
  R* e_;
  KeptRotations<R>& rotations_;
  const BidiagonalQrOptions& options_;
  R negligible_ = 0;
};

template <RealScalar R>
void swap_columns(const MatrixView<R>& q, Index i, Index j) noexcept {
  if (!q.empty()) {
    std::swap_ranges(q.col(i), q.col(i) + q.rows(), q.col(j));
  }
}

}  // namespace

Index bidiagonal_qr_scratch(Index n, const BidiagonalQrOptions& options) {
  const Index groups = (options.sweeps_together + fused_sequences - 1) / fused_sequences;
  return 4 * n * groups * fused_sequences;
}

template <RealScalar R>
bool bidiagonal_qr(const Execution& execution, std::span<R> d, std::span<R> e, MatrixView<R> u,
                   MatrixView<R> v, std::span<R> scratch, const BidiagonalQrOptions& options) {
  const Index n = static_cast<Index>(d.size());
  // Refuse what is not finite; where squares could leave the range, bring the largest entry to about 1.
  R largest = 0;
  bool finite = true;
  for (const std::span<const R> part : {std::span<const R>(d), std::span<const R>(e)}) {
    for (const R x : part) {
      largest = std::max(largest, std::abs(x));
      finite = finite && std::isfinite(x);
    }
  }
  if (!finite) {
    return false;
  }
  constexpr int high = std::numeric_limits<R>::max_exponent / 4,
                low = std::numeric_limits<R>::min_exponent / 4;
  const int exponent = largest > 0 ? std::ilogb(largest) : 0;
  const int shift = exponent > high || exponent < low ? exponent : 0;
  const auto scale_by = [](std::span<R> part, int power) {
    for (R& x : part) {
      x = std::ldexp(x, power);
    }
  };
  if (shift != 0) {
    scale_by(d, -shift);
    scale_by(e, -shift);
  }

  KeptRotations<R> rotations(execution, n, options.sweeps_together, scratch, u, v);
  const bool converged = QrIteration<R>(d, e, rotations, options).run(std::ldexp(largest, -shift));
  rotations.apply();
  if (!converged) {
    return false;
  }
  if (shift != 0) {
    scale_by(d, shift);
  }
  // 5. Non-negative, descending: few columns are out of place, so each is brought to its place once.
  for (Index i = 0; i < n; ++i) {
    R& value = d[static_cast<std::size_t>(i)];
    if (std::signbit(value)) {
      value = -value;
      for (Index row = 0; !v.empty() && row < v.rows(); ++row) {
        v(row, i) = -v(row, i);
      }
    }
  }
  for (Index i = 0; i + 1 < n; ++i) {
    const auto found = std::max_element(d.begin() + i, d.end());
    const Index at = found - d.begin();
    if (at != i && *found > d[static_cast<std::size_t>(i)]) {
      std::swap(d[static_cast<std::size_t>(i)], *found);
      swap_columns(u, i, at);
      swap_columns(v, i, at);
    }
  }
  return true;
}

#define ECKART_INSTANTIATE(R)                                                                 \
  template bool bidiagonal_qr<R>(const Execution&, std::span<R>, std::span<R>, MatrixView<R>, \
                                 MatrixView<R>, std::span<R>, const BidiagonalQrOptions&);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)

}  // namespace eckart::dense
