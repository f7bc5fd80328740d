#pragma once

// U diag(s) V^H, kept near a matrix A that changes, and what is known of the error E = A - U diag(s) V^H.
//
// src/streams/incremental_svd.cpp has the steps of an update and proves what is said of E.

#include <vector>

#include "streams/error_ledger.hpp"
#include "streams/gathered_terms.hpp"
#include "streams/rotated_basis.hpp"
#include "streams/update_frame.hpp"

namespace eckart::streams {

struct UpdateRule {
  Index rank = 0;        // at the most; 0: any
  double tolerance = 0;  // values up to this share of the first are left out
};

template <Scalar W>
struct TrackedFactors {
  RotatedBasis<W> u, v;   // m x r, n x r
  std::vector<double> s;  // r values, descending, positive: those of 2^exponent A
  int exponent = 0;
  ErrorLedger errors;  // of 2^exponent A
  Index updates = 0;

  /// Units in which all values, the bounds of E and the weights of the terms that wait are below 1. Values that are below the range
  /// in these units are left out, and counted.
  void fit_scale(const Execution& execution, const GatheredTerms<W>& terms);
  /// A becomes A + the terms, or longer by them.
  void absorb(const Execution& execution, const UpdateRule& rule, const GatheredTerms<W>& terms);
  /// A without some rows or columns, which ascend.
  void remove(const Execution& execution, const UpdateRule& rule, Side side,
              std::span<const Index> indices);
  /// A <- factor A, factor in (0, 1]: the power of 2 in it goes to the exponent. Units fit, and so they do afterwards, within 1/2.
  void forget(const Execution& execution, double factor);
  /// Counts so many products of matrices with inner dimension t, of the size given in the units of s.
  void count_rounding(Index products, Index t, double size) noexcept;
  /// Those that write U and V out.
  [[nodiscard]] Index products_to_write() const noexcept { return u.pieces() + v.pieces(); }
  /// Brings U and V, orthonormal up to the rounding of another type, into order; keeps U diag(s) V^H.
  void straighten(const Execution& execution, const UpdateRule& rule);

 private:
  struct Update;
  void apply(const Execution& execution, const UpdateRule& rule, const Update& update);
  /// s and E times factor 2^shift, factor in [1/2, 1]; values that leave the range are left out while they can be told from 0.
  void scale(const Execution& execution, double factor, int shift);
  /// The binary exponent of the largest of the values and bounds; INT_MIN where all are 0.
  [[nodiscard]] int top() const noexcept;
  [[nodiscard]] Random random(Side side) const;
};

}  // namespace eckart::streams
