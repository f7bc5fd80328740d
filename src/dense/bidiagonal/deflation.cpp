#include "dense/bidiagonal/deflation.hpp"

#include <cmath>

namespace eckart::dense {
namespace {

// The rows in which one of two columns may have entries.
struct Rows {
  Index first, count;
};

Rows rows_of(ColumnKind a, ColumnKind b, Index upper, Index all) noexcept {
  if (a == ColumnKind::upper && b == ColumnKind::upper) {
    return {0, upper};
  }
  if (a == ColumnKind::lower && b == ColumnKind::lower) {
    return {upper, all - upper};
  }
  return {0, all};
}

// a <- c a - s b, b <- s a + c b.
template <RealScalar R>
void rotate(const RotationKernels<R>& kernels, const MatrixView<R>& q, const Rows& rows, Index a,
            Index b, R c, R s) noexcept {
  if (q.empty()) {
    return;
  }
  kernels.rotate(q.col(a) + rows.first, q.col(b) + rows.first, rows.count, c, -s);
}

}  // namespace

template <RealScalar R>
Index deflate(const DeflationProblem<R>& p, const RotationKernels<R>& kernels) noexcept {
  const Index middle = p.middle;
  Index kept = 1;
  p.kept[0] = middle;
  for (Index next = 0; next < p.count - 1; ++next) {
    const Index j = p.ascending[next];
    // 1.
    if (!(std::abs(p.weight[j]) > p.tolerance)) {
      p.kind[j] = ColumnKind::deflated;
      continue;
    }
    // 2.
    if (p.value[j] <= p.tolerance) {
      const R r = std::hypot(p.weight[middle], p.weight[j]);
      const R c = p.weight[middle] / r, s = p.weight[j] / r;
      rotate(kernels, p.v, {0, p.v.rows()}, j, middle, c, s);
      p.weight[middle] = r;
      p.value[j] = 0;
      p.kind[j] = ColumnKind::deflated;
      continue;
    }
    // 3.
    if (kept > 1) {
      const Index last = p.kept[kept - 1];
      const R r = std::hypot(p.weight[last], p.weight[j]);
      const R c = p.weight[j] / r, s = p.weight[last] / r;
      const R gap = p.value[j] - p.value[last];
      if (std::abs(c * s * gap) <= p.tolerance) {
        rotate(kernels, p.u, rows_of(p.kind[last], p.kind[j], p.upper_rows_u, p.u.rows()), last, j,
               c, s);
        rotate(kernels, p.v, rows_of(p.kind[last], p.kind[j], p.upper_rows_v, p.v.rows()), last, j,
               c, s);
        p.weight[j] = r;
        if (p.kind[last] != p.kind[j]) {
          p.kind[j] = ColumnKind::full;
        }
        p.kind[last] = ColumnKind::deflated;
        // c^2 d_p + s^2 d_j and s^2 d_p + c^2 d_j, both between the two.
        const R move = s * s * gap;
        p.value[last] += move;
        p.value[j] -= move;
        p.kept[kept - 1] = j;
        continue;
      }
    }
    p.kept[kept++] = j;
  }
  // 4.
  if (!(std::abs(p.weight[middle]) > p.tolerance)) {
    p.weight[middle] = p.tolerance;
  }
  return kept;
}

template Index deflate(const DeflationProblem<float>&, const RotationKernels<float>&) noexcept;
template Index deflate(const DeflationProblem<double>&, const RotationKernels<double>&) noexcept;

}  // namespace eckart::dense
