#include "dense/bidiagonal/secular_kernels.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace eckart::dense {
namespace {

template <class V>
[[gnu::always_inline]] inline V absolute(const V& x) noexcept {
  return x < 0 ? -x : x;
}

template <class V>
[[gnu::always_inline]] inline V minimum(const V& x, const V& y) noexcept {
  return x < y ? x : y;
}

// Compiled without errno (CMakeLists.txt), this is one instruction.
template <class R, int bytes>
[[gnu::always_inline]] inline Pack<R, bytes> square_root(const Pack<R, bytes>& x) noexcept {
  R part[lanes<R, bytes>];
  store(part, x > 0 ? x : Pack<R, bytes>{});
  for (R& y : part) {
    y = std::sqrt(y);
  }
  return load<bytes>(part);
}

// Conditions of lanes are kept as packs of 1 and 0, and two comparisons are made one by a minimum. GCC lowers the boolean algebra
// of masks, and what it makes of choices inside of choices, lane by lane before it knows the processor that a body is inlined for;
// one comparison with its choice stays together.
template <class V>
[[gnu::always_inline]] inline V choose(const V& flag, const V& yes, const V& no) noexcept {
  return flag > 0 ? yes : no;
}

// Whether x is in the open interval.
template <class V>
[[gnu::always_inline]] inline V between(const V& x, const V& low, const V& high) noexcept {
  return minimum(x - low, high - x) > 0 ? V{} + 1 : V{};
}

template <class R, int bytes>
[[gnu::always_inline]] inline bool any(const Pack<R, bytes>& flag) noexcept {
  return sum_of_lanes<R, bytes>(flag) > 0;
}

// d_j^2 - s^2 at s = origin + offset. Only the difference cancels.
template <class R, int bytes>
[[gnu::always_inline]] inline Pack<R, bytes> distance(R pole, const Pack<R, bytes>& origin,
                                                      const Pack<R, bytes>& offset,
                                                      const Pack<R, bytes>& s) noexcept {
  return ((pole - origin) - offset) * (pole + s);
}

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

template <class R>
struct Weights {
  template <int bytes>
  [[gnu::always_inline]] static void run(const SecularProblem<R>& problem, Index first_pole,
                                         Index last_pole, R* weight) noexcept {
    using P = Pack<R, bytes>;
    constexpr Index width = lanes<R, bytes>;
    const Index k = problem.count;
    const R* const pole = problem.pole;
    for (Index first = first_pole; first < last_pole; first += width) {
      P d{};
      for (Index l = 0; l < width; ++l) {
        d[l] = pole[std::min(first + l, k - 1)];
      }
      P product = root<bytes>(problem, k - 1, d);
      const Index below = std::min(first, k - 1);  // roots below every pole of the group
      const Index above = std::min(first + width, k - 1);
      // Away from the group two factors share a division. Of the two roots beside a pole, which may both be near, one is here.
      Index j = 0;
      for (; j + 1 < below; j += 2) {
        product *= (root<bytes>(problem, j, d) * root<bytes>(problem, j + 1, d)) /
                   (gap<bytes>(pole[j], d) * gap<bytes>(pole[j + 1], d));
      }
      for (; j < above; ++j) {
        P divisor = gap<bytes>(pole[j], d);
        const P next = gap<bytes>(pole[j + 1], d);
        for (Index l = 0; l < width; ++l) {
          divisor[l] = j < first + l ? divisor[l] : next[l];
        }
        product *= root<bytes>(problem, j, d) / divisor;
      }
      for (; j + 2 < k; j += 2) {
        product *= (root<bytes>(problem, j, d) * root<bytes>(problem, j + 1, d)) /
                   (gap<bytes>(pole[j + 1], d) * gap<bytes>(pole[j + 2], d));
      }
      if (j + 1 < k) {
        product *= root<bytes>(problem, j, d) / gap<bytes>(pole[j + 1], d);
      }
      const P size = square_root<R, bytes>(absolute(product));
      for (Index l = 0; l < width && first + l < last_pole; ++l) {
        weight[first + l] = size[l];
      }
    }
  }

