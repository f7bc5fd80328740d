#include "dense/reduction/band_reduction.hpp"

#include <algorithm>

#include "blas/tall_product.hpp"
#include "dense/reduction/packed_reflectors.hpp"

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

// Q1's reflectors, and P1's, which begin a band below the first row.
template <Scalar T>
ReflectorSide<T> left_side(const BandReduction<T>& reduction) {
  return {Stored::columns, reduction.a, reduction.t_left, reduction.a.cols(), reduction.band};
}
template <Scalar T>
ReflectorSide<T> right_side(const BandReduction<T>& reduction) {
  const Index n = reduction.a.cols(), rest = std::max<Index>(0, n - reduction.band);
  return {Stored::rows, reduction.a.block(0, n - rest, rest, rest),
          reduction.t_right.columns(0, rest), rest, reduction.band};
}

}  // namespace

template <Scalar T>
MemoryPlan apply_band_memory(Index m, Index n, Index cols, Index band, Index threads) {
  const Index rest = std::max<Index>(0, n - band);
  return MemoryPlan::any_of("reflectors of the band applied",
                            {apply_packed_memory<T>(m, n, band, cols, threads),
                             apply_packed_memory<T>(rest, rest, band, cols, threads)});
}

template <Scalar T>
void apply_band_left(const Execution& execution, blas::Op op, const BandReduction<T>& reduction,
                     MatrixView<T> c, Workspace& work) {
  apply_packed<T>(execution, op, left_side(reduction), c, work);
}

template <Scalar T>
void apply_band_right(const Execution& execution, blas::Op op, const BandReduction<T>& reduction,
                      MatrixView<T> c, Workspace& work) {
  const ReflectorSide<T> side = right_side(reduction);
  apply_packed<T>(execution, op, side, c.block(c.rows() - side.count, 0, side.count, c.cols()),
                  work);
}

#define ECKART_INSTANTIATE(T)                                                             \
  template Index band_width<T>(Index, const BandOptions&);                                \
  template MemoryPlan reduce_to_band_memory<T>(Index, Index, Index, const BandOptions&);  \
  template void reduce_to_band<T>(const Execution&, BandReduction<T>, const BandOptions&, \
                                  Workspace&);                                            \
  template void copy_band<T>(const BandReduction<T>&, MatrixView<T>);                     \
  template MemoryPlan apply_band_memory<T>(Index, Index, Index, Index, Index);            \
  template void apply_band_left<T>(const Execution&, blas::Op, const BandReduction<T>&,   \
                                   MatrixView<T>, Workspace&);                            \
  template void apply_band_right<T>(const Execution&, blas::Op, const BandReduction<T>&,  \
                                    MatrixView<T>, Workspace&);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)

}  // namespace eckart::dense
