// GCC 12 warns of every array whose size depends on a template argument that is an int.
#pragma GCC diagnostic ignored "-Wsign-conversion"

#include "dense/reduction/one_pass.hpp"

#include <algorithm>
#include <cstring>

#include "dense/reduction/column_kernels.hpp"
#include "dense/reduction/fused_pass.hpp"
#include "dense/reduction/reflector.hpp"

namespace eckart::dense {
namespace {

template <Scalar T>
const T imaginary_unit = from_parts<T>(0, 1);  // 0 in a real type, where it has no part

template <Scalar T>
struct Column {
  template <int bytes>
  [[gnu::always_inline]] static Real<T> run(OnePass<T>& p, Index first, Index last,
                                            bool with_column) noexcept {
    using R = Real<T>;
    constexpr int k_parts = parts<T>;
    const Index reals = last - first, head = p.i * k_parts;
    R *v[k_parts], *product[2][k_parts];
    for (int k = 0; k < k_parts; ++k) {
      v[k] = p.v[k] + first;
      product[0][k] = p.product[0][k] + first;
      product[1][k] = p.product[1][k] + first;
    }
    const Index length = std::clamp<Index>(p.m * k_parts - first, 0, reals);
    R* const column = p.column + first;
    std::memcpy(column, p.a.col(p.i) + first, static_cast<std::size_t>(length) * sizeof(R));
    std::fill(column + length, column + reals, R{});

    if (p.done == 0) {
      std::copy_n(column, reals, v[0]);
    } else {
      const Columns<const R> m{p.mm.data + first, p.mm.stride};
      R* const x = p.mm.col(p.done - 1) + first;
      for (Index piece = 1; piece < p.x_pieces; ++piece) {
        for (int k = 0; k < k_parts; ++k) {
          const R* const from = p.piece_of_x(piece, k) + first;
          R* const to = p.piece_of_x(0, k) + first;
          for (Index l = 0; l < reals; l += lanes<R, bytes>) {
            store(to + l, load<bytes>(to + l) + load<bytes>(from + l));
          }
        }
      }
      if (with_column) {
        combine_columns<T, bytes, 2>(m, p.done - 1, reals, {p.t, p.row_of_n}, product);
      } else {
        R* one[1][k_parts];
        std::copy_n(product[0], k_parts, one[0]);
        combine_columns<T, bytes, 1>(m, p.done - 1, reals, {p.t}, one);
      }
      const R* const x0 = p.piece_of_x(0, 0) + first;
      if constexpr (k_parts == 2) {
        const T i = imaginary_unit<T>;
        linear_combination<T, bytes, 5>(
            reals, {x0, p.piece_of_x(0, 1) + first, column, product[0][0], product[0][1]},
            {p.of_x, times<T>(i, p.of_x), p.of_head, p.of_product, times<T>(i, p.of_product)},
            {x, product[0][1]});
      } else {
        linear_combination<T, bytes, 3>(reals, {x0, column, product[0][0]},
                                        {p.of_x, p.of_head, p.of_product}, {x});
      }
      if (first < head) {
        std::fill(x, x + (head - first), R{});
      }
      if (with_column) {  // w_{i-1} is one at i
        if constexpr (k_parts == 2) {
          linear_combination<T, bytes, 4>(reals, {column, x, product[1][0], product[1][1]},
                                          {T{1}, T{-1}, T{-1}, -imaginary_unit<T>}, v);
        } else {
          linear_combination<T, bytes, 3>(reals, {column, x, product[1][0]}, {T{1}, T{-1}, T{-1}},
                                          v);
        }
      }
    }
    if (!with_column) {
      return 0;
    }
    if (first <= head) {
      p.alpha = entry_of<T>(p.v[0], p.i);
      std::fill(v[0], v[0] + (head + k_parts - first), R{});
    }
    return sum_of_squares<R, bytes>(v[0], reals);
  }
};

template <Scalar T>
struct Left {
  template <int bytes>
  [[gnu::always_inline]] static void run(const OnePass<T>& p, Index first, Index last,
                                         T* out) noexcept {
    using R = Real<T>;
    constexpr int k_parts = parts<T>;
    const Index reals = last - first, head = p.i * k_parts;
    R* v[k_parts];
    for (int k = 0; k < k_parts; ++k) {
      v[k] = p.v[k] + first;
    }
    linear_combination<T, bytes, 1>(reals, {v[0]}, {p.left_scale}, v);
    if (first <= head) {
      v[0][head - first] = 1;
      if constexpr (k_parts == 2) {
        v[1][head + 1 - first] = -1;
      }
    }
    std::copy_n(v[0], reals, p.mm.col(p.done) + first);
    const Index from = std::max(first, head + k_parts), to = std::min(last, p.m * k_parts);
    if (from < to) {
      std::copy(p.v[0] + from, p.v[0] + to, p.a.col(p.i) + from);
    }
    const R* of_v[k_parts];
    std::copy_n(v, k_parts, of_v);
    inner_products<T, bytes>({p.mm.data + first, p.mm.stride}, p.done, reals, of_v, out);
  }
};

template <Scalar T>
struct Pass {
  template <int bytes>
  [[gnu::always_inline]] static Real<T> run(const OnePass<T>& p, Index first, Index last,
                                            Index piece) noexcept {
    using R = Real<T>;
    constexpr int k_parts = parts<T>;
    // What M N^H takes from the inner products and from the row.
    const Index from = line_of<T>(first), to = padded_reals<T>(last);
    R* product[2][k_parts];
    for (int k = 0; k < k_parts; ++k) {
      product[0][k] = p.product[0][k] + from;
      product[1][k] = p.product[1][k] + from;
    }
    combine_columns<T, bytes, 2>({p.nn.data + from, p.nn.stride}, p.done, to - from,
                                 {p.s, p.row_of_m}, product);
    const auto gathered = [&](int set, Index j) __attribute__((always_inline)) {
      const R* const real = p.product[set][0];
      if constexpr (k_parts == 2) {
        const R* const imaginary = p.product[set][1];
        return T(real[2 * j] - imaginary[2 * j + 1], real[2 * j + 1] + imaginary[2 * j]);
      } else {
        return real[j];
      }
    };
    for (Index j = first; j < last; ++j) {
      set_entry<T>(p.y, j, gathered(0, j));
      set_entry<T>(p.r, j, gathered(1, j));
    }

    const Index top = line_of<T>(p.i);
    FusedPass<R, k_parts> pass{{p.a.col(first) + top, p.a.stride},
                               p.m * k_parts - top,
                               {},
                               {},
                               {},
                               p.y.from(first),
                               p.r.from(first),
                               p.i * k_parts - top};
    for (int k = 0; k < k_parts; ++k) {
      pass.v[k] = p.v[k] + top;
      pass.x[k] = p.piece_of_x(piece, k) + top;
      pass.tau[k] = part_of<T>(p.left_tau, k);
      std::fill(pass.x[k], p.piece_of_x(piece, k) + padded_reals<T>(p.m), R{});
    }
    pass_over_columns<R, bytes, k_parts>(pass, last - first);

    R square{};
    const Index tail = std::max(first, p.i + 2);
    for (int k = 0; k < k_parts; ++k) {
      const R* const r = p.r.part(k);
      const Index whole = std::max<Index>(last - tail, 0) / lanes<R, bytes> * lanes<R, bytes>;
      square += sum_of_squares<R, bytes>(r + tail, whole);
      for (Index j = tail + whole; j < last; ++j) {
        square += r[j] * r[j];
      }
    }
    return square;
  }
};

template <Scalar T>
struct Right {
  template <int bytes>
  [[gnu::always_inline]] static void run(const OnePass<T>& p, Index first, Index last,
                                         T* out) noexcept {
    using R = Real<T>;
    constexpr int k_parts = parts<T>;
    R* const y = p.nn.col(p.done);
    for (Index j = first / k_parts; j < last / k_parts; ++j) {
      const bool is_new = j > p.i;
      for (int k = 0; k < k_parts; ++k) {
        y[j * k_parts + k] = is_new ? p.y.part(k)[j] : R{};
        p.w[0][j * k_parts + k] = is_new ? p.r.part(k)[j] : R{};
      }
    }
    R* w[k_parts];
    for (int k = 0; k < k_parts; ++k) {
      w[k] = p.w[k] + first;
    }
    linear_combination<T, bytes, 1>(last - first, {w[0]}, {p.right_scale}, w);
    const Index head = (p.i + 1) * k_parts;
    if (first <= head && head < last) {
      w[0][head - first] = 1;
      if constexpr (k_parts == 2) {
        w[0][head + 1 - first] = 0;
        w[1][head - first] = 0;
        w[1][head + 1 - first] = -1;
      }
    }
    std::copy_n(w[0], last - first, p.nn.col(p.done + 1) + first);
    const R* of_w[k_parts];
    std::copy_n(w, k_parts, of_w);
    inner_products<T, bytes>({p.nn.data + first, p.nn.stride}, p.done + 1, last - first, of_w, out);
  }
};

}  // namespace

template <Scalar T>
OnePassPhases<T> one_pass_phases(Processor processor) noexcept {
  using R = Real<T>;
  return {compiled<Column<T>, R(OnePass<T>&, Index, Index, bool)>(processor),
          compiled<Left<T>, void(const OnePass<T>&, Index, Index, T*)>(processor),
          compiled<Pass<T>, R(const OnePass<T>&, Index, Index, Index)>(processor),
          compiled<Right<T>, void(const OnePass<T>&, Index, Index, T*)>(processor)};
}

template <Scalar T>
void multiply_again(OnePass<T>& p) noexcept {
  using R = Real<T>;
  const Index first = line_of<T>(p.i), last = p.m * parts<T>;
  p.x_pieces = 1;
  for (int k = 0; k < parts<T>; ++k) {
    R* const x = p.piece_of_x(0, k);
    std::fill(x + first, x + last, R{});
    for (Index j = p.i + 1; j < p.n; ++j) {
      const T factor = j == p.i + 1 ? T{1} : times<T>(p.right_scale, entry_of<T>(p.r, j));
      const R* const a = p.a.col(j);
      for (Index l = first; l < last; ++l) {
        x[l] += a[l] * part_of<T>(factor, k);
      }
    }
  }
}

#define ECKART_INSTANTIATE(T)                                       \
  template OnePassPhases<T> one_pass_phases<T>(Processor) noexcept; \
  template void multiply_again<T>(OnePass<T>&) noexcept;
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)

}  // namespace eckart::dense
