#include "dense/reduction/bulge_chase_kernels.hpp"

#include <algorithm>
#include <cmath>
#include <span>

#include "dense/reduction/chase_window.hpp"
#include "dense/reduction/column_layout.hpp"
#include "dense/reduction/reflector.hpp"

namespace eckart::dense {
namespace {

using chase::clear_outside;
using chase::combine;
using chase::inner_products;
using chase::times_i;
using chase::update;
using chase::window;
using chase::Window;

// One real vector of up to `band` entries, with a misaligned start, and zeros behind it.
template <Scalar T>
constexpr Index vector_length(Index band) noexcept {
  return padded_reals<T>(band) + 2 * line<T>;
}

// x = (alpha, rest) of `length` reals becomes v = (1, ...) with (I - conj(tau) v v^H) (alpha, rest) = (beta, 0). Behind x stands
// a pack of zeros.
template <Scalar T, int bytes>
[[gnu::always_inline]] inline Reflector<T> reflector_of(Real<T>* x, Index length) noexcept {
  using R = Real<T>;
  using P = Pack<R, bytes>;
  constexpr Index in_pack = lanes<R, bytes>;
  R* const rest = x + parts<T>;
  const Index rest_length = length - parts<T>;
  P sum{};
  for (Index i = 0; i < rest_length; i += in_pack) {
    const P xp = load<bytes>(rest + i);
    sum += xp * xp;
  }
  R square = sum_of_lanes<R, bytes>(sum);
  T alpha = entry_of<T>(x, 0);
  const R scale =
      make_safe<T, 1>(alpha, square, {std::span(rest, static_cast<std::size_t>(rest_length))});
  Reflector<T> h = make_reflector<T>(alpha, square);
  for (Index i = 0; i < rest_length; i += in_pack) {
    const P xp = load<bytes>(rest + i);
    if constexpr (ComplexScalar<T>) {
      store(rest + i, xp * h.scale.real() + times_i<R, bytes>(xp) * h.scale.imag());
    } else {
      store(rest + i, xp * h.scale);
    }
  }
  set_entry<T>(x, 0, T{1});
  h.beta /= scale;
  return h;
}

template <Scalar T>
[[gnu::always_inline]] inline void keep(const Real<T>* from, Index count, T* to,
                                        Index kept) noexcept {
  if (to == nullptr) {
    return;
  }
  for (Index i = 0; i < count; ++i) {
    to[i] = entry_of<T>(from, i);
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
      const T yj = times<T>(factor, entry_of<T>(y, j));
      set_entry<T>(y, j, yj);
      set_entry<T>(v, j, conjugate(entry_of<T>(s.corner + j * s.stride, 0) - yj));
    }
  } else {
    for (Index j = 0; j < size; ++j) {
      set_entry<T>(v, j, conjugate(entry_of<T>(s.corner + j * s.stride, 0)));
    }
  }
  store(v + q * size, P{});
  const Reflector<T> right = reflector_of<T, bytes>(v, q * size);
  for (Index j = 0; j < size; ++j) {
    set_entry<T>(a, j, times<T>(right.tau, conjugate(entry_of<T>(v, j))));
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
      sum += times<T>(entry_of<T>(y, j), entry_of<T>(v, j));
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
  const Reflector<T> left = reflector_of<T, bytes>(next + d.lead, q * size);
  if constexpr (q == 2) {
    for (Index p = 0; p < d.packs; ++p) {
      store(nexti + p * in_pack, times_i<R, bytes>(load<bytes>(next + p * in_pack)));
    }
    clear_outside<R, bytes>(d, nexti);
  }
  R uw_parts[2];
  inner_products<R, bytes, q, 1>({wd, 0, d.lead, d.length, d.packs}, 0, next, nexti, uw_parts);
  const T uw = entry_of<T>(uw_parts, 0), left_factor = conjugate(left.tau);

  const auto finish = [&]<Index columns>(Index j) __attribute__((always_inline)) {
    constexpr Index part = std::min(columns, narrow);
    if (!s.head) {
      for (Index k = 0; k < columns; k += part) {
        update<R, bytes, q, part>(o, j + k, wo, wo + length, a, u, ui, y);
      }
    }
    inner_products<R, bytes, q, columns>(d, j, next, nexti, z + q * j);
    for (Index k = j; k < j + columns; ++k) {
      const T product = entry_of<T>(z, k) - times<T>(entry_of<T>(a, k), uw);
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
