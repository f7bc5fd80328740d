#pragma once

// Factorisation of a sparse Hermitian matrix without pivoting, and solves with many right-hand sides at once.
//
//   P (H - y I) P^T = R^H S R      R  n x n upper triangular, its diagonal positive;  S = diag(+-1)
//
// L D L^H with the root of |D| in R: no pivot, so R has the places of a Cholesky factor whatever y is (supernodes.hpp), and is ordered once for
// all y. By Sylvester's law of inertia S has as many -1 as H - y I + E has negative eigenvalues,
//
//   |E| <= gamma |R^H| |R|,  gamma = (length of a sum) eps                                   Higham, ASNA, section 10.1
//
// for sums in any order. Growth that pivoting would have avoided makes that large, never the statement wrong. For this no BLAS
// solves with a triangle: what it may do there instead of substitution is not said.
//
// Method: left-looking by supernodes (Ng, Peyton, SIAM J. Sci. Comput. 14, 1993). Block by block
//   1. the entries of H - y I
//   2. minus R_d^H S_d R_d of every earlier block d that has columns among its rows: one product of matrices each
//   3. R_ss and R_s from within the block
// A stop is heard before each product of step 2, which is of 128 x 128 x n at the most, and so is a step 3; a solve hears none.
//
// A solve reads R twice, there and back, for eight vectors at a time: these are packed row by row, so that an entry of R is a few instructions
// for all of them. The result for one vector does not depend on the others.
//
// Cost: 1/3 of the sum of squares of the lengths of R's rows, in multiplications; memory of R alone, 4 multiplications an entry and vector.

#include <complex>
#include <memory>
#include <utility>
#include <vector>

#include <eckart/execution.hpp>
#include <eckart/matrix.hpp>

#include "operators/supernodes.hpp"

namespace eckart {

/// The lower triangle of H with all of its diagonal.
template <class W>
struct LowerEntries {
  LowerPlaces places;     // without the diagonal
  std::vector<W> values;  // of these
  std::vector<double> diagonal;
};

/// Of W = double or std::complex<double>.
template <class W>
class SignedCholesky {
 public:
  explicit SignedCholesky(std::shared_ptr<const Supernodes> supernodes)
      : shape_(std::move(supernodes)) {}

  /// Of H - y I. False where a pivot was zero, or no number. Throws Cancelled.
  [[nodiscard]] bool factor(const Execution& execution, const LowerEntries<W>& h, double y);
  /// Eigenvalues of H - y I + E below zero.
  [[nodiscard]] Index negative() const noexcept;
  /// || |R^H| |R| ||_inf, and the length of the longest sum.
  [[nodiscard]] std::pair<double, double> growth() const;
  /// x <- (H - y I)^-1 x.
  void solve(MatrixView<W> x) const { run(x, true, true); }
  /// x <- R^-H P x, or P^T R^-1 S x: one after the other they are the whole.
  void solve_half(MatrixView<W> x, bool adjoint) const { run(x, adjoint, !adjoint); }
  [[nodiscard]] Index entries() const noexcept { return shape_->fill; }
  [[nodiscard]] std::uint64_t bytes() const noexcept { return values_.size() * sizeof(W); }

 private:
  [[nodiscard]] W* block(Index s) noexcept {
    return values_.data() + shape_->values[static_cast<std::size_t>(s)];
  }
  [[nodiscard]] const W* block(Index s) const noexcept {
    return values_.data() + shape_->values[static_cast<std::size_t>(s)];
  }
  void put_entries(const LowerEntries<W>& h, double y);
  void subtract(Index d, Index begin, Index end, Index s, std::span<const Index> position);
  [[nodiscard]] bool factor_block(Index s);
  void run(MatrixView<W> x, bool goes_there, bool comes_back) const;

  std::shared_ptr<const Supernodes> shape_;
  std::vector<W> values_;
  std::vector<double> signs_;
  std::vector<W> head_, product_;  // of subtract()
};

}  // namespace eckart
