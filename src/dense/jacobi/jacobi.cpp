// One-sided Jacobi with QR preconditioning and de Rijk's pivoting.
//
// One-sided Jacobi rotates pairs of columns of a matrix X (l x n) until all are orthogonal: X W = Y. The
// norms of the columns of Y are then the singular values of X, the normalised columns its left singular
// vectors, and W, the product of the rotations, holds the right ones:
//   X = (Y / ||y||) diag(||y||) W^H.
//
// Steps
//   1. Sort the rows of A by their largest entry, largest first:      A <- S A
//   2. QR with column pivoting:                                       S A P = Q R           pivoted_qr.hpp
//   3. One-sided Jacobi on the columns of X = R^H (n x n, lower):     R^H W = Y             jacobi_columns.hpp
//   4. Sort:  s = ||y||, descending;  V = P Y / ||y||
//   5. Fill the columns of V that belong to s = 0 with an orthonormal completion.           qr.hpp
//   6. U = S^T Q W
// Without preconditioning X is A itself: U = Y / ||y||, V = W, and step 5 fills columns of U.
//
// Sources. Pivoting inside the sweeps: de Rijk, SIAM J. Sci. Stat. Comput. 10 (1989) 359. QR first, then
// Jacobi on R^H, whose columns are closer to orthogonal than those of R: Drmac and Veselic, SIAM J. Matrix
// Anal. Appl. 29 (2008) 1322 and 1343. Sorted rows make Householder QR with column pivoting backward
// stable row by row: Cox and Higham, BIT 38 (1998) 34. A second QR, of R^H, which Drmac and Veselic add,
// saved 5 % of the rotations on random matrices and is left out.
//
// Accuracy. Backward error a small multiple of eps ||A||, like every rung. Beyond that: for A = B D or
// D1 B D2 with diagonal D of any range, each singular value has a relative error of about n eps cond(B),
// however small it is (Demmel and Veselic, SIAM J. Matrix Anal. Appl. 13 (1992) 1204), as long as it stays
// above the smallest normal number / eps. The normalised side is orthogonal because every pair of columns
// was tested, the other because a product of rotations is.
//
// Cost. 6 to 10 sweeps for random matrices, 3 for strongly graded ones, of at most 11 n^3 flops (complex:
// 4 times that); memory X and W. Ratio of times to LAPACK's gejsv in OpenBLAS 0.3.34 with both factors,
// one thread of a Xeon with AVX-512, normal matrices:
//   n                8     16     32     64    200    400   1000
//   double         0.6    0.8    0.9    1.1    1.0    1.1    1.1
//   complex        0.8      -    0.6      -    0.3      -      -
//
// How it fails. Convergence of this order of pairs is not proved, only never seen to fail: the cap on
// sweeps turns a counterexample into data (`converged` false). NaN from below gives `converged` false too.

#include "dense/jacobi/jacobi.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

#include <eckart/error.hpp>

#include "dense/jacobi/jacobi_columns.hpp"
#include "dense/jacobi/pivoted_qr.hpp"
#include "dense/reduction/qr.hpp"