 private:
  // s_j^2 - d^2
  template <int bytes>
  [[gnu::always_inline]] static Pack<R, bytes> root(const SecularProblem<R>& problem, Index j,
                                                    const Pack<R, bytes>& d) noexcept {
    return ((problem.origin[j] - d) + problem.offset[j]) *
           (d + (problem.origin[j] + problem.offset[j]));
  }
  template <int bytes>
  [[gnu::always_inline]] static Pack<R, bytes> gap(R pole, const Pack<R, bytes>& d) noexcept {
    return (pole - d) * (pole + d);
  }
};

template <class R, bool left>
struct Column {
  template <int bytes>
  [[gnu::always_inline]] static void run(const SecularRows<R>& rows, R origin, R offset,
                                         R* column) noexcept {
    // 1. The entries, and the sum of their squares; what does not fill a vector goes one by one.
    const Index whole = rows.count / lanes<R, bytes> * lanes<R, bytes>;
    Pack<R, bytes> square{};
    fill<bytes>(rows, origin, offset, 0, whole, column, square);
    Pack<R, sizeof(R)> rest{};
    fill<sizeof(R)>(rows, origin, offset, whole, rows.count, column, rest);
    R sum = sum_of_lanes<R, bytes>(square) + rest[0];
    if constexpr (left) {
      column[rows.zero] = -1;
      sum += 1;
    }
    // 2. Their length becomes 1.
    const R factor = 1 / std::sqrt(sum);
    for (Index i = 0; i < whole; i += lanes<R, bytes>) {
      store(column + i, load<bytes>(column + i) * factor);
    }
    for (Index i = whole; i < rows.count; ++i) {
      column[i] *= factor;
    }
  }

 private:
  template <int bytes>
  [[gnu::always_inline]] static void fill(const SecularRows<R>& rows, R origin, R offset,
                                          Index first, Index last, R* column,
                                          Pack<R, bytes>& square) noexcept {
    for (Index i = first; i < last; i += lanes<R, bytes>) {
      const Pack<R, bytes> d = load<bytes>(rows.pole + i), z = load<bytes>(rows.weight + i);
      const Pack<R, bytes> distance = ((d - origin) - offset) * ((d + origin) + offset);
      const Pack<R, bytes> entry = (left ? d * z : z) / distance;
      square += entry * entry;
      store(column + i, entry);
    }
  }
};

template <class R>
struct Ends {
  template <int bytes>
  [[gnu::always_inline]] static void run(const SecularProblem<R>& problem,
                                         const SecularEnds<R>& ends, Index first_root,
                                         Index last_root) noexcept {
    using P = Pack<R, bytes>;
    constexpr Index width = lanes<R, bytes>;
    const Index k = problem.count;
    const R* const pole = problem.pole;
    for (Index first = first_root; first < last_root; first += width) {
      P origin{}, offset{};
      for (Index l = 0; l < width; ++l) {
        origin[l] = problem.origin[std::min(first + l, k - 1)];
        offset[l] = problem.offset[std::min(first + l, k - 1)];
      }
      const P s = origin + offset;
      P square{}, x{}, y{};
      for (Index j = 0; j + 1 < k; j += 2) {
        const P a = distance<R, bytes>(pole[j], origin, offset, s);
        const P b = distance<R, bytes>(pole[j + 1], origin, offset, s);
        const P both = 1 / (a * b);
        const P entry_a = ends.weight[j] * (b * both), entry_b = ends.weight[j + 1] * (a * both);
        square += entry_a * entry_a;
        square += entry_b * entry_b;
        x += ends.x[j] * entry_a;
        x += ends.x[j + 1] * entry_b;
        y += ends.y[j] * entry_a;
        y += ends.y[j + 1] * entry_b;
      }
      if (k % 2 != 0) {
        const P entry = ends.weight[k - 1] / distance<R, bytes>(pole[k - 1], origin, offset, s);
        square += entry * entry;
        x += ends.x[k - 1] * entry;
        y += ends.y[k - 1] * entry;
      }
      const P length = square_root<R, bytes>(square);
      x /= length;
      y /= length;
      for (Index l = 0; l < width && first + l < last_root; ++l) {
        ends.new_x[first + l] = x[l];
        ends.new_y[first + l] = y[l];
      }
    }
  }
};

}  // namespace

template <RealScalar R>
SecularKernels<R> secular_kernels(Processor processor) noexcept {
  const Index bytes = processor == Processor::avx512 ? 64 : processor == Processor::fma ? 32 : 16;
  return {compiled<Roots<R>, int(const SecularProblem<R>&, const SecularLimits&, Index, Index)>(
              processor),
          compiled<Weights<R>, void(const SecularProblem<R>&, Index, Index, R*)>(processor),
          compiled<Column<R, true>, void(const SecularRows<R>&, R, R, R*)>(processor),
          compiled<Column<R, false>, void(const SecularRows<R>&, R, R, R*)>(processor),
          compiled<Ends<R>, void(const SecularProblem<R>&, const SecularEnds<R>&, Index, Index)>(
              processor),
          bytes / static_cast<Index>(sizeof(R))};
}

template SecularKernels<float> secular_kernels(Processor) noexcept;
template SecularKernels<double> secular_kernels(Processor) noexcept;

}  // namespace eckart::dense
