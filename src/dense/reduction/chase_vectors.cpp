#include "dense/reduction/chase_vectors.hpp"

#include <algorithm>

#include "dense/reduction/chase_vectors_kernels.hpp"
#include "dense/reduction/column_tiles.hpp"

namespace eckart::dense {
namespace {

// Bytes of a row of a strip, all its tiles together: wide enough that reading V again for each strip costs little.
constexpr Index strip_bytes = 768;

// x^H y, in four sums so that additions need not wait for one another.
template <Scalar T>
T inner_product(const T* x, const T* y, Index count) {
  T sum[4] = {};
  const auto add = [&](T& to, Index i) {
    if constexpr (ComplexScalar<T>) {
      to += T(x[i].real() * y[i].real() + x[i].imag() * y[i].imag(),
              x[i].real() * y[i].imag() - x[i].imag() * y[i].real());
    } else {
      to += x[i] * y[i];
    }
  };
  Index i = 0;
  for (; i + 4 <= count; i += 4) {
    for (Index l = 0; l < 4; ++l) {
      add(sum[l], i + l);
    }
  }
  for (; i < count; ++i) {
    add(sum[0], i);
  }
  return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

// The triangle S of one diamond, `leading` rows a column: S(i, i) = tau_i, S(0:i, i) = -tau_i S(0:i, 0:i) V(:, 0:i)^H v_i.
template <Scalar T>
void make_triangle(const T* vectors, Index stride, Index length, const T* tau, Index count, T* s,
                   Index leading) {
  for (Index i = 0; i < count; ++i) {
    T* const column = s + i * leading;
    for (Index l = 0; l < i; ++l) {
      const Index lag = i - l;
      column[l] = lag < length ? -tau[i] * inner_product<T>(vectors + l * stride + lag,
                                                            vectors + i * stride, length - lag)
                               : T{};
    }
    // The product with the upper triangle, in place from the top.
    for (Index l = 0; l < i; ++l) {
      T sum{};
      for (Index k = l; k < i; ++k) {
        sum += s[k * leading + l] * column[k];
      }
      column[l] = sum;
    }
    column[i] = tau[i];
    std::fill(column + i + 1, column + leading, T{});
  }
}

// Larger groups make fewer passes over C, smaller ones smaller corners. Measured at n = 1024: bands of 32, 48 and 64 like 12, 16
// and 16 best. A multiple of the rows that the kernels keep in registers.
Index group_size(const ChaseVectorsOptions& options, Index band, Index columns) {
  constexpr Index most = 16, step = 4;
  if (columns <= options.few) {
    return 1;
  }
  return options.diamond > 0 ? options.diamond : std::min(most, (band / 4 + step) / step * step);
}

template <Scalar T>
Strips<T> strips_of(Index n, Index c, const TileShape& shape) {
  const Index tile = shape.full * shape.lanes * static_cast<Index>(sizeof(T));
  return Strips<T>(n, c, shape, std::max<Index>(1, strip_bytes / tile));
}

// The factor of one side on C.
template <Scalar T>
class Application {
 public:
  Application(const Execution& execution, blas::Op op, const Chase<T>& chase,
              const ChaseSide<T>& side, MatrixView<T> c, const ChaseVectorsOptions& options)
      : execution_(execution),
        adjoint_(op == blas::Op::adjoint),
        chase_(chase),
        side_(side),
        c_(c),
        group_(group_size(options, chase.band, c.cols())),
        groups_((chase.n - 1 + group_ - 1) / group_),
        together_(std::max<Index>(1, (options.together + group_ - 1) / group_)),
        kernels_(diamond_kernels<T>(options.processor)),
        strips_(strips_of<T>(chase.n, c.cols(), kernels_.shape)) {}

  // 1. The triangles. That of the diamond whose first reflector has place p begins at entry p g: there is room up to the next.
  // With g = 1 they are the taus.
  void make_triangles(Workspace& work) {
    triangles_ = side_.tau;
    if (group_ == 1) {
      return;
    }
    const std::span<T> made = work.take<T>(chase_.reflectors() * group_);
    parallel_for(execution_, groups_, [&](Index g) {
      for (Index k = 0; k < chase_.steps(g * group_); ++k) {
        const Index place = chase_.place(g * group_, k);
        make_triangle<T>(&side_.vectors[static_cast<std::size_t>(place * chase_.stride())],
                         chase_.stride(), chase_.band, &side_.tau[static_cast<std::size_t>(place)],
                         sweeps_in(g, k), &made[static_cast<std::size_t>(place * group_)], group_);
      }
    });
    triangles_ = made;
  }

  // 2. All strips.
  void transform(Workspace& work) {
    const std::span<Real<T>> memory = work.take<Real<T>>(
        strips_.workers(execution_.thread_count()) * strips_.worker_reals(group_));
    transform_strips<T>(execution_, "back-transformation of the chase", strips_, c_, group_, memory,
                        [this](const auto& for_each_tile, Real<T>* scratch) {
                          transform_strip(for_each_tile, scratch);
                        });
  }

 private:
  [[nodiscard]] Index sweeps_in(Index g, Index k) const {
    return std::min(group_, chase_.sweeps(k) - g * group_);
  }

  template <class ForEachTile>
  void transform_strip(const ForEachTile& for_each_tile, Real<T>* scratch) const {
    const Index lanes = kernels_.shape.lanes;
    const auto apply = [&](Index g, Index k) {
      Diamond<T> d = diamond(g, k);
      d.scratch = scratch;
      for_each_tile([&](const Tile& tile, Real<T>* rows) {
        d.tile = rows + (g * group_ + 1 + k * chase_.band) * Strips<T>::parts * tile.packs * lanes;
        d.packs = tile.packs;
        kernels_.apply(d);
      });
    };
    const Index blocks = (groups_ + together_ - 1) / together_;
    for (Index t = 0; t < blocks; ++t) {
      const Index first = (adjoint_ ? t : blocks - 1 - t) * together_;
      const Index end = std::min(groups_, first + together_), steps = chase_.steps(first * group_);
      for (Index l = 0; l < steps; ++l) {
        const Index k = adjoint_ ? steps - 1 - l : l;
        for (Index i = first; i < end; ++i) {
          const Index g = adjoint_ ? i : end - 1 - (i - first);
          if (k < chase_.steps(g * group_)) {
            apply(g, k);
          }
        }
      }
    }
  }

  [[nodiscard]] Diamond<T> diamond(Index g, Index k) const {
    const Index first = g * group_, place = chase_.place(first, k);
    Diamond<T> d;
    d.vectors = &side_.vectors[static_cast<std::size_t>(place * chase_.stride())];
    d.stride = chase_.stride();
    d.length = chase_.band;
    d.count = sweeps_in(g, k);
    d.triangle = &triangles_[static_cast<std::size_t>(place * group_)];
    d.leading = group_;
    d.adjoint = adjoint_;
    d.rows = std::min(chase_.band + d.count - 1, chase_.n - (first + 1 + k * chase_.band));
    return d;
  }

  const Execution& execution_;
  const bool adjoint_;
  const Chase<T>& chase_;
  const ChaseSide<T>& side_;
  const MatrixView<T> c_;
  const Index group_, groups_, together_;  // sweeps of a group, groups, groups of a block
  const DiamondKernels<T> kernels_;
  const Strips<T> strips_;
  std::span<const T> triangles_;
};

template <Scalar T>
void apply_side(const Execution& execution, blas::Op op, const Chase<T>& chase,
                const ChaseSide<T>& side, MatrixView<T> c, const ChaseVectorsOptions& options,
                Workspace& work) {
  if (chase.n <= 1 || c.empty()) {
    return;
  }
  const Workspace::Frame frame(work);
  Application<T> application(execution, op, chase, side, c, options);
  application.make_triangles(work);
  application.transform(work);
}

// Row 0 times the phase.
template <Scalar T>
void multiply_first_row(const T& phase, const MatrixView<T>& c) {
  if (phase != T{1}) {
    for (Index j = 0; j < c.cols(); ++j) {
      c(0, j) *= phase;
    }
  }
}

}  // namespace

template <Scalar T>
MemoryPlan apply_chase_memory(Index n, Index band, Index c, Index threads,
                              const ChaseVectorsOptions& options) {
  const Chase<T> chase = chase_shape<T>(n, band);
  if (n <= 1 || c == 0) {
    return MemoryPlan::any_of("back-transformation of the chase", {});
  }
  const Index group = group_size(options, chase.band, c);
  const Strips<T> strips = strips_of<T>(n, c, diamond_kernels<T>(options.processor).shape);
  return MemoryPlan::all_of(
      "back-transformation of the chase",
      {MemoryPlan::block<T>("triangles", group == 1 ? 0 : group, chase.reflectors()),
       MemoryPlan::block<Real<T>>("strips", strips.workers(threads), strips.worker_reals(group))});
}

template <Scalar T>
void apply_chase_left(const Execution& execution, blas::Op op, const Chase<T>& chase,
                      MatrixView<T> c, const ChaseVectorsOptions& options, Workspace& work) {
  if (op == blas::Op::adjoint) {
    multiply_first_row<T>(conjugate(chase.phase), c);
  }
  apply_side<T>(execution, op, chase, chase.left, c, options, work);
  if (op == blas::Op::none) {
    multiply_first_row<T>(chase.phase, c);
  }
}

template <Scalar T>
void apply_chase_right(const Execution& execution, blas::Op op, const Chase<T>& chase,
                       MatrixView<T> c, const ChaseVectorsOptions& options, Workspace& work) {
  apply_side<T>(execution, op, chase, chase.right, c, options, work);
}

#define ECKART_INSTANTIATE(T)                                                                    \
  template MemoryPlan apply_chase_memory<T>(Index, Index, Index, Index,                          \
                                            const ChaseVectorsOptions&);                         \
  template void apply_chase_left<T>(const Execution&, blas::Op, const Chase<T>&, MatrixView<T>,  \
                                    const ChaseVectorsOptions&, Workspace&);                     \
  template void apply_chase_right<T>(const Execution&, blas::Op, const Chase<T>&, MatrixView<T>, \
                                     const ChaseVectorsOptions&, Workspace&);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)

}  // namespace eckart::dense
