#pragma once

// What is known of the error E = A - U diag(s) V^H of an incremental decomposition, never E itself.
//
// E = (rounding) + (past) + (run). A run is a sequence of updates over which a side stays clear, U^H E_run = 0 or E_run V = 0, so that what
// they leave out adds up as squares: "Sum of squares" in incremental_svd.cpp. An update that ends both makes the run a thing of the past
// and begins another one with what it leaves out itself, which U and V lack both.
//
//   Proof. Where a run begins A = A' + E_past with A' = U diag(s) V^H exactly. What follows is done to both: A' is tracked with the error
//   E_run, as if nothing had been left out before, and E_past gets zeros where A grows, loses rows and columns where A does, is
//   multiplied by the same factors, and by I - e_j e_j^T where a column is replaced, none of which enlarges its norms. So ||E|| is
//   ||E_past|| + ||E_run|| at the most, E_past a sum over runs; and |sigma_i(A) - sigma_i(A')| <= ||E_past||_2.
//
// A past error is zero outside of the rows and columns that A had then, which stay its first ones. When the last of them has been removed
// there is nothing left of it: in a window that slides the bound is one of what the window has seen.
//
// At worst, where one run follows another, this is the sum of all that was left out; and for changes of a matrix that keeps its shape
// nothing smaller is true: of (10, 0; 0, 0), kept by one triplet, 0.1 e_2 e_2^T added N < 100 times leaves out 0.1 N.

#include <span>
#include <vector>

#include <eckart/types.hpp>

namespace eckart::streams {

/// A side of a matrix: its rows, with U, or its columns, with V.
enum class Side { rows, columns };

/// 2^shift times a bound, which stays one where the product is below the range.
[[nodiscard]] double bound_scaled(double bound, int shift) noexcept;

struct ErrorNorms {
  double frobenius = 0, spectral = 0;
};

/// Of runs that have ended, in the first rows and columns of A.
struct PastError {
  Index rows = 0, cols = 0;
  ErrorNorms norms;
};

/// All numbers are bounds: the norms of what the run and the past left out, ||.||_F of the rounding.
struct ErrorLedger {
  ErrorNorms run;
  double rounding = 0;
  // U^H E_run = 0, E_run V = 0; one of them at least.
  bool clear_of_u = true, clear_of_v = true;
  std::vector<PastError> past;  // rows and cols ascend, and there are `most_past` at the most

  static constexpr std::size_t most_past = 64;

  /// Some more is left out of a matrix of m x n, by an update that lets new directions come between E and these sides.
  void leave_out(const ErrorNorms& more, bool touches_u, bool touches_v, Index m, Index n);
  /// Some rows or columns are gone, which are given in order.
  void remove(Side side, std::span<const Index> indices);
  /// E <- factor 2^shift E
  void scale(double factor, int shift) noexcept;
  [[nodiscard]] ErrorNorms of_past() const noexcept;

  /// Something of an m x n matrix that has nothing to do with U and V, or of runs; after what there is already.
  void add_past(const ErrorNorms& norms, Index m, Index n);
};

}  // namespace eckart::streams
