#include "dense/reduction/band_reduction.hpp"

#include <algorithm>
#include <utility>

#include "blas/tall_product.hpp"
#include "dense/reduction/block_reflector.hpp"

namespace eckart::dense {
namespace {

// to <- from, and zeros in the rows that pad `to` as a panel.
template <Scalar T>
void copy_to_panel(MatrixView<const T> from, MatrixView<T> to) {
  for (Index j = 0; j < from.cols(); ++j) {
    T* const end = std::copy_n(from.col(j), from.rows(), to.col(j));
    std::fill(end, to.col(j) + panel_length(from.rows()), T{});
  }
}

// The same with from^H, in square tiles: one side of each is read or written across its columns.
constexpr Index tile = 16;

template <Scalar T>
void copy_adjoint_to_panel(MatrixView<const T> from, MatrixView<T> to) {
  const Index rows = from.cols(), cols = from.rows();
  for (Index i = 0; i < rows; i += tile) {
    for (Index j = 0; j < cols; ++j) {
      for (Index l = i; l < std::min(i + tile, rows); ++l) {
        to(l, j) = conjugate(from(j, l));
      }
    }
  }
  for (Index j = 0; j < cols; ++j) {
    std::fill(to.col(j) + rows, to.col(j) + panel_length(rows), T{});
  }
}

// The panel of A after step 1: R on and above its diagonal, V below.
template <Scalar T>
void store_columns(MatrixView<const T> v, MatrixView<const T> r, MatrixView<T> a) {
  for (Index j = 0; j < a.cols(); ++j) {
    const Index height = std::min(j + 1, r.rows());
    T* const below = std::copy_n(r.col(j), height, a.col(j));
    std::copy(v.col(j) + height, v.col(j) + a.rows(), below);
  }
}

// C1 after step 4: L = R^H on and below its diagonal, W^H right of it.
template <Scalar T>
void store_rows(MatrixView<const T> w, MatrixView<const T> r, MatrixView<T> c1) {
  for (Index j = 0; j < c1.cols(); ++j) {
    for (Index i = 0; i < c1.rows(); ++i) {
      c1(i, j) = conjugate(j <= i ? r(j, i) : w(j, i));
    }
  }
}

// Where the blocks of a reduction begin, and how many reflectors they have on either side.
struct Block {
  Index first, width;  // columns of the panel
  Index rest;          // columns right of it
  [[nodiscard]] Index right_reflectors() const noexcept { return std::min(width, rest); }
};

Block block_at(Index n, Index band, Index first) noexcept {
  const Index width = std::min(band, n - first);
  return {first, width, n - first - width};
}

}  // namespace

template <Scalar T>
Index band_width(Index n, const BandOptions& options) {
  // The narrowest that keeps the products of inner size b and 2 b at speed; the chase costs 8 n^2 b.
  const Index usual = 32;
  const Index band = options.band > 0 ? options.band : usual;
  return std::clamp<Index>(band, 1, std::max<Index>(n - 1, 1));
}

template <Scalar T>
MemoryPlan reduce_to_band_memory(Index m, Index n, Index band, const BandOptions& options) {
  const Index b = std::min(band, n);
  // The first step is the largest.
  const Block block = block_at(n, b, 0);
  const Index right = block.right_reflectors();
  return MemoryPlan::all_of(
      "reduction to a band",
      {panel_storage_memory<T>("V and X", m, 2 * b), panel_storage_memory<T>("Z and W", n, 2 * b),
       MemoryPlan::block<T>("R", b, b),
       MemoryPlan::any_of(
           "panel and products",
           {panel_qr_memory<T>(m, b, options.panel),
            MemoryPlan::all_of(
                "Z", {MemoryPlan::block<T>("V^H C", b, block.rest),
                      MemoryPlan::block<T>("V packed",
                                           block.rest > 0 ? blas::tall_product_work<T>(m, b) : 0)}),
            MemoryPlan::all_of("X", {MemoryPlan::block<T>("C W", m - b, right),
                                     MemoryPlan::block<T>("Z^H W", b, right)})})});
}

template <Scalar T>
void reduce_to_band(const Execution& execution, BandReduction<T> reduction,
                    const BandOptions& options, Workspace& work) {
  using blas::Op;
  const MatrixView<T> a = reduction.a;
  const Index m = a.rows(), n = a.cols(), b = std::min(reduction.band, n);
  const Workspace::Frame frame(work);
  const MatrixView<T> vx_storage = panel_storage<T>(m, 2 * b, work);
  const MatrixView<T> zw_storage = panel_storage<T>(n, 2 * b, work);
  const MatrixView<T> r_storage(work.take<T>(b * b).data(), b, b);

  for (Index j = 0; j < n; j += b) {
    execution.step("reduce to band", static_cast<double>(j) / static_cast<double>(n));
    const Block block = block_at(n, b, j);
    const Index width = block.width, rest = block.rest, rows = m - j, below = rows - width;
    const MatrixView<T> panel = a.block(j, j, rows, width);
    // 1.
    const MatrixView<T> v = vx_storage.block(0, 0, rows, width);
    const MatrixView<T> t = reduction.t_left.block(0, j, width, width);
    {
      const MatrixView<T> r = r_storage.block(0, 0, width, width);
      copy_to_panel<T>(panel, v);
      panel_qr<T>(v, r, t, options.panel, work);
      store_columns<T>(v, r, panel);
    }
    if (rest == 0) {
      break;
    }
    const Index right = block.right_reflectors();
    const MatrixView<T> c = a.block(j, j + width, rows, rest);
    const MatrixView<T> c1 = c.top_rows(width), c2 = c.block(width, 0, below, rest);
    const MatrixView<T> v1 = v.top_rows(width), v2 = v.block(width, 0, below, width);
    const MatrixView<T> z = zw_storage.block(0, 0, rest, width);
    const MatrixView<T> y = zw_storage.block(0, width, rest, width), w = y.columns(0, right);
    const MatrixView<T> x = vx_storage.block(width, width, below, right);
    {
      const Workspace::Frame products(work);
      // 2.
      const MatrixView<T> vc(work.take<T>(width * rest).data(), width, rest);
      const std::span<T> packed = work.take<T>(blas::tall_product_work<T>(rows, width));
      blas::tall_product<T>(execution, Op::adjoint, v, c, T{0}, vc, packed);
      blas::gemm<T>(execution, Op::adjoint, Op::none, T{1}, vc, t, T{0}, z);
      // 3.
      blas::gemm<T>(execution, Op::none, Op::adjoint, T{-1}, v1, z, T{1}, c1);
    }
    // 4.
    const MatrixView<T> s = reduction.t_right.block(0, j, right, right);
    {
      const MatrixView<T> r = r_storage.block(0, 0, right, width);
      copy_adjoint_to_panel<T>(c1, y);
      panel_qr<T>(y, r, s, options.panel, work);
      store_rows<T>(w, r, c1);
    }
    {
      const Workspace::Frame products(work);
      // 5.
      const MatrixView<T> cw(work.take<T>(below * right).data(), below, right);
      const MatrixView<T> zw(work.take<T>(width * right).data(), width, right);
      blas::gemm<T>(execution, Op::none, Op::none, T{1}, c2, w, T{0}, cw);
      blas::gemm<T>(execution, Op::adjoint, Op::none, T{1}, z, w, T{0}, zw);
      blas::gemm<T>(execution, Op::none, Op::none, T{-1}, v2, zw, T{1}, cw);
      blas::gemm<T>(execution, Op::none, Op::none, T{1}, cw, s, T{0}, x);
    }
    // 6.
    blas::gemm<T>(execution, Op::none, Op::adjoint, T{-1},
                  vx_storage.block(width, 0, below, width + right),
                  zw_storage.block(0, 0, rest, width + right), T{1}, c2);
  }
}

template <Scalar T>
void copy_band(const BandReduction<T>& reduction, MatrixView<T> band) {
  const Index n = reduction.a.cols();
  for (Index j = 0; j < n; ++j) {
    for (Index i = std::max<Index>(0, j - reduction.band); i <= j; ++i) {
      band(i, j) = reduction.a(i, j);
    }
  }
}

namespace {

// Columns of C that one task transforms: enough for the products to run at speed, few enough to stay in cache.
constexpr Index strip = 256;

// Blocks are joined in pairs, fours, ... as long as they have no more reflectors than this together: products of small inner size
// are slow.
constexpr Index joined_width = 64;

Index strip_count(Index cols) noexcept {
  return (cols + strip - 1) / strip;
}

// The columns of a joined block.
Index joined_columns(Index n, Index band) noexcept {
  Index columns = band;
  while (2 * columns <= joined_width && columns < n) {
    columns *= 2;
  }
  return std::min(columns, n);
}

enum class Side { left, right };

// The reflectors that stand in columns [first, first + count) on either side, and the first row of C on which they act.
template <Scalar T>
struct Placed {
  Stored stored;
  MatrixView<const T> v;
  Index size, row;
};

template <Scalar T>
Placed<T> placed(Side side, const BandReduction<T>& reduction, Index first, Index count) {
  const Index m = reduction.a.rows(), n = reduction.a.cols();
  if (side == Side::left) {
    return {Stored::columns, reduction.a.block(first, first, m - first, count), count, first};
  }
  const Index row = std::min(first + reduction.band, n), size = std::min(count, n - row);
  return {Stored::rows, reduction.a.block(first, row, size, n - row), size, row};
}

// The blocks in columns [first, first + count) as one: its triangle and its T.
template <Scalar T>
void join(Side side, const BandReduction<T>& reduction, Index first, Index count,
          MatrixView<T> triangle, MatrixView<T> t, std::span<T> scratch) {
  const MatrixView<T> factors = side == Side::left ? reduction.t_left : reduction.t_right;
  const Placed<T> whole = placed<T>(side, reduction, first, count);
  const Index size = whole.size;
  copy_triangle<T>(whole.stored, whole.v, triangle.block(0, 0, size, size));
  for (Index done = 0; done < size; done += reduction.band) {
    const Index more = std::min(reduction.band, size - done), both = done + more;
    for (Index j = 0; j < more; ++j) {
      std::copy_n(factors.col(first + done + j), more, t.col(done + j) + done);
    }
    if (done > 0) {
      const Placed<T> part = placed<T>(side, reduction, first, both);
      join_triangular_factors<T>(part.stored, part.v, triangle.block(0, 0, both, both), done,
                                 t.block(0, 0, both, both), scratch);
    }
  }
}

template <Scalar T>
void apply_side(const Execution& execution, Side side, blas::Op op,
                const BandReduction<T>& reduction, MatrixView<T> c, Workspace& work) {
  const Index n = reduction.a.cols(), cols = c.cols();
  if (n == 0 || cols == 0) {
    return;
  }
  const Index width = joined_columns(n, reduction.band), blocks = (n + width - 1) / width;
  const Workspace::Frame frame(work);
  const MatrixView<T> triangles(work.take<T>(width * n).data(), width, n);
  const MatrixView<T> factors(work.take<T>(width * n).data(), width, n);
  const MatrixView<T> scratch(work.take<T>(width * n).data(), width, n);
  const auto block = [&](Index i) { return std::pair(i * width, std::min(width, n - i * width)); };
  parallel_for(execution, blocks, [&](Index i) {
    const auto [first, count] = block(i);
    join<T>(side, reduction, first, count, triangles.columns(first, count),
            factors.columns(first, count),
            {scratch.col(first), static_cast<std::size_t>(width * count)});
  });

  const Index per_strip = apply_block_reflector_scratch<T>(c.rows(), width, std::min(strip, cols));
  const std::span<T> products = work.take<T>(strip_count(cols) * per_strip);
  parallel_for(execution, strip_count(cols), [&](Index task) {
    const Index first_col = task * strip;
    const MatrixView<T> own = c.columns(first_col, std::min(strip, cols - first_col));
    const std::span<T> own_products = products.subspan(static_cast<std::size_t>(task * per_strip),
                                                       static_cast<std::size_t>(per_strip));
    for (Index step = 0; step < blocks; ++step) {
      execution.check_stop();
      const auto [first, count] = block(op == blas::Op::none ? blocks - 1 - step : step);
      const Placed<T> p = placed<T>(side, reduction, first, count);
      const BlockReflector<T> h{p.stored, p.v, triangles.block(0, first, p.size, p.size),
                                factors.block(0, first, p.size, p.size)};
      apply_block_reflector<T>(op, h, own.block(p.row, 0, h.length(), own.cols()), own_products);
    }
  });
}

}  // namespace

template <Scalar T>
MemoryPlan apply_band_memory(Index rows, Index n, Index cols, Index band) {
  const Index width = joined_columns(n, band);
  return MemoryPlan::all_of(
      "reflectors of the band applied",
      {MemoryPlan::block<T>("triangles", width, n), MemoryPlan::block<T>("joined T", width, n),
       MemoryPlan::block<T>("their products", width, n),
       MemoryPlan::block<T>("strips", strip_count(cols),
                            apply_block_reflector_scratch<T>(rows, width, std::min(strip, cols)))});
}

template <Scalar T>
void apply_band_left(const Execution& execution, blas::Op op, const BandReduction<T>& reduction,
                     MatrixView<T> c, Workspace& work) {
  apply_side<T>(execution, Side::left, op, reduction, c, work);
}

template <Scalar T>
void apply_band_right(const Execution& execution, blas::Op op, const BandReduction<T>& reduction,
                      MatrixView<T> c, Workspace& work) {
  apply_side<T>(execution, Side::right, op, reduction, c, work);
}

#define ECKART_INSTANTIATE(T)                                                             \
  template Index band_width<T>(Index, const BandOptions&);                                \
  template MemoryPlan reduce_to_band_memory<T>(Index, Index, Index, const BandOptions&);  \
  template void reduce_to_band<T>(const Execution&, BandReduction<T>, const BandOptions&, \
                                  Workspace&);                                            \
  template void copy_band<T>(const BandReduction<T>&, MatrixView<T>);                     \
  template MemoryPlan apply_band_memory<T>(Index, Index, Index, Index);                   \
  template void apply_band_left<T>(const Execution&, blas::Op, const BandReduction<T>&,   \
                                   MatrixView<T>, Workspace&);                            \
  template void apply_band_right<T>(const Execution&, blas::Op, const BandReduction<T>&,  \
                                    MatrixView<T>, Workspace&);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)

}  // namespace eckart::dense
