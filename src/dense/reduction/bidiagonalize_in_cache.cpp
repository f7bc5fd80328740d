// GCC 12 warns of every array whose size depends on a template argument that is an int.
#pragma GCC diagnostic ignored "-Wsign-conversion"

#include "dense/reduction/bidiagonalize_in_cache.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "dense/reduction/column_kernels.hpp"
#include "dense/reduction/fused_pass.hpp"
#include "dense/reduction/reflector.hpp"

namespace eckart::dense {
namespace {

template <Scalar T>
struct Task {
  using R = Real<T>;
  static constexpr int k_parts = parts<T>;

  Bidiagonal<T> b;
  Columns<R> a;  // the copy, padded with zeros below and on the right
  Index reals;   // of a column of it
  // Vectors with their companions, and planar coefficients: of this step and of the one before.
  R *v[k_parts], *last_v[k_parts], *x[k_parts], *last_x[k_parts];
  Planar<R> y, last_y, w, last_w;
};

// 1. Column i, updated, as v with zeros above and at its head, which is returned.
template <Scalar T, int bytes>
[[gnu::always_inline]] inline T current_column(const Task<T>& t, Index i) noexcept {
  using R = Real<T>;
  using P = Pack<R, bytes>;
  constexpr int k_parts = parts<T>;
  const Index first = line_of<T>(i);
  const R* const a = t.a.col(i);
  P y[k_parts], w[k_parts];
  for (int k = 0; k < k_parts; ++k) {
    y[k] = P{} + t.last_y.part(k)[i];
    w[k] = P{} + t.last_w.part(k)[i];
  }
  for (Index p = first; p < t.reals; p += lanes<R, bytes>) {
    P column = load<bytes>(a + p);
    for (int k = 0; k < k_parts; ++k) {
      column -= load<bytes>(t.last_v[k] + p) * y[k];
      column -= load<bytes>(t.last_x[k] + p) * w[k];
    }
    store(t.v[0] + p, column);
  }
  const T head = entry_of<T>(t.v[0], i);
  std::fill(t.v[0] + first, t.v[0] + (i + 1) * k_parts, R{});
  return head;
}

// 3. The tail of w: its sum of squares, and y^H w over it; w's head is zero at this moment.
template <Scalar T, int bytes>
[[gnu::always_inline]] inline Real<T> row_sums(const Task<T>& t, Index first, T& product) noexcept {
  using R = Real<T>;
  using P = Pack<R, bytes>;
  P square{}, real{}, imaginary{};
  for (Index j = first; j < t.b.a.cols(); j += lanes<R, bytes>) {
    const P w0 = load<bytes>(t.w.part(0) + j), y0 = load<bytes>(t.y.part(0) + j);
    square += w0 * w0;
    real += y0 * w0;
    if constexpr (ComplexScalar<T>) {
      const P w1 = load<bytes>(t.w.part(1) + j), y1 = load<bytes>(t.y.part(1) + j);
      square += w1 * w1;
      real += y1 * w1;
      imaginary += y0 * w1 - y1 * w0;
    }
  }
  const P sums[4] = {square, real, imaginary, P{}};
  R out[4];
  sums_of_packs<R, bytes, 4>(sums, out);
  if constexpr (ComplexScalar<T>) {
    product = {out[1], out[2]};
  } else {
    product = out[1];
  }
  return out[0];
}

// w <- scale w.
template <Scalar T, int bytes>
[[gnu::always_inline]] inline void scale_row(const Task<T>& t, Index first, T scale) noexcept {
  using R = Real<T>;
  using P = Pack<R, bytes>;
  for (Index j = first; j < t.b.a.cols(); j += lanes<R, bytes>) {
    const P w0 = load<bytes>(t.w.part(0) + j);
    if constexpr (ComplexScalar<T>) {
      const P w1 = load<bytes>(t.w.part(1) + j);
      store(t.w.part(0) + j, w0 * scale.real() - w1 * scale.imag());
      store(t.w.part(1) + j, w0 * scale.imag() + w1 * scale.real());
    } else {
      store(t.w.part(0) + j, w0 * scale);
    }
  }
}

// The rare case of 3: x <- A w for the finished w, whose head stands at column `first`.
template <Scalar T>
[[gnu::noinline]] void multiply_again(const Task<T>& t, Index from, Index first) noexcept {
  for (int k = 0; k < parts<T>; ++k) {
    std::fill(t.x[k] + from, t.x[k] + t.reals, Real<T>{});
    for (Index j = first; j < t.b.a.cols(); ++j) {
      const Real<T> factor = t.w.part(k)[j];
      const Real<T>* const a = t.a.col(j);
      for (Index p = from; p < t.reals; ++p) {
        t.x[k][p] += a[p] * factor;
      }
    }
  }
}

template <Scalar T>
struct Reduce {
  template <int bytes>
  [[gnu::always_inline]] static void run(Task<T>& t) noexcept {
    using R = Real<T>;
    constexpr int k_parts = parts<T>;
    const MatrixView<T> a = t.b.a;
    const Index m = a.rows(), n = a.cols();
    for (Index i = 0; i < n; ++i) {
      const auto at = static_cast<std::size_t>(i);
      const Index first = line_of<T>(i), reals = t.reals - first, below = (i + 1) * k_parts;
      R *v[k_parts], *x[k_parts];
      for (int k = 0; k < k_parts; ++k) {
        v[k] = t.v[k] + first;
        x[k] = t.x[k] + first;
      }

      // 1. The left reflector.
      T alpha = current_column<T, bytes>(t, i);
      R square = sum_of_squares<R, bytes>(v[0], reals);
      const R column_scale =
          make_safe<T, 1>(alpha, square, {std::span(v[0], static_cast<std::size_t>(reals))});
      const Reflector<T> left = make_reflector<T>(alpha, square);
      t.b.d[at] = left.beta / column_scale;
      t.b.tau_q[at] = left.tau;
      linear_combination<T, bytes, 1>(reals, {v[0]}, {left.scale}, v);
      t.v[0][i * k_parts] = 1;
      if constexpr (k_parts == 2) {
        t.v[1][i * k_parts + 1] = -1;
      }
      a(i, i) = t.b.d[at];
      std::memcpy(static_cast<void*>(a.col(i) + i + 1), t.v[0] + below,
                  static_cast<std::size_t>(m - i - 1) * sizeof(T));
      if (i + 1 == n) {
        t.b.tau_p[at] = T{};
        break;
      }

      // 2. The pass.
      FusedPass<R, k_parts> pass{{t.a.col(i + 1) + first, t.a.stride},
                                 reals,
                                 {},
                                 {},
                                 {},
                                 t.y.from(i + 1),
                                 t.w.from(i + 1),
                                 i * k_parts - first};
      PendingUpdate<R, k_parts> pending{{}, t.last_y.from(i + 1), t.last_w.from(i + 1)};
      for (int k = 0; k < k_parts; ++k) {
        std::fill_n(x[k], reals, R{});
        pass.v[k] = v[k];
        pass.x[k] = x[k];
        pass.tau[k] = part_of<T>(left.tau, k);
        pending.vector[k] = t.last_v[k] + first;
        pending.vector[k_parts + k] = t.last_x[k] + first;
      }
      updating_pass<R, bytes, k_parts>(pass, pending, n - i - 1);

      // 3. The right reflector, and x.
      T product{};
      alpha = entry_of<T>(t.w, i + 1);
      set_entry<T>(t.w, i + 1, T{});
      square = row_sums<T, bytes>(t, i + 1, product);
      std::array<std::span<R>, k_parts> row;
      for (int k = 0; k < k_parts; ++k) {
        row[static_cast<std::size_t>(k)] = {t.w.part(k) + i + 2,
                                            static_cast<std::size_t>(n - i - 2)};
      }
      const R row_scale = make_safe<T, k_parts>(alpha, square, row);
      const Reflector<T> right = make_reflector<T>(alpha, square);
      t.b.e[at] = right.beta / row_scale;
      t.b.tau_p[at] = right.tau;
      scale_row<T, bytes>(t, i + 1, right.scale);
      set_entry<T>(t.w, i + 1, T{1});
      T of_x = times<T>(right.tau, right.scale);
      T of_head = -of_x * right.beta;
      if (row_scale != 1) [[unlikely]] {
        multiply_again<T>(t, first, i + 1);
        product *= row_scale;
        of_x = right.tau;
        of_head = T{};
      }
      product = times<T>(product, right.scale) + conjugate<T>(entry_of<T>(t.y, i + 1));
      const T of_v = -times<T>(right.tau, product);
      const R* const next = t.a.col(i + 1) + first;
      if constexpr (k_parts == 2) {
        linear_combination<T, bytes, 4>(reals, {x[0], x[1], next, v[0]},
                                        {of_x, times<T>({R{}, R{1}}, of_x), of_head, of_v}, x);
      } else {
        linear_combination<T, bytes, 3>(reals, {x[0], next, v[0]}, {of_x, of_head, of_v}, x);
      }
      for (int k = 0; k < k_parts; ++k) {
        std::fill(x[k], t.x[k] + below, R{});
      }
      a(i, i + 1) = t.b.e[at];
      for (Index j = i + 2; j < n; ++j) {
        a(i, j) = conjugate<T>(entry_of<T>(t.w, j));
      }
      std::swap(t.v, t.last_v);
      std::swap(t.x, t.last_x);
      std::swap(t.y, t.last_y);
      std::swap(t.w, t.last_w);
    }
  }
};

// Columns of zeros that complete the last block of a pass; coefficients are padded to a line, so that packs may start anywhere.
template <Scalar T>
constexpr Index spare_columns = pass_width<parts<T>>;
// An odd number of lines: columns a power of two apart would compete for the same places in the cache.
template <Scalar T>
constexpr Index column_stride(Index m) {
  return (padded_reals<T>(m) / line<T> | 1) * line<T>;
}
template <Scalar T>
constexpr Index coefficient_reals(Index n) {
  return padded_reals<Real<T>>(n + spare_columns<T>) + line<T>;
}

}  // namespace

template <Scalar T>
MemoryPlan bidiagonalize_in_cache_memory(Index m, Index n) {
  return MemoryPlan::all_of(
      "reduction in cache",
      {MemoryPlan::block<Real<T>>("copy", column_stride<T>(m), n + spare_columns<T>),
       MemoryPlan::block<Real<T>>("v and x", 4 * parts<T>, padded_reals<T>(m)),
       MemoryPlan::block<Real<T>>("y and w", 4 * parts<T>, coefficient_reals<T>(n))});
}

template <Scalar T>
void bidiagonalize_in_cache(Bidiagonal<T> b, Workspace& work, Processor processor) {
  using R = Real<T>;
  constexpr int k_parts = parts<T>;
  const Index m = b.a.rows(), n = b.a.cols(), reals = padded_reals<T>(m);
  const Index coefficients = coefficient_reals<T>(n);
  const Workspace::Frame frame(work);
  Task<T> t{};
  t.b = b;
  t.reals = reals;
  const Index stride = column_stride<T>(m);
  t.a = {work.take<R>(stride * (n + spare_columns<T>)).data(), stride};
  for (Index j = 0; j < n; ++j) {
    std::memcpy(static_cast<void*>(t.a.col(j)), b.a.col(j),
                static_cast<std::size_t>(m) * sizeof(T));
    std::fill(t.a.col(j) + m * k_parts, t.a.col(j) + reals, R{});
  }
  std::fill(t.a.col(n), t.a.col(n + spare_columns<T>), R{});

  const std::span<R> vectors = work.take<R>(4 * reals * k_parts);
  std::fill(vectors.begin(), vectors.end(), R{});
  R* next = vectors.data();
  for (R*(*vector)[k_parts] : {&t.v, &t.last_v, &t.x, &t.last_x}) {
    for (R*& part : *vector) {
      part = next;
      next += reals;
    }
  }
  const std::span<R> planars = work.take<R>(4 * coefficients * k_parts);
  std::fill(planars.begin(), planars.end(), R{});
  next = planars.data();
  for (Planar<R>* planar : {&t.y, &t.last_y, &t.w, &t.last_w}) {
    *planar = {next, coefficients};
    next += k_parts * coefficients;
  }
  compiled<Reduce<T>, void(Task<T>&)>(processor)(t);
}

#define ECKART_INSTANTIATE(T)                                         \
  template MemoryPlan bidiagonalize_in_cache_memory<T>(Index, Index); \
  template void bidiagonalize_in_cache<T>(Bidiagonal<T>, Workspace&, Processor);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)

}  // namespace eckart::dense
