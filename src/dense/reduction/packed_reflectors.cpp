#include "dense/reduction/packed_reflectors.hpp"

#include <algorithm>

#include "dense/reduction/column_tiles.hpp"
#include "dense/reduction/packed_block_kernels.hpp"

namespace eckart::dense {
namespace {

using blas::Op;

constexpr Index round_up(Index value, Index multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

// Where the packed blocks stand.
struct Layout {
  Index length, count, block, group;

  [[nodiscard]] Index blocks() const { return (count + block - 1) / block; }
  [[nodiscard]] Index first(Index b) const { return b * block; }
  [[nodiscard]] Index width(Index b) const { return std::min(block, count - first(b)); }
  // Of the packed V, and of its T.
  [[nodiscard]] Index rows(Index b) const { return round_up(length - first(b), group); }
  [[nodiscard]] Index columns(Index b) const { return round_up(width(b), group); }
  [[nodiscard]] Index vectors_before(Index b) const {
    Index entries = 0;
    for (Index i = 0; i < b; ++i) {
      entries += rows(i) * columns(i);
    }
    return entries;
  }
  [[nodiscard]] Index leading() const { return round_up(block, group); }
  [[nodiscard]] Index vectors() const { return vectors_before(blocks()); }
  [[nodiscard]] Index factors() const { return leading() * leading() * blocks(); }
};

// The vectors of one block, packed; v begins at the block's own first entry.
template <Scalar T>
void pack_vectors(Stored stored, MatrixView<const T> v, Index length, Index width, Index rows,
                  Index group, T* to) {
  for (Index i = 0; i < width; i += group, to += rows * group) {
    const Index own = std::min(group, width - i);
    std::fill_n(to, std::min(i, rows) * group, T{});
    for (Index r = i; r < rows; ++r) {
      T* const row = to + r * group;
      std::fill_n(row, group, T{});
      const Index below = r < length ? std::min(own, r - i) : 0;  // entries below the diagonal
      for (Index q = 0; q < below; ++q) {
        row[q] = stored == Stored::columns ? v(r, i + q) : conjugate(v(i + q, r));
      }
      if (r < length && r - i < own) {
        row[r - i] = T{1};
      }
    }
  }
}

template <Scalar T>
Strips<T> strips_of(Index length, Index cols, const TileShape& shape,
                    const PackedOptions& options) {
  const Index width = shape.full * shape.lanes,
              needed = std::max<Index>(1, (cols + width - 1) / width);
  const Index tile =
      Strips<T>(length, width, shape, 1).tile_reals() * static_cast<Index>(sizeof(Real<T>));
  return Strips<T>(length, cols, shape, std::clamp<Index>(options.strip / tile, 1, needed));
}

}  // namespace

template <Scalar T>
MemoryPlan form_factors_memory(Index count, Index block) {
  return MemoryPlan::block<T>("triangles and columns of T", 2 * block, count);
}

template <Scalar T>
void form_factors(const Execution& execution, Stored stored, blas::ConstView<T> v,
                  std::span<const T> tau, MatrixView<T> t, Workspace& work) {
  const auto r = static_cast<Index>(tau.size()), k = t.rows();
  const Index length = stored == Stored::columns ? v.rows() : v.cols();
  const Workspace::Frame frame(work);
  const MatrixView<T> scratch(work.take<T>(2 * k * r).data(), k, 2 * r);
  parallel_for(execution, (r + k - 1) / k, [&](Index b) {
    const Index j = b * k, width = std::min(k, r - j);
    const MatrixView<const T> own = stored == Stored::columns ? v.block(j, j, length - j, width)
                                                              : v.block(j, j, width, length - j);
    const auto part = [j, width](std::span<const T> all) {
      return all.subspan(static_cast<std::size_t>(j), static_cast<std::size_t>(width));
    };
    form_triangular_factor<T>(stored, own, part(tau), t.block(0, j, width, width),
                              {scratch.col(2 * j), static_cast<std::size_t>(2 * k * width)});
  });
}

template <Scalar T>
MemoryPlan apply_packed_memory(Index length, Index count, Index block, Index cols, Index threads,
                               const PackedOptions& options) {
  const PackedBlockKernels<T> kernels = packed_block_kernels<T>(options.processor);
  const Layout layout{length, count, block, kernels.group};
  const Strips<T> strips = strips_of<T>(length, cols, kernels.shape, options);
  return MemoryPlan::all_of("packed reflectors applied",
                            {MemoryPlan::block<T>("packed vectors", layout.vectors()),
                             MemoryPlan::block<T>("packed T", layout.factors()),
                             MemoryPlan::block<Real<T>>("strips", strips.workers(threads),
                                                        strips.worker_reals(layout.leading()))});
}

template <Scalar T>
void apply_packed(const Execution& execution, Op op, const ReflectorSide<T>& side, MatrixView<T> c,
                  Workspace& work, const PackedOptions& options) {
  if (c.empty() || side.count == 0) {
    return;
  }
  const PackedBlockKernels<T> kernels = packed_block_kernels<T>(options.processor);
  const Layout layout{side.length(), side.count, side.block, kernels.group};
  const Strips<T> strips = strips_of<T>(layout.length, c.cols(), kernels.shape, options);
  const Index leading = layout.leading();
  const Workspace::Frame frame(work);
  const std::span<T> vectors = work.take<T>(layout.vectors());
  const std::span<T> factors = work.take<T>(layout.factors());
  const std::span<Real<T>> memory =
      work.take<Real<T>>(strips.workers(execution.thread_count()) * strips.worker_reals(leading));

  // 2.
  parallel_for(execution, layout.blocks(), [&](Index b) {
    const Index j = layout.first(b), width = layout.width(b), length = layout.length - j;
    pack_vectors<T>(side.stored,
                    side.stored == Stored::columns ? side.v.block(j, j, length, width)
                                                   : side.v.block(j, j, width, length),
                    length, width, layout.rows(b), layout.group,
                    vectors.data() + layout.vectors_before(b));
    T* const t = factors.data() + b * leading * leading;
    std::fill_n(t, leading * leading, T{});
    for (Index i = 0; i < width; ++i) {
      std::copy_n(side.t.col(j + i), i + 1, t + i * leading);
    }
  });
  // 3.
  transform_strips<T>(execution, "apply reflectors", strips, c, leading, memory,
                      [&](const auto& for_each_tile, Real<T>* scratch) {
                        const T* v =
                            op == Op::none ? vectors.data() + layout.vectors() : vectors.data();
                        for (Index step = 0; step < layout.blocks(); ++step) {
                          const Index b = op == Op::none ? layout.blocks() - 1 - step : step;
                          const Index entries = layout.rows(b) * layout.columns(b);
                          v -= op == Op::none ? entries : 0;
                          PackedBlock<T> block{.vectors = v,
                                               .rows = layout.rows(b),
                                               .count = layout.columns(b),
                                               .triangle = factors.data() + b * leading * leading,
                                               .leading = leading,
                                               .adjoint = op != Op::none,
                                               .scratch = scratch};
                          for_each_tile([&](const Tile& tile, Real<T>* rows) {
                            block.tile = rows + layout.first(b) * Strips<T>::parts * tile.packs *
                                                    kernels.shape.lanes;
                            block.packs = tile.packs;
                            kernels.apply(block);
                          });
                          v += op == Op::none ? 0 : entries;
                        }
                      });
}

#define ECKART_INSTANTIATE(T)                                                                     \
  template MemoryPlan form_factors_memory<T>(Index, Index);                                       \
  template void form_factors<T>(const Execution&, Stored, blas::ConstView<T>, std::span<const T>, \
                                MatrixView<T>, Workspace&);                                       \
  template MemoryPlan apply_packed_memory<T>(Index, Index, Index, Index, Index,                   \
                                             const PackedOptions&);                               \
  template void apply_packed<T>(const Execution&, Op, const ReflectorSide<T>&, MatrixView<T>,     \
                                Workspace&, const PackedOptions&);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)

}  // namespace eckart::dense
