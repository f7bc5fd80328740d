#include "dense/reduction/bulge_chase_kernels.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>

namespace eckart::dense {
namespace {

// Reals in a cache line: what a vector's length is rounded up to.
template <class R>
constexpr Index line = 64 / static_cast<Index>(sizeof(R));

template <Scalar T>
constexpr Index parts = ComplexScalar<T> ? 2 : 1;

// One real vector of up to `band` entries, with a misaligned start, and zeros behind it.
template <Scalar T>
constexpr Index vector_length(Index band) noexcept {
  using R = Real<T>;
  return (parts<T> * band + line<R> - 1) / line<R> * line<R> + 2 * line<R>;
}

// ---- Packs -----------------------------------------------------------------------------------------------------------------

// i x for a pack of complex numbers: (re, im) -> (-im, re).
template <class R, int bytes, std::size_t... lane>
[[gnu::always_inline]] inline Pack<R, bytes> times_i(const Pack<R, bytes>& x,
                                                     std::index_sequence<lane...>) noexcept {
  const Pack<R, bytes> sign = {(lane % 2 == 0 ? R{-1} : R{1})...};
  return __builtin_shufflevector(x, x, (lane ^ 1)...) * sign;
}
template <class R, int bytes>
[[gnu::always_inline]] inline Pack<R, bytes> times_i(const Pack<R, bytes>& x) noexcept {
  return times_i<R, bytes>(x, std::make_index_sequence<bytes / sizeof(R)>());
}

// Lane l is the sum of the lanes l and l ^ distance, of a where l & distance is 0, of b elsewhere.
template <class R, int bytes, std::size_t distance, std::size_t... lane>
[[gnu::always_inline]] inline Pack<R, bytes> paired_sum(const Pack<R, bytes>& a,
                                                        const Pack<R, bytes>& b,
                                                        std::index_sequence<lane...>) noexcept {
  constexpr std::size_t count = sizeof...(lane);
  return __builtin_shufflevector(a, b,
                                 ((lane & distance) == 0 ? lane : count + (lane & ~distance))...) +
         __builtin_shufflevector(a, b,
                                 ((lane & distance) == 0 ? (lane | distance) : count + lane)...);
}

// sums[i] = the sum of the lanes of v[i], i < count, by a tree of paired sums.
template <class R, int bytes, Index count, std::size_t distance = 1>
[[gnu::always_inline]] inline void sums_of_lanes(Pack<R, bytes>* v, R* sums) noexcept {
  constexpr auto all = std::make_index_sequence<bytes / sizeof(R)>();
  constexpr std::size_t lane_count = bytes / sizeof(R);
  if constexpr (distance == lane_count) {
    // Lane l of v[g] is the sum of number g lane_count + l.
    for (Index g = 0; g < count; ++g) {
      store(sums + g * static_cast<Index>(lane_count), v[g]);
    }
  } else if constexpr (count == 1) {
    // Lane l is a partial sum of number l % distance.
    R part[lane_count];
    store(part, paired_sum<R, bytes, distance>(v[0], v[0], all));
    for (std::size_t i = 0; i < distance; ++i) {
      sums[i] = part[i];
      for (std::size_t l = i + 2 * distance; l < lane_count; l += 2 * distance) {
        sums[i] += part[l];
      }
    }
  } else {
    for (Index g = 0; g < count / 2; ++g) {
      v[g] = paired_sum<R, bytes, distance>(v[2 * g], v[2 * g + 1], all);
    }
    sums_of_lanes<R, bytes, count / 2, 2 * distance>(v, sums);
  }
}

// The bound of an array of packs: registers, as long as all indices are known when it is compiled.
constexpr std::size_t bound(Index count) noexcept {
  return static_cast<std::size_t>(count);
}

// ---- Windows ---------------------------------------------------------------------------------------------------------------

// Rows of a matrix between aligned limits.
template <class R>
struct Window {
  R* x;          // aligned, at or above the first row
  Index stride;  // reals between columns
  Index lead;    // reals above the first row
  Index length;  // reals of a column that belong to the window
  Index packs;   // from x on
};

template <class R, int bytes>
[[gnu::always_inline]] inline Window<R> window(R* first, Index stride, Index length) noexcept {
  constexpr Index in_pack = lanes<R, bytes>;
  const Index lead =
      static_cast<Index>(reinterpret_cast<std::uintptr_t>(first) / sizeof(R)) % in_pack;
  return {first - lead, stride, lead, length, (lead + length + in_pack - 1) / in_pack};
}

// Zeros in the rows of a vector that do not belong to the window, and in one pack behind it.
template <class R, int bytes>
[[gnu::always_inline]] inline void clear_outside(const Window<R>& m, R* vector) noexcept {
  for (Index i = 0; i < m.lead; ++i) {
    vector[i] = 0;
  }
  for (Index i = m.lead + m.length; i < m.packs * lanes<R, bytes>; ++i) {
    vector[i] = 0;
  }
  store(vector + m.packs * lanes<R, bytes>, Pack<R, bytes>{});
}

// The sum over the columns j of column j times v_j, for `tile` packs from pack `from` on; `unroll` columns at a time.
template <class R, int bytes, Index parts_, Index tile, Index unroll>
[[gnu::always_inline]] inline void combine_tile(const Window<R>& m, Index from, Index columns,
                                                const R* v, R* w, R* wi) noexcept {
  using P = Pack<R, bytes>;
  constexpr Index in_pack = lanes<R, bytes>;
  P sum[bound(unroll)][bound(parts_)][bound(tile)] = {};
  const R* x = m.x + from * in_pack;
  const auto add = [&](P(&to)[bound(parts_)][bound(tile)], Index j) __attribute__((always_inline)) {
    const auto* const column = reinterpret_cast<const P*>(x + j * m.stride);
    for (int part = 0; part < parts_; ++part) {
      const R factor = v[parts_ * j + part];
      for (Index p = 0; p < tile; ++p) {
        to[part][p] += column[p] * factor;
      }
    }
  };
  Index j = 0;
  for (; j + unroll <= columns; j += unroll) {
    for (Index u = 0; u < unroll; ++u) {
      add(sum[u], j + u);
    }
  }
  for (; j < columns; ++j) {
    add(sum[0], j);
  }
  for (Index p = 0; p < tile; ++p) {
    for (int part = 0; part < parts_; ++part) {
      for (Index u = 1; u < unroll; ++u) {
        sum[0][part][p] += sum[u][part][p];
      }
    }
    P result = sum[0][0][p];
    if constexpr (parts_ == 2) {
      result += times_i<R, bytes>(sum[0][1][p]);
      store(wi + (from + p) * in_pack, times_i<R, bytes>(result));
    }
    store(w + (from + p) * in_pack, result);
  }
}

// w = X v, and i w.
template <class R, int bytes, Index parts_>
[[gnu::always_inline]] inline void combine(const Window<R>& m, Index columns, const R* v, R* w,
                                           R* wi) noexcept {
  constexpr Index largest = bytes == 64 || parts_ == 1 ? 8 : 4;
  Index from = 0;
  for (; from + largest <= m.packs; from += largest) {
    combine_tile<R, bytes, parts_, largest, 1>(m, from, columns, v, w, wi);
  }
  if (from + 4 <= m.packs) {
    combine_tile<R, bytes, parts_, 4, bytes == 64 ? 2 : 1>(m, from, columns, v, w, wi);
    from += 4;
  }
  if (from + 2 <= m.packs) {
    combine_tile<R, bytes, parts_, 2, 4 / parts_>(m, from, columns, v, w, wi);
    from += 2;
  }
  if (from < m.packs) {
    combine_tile<R, bytes, parts_, 1, 4>(m, from, columns, v, w, wi);
  }
}

// products[j] = u^H x_j for `columns` columns x_j from column `first` on.
template <class R, int bytes, Index parts_, Index columns>
[[gnu::always_inline]] inline void inner_products(const Window<R>& m, Index first, const R* u,
                                                  const R* ui, R* products) noexcept {
  using P = Pack<R, bytes>;
  P sum[bound(columns * parts_)] = {};
  const R* const x = m.x + first * m.stride;
  for (Index p = 0; p < m.packs; ++p) {
    const Index at = p * lanes<R, bytes>;
    const P up = *reinterpret_cast<const P*>(u + at);
    if constexpr (parts_ == 2) {
      const P uip = *reinterpret_cast<const P*>(ui + at);
      for (Index j = 0; j < columns; ++j) {
        const P xp = *reinterpret_cast<const P*>(x + j * m.stride + at);
        sum[2 * j] += up * xp;
        sum[2 * j + 1] += uip * xp;
      }
    } else {
      for (Index j = 0; j < columns; ++j) {
        sum[j] += up * *reinterpret_cast<const P*>(x + j * m.stride + at);
      }
    }
  }
  sums_of_lanes<R, bytes, columns * parts_>(sum, products);
}

// x_j <- x_j - w a_j - u c_j for `columns` columns from column `first` on.
template <class R, int bytes, Index parts_, Index columns>
[[gnu::always_inline]] inline void update(const Window<R>& m, Index first, const R* w, const R* wi,
                                          const R* a, const R* u, const R* ui,
                                          const R* c) noexcept {
  using P = Pack<R, bytes>;
  R* const x = m.x + first * m.stride;
  P aj[bound(columns)][bound(parts_)], cj[bound(columns)][bound(parts_)];
  for (Index j = 0; j < columns; ++j) {
    for (int part = 0; part < parts_; ++part) {
      aj[j][part] = P{} + a[parts_ * (first + j) + part];
      cj[j][part] = P{} + c[parts_ * (first + j) + part];
    }
  }
  for (Index p = 0; p < m.packs; ++p) {
    const Index at = p * lanes<R, bytes>;
    const P wp = *reinterpret_cast<const P*>(w + at), up = *reinterpret_cast<const P*>(u + at);
    if constexpr (parts_ == 2) {
      const P wip = *reinterpret_cast<const P*>(wi + at),
              uip = *reinterpret_cast<const P*>(ui + at);
      for (Index j = 0; j < columns; ++j) {
        P& xp = *reinterpret_cast<P*>(x + j * m.stride + at);
        xp = xp - wp * aj[j][0] - wip * aj[j][1] - up * cj[j][0] - uip * cj[j][1];
      }
    } else {
      for (Index j = 0; j < columns; ++j) {
        P& xp = *reinterpret_cast<P*>(x + j * m.stride + at);
        xp = xp - wp * aj[j][0] - up * cj[j][0];
      }
    }
  }
}

// ---- Reflectors ------------------------------------------------------------------------------------------------------------

template <Scalar T>
struct Reflector {
  T tau;
  Real<T> beta;
};

// Multiplies x by the power of two that brings its largest part near 1. Returns the exponent of that power; 0 for a vector
// that has no such part.
template <class R>
int scale_to_one(R* x, Index length) noexcept {
  R largest = 0;
  for (Index i = 0; i < length; ++i) {
    largest = std::max(largest, std::abs(x[i]));
  }
  if (!(largest > 0) || !std::isfinite(largest)) {
    return 0;
  }
  const int exponent = -std::ilogb(largest);
  for (Index i = 0; i < length; ++i) {
    x[i] = std::scalbn(x[i], exponent);
  }
  return exponent;
}

// x = (alpha, rest) of `length` reals becomes v = (1, ...) with (I - conj(tau) v v^H) (alpha, rest) = (beta, 0). Behind x stands
// a pack of zeros.
template <Scalar T, int bytes>
[[gnu::always_inline]] inline Reflector<T> make_reflector(Real<T>* x, Index length) noexcept {
  using R = Real<T>;
  using P = Pack<R, bytes>;
  constexpr Index in_pack = lanes<R, bytes>;
  // Squares that underflow are below eps of a sum in this range.
  constexpr R least = smallest_normal<R> / (epsilon<R> * epsilon<R>);
  constexpr R most = std::numeric_limits<R>::max() * epsilon<R>;
  R* const rest = x + parts<T>;
  const Index rest_length = length - parts<T>;
  R rest_square = 0, alpha_square = 0;
  const auto measure = [&]() __attribute__((always_inline)) {
    P sum{};
    for (Index i = 0; i < rest_length; i += in_pack) {
      const P xp = load<bytes>(rest + i);
      sum += xp * xp;
    }
    rest_square = sum_of_lanes<R, bytes>(sum);
    alpha_square = x[0] * x[0];
    if constexpr (ComplexScalar<T>) {
      alpha_square += x[1] * x[1];
    }
  };
  measure();
  R square = alpha_square + rest_square;
  int exponent = 0;
  if (!(square > least && square < most)) {
    exponent = scale_to_one(x, length);
    measure();
    square = alpha_square + rest_square;
  }

  R imaginary = 0;
  if constexpr (ComplexScalar<T>) {
    imaginary = x[1];
  }
  Reflector<T> h{};
  if (rest_square == 0 && imaginary == 0) {
    h.beta = x[0];
    for (Index i = 0; i < rest_length; i += in_pack) {
      store(rest + i, P{});
    }
  } else {
    h.beta = -std::copysign(std::sqrt(square), x[0]);
    const R difference = x[0] - h.beta;
    if constexpr (ComplexScalar<T>) {
      h.tau = {-difference / h.beta, -imaginary / h.beta};
      const R modulus = difference * difference + imaginary * imaginary;
      const R re = difference / modulus, im = -imaginary / modulus;
      for (Index i = 0; i < rest_length; i += in_pack) {
        const P xp = load<bytes>(rest + i);
        store(rest + i, xp * re + times_i<R, bytes>(xp) * im);
      }
    } else {
      h.tau = -difference / h.beta;
      const R factor = 1 / difference;
      for (Index i = 0; i < rest_length; i += in_pack) {
        store(rest + i, load<bytes>(rest + i) * factor);
      }
    }
  }
  x[0] = 1;
  if constexpr (ComplexScalar<T>) {
    x[1] = 0;
  }
  if (exponent != 0) {
    h.beta = std::scalbn(h.beta, -exponent);
  }
  return h;
}

// ---- The step --------------------------------------------------------------------------------------------------------------

// x y, without the detour of std::complex for infinite parts.
template <Scalar T>
[[gnu::always_inline]] inline T times(const T& x, const T& y) noexcept {
  if constexpr (ComplexScalar<T>) {
    return {x.real() * y.real() - x.imag() * y.imag(), x.real() * y.imag() + x.imag() * y.real()};
  } else {
    return x * y;
  }
}

template <Scalar T>
[[gnu::always_inline]] inline T entry(const Real<T>* x, Index i) noexcept {
  if constexpr (ComplexScalar<T>) {
    return {x[2 * i], x[2 * i + 1]};
  } else {
    return x[i];
  }
}
template <Scalar T>
[[gnu::always_inline]] inline void set_entry(Real<T>* x, Index i, const T& value) noexcept {
  if constexpr (ComplexScalar<T>) {
    x[2 * i] = value.real();
    x[2 * i + 1] = value.imag();
  } else {
    x[i] = value;
  }
}

template <Scalar T>
[[gnu::always_inline]] inline void keep(const Real<T>* from, Index count, T* to,
                                        Index kept) noexcept {
  if (to == nullptr) {
    return;
  }
  for (Index i = 0; i < count; ++i) {
    to[i] = entry<T>(from, i);
  }
  for (Index i = count; i < kept; ++i) {
    to[i] = T{};
  }
}

template <Scalar T, int bytes>
[[gnu::always_inline]] inline void step_body(ChaseStep<T>& s, Index band) noexcept {
  using R = Real<T>;
  using P = Pack<R, bytes>;
  constexpr Index q = parts<T>;
  constexpr Index tile = 8 / q;    // columns that share one reading of u for the inner products
  constexpr Index narrow = 4 / q;  // columns that share one reading of w and u for the update
  constexpr Index in_pack = lanes<R, bytes>;
  const Index length = vector_length<T>(band), size = s.size;
  const Window<R> o = window<R, bytes>(s.corner, s.stride, q * s.rows);
  const Window<R> d = window<R, bytes>(s.corner + q * s.rows, s.stride, q * size);

  R* const v = s.scratch;
  R* const a = v + length;        // tau' conj(v)
  R* const y = a + length;        // conj(tau) u^H O
  R* const z = y + length;        // conj(tau'') u'^H (D - w tau' v^H)
  R* const wo = z + length;       // w on the rows of O, then i w
  R* const wd = wo + q * length;  // w on the rows of D, then i w
  const R* const u = s.before;
  const R* const ui = u + length;
  R* const next = s.after;
  R* const nexti = next + length;

  // 1. The first row of O after Q(s, k-1), and P(s, k).
  if (!s.head) {
    Index j = 0;
    for (; j + tile <= size; j += tile) {
      inner_products<R, bytes, q, tile>(o, j, u, ui, y + q * j);
    }
    for (; j < size; ++j) {
      inner_products<R, bytes, q, 1>(o, j, u, ui, y + q * j);
    }
    const T factor = conjugate(s.before_tau);
    for (j = 0; j < size; ++j) {
      const T yj = times<T>(factor, entry<T>(y, j));
      set_entry<T>(y, j, yj);
      set_entry<T>(v, j, conjugate(entry<T>(s.corner + j * s.stride, 0) - yj));
    }
  } else {
    for (Index j = 0; j < size; ++j) {
      set_entry<T>(v, j, conjugate(entry<T>(s.corner + j * s.stride, 0)));
    }
  }
  store(v + q * size, P{});
  const Reflector<T> right = make_reflector<T, bytes>(v, q * size);
  for (Index j = 0; j < size; ++j) {
    set_entry<T>(a, j, times<T>(right.tau, conjugate(entry<T>(v, j))));
  }

  // 2. w on both blocks.
  combine<R, bytes, q>(d, size, v, wd, wd + length);
  clear_outside<R, bytes>(d, wd);
  if constexpr (q == 2) {
    clear_outside<R, bytes>(d, wd + length);
  }
  if (!s.head) {
    combine<R, bytes, q>(o, size, v, wo, wo + length);
    T sum{};
    for (Index j = 0; j < size; ++j) {
      sum += times<T>(entry<T>(y, j), entry<T>(v, j));
    }
    for (Index p = 0; p < o.packs; ++p) {
      const P up = load<bytes>(u + p * in_pack);
      P wp = load<bytes>(wo + p * in_pack);
      if constexpr (q == 2) {
        wp = wp - up * sum.real() - load<bytes>(ui + p * in_pack) * sum.imag();
        store(wo + length + p * in_pack, times_i<R, bytes>(wp));
      } else {
        wp = wp - up * sum;
      }
      store(wo + p * in_pack, wp);
    }
    clear_outside<R, bytes>(o, wo);
    if constexpr (q == 2) {
      clear_outside<R, bytes>(o, wo + length);
    }
  }

  // 3. Q(s, k) from the first column of D after P(s, k); v(0) = 1, so a(0) = tau'.
  for (Index p = 0; p < d.packs; ++p) {
    const Index at = p * in_pack;
    P column = load<bytes>(d.x + at);
    if constexpr (q == 2) {
      column = column - load<bytes>(wd + at) * right.tau.real() -
               load<bytes>(wd + length + at) * right.tau.imag();
    } else {
      column = column - load<bytes>(wd + at) * right.tau;
    }
    store(next + at, column);
  }
  clear_outside<R, bytes>(d, next);
  const Reflector<T> left = make_reflector<T, bytes>(next + d.lead, q * size);
  if constexpr (q == 2) {
    for (Index p = 0; p < d.packs; ++p) {
      store(nexti + p * in_pack, times_i<R, bytes>(load<bytes>(next + p * in_pack)));
    }
    clear_outside<R, bytes>(d, nexti);
  }
  R uw_parts[2];
  inner_products<R, bytes, q, 1>({wd, 0, d.lead, d.length, d.packs}, 0, next, nexti, uw_parts);
  const T uw = entry<T>(uw_parts, 0), left_factor = conjugate(left.tau);

  const auto finish = [&]<Index columns>(Index j) __attribute__((always_inline)) {
    constexpr Index part = std::min(columns, narrow);
    if (!s.head) {
      for (Index k = 0; k < columns; k += part) {
        update<R, bytes, q, part>(o, j + k, wo, wo + length, a, u, ui, y);
      }
    }
    inner_products<R, bytes, q, columns>(d, j, next, nexti, z + q * j);
    for (Index k = j; k < j + columns; ++k) {
      const T product = entry<T>(z, k) - times<T>(entry<T>(a, k), uw);
      set_entry<T>(z, k, times<T>(left_factor, product));
    }
    for (Index k = 0; k < columns; k += part) {
      update<R, bytes, q, part>(d, j + k, wd, wd + length, a, next, nexti, z);
    }
  };
  Index j = 0;
  for (; j + tile <= size; j += tile) {
    finish.template operator()<tile>(j);
  }
  for (; j < size; ++j) {
    finish.template operator()<1>(j);
  }

  // 4. What the reflectors leave, exactly.
  for (j = 0; j < size; ++j) {
    set_entry<T>(s.corner + j * s.stride, 0, T(j == 0 ? right.beta : R{0}));
  }
  R* const first_column = s.corner + q * s.rows;
  for (Index i = 0; i < size; ++i) {
    set_entry<T>(first_column, i, T(i == 0 ? left.beta : R{0}));
  }
  s.right_tau = right.tau;
  s.after_tau = left.tau;
  keep<T>(v, size, s.keep_right, s.kept);
  keep<T>(next + d.lead, size, s.keep_left, s.kept);
}

template <Scalar T>
struct Step {
  template <int bytes>
  [[gnu::always_inline]] static void run(ChaseStep<T>* step, Index band) noexcept {
    step_body<T, bytes>(*step, band);
  }
};

}  // namespace

template <Scalar T>
Index chase_vector_reals(Index band) noexcept {
  return parts<T> * vector_length<T>(band);
}

template <Scalar T>
Index chase_scratch_reals(Index band) noexcept {
  return (4 + 2 * parts<T>)*vector_length<T>(band);
}

template <Scalar T>
ChaseKernel<T> chase_kernel(Processor processor) noexcept {
  return compiled<Step<T>, void(ChaseStep<T>*, Index)>(processor);
}

#define ECKART_INSTANTIATE(T)                            \
  template Index chase_vector_reals<T>(Index) noexcept;  \
  template Index chase_scratch_reals<T>(Index) noexcept; \
  template ChaseKernel<T> chase_kernel<T>(Processor) noexcept;
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)

}  // namespace eckart::dense
