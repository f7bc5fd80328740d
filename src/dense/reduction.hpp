#pragma once

// The reduction of a tall matrix to a real upper bidiagonal one, whichever way it goes:
//
//   A = Q B P^H      A m x n, m >= n      Q m x m, P n x n unitary, kept as reflectors      B n x n, diagonal d, superdiagonal e
//
// The ladder above sees this and no more: what stands in B, and how Q and P act on columns.

#include <span>

#include <eckart/execution.hpp>
#include <eckart/matrix.hpp>
#include <eckart/workspace.hpp>

#include "blas/gemm.hpp"
#include "dense/bidiagonalize.hpp"

namespace eckart::dense {

struct ReductionOptions {
  Index panel = 32;  // columns reduced between two updates of the rest of the matrix
};

template <Scalar T>
class Reduction {
  using R = Real<T>;

 public:
  /// What one reduction holds for as long as it lives,
  [[nodiscard]] static MemoryPlan memory(Index m, Index n, const ReductionOptions& options);
  /// and what reduce() and applying Q or P to c columns take for the time of the call.
  [[nodiscard]] static MemoryPlan scratch(Index m, Index n, Index c,
                                          const ReductionOptions& options);

  Reduction() = default;
  Reduction(Index m, Index n, const ReductionOptions& options, Workspace& work);

  /// Overwrites a, which must live as long as the reduction is applied.
  void reduce(const Execution& execution, MatrixView<T> a, Workspace& work);

  [[nodiscard]] bool done() const { return b_.a.data() != nullptr; }
  /// Whether B is finite: a reduction of a finite scaled matrix always should be.
  [[nodiscard]] bool is_finite() const { return is_finite_; }
  [[nodiscard]] std::span<const R> d() const { return b_.d; }
  [[nodiscard]] std::span<const R> e() const { return b_.e; }
  [[nodiscard]] Index rows() const { return b_.a.rows(); }

  /// C <- op(Q) C, C m x c.
  void left(const Execution& execution, blas::Op op, MatrixView<T> c, Workspace& work) const;
  /// C <- op(P) C, C n x c.
  void right(const Execution& execution, blas::Op op, MatrixView<T> c, Workspace& work) const;

 private:
  ReductionOptions options_;
  Bidiagonal<T> b_;
  bool is_finite_ = false;
};

}  // namespace eckart::dense
