#include "dense/tall/row_solve.hpp"

namespace eckart::dense {
namespace {

constexpr Index columns_at_once = 4;

// Columns j, ..., j + width - 1 of the rows in two vectors, `step` apart. (The kind of vector is named by its bytes: as a
// template argument the type would lose its alignment.)
template <class R, int bytes, Index width>
[[gnu::always_inline]] inline void solve_columns(const R* r, Index ldr, const R* reciprocals, R* x,
                                                 Index ldx, Index step, Index j) noexcept {
  using V = Pack<R, bytes>;
  using Loose = LoosePack<R, bytes>;
  V sum[static_cast<std::size_t>(width)][2];
  for (Index c = 0; c < width; ++c) {
    sum[c][0] = *reinterpret_cast<const Loose*>(x + (j + c) * ldx);
    sum[c][1] = *reinterpret_cast<const Loose*>(x + (j + c) * ldx + step);
  }
  for (Index l = 0; l < j; ++l) {
    const V x0 = *reinterpret_cast<const Loose*>(x + l * ldx);
    const V x1 = *reinterpret_cast<const Loose*>(x + l * ldx + step);
    for (Index c = 0; c < width; ++c) {
      const R factor = r[l + (j + c) * ldr];
      sum[c][0] -= x0 * factor;
      sum[c][1] -= x1 * factor;
    }
  }
  for (Index c = 0; c < width; ++c) {
    for (Index l = 0; l < c; ++l) {
      const R factor = r[j + l + (j + c) * ldr];
      sum[c][0] -= sum[l][0] * factor;
      sum[c][1] -= sum[l][1] * factor;
    }
    sum[c][0] *= reciprocals[j + c];
    sum[c][1] *= reciprocals[j + c];
    *reinterpret_cast<Loose*>(x + (j + c) * ldx) = sum[c][0];
    *reinterpret_cast<Loose*>(x + (j + c) * ldx + step) = sum[c][1];
  }
}

template <class R, int bytes>
[[gnu::always_inline]] inline void solve_group(const R* r, Index ldr, const R* reciprocals, R* x,
                                               Index ldx, Index step, Index n) noexcept {
  Index j = 0;
  for (; j + columns_at_once <= n; j += columns_at_once) {
    solve_columns<R, bytes, columns_at_once>(r, ldr, reciprocals, x, ldx, step, j);
  }
  for (; j < n; ++j) {
    solve_columns<R, bytes, 1>(r, ldr, reciprocals, x, ldx, step, j);
  }
}

template <RealScalar R>
struct SolveRows {
  template <int bytes>
  [[gnu::always_inline]] static void run(const R* r, Index ldr, const R* reciprocals, R* x,
                                         Index ldx, Index rows, Index n) noexcept {
    constexpr Index vector = lanes<R, bytes>;
    constexpr int single = static_cast<int>(sizeof(R));
    Index i = 0;
    for (; i + 2 * vector <= rows; i += 2 * vector) {
      solve_group<R, bytes>(r, ldr, reciprocals, x + i, ldx, vector, n);
    }
    for (; i + 2 <= rows; i += 2) {
      solve_group<R, single>(r, ldr, reciprocals, x + i, ldx, 1, n);
    }
    if (i < rows) {  // the last row stands for both
      solve_group<R, single>(r, ldr, reciprocals, x + i, ldx, 0, n);
    }
  }
};

}  // namespace

template <RealScalar R>
void solve_rows(MatrixView<const R> r, std::span<const R> reciprocals, MatrixView<R> x,
                Processor processor) noexcept {
  compiled<SolveRows<R>, void(const R*, Index, const R*, R*, Index, Index, Index)>(processor)(
      r.data(), r.col_stride(), reciprocals.data(), x.data(), x.col_stride(), x.rows(), x.cols());
}

template void solve_rows(MatrixView<const float>, std::span<const float>, MatrixView<float>,
                         Processor) noexcept;
template void solve_rows(MatrixView<const double>, std::span<const double>, MatrixView<double>,
                         Processor) noexcept;

}  // namespace eckart::dense
