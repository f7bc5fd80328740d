// GCC 12 warns of every array whose size depends on a template argument that is an int.
#pragma GCC diagnostic ignored "-Wsign-conversion"

#include "dense/reduction/bidiagonal_vectors.hpp"

#include <algorithm>
#include <cstring>

#include "dense/reduction/column_kernels.hpp"
#include "dense/reduction/packed_reflectors.hpp"
#include "dense/reduction/reflector.hpp"

namespace eckart::dense {
namespace {

using blas::Op;

// H_0 H_1 ... H_{r-1}, as the reduction left them.
template <Scalar T>
struct Reflectors {
  Stored stored;
  MatrixView<const T> v;
  std::span<const T> tau;

  [[nodiscard]] Index count() const noexcept { return static_cast<Index>(tau.size()); }
  [[nodiscard]] Index length() const noexcept {
    return stored == Stored::columns ? v.rows() : v.cols();
  }
  /// Entry i > j of vector j.
  [[nodiscard]] T entry(Index i, Index j) const noexcept {
    return stored == Stored::columns ? v(i, j) : conjugate<T>(v(j, i));
  }
};

// Reflectors of a group, so that a group has four real vectors in every type.
template <Scalar T>
constexpr int group_size = 4 / parts<T>;

template <Scalar T>
constexpr Index group_count(Index reflectors) {
  return (reflectors + group_size<T> - 1) / group_size<T>;
}

// All groups: `vectors`, four to a group, each vector before its companion; `t`, group_size^2 to a group, column by column.
template <Scalar T>
struct Groups {
  Index count, reals;
  Columns<Real<T>> vectors;
  T* t;
};

template <Scalar T>
struct FormGroup {
  template <int bytes>
  [[gnu::always_inline]] static void run(const Groups<T>& groups, Index g,
                                         const Reflectors<T>& from) noexcept {
    using R = Real<T>;
    constexpr int k_parts = parts<T>, size = group_size<T>;
    T* const t = groups.t + g * size * size;
    const Index top = line_of<T>(g * size);
    for (int j = 0; j < size; ++j) {
      const Index at = g * size + j;
      R* const vector = groups.vectors.col(at * k_parts);
      std::fill(vector + top, vector + groups.reals, R{});
      R* whole[k_parts];
      for (int k = 0; k < k_parts; ++k) {
        whole[k] = groups.vectors.col(at * k_parts + k) + top;
      }
      T tau{};
      if (at < from.count()) {
        tau = from.tau[static_cast<std::size_t>(at)];
        vector[at * k_parts] = 1;
        if (from.stored == Stored::columns) {
          std::memcpy(vector + (at + 1) * k_parts,
                      static_cast<const void*>(from.v.col(at) + at + 1),
                      static_cast<std::size_t>(from.length() - at - 1) * sizeof(T));
        } else {
          for (Index i = at + 1; i < from.length(); ++i) {
            const T value = from.entry(i, at);
            for (int k = 0; k < k_parts; ++k) {
              vector[i * k_parts + k] = part_of<T>(value, k);
            }
          }
        }
      }
      linear_combination<T, bytes, 1>(groups.reals - top, {whole[0]}, {T{1}}, whole);

      // T(:j, j) = -tau_j T(:j, :j) (V^H v_j)(:j).
      const R* of_v[k_parts];
      std::copy_n(whole, k_parts, of_v);
      T gram[size];
      inner_products<T, bytes>(
          {groups.vectors.col(g * size * k_parts) + top, groups.vectors.stride * k_parts}, j,
          groups.reals - top, of_v, gram);
      for (int i = 0; i < size; ++i) {
        T sum{};
        for (int l = i; l < j; ++l) {
          sum += times<T>(t[l * size + i], gram[l]);
        }
        t[j * size + i] = i == j ? tau : -times<T>(tau, sum);
      }
    }
  }
};

// C <- op(H_0 H_1 ...) C for `width` padded columns of C.
template <Scalar T, int bytes, int width>
[[gnu::always_inline]] inline void apply_groups(const Groups<T>& groups, bool adjoint,
                                                Columns<Real<T>> c) noexcept {
  using R = Real<T>;
  using P = Pack<R, bytes>;
  constexpr int k_parts = parts<T>, size = group_size<T>, vectors = 4;
  for (Index step = 0; step < groups.count; ++step) {
    const Index g = adjoint ? step : groups.count - 1 - step;
    const Index top = line_of<T>(g * size);
    const Columns<R> v{groups.vectors.col(g * vectors), groups.vectors.stride};
    const T* const t = groups.t + g * size * size;

    P sum[vectors * width]{};
    for (Index p = top; p < groups.reals; p += lanes<R, bytes>) {
      P of_v[vectors];
#pragma GCC unroll 4
      for (int q = 0; q < vectors; ++q) {
        of_v[q] = load<bytes>(v.col(q) + p);
      }
#pragma GCC unroll 4
      for (int j = 0; j < width; ++j) {
        const P of_c = load<bytes>(c.col(j) + p);
#pragma GCC unroll 4
        for (int q = 0; q < vectors; ++q) {
          sum[q * width + j] += of_v[q] * of_c;
        }
      }
    }
    R w[vectors * width], z[vectors * width];
    sums_of_packs<R, bytes, vectors * width>(sum, w);
    // v^H c = (v, c) - i (u, c), and z v = Re(z) v - Im(z) u for the companion u = -i v.
#pragma GCC unroll 4
    for (int i = 0; i < size; ++i) {
#pragma GCC unroll 4
      for (int j = 0; j < width; ++j) {
        R real{}, minus_imaginary{};
#pragma GCC unroll 4
        for (int l = 0; l < size; ++l) {
          const T entry = adjoint ? conjugate<T>(t[i * size + l]) : t[l * size + i];
          if (adjoint ? l <= i : l >= i) {
            const R tr = part_of<T>(entry, 0), ti = part_of<T>(entry, 1);
            const R wr = w[l * k_parts * width + j];
            real += tr * wr;
            if constexpr (k_parts == 2) {
              const R wi = w[(l * k_parts + 1) * width + j];  // -Im
              real += ti * wi;
              minus_imaginary += tr * wi - ti * wr;
            }
          }
        }
        z[i * k_parts * width + j] = real;
        if constexpr (k_parts == 2) {
          z[(i * k_parts + 1) * width + j] = minus_imaginary;
        }
      }
    }
    P factor[vectors * width];
#pragma GCC unroll 16
    for (int l = 0; l < vectors * width; ++l) {
      factor[l] = P{} + z[l];
    }
    for (Index p = top; p < groups.reals; p += lanes<R, bytes>) {
      P of_v[vectors];
#pragma GCC unroll 4
      for (int q = 0; q < vectors; ++q) {
        of_v[q] = load<bytes>(v.col(q) + p);
      }
#pragma GCC unroll 4
      for (int j = 0; j < width; ++j) {
        P of_c = load<bytes>(c.col(j) + p);
#pragma GCC unroll 4
        for (int q = 0; q < vectors; ++q) {
          of_c -= of_v[q] * factor[q * width + j];
        }
        store(c.col(j) + p, of_c);
      }
    }
  }
}

// Columns of C at a time; processors with sixteen registers take half of them twice.
constexpr int columns_at_once = 4;

template <Scalar T>
struct ApplyGroups {
  template <int bytes>
  [[gnu::always_inline]] static void run(const Groups<T>& groups, bool adjoint, MatrixView<T> c,
                                         Real<T>* buffer) noexcept {
    using R = Real<T>;
    constexpr int width = bytes == 64 ? columns_at_once : columns_at_once / 2;
    const Columns<R> own{buffer, groups.reals};
    const auto bytes_of_column = static_cast<std::size_t>(c.rows()) * sizeof(T);
    for (Index first = 0; first < c.cols(); first += width) {
      const Index count = std::min<Index>(width, c.cols() - first);
      for (Index j = 0; j < width; ++j) {
        std::fill(own.col(j) + c.rows() * parts<T> / line<T> * line<T>, own.col(j) + groups.reals,
                  R{});
        if (j < count) {
          std::memcpy(own.col(j), static_cast<const void*>(c.col(first + j)), bytes_of_column);
        } else {
          std::fill_n(own.col(j), groups.reals, R{});
        }
      }
      apply_groups<T, bytes, width>(groups, adjoint, own);
      for (Index j = 0; j < count; ++j) {
        std::memcpy(static_cast<void*>(c.col(first + j)), own.col(j), bytes_of_column);
      }
    }
  }
};

constexpr Index chunk_count(Index cols, Index chunk) {
  return (cols + chunk - 1) / chunk;
}

template <Scalar T>
bool vectors_are_short(Index m, Index n, const ApplyOptions& options) {
  return static_cast<std::uint64_t>(m) * static_cast<std::uint64_t>(n) * sizeof(T) <= options.cache;
}

template <Scalar T>
MemoryPlan short_memory(Index length, Index count, Index cols, const ApplyOptions& options) {
  const Index reals = padded_reals<T>(length), groups = group_count<T>(count);
  return MemoryPlan::all_of(
      "short reflectors applied",
      {MemoryPlan::block<Real<T>>("vectors", reals, 4 * groups),
       MemoryPlan::block<T>("T of groups", group_size<T> * group_size<T>, groups),
       MemoryPlan::block<Real<T>>("columns of C", reals * columns_at_once,
                                  chunk_count(cols, options.short_chunk))});
}

template <Scalar T>
void apply_short(const Execution& execution, Op op, const Reflectors<T>& h, MatrixView<T> c,
                 Workspace& work, const ApplyOptions& options) {
  using R = Real<T>;
  const Workspace::Frame frame(work);
  const Index reals = padded_reals<T>(h.length()), count = group_count<T>(h.count());
  const Groups<T> groups{count,
                         reals,
                         {work.take<R>(reals * 4 * count).data(), reals},
                         work.take<T>(group_size<T> * group_size<T> * count).data()};
  const Index buffer = reals * columns_at_once;
  R* const buffers = work.take<R>(buffer * chunk_count(c.cols(), options.short_chunk)).data();
  const auto form = compiled<FormGroup<T>, void(const Groups<T>&, Index, const Reflectors<T>&)>(
      options.processor);
  for (Index g = 0; g < count; ++g) {
    form(groups, g, h);
  }
  const auto apply =
      compiled<ApplyGroups<T>, void(const Groups<T>&, bool, MatrixView<T>, R*)>(options.processor);
  parallel_for(execution, chunk_count(c.cols(), options.short_chunk), [&](Index task) {
    const Index first = task * options.short_chunk;
    apply(groups, op != Op::none, c.columns(first, std::min(options.short_chunk, c.cols() - first)),
          buffers + task * buffer);
  });
}

template <Scalar T>
MemoryPlan blocks_memory(Index length, Index count, Index cols, Index threads,
                         const ApplyOptions& options) {
  const Index k = std::clamp<Index>(count, 1, options.block);
  return MemoryPlan::all_of(
      "blocks of reflectors applied",
      {MemoryPlan::block<T>("T", k, count),
       MemoryPlan::any_of("form and apply",
                          {form_factors_memory<T>(count, k),
                           apply_packed_memory<T>(length, count, k, cols, threads,
                                                  {.processor = options.processor})})});
}

template <Scalar T>
void apply_blocks(const Execution& execution, Op op, const Reflectors<T>& h, MatrixView<T> c,
                  Workspace& work, const ApplyOptions& options) {
  const Workspace::Frame frame(work);
  const Index count = h.count(), k = std::min(options.block, count);
  const MatrixView<T> t(work.take<T>(k * count).data(), k, count);
  form_factors<T>(execution, h.stored, h.v, h.tau, t, work);
  apply_packed<T>(execution, op, {h.stored, h.v, t, count, k}, c, work,
                  {.processor = options.processor});
}

template <Scalar T>
void apply_reflectors(const Execution& execution, Op op, const Reflectors<T>& h, bool are_short,
                      MatrixView<T> c, Workspace& work, const ApplyOptions& options) {
  if (c.empty() || h.count() == 0) {
    return;
  }
  if (are_short) {
    apply_short<T>(execution, op, h, c, work, options);
  } else {
    apply_blocks<T>(execution, op, h, c, work, options);
  }
}

}  // namespace

template <Scalar T>
MemoryPlan apply_bidiagonal_memory(Index m, Index n, Index c, Index threads,
                                   const ApplyOptions& options) {
  return vectors_are_short<T>(m, n, options)
             ? short_memory<T>(m, n, c, options)
             : MemoryPlan::any_of("Q and P", {blocks_memory<T>(m, n, c, threads, options),
                                              blocks_memory<T>(n - 1, n - 1, c, threads, options)});
}

template <Scalar T>
void apply_left(const Execution& execution, Op op, const Bidiagonal<T>& b, MatrixView<T> c,
                Workspace& work, const ApplyOptions& options) {
  apply_reflectors<T>(execution, op, {Stored::columns, b.a, b.tau_q},
                      vectors_are_short<T>(b.a.rows(), b.a.cols(), options), c, work, options);
}

template <Scalar T>
void apply_right(const Execution& execution, Op op, const Bidiagonal<T>& b, MatrixView<T> c,
                 Workspace& work, const ApplyOptions& options) {
  // P acts on all coordinates but the first: its reflectors are rows that begin at the superdiagonal.
  const Index n = b.a.cols();
  if (n > 1) {
    apply_reflectors<T>(
        execution, op,
        {Stored::rows, b.a.block(0, 1, n - 1, n - 1), b.tau_p.first(b.tau_p.size() - 1)},
        vectors_are_short<T>(b.a.rows(), n, options), c.block(1, 0, n - 1, c.cols()), work,
        options);
  }
}

#define ECKART_INSTANTIATE(T)                                                                      \
  template MemoryPlan apply_bidiagonal_memory<T>(Index, Index, Index, Index, const ApplyOptions&); \
  template void apply_left<T>(const Execution&, Op, const Bidiagonal<T>&, MatrixView<T>,           \
                              Workspace&, const ApplyOptions&);                                    \
  template void apply_right<T>(const Execution&, Op, const Bidiagonal<T>&, MatrixView<T>,          \
                               Workspace&, const ApplyOptions&);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)

}  // namespace eckart::dense
