#include "dense/bidiagonal/secular_roots.hpp"

#include <algorithm>
#include <cmath>

#include "dense/bidiagonal/secular_packs.hpp"

namespace eckart::dense {
namespace {

// The roots of one group: lane l holds root index[l].
template <class R, int bytes>
struct RootGroup {
  using P = Pack<R, bytes>;
  using Mask = decltype(P{} < P{});
  static constexpr Index width = lanes<R, bytes>;

  // f and f' at a point, by the poles below the root (psi) and those above it (phi).
  struct Sums {
    P psi{}, psi_slope{}, phi{}, phi_slope{};
  };

  const SecularProblem<R>& problem;
  Index first;
  Mask index;

  // The terms of pole j, and of poles j and k with one division: 1/x = y (1/xy).
  [[gnu::always_inline]] void add(Index j, const P& origin, const P& offset, const P& s, P& sum,
                                  P& slope) const noexcept {
    const P inverse = 1 / distance<R, bytes>(problem.pole[j], origin, offset, s);
    const P term = problem.square[j] * inverse;
    sum += term;
    slope += term * inverse;
  }
  [[gnu::always_inline]] void add_pair(Index j, Index k, const P& origin, const P& offset,
                                       const P& s, P& sum, P& slope) const noexcept {
    const P x = distance<R, bytes>(problem.pole[j], origin, offset, s);
    const P y = distance<R, bytes>(problem.pole[k], origin, offset, s);
    const P both = 1 / (x * y), inverse_x = y * both, inverse_y = x * both;
    const P term_x = problem.square[j] * inverse_x, term_y = problem.square[k] * inverse_y;
    sum += term_x;
    sum += term_y;
    slope += term_x * inverse_x;
    slope += term_y * inverse_y;
  }

  // The terms of pole j, which is below some roots of the group and above others.
  template <bool neighbours>
  [[gnu::always_inline]] void sort_in(Index j, const P& inverse, Sums& sums) const noexcept {
    const auto at = static_cast<std::remove_cvref_t<decltype(index[0])>>(j);
    const P term = problem.square[j] * inverse, slope = term * inverse;
    const Mask is_below = neighbours ? index >= at : index > at;
    const Mask is_above = neighbours ? index < at : index + 1 < at;
    sums.psi += is_below ? term : P{};
    sums.psi_slope += is_below ? slope : P{};
    sums.phi += is_above ? term : P{};
    sums.phi_slope += is_above ? slope : P{};
  }

  // psi over j <= root, phi over j > root, each from far to near. Poles root and root + 1 are left out unless `neighbours`.
  template <bool neighbours>
  [[gnu::always_inline]] Sums evaluate(const P& origin, const P& offset) const noexcept {
    Sums sums;
    // Poles below every root of the group, those between, those above every root.
    const Index below = neighbours ? first + 1 : first;
    const Index above = std::min(neighbours ? first + width : first + width + 1, problem.count);
    const P s = origin + offset;
    Index j = 0;
    for (; j + 1 < below; j += 2) {
      add_pair(j, j + 1, origin, offset, s, sums.psi, sums.psi_slope);
    }
    if (j < below) {
      add(j, origin, offset, s, sums.psi, sums.psi_slope);
    }
    j = problem.count - 1;
    for (; j - 1 >= above; j -= 2) {
      add_pair(j, j - 1, origin, offset, s, sums.phi, sums.phi_slope);
    }
    if (j >= above) {
      add(j, origin, offset, s, sums.phi, sums.phi_slope);
    }
    for (j = below; j + 1 < above; j += 2) {
      const P x = distance<R, bytes>(problem.pole[j], origin, offset, s);
      const P y = distance<R, bytes>(problem.pole[j + 1], origin, offset, s);
      const P both = 1 / (x * y);
      sort_in<neighbours>(j, y * both, sums);
      sort_in<neighbours>(j + 1, x * both, sums);
    }
    if (j < above) {
      sort_in<neighbours>(j, 1 / distance<R, bytes>(problem.pole[j], origin, offset, s), sums);
    }
    return sums;
  }
};

template <class R>
struct Roots {
  template <int bytes>
  [[gnu::always_inline]] static int run(const SecularProblem<R>& problem,
                                        const SecularLimits& limits, Index first_root,
                                        Index last_root) noexcept {
    int most = 0;
    for (Index first = first_root; first < last_root; first += lanes<R, bytes>) {
      const int steps = group<bytes>(problem, limits, first, last_root);
      if (steps < 0) {
        return -1;
      }
      most = std::max(most, steps);
    }
    return most;
  }

