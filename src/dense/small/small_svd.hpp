#pragma once

// Decompositions of matrices of at most 16 x 8 or 8 x 16, by one-sided Jacobi in the lanes of the processor's vectors.
//
// For such a matrix the ladder of rungs costs more in plans, clocks and calls than in arithmetic, and no loop of it is long enough for
// a vector. Here nothing is allocated and no loop is short: a lane is a matrix of a group, or a pair of columns of a lone matrix, with
// the same bits either way (lane_rotation.hpp).
//
//   1. the norm pass and the scaling of every decomposition                       scale.hpp
//   2. sweeps until all pairs of columns are orthogonal                           lane_sweeps.hpp
//   3. values, vectors, the sign rule, the audit with whole matrices              lane_results.hpp
//   4. values in descending order, to the caller
//
// Float is computed in double: its squares then stay in range, and nothing is lost to the working precision.
//
// Accuracy. As in jacobi.hpp without the QR decomposition before it: backward error a small multiple of eps ||A||; for A = B D with
// diagonal D of any range, down to 2^-200, the small values have relative accuracy too. W is formed for values alone as well, since
// without it the audit could not see the small ones; so values are the same bits with and without vectors.
//
// How it fails. It does not try hard: a matrix whose columns differ by more than 2^200, one with a value of exactly zero, and one that
// does not pass its audit are left to the ladder, which tries everything. Which matrices these are depends on nothing else.
//
// Cost of m = n: 4 to 7 sweeps of 14 n^3 flops (complex: 4 times that).

#include <span>

#include <eckart/svd.hpp>

#include "dense/problem.hpp"
#include "dense/small/small_kernels.hpp"

namespace eckart::dense {

/// One matrix, where its results go, and what became of it.
template <Scalar T>
struct SmallTask {
  MatrixView<const T> a;
  std::span<Real<T>> s;
  MatrixView<T> u, vh;  // not looked at where the options say none

  bool tried = false;  // an audit judged it
  AuditReport audit;   // passed: s, u and vh are written; otherwise they are untouched
  int scale_exponent = 0;
};

/// Whether matrices of this problem are decomposed here.
[[nodiscard]] bool is_small(const Problem& problem, const SvdOptions& options) noexcept;

/// The most tasks that small_svd() takes at once: as many as this processor has lanes.
[[nodiscard]] Index small_group(Processor processor = this_processor()) noexcept;

/// Decomposes matrices of one shape, at most small_group() of them.
template <Scalar T>
void small_svd(std::span<SmallTask<T>> tasks, const Problem& problem, const SvdOptions& options,
               Processor processor = this_processor());

/// Adds the attempt of a task that was tried to a report, and where it passed the rest.
template <Scalar T>
void describe(const SmallTask<T>& task, const Problem& problem, const SvdOptions& options,
              SvdReport& report);

/// One matrix, with a report. Returns false where it is left to the ladder; `report` then holds the attempt, if there was one.
template <Scalar T>
[[nodiscard]] bool small_svd(MatrixView<const T> a, std::span<Real<T>> s, MatrixView<T> u,
                             MatrixView<T> vh, const Problem& problem, const SvdOptions& options,
                             SvdReport& report);

}  // namespace eckart::dense