namespace eckart::dense {
namespace {

// Columns that are rotated against one another should stay in the second-level cache: half a megabyte of
// it is a safe guess.
constexpr Index cache_bytes = Index{1} << 19;

// Columns of a panel of Householder QR.
constexpr Index panel = 32;

// Columns of one block, so that two blocks of X and W fit the cache. W is counted even where it is not
// wanted: the values are then the same bits with and without vectors.
template <Scalar T>
Index default_block(Index l, Index n) {
  constexpr Index smallest_block = 8;
  const Index reals = column_reals<T>(padded_length(l) + padded_length(n));
  const Index fitting = cache_bytes / (2 * reals * static_cast<Index>(sizeof(Real<T>)));
  return std::clamp<Index>(fitting, smallest_block, std::max(n, smallest_block));
}

// Sweeps until one rotates nothing.
template <Scalar T>
JacobiResult iterate(JacobiColumns<T>& columns, Index l, Index n, const Execution& execution,
                     const JacobiOptions& options) {
  constexpr double smallest_tolerance = 2;
  const double wanted = options.tolerance > 0
                            ? options.tolerance
                            : std::max(smallest_tolerance, std::sqrt(static_cast<double>(l)) / 2);
  const auto tolerance = static_cast<Real<T>>(wanted) * epsilon<T>;
  const Index block = options.block > 0 ? options.block : default_block<T>(l, n);
  JacobiResult result;
  bool rotated = true;
  while (rotated && result.sweeps < options.max_sweeps) {
    const Index rotations = columns.sweep(block, tolerance, execution, result.sweeps);
    rotated = rotations > 0;
    result.rotations += rotations;
    ++result.sweeps;
  }
  result.converged = !rotated && columns.finite();
  columns.sort();
  return result;
}

// The largest modulus of a row's entries, real and imaginary parts taken apart.
template <Scalar T>
void row_sizes(MatrixView<const T> a, std::span<Real<T>> size) {
  std::fill(size.begin(), size.end(), Real<T>{0});
  for (Index j = 0; j < a.cols(); ++j) {
    for (Index i = 0; i < a.rows(); ++i) {
      Real<T>& s = size[static_cast<std::size_t>(i)];
      s = std::max(s, std::abs(real_part(a(i, j))));
      if constexpr (ComplexScalar<T>) {
        s = std::max(s, std::abs(a(i, j).imag()));
      }
    }
  }
}

// Row k of `a` <- row order[k] (gather), or row order[k] <- row k (scatter).
enum class Move { gather, scatter };

template <Scalar T>
void permute_rows(Move move, MatrixView<T> a, std::span<const Index> order, std::span<T> buffer) {
  for (Index j = 0; j < a.cols(); ++j) {
    for (Index k = 0; k < a.rows(); ++k) {
      const auto from = static_cast<std::size_t>(k);
      const auto to = order[from];
      if (move == Move::gather) {
        buffer[from] = a(to, j);
      } else {
        buffer[static_cast<std::size_t>(to)] = a(k, j);
      }
    }
    std::copy_n(buffer.begin(), a.rows(), a.col(j));
  }
}

// Steps 3 to 5: X = U diag(s) V^H with the normalised columns in `left` and W in `right`, either one empty
// where it is not wanted. entry(i, j) reads X (l x n); row i of X goes to row place(i) of `left`.
template <Scalar T, class Entry, class Place>
JacobiResult decompose(Index l, Index n, const Entry& entry, std::span<Real<T>> s,
                       MatrixView<T> left, const Place& place, MatrixView<T> right, Workspace& work,
                       const Execution& execution, const JacobiOptions& options) {
  JacobiResult result;
  Index positive = 0;
  {
    const Workspace::Frame frame(work);
    const bool want_w = !right.empty();
    // 3.
    JacobiColumns<T> columns(l, n, want_w, work);
    for (Index j = 0; j < n; ++j) {
      columns.load(j, l, [&](Index i) { return entry(i, j); });
    }
    result = iterate(columns, l, n, execution, options);
    // 4.
    for (Index k = 0; k < n; ++k) {
      const Index j = columns.ordered(k);
      s[static_cast<std::size_t>(k)] = columns.norm(j);
      positive += columns.norm(j) > 0 ? 1 : 0;
      if (!left.empty() && columns.norm(j) > 0) {
        columns.read_unit(j, l, [&](Index i, const T& value) { left(place(i), k) = value; });
      }
      if (want_w) {
        columns.read_w(j, n, [&](Index i, const T& value) { right(i, k) = value; });
      }
    }
  }
  // 5.
  if (!left.empty()) {
    complete_basis<T>(execution, left, positive, panel, work);
  }
  return result;
}

template <Scalar T>
void require_shape(MatrixView<T> view, Index rows, Index cols, const char* name) {
  if (!view.empty() && (view.rows() != rows || view.cols() != cols || !view.is_column_major())) {
    throw InvalidArgument(std::string(name) + " is " + std::to_string(view.rows()) + " x " +
                          std::to_string(view.cols()) + "; one-sided Jacobi wants " +
                          std::to_string(rows) + " x " + std::to_string(cols) +
                          ", column-major, or an empty view");
  }
}

}  // namespace

template <Scalar T>
MemoryPlan jacobi_memory(Index m, Index n, bool want_u, bool want_v, const JacobiOptions& options) {
  if (n == 0) {
    return MemoryPlan::all_of("one-sided Jacobi", {});
  }
  // X is n x n and W goes to U, or X is m x n and W goes to V. Up to n known columns are completed by up
  // to n others.
  const Index l = options.precondition ? n : m;
  const bool want_left = options.precondition ? want_v : want_u;
  const bool want_w = options.precondition ? want_u : want_v;
  MemoryPlan steps_3_to_5 = MemoryPlan::any_of(
      "steps 3 to 5", {JacobiColumns<T>::memory(l, n, want_w),
                       want_left ? complete_basis_memory<T>(l, 2 * n, n, panel) : MemoryPlan()});
  if (!options.precondition) {
    return steps_3_to_5;
  }
  return MemoryPlan::all_of(
      "one-sided Jacobi",
      {MemoryPlan::block<Index>("row order", m), MemoryPlan::block<Index>("pivots", n),
       MemoryPlan::block<T>("tau", n),
       MemoryPlan::any_of("steps 1 to 6", {MemoryPlan::block<T>("row", m), pivoted_qr_memory<T>(n),
                                           steps_3_to_5, apply_memory<T>(n)})});
}

template <Scalar T>
JacobiResult jacobi_svd(MatrixView<T> a, std::span<Real<T>> s, MatrixView<T> u, MatrixView<T> v,
                        Workspace& work, const Execution& execution, const JacobiOptions& options) {
  const Index m = a.rows(), n = a.cols();
  if (m < n || (n > 0 && !a.is_column_major()) || static_cast<Index>(s.size()) != n) {
    throw InvalidArgument(
        "one-sided Jacobi wants a column-major m x n matrix with m >= n and n "
        "singular values; the matrix is " +
        std::to_string(m) + " x " + std::to_string(n) + " with " + std::to_string(s.size()));
  }
  require_shape(u, m, n, "U");
  require_shape(v, n, n, "V");
  if (n == 0) {
    return {};
  }
  const auto itself = [](Index i) { return i; };
  if (!options.precondition) {
    return decompose<T>(
        m, n, [&](Index i, Index j) { return a(i, j); }, s, u, itself, v, work, execution, options);
  }

  const Workspace::Frame frame(work);
  const std::span<Index> row_order = work.take<Index>(m);
  const std::span<Index> pivots = work.take<Index>(n);
  const std::span<T> tau = work.take<T>(n);

  // 1.
  execution.step("one-sided Jacobi", 0);
  std::iota(row_order.begin(), row_order.end(), Index{0});
  {
    const Workspace::Frame stage(work);
    const std::span<Real<T>> size = work.take<Real<T>>(m);
    row_sizes<T>(a, size);
    std::sort(row_order.begin(), row_order.end(), [&](Index i, Index j) {
      const auto si = size[static_cast<std::size_t>(i)], sj = size[static_cast<std::size_t>(j)];
      return si > sj || (si == sj && i < j);
    });
  }
  const auto move_rows = [&](Move move, MatrixView<T> matrix) {
    const Workspace::Frame stage(work);
    permute_rows<T>(move, matrix, row_order, work.take<T>(m));
  };
  move_rows(Move::gather, a);

  // 2.
  pivoted_qr<T>(execution, a, pivots, tau, work);

  // 3 to 5. R stands in the upper triangle of a.
  const MatrixView<T> w = u.empty() ? u : u.top_rows(n);
  const JacobiResult result = decompose<T>(
      n, n, [&](Index i, Index j) { return i >= j ? conjugate(a(j, i)) : T{0}; }, s, v,
      [&](Index i) { return pivots[static_cast<std::size_t>(i)]; }, w, work, execution, options);

  // 6.
  if (!u.empty()) {
    for (Index j = 0; j < n; ++j) {
      std::fill(u.col(j) + n, u.col(j) + m, T{0});
    }
    apply_q<T>(execution, blas::Op::none, a, tau, u, work);
    move_rows(Move::scatter, u);
  }
  return result;
}

#define ECKART_INSTANTIATE(T)                                                           \
  template MemoryPlan jacobi_memory<T>(Index, Index, bool, bool, const JacobiOptions&); \
  template JacobiResult jacobi_svd<T>(MatrixView<T>, std::span<Real<T>>, MatrixView<T>, \
                                      MatrixView<T>, Workspace&, const Execution&,      \
                                      const JacobiOptions&);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)
#undef ECKART_INSTANTIATE

}  // namespace eckart::dense