 private:
  template <int bytes>
  [[gnu::always_inline]] static int group(const SecularProblem<R>& problem,
                                          const SecularLimits& limits, Index first,
                                          Index last_root) noexcept {
    using Group = RootGroup<R, bytes>;
    using P = typename Group::P;
    constexpr Index width = lanes<R, bytes>;
    constexpr R eps = epsilon<R>;
    // |f| below this times (1 + |psi| + |phi|) is rounding.
    constexpr R rounding = 4 * eps;
    // A step this small against the distance to the poles leaves an error of its square: nothing more to gain.
    const R small_step = std::sqrt(eps) / 16;

    // 1. The interval of each root. The last root has a pole without weight above it.
    Group roots{problem, first, {}};
    P left{}, right{}, left_square{}, right_square{}, gap{};
    P is_last{};
    for (Index l = 0; l < width; ++l) {
      const Index i = std::min(first + l, problem.count - 1);
      const bool last = i == problem.count - 1;
      const R d = problem.pole[i];
      roots.index[l] = static_cast<std::remove_cvref_t<decltype(roots.index[l])>>(i);
      is_last[l] = last ? 1 : 0;
      left[l] = d;
      right[l] = last ? std::sqrt(d * d + problem.square_sum) : problem.pole[i + 1];
      left_square[l] = problem.square[i];
      right_square[l] = last ? R{0} : problem.square[i + 1];
      // The last interval is wider by its rounding.
      gap[l] = last ? (1 + 8 * eps) * (problem.square_sum / (right[l] + d)) : right[l] - d;
    }
    const P square_gap = gap * (right + left);

    // 2. The sign of f in the middle of the interval says which pole is nearer.
    const P half = gap / 2;
    const typename Group::Sums rest = roots.template evaluate<false>(left, half);
    const P c0 = 1 + rest.psi + rest.phi;
    const P to_left = -half * (2 * left + half), to_right = half * (right + (left + half));
    const P middle = c0 + left_square / to_left + right_square / to_right;
    const P one = P{} + 1, zero{};
    const P from_left = middle > 0 ? one : is_last;
    const P origin = choose(from_left, left, right);
    const P left_offset = choose(from_left, zero, -gap),
            right_offset = choose(from_left, gap, zero);
    P low = choose(from_left, zero, -half), high = choose(from_left, half, zero);
    const P upper_half = middle > 0 ? zero : is_last;  // of the last interval
    low = choose(upper_half, half, low);
    high = choose(upper_half, gap, high);

    // 3. The first guess: the root of c0 + z_i^2 / (d_i^2 - x) + z_{i+1}^2 / (d_{i+1}^2 - x).
    P offset;
    {
      const P a = choose(from_left, c0, -c0) * square_gap + left_square + right_square;
      const P b = choose(from_left, left_square, -right_square) * square_gap;
      const P root = square_root<R, bytes>(a * a - 4 * b * c0);
      const P x = a > 0 ? 2 * b / (a + root) : (a - root) / (2 * c0);
      const P guess = x / (origin + square_root<R, bytes>(origin * origin + x));
      offset = choose(between(guess, low, high), guess, (low + high) / 2);
    }

    // 4. Rational interpolation with a bracket.
    P active = one;
    P middle_way = is_last;
    P last_value{};
    int step = 1;
    for (; step < limits.steps && any<R, bytes>(active); ++step) {
      const typename Group::Sums f = roots.template evaluate<true>(origin, offset);
      const P value = 1 + f.psi + f.phi;
      const P slope = f.psi_slope + f.phi_slope;
      const P size = absolute(value);
      active = size > rounding * (1 - f.psi + f.phi) ? active : zero;
      const P below_root = value < 0 ? active : zero;
      low = choose(below_root, offset, low);
      high = choose(active - below_root, offset, high);

      if (step > 1) {
        middle_way = 10 * size > absolute(last_value) ? 1 - middle_way : middle_way;
      }
      last_value = value;
      const P s = origin + offset;
      const P dl = (left_offset - offset) * (left + s), dr = (right_offset - offset) * (right + s);
      // The pole that is the origin, by its distance d; the other is the farther one.
      const P near = choose(from_left, dl, dr), far = choose(from_left, dr, dl);
      const P fixed = value - far * slope +
                      square_gap * choose(from_left, left_square, -right_square) / (near * near);
      const P c = choose(middle_way, value - dl * f.psi_slope - dr * f.phi_slope, fixed);
      const P a = (dl + dr) * value - dl * dr * slope;
      const P b = dl * dr * value;
      const P root = square_root<R, bytes>(a * a - 4 * b * c);
      const P sign = a > 0 ? one : zero;
      P x = choose(sign, 2 * b, a - root) / choose(sign, a + root, 2 * c);
      x = (x * value < 0) ? x : -value / slope;
      P next = offset + x / (s + square_root<R, bytes>(s * s + x));
      const P inside = between(next, low, high);
      next = choose(inside, next, (low + high) / 2);
      offset = choose(active, next, offset);
      // Arrived, or nothing left of the bracket.
      const P to_go = absolute(x) - small_step * minimum(absolute(dl), absolute(dr));
      const P room = (high - low) - 2 * eps * absolute(low + high);
      active = minimum(choose(inside, to_go, one), room) > 0 ? active : zero;
    }
    if (any<R, bytes>(active)) {
      return -1;
    }
    for (Index l = 0; l < width && first + l < last_root; ++l) {
      problem.origin[first + l] = origin[l];
      problem.offset[first + l] = offset[l];
    }
    return step;
  }
};

}  // namespace

template <RealScalar R>
SecularRootFinder<R> secular_root_finder(Processor processor) noexcept {
  return compiled<Roots<R>, int(const SecularProblem<R>&, const SecularLimits&, Index, Index)>(
      processor);
}

template SecularRootFinder<float> secular_root_finder(Processor) noexcept;
template SecularRootFinder<double> secular_root_finder(Processor) noexcept;

}  // namespace eckart::dense
