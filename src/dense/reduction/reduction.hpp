#pragma once

// The reduction of a tall matrix to a real upper bidiagonal one, whichever way it goes:
//
//   A = Q B P^H      A m x n, m >= n      Q m x m, P n x n unitary, kept as reflectors      B n x n, diagonal d, superdiagonal e
//
//   one stage    bidiagonalize.hpp                   Q, P: one set of reflectors
//   two stages   band_reduction.hpp, bulge_chase.hpp    A = Q1 B_band P1^H,  B_band = Q2 B P2^H,  Q = Q1 diag(Q2, I), P = P1 P2
//   LAPACK's     the reference
//
// The ladder above sees this and no more: what stands in B, and how Q and P act on columns.

#include <span>

#include <eckart/execution.hpp>
#include <eckart/matrix.hpp>
#include <eckart/svd.hpp>
#include <eckart/workspace.hpp>

#include "blas/gemm.hpp"
#include "dense/reduction/band_reduction.hpp"
#include "dense/reduction/bidiagonalize.hpp"
#include "dense/reduction/bulge_chase.hpp"
#include "dense/stage_clock.hpp"

namespace eckart::dense {

enum class ReductionMethod { one_stage, two_stages, lapack };

/// How an m x n matrix is reduced, of which `vectors` vectors are wanted on each side (0: values alone).
struct ReductionPlan {
  ReductionMethod method = ReductionMethod::one_stage;
  Index m = 0, n = 0;
  Index band = 1;
  Index panel = 0;  // 0: as measured
  int threads = 1;
};

template <Scalar T>
[[nodiscard]] ReductionPlan plan_reduction(Index m, Index n, Index vectors,
                                           const SvdOptions& options);

template <Scalar T>
class Reduction {
  using R = Real<T>;

 public:
  /// What one reduction holds for as long as it lives,
  [[nodiscard]] static MemoryPlan memory(const ReductionPlan& plan);
  /// and what reduce() and applying Q or P to at most c columns take for the time of the call.
  [[nodiscard]] static MemoryPlan scratch(const ReductionPlan& plan, Index c);

  Reduction() = default;
  Reduction(const ReductionPlan& plan, Workspace& work);

  /// Overwrites a, which must live as long as the reduction is applied.
  void reduce(const Execution& execution, const StageClock& timed, MatrixView<T> a,
              Workspace& work);

  [[nodiscard]] bool done() const { return done_; }
  /// Whether B is finite: a reduction of a finite scaled matrix always should be.
  [[nodiscard]] bool is_finite() const { return is_finite_; }
  [[nodiscard]] std::span<const R> d() const { return d_; }
  [[nodiscard]] std::span<const R> e() const { return e_; }

  /// C <- op(Q) C, C m x c.
  void left(const Execution& execution, blas::Op op, MatrixView<T> c, Workspace& work) const;
  /// C <- op(P) C, C n x c.
  void right(const Execution& execution, blas::Op op, MatrixView<T> c, Workspace& work) const;

 private:
  void reduce_in_one_stage(const Execution& execution, const StageClock& timed, MatrixView<T> a,
                           Workspace& work);
  void reduce_in_two_stages(const Execution& execution, const StageClock& timed, MatrixView<T> a,
                            Workspace& work);

  ReductionPlan plan_;
  std::span<R> d_, e_;
  Bidiagonal<T> one_;
  BandReduction<T> band_;
  Chase<T> chase_;
  bool done_ = false, is_finite_ = false;
};

}  // namespace eckart::dense
