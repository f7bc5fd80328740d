#pragma once

// What an IncrementalSvd is: factors, changes that wait for them, and options. A value, cheap to copy, since the pieces of the bases are
// shared: what may fail is done to a copy, which then takes the place of the original.

#include <algorithm>

#include <eckart/incremental_svd.hpp>

#include "streams/gathered_terms.hpp"
#include "streams/tracked_factors.hpp"

namespace eckart {

template <Scalar T>
struct IncrementalSvd<T>::Inner {
  Inner() = default;
  /// Zeros, m x n.
  Inner(Index m, Index n, const IncrementalOptions& given);
  /// U diag(s) V^H, whose error `errors` is in the units of s.
  Inner(MatrixView<const W> u, std::vector<double> s, MatrixView<const W> vh, Index m, Index n,
        const streams::ErrorLedger& errors, const IncrementalOptions& given);

  [[nodiscard]] Index rows() const noexcept {
    return factors.u.rows() + (terms.kind == streams::TermKind::rows ? terms.count() : 0);
  }
  [[nodiscard]] Index cols() const noexcept {
    return factors.v.rows() + (terms.kind == streams::TermKind::columns ? terms.count() : 0);
  }
  [[nodiscard]] Execution execution() const {
    return {.threads = options.threads, .stop = options.stop, .progress = {}};
  }
  [[nodiscard]] streams::UpdateRule rule() const { return {options.rank, options.tolerance}; }

  /// `count` more terms of a kind fit in.
  [[nodiscard]] bool fits(streams::TermKind kind, Index count) const noexcept {
    return (terms.count() == 0 || terms.kind == kind) && terms.count() + count <= options.block;
  }
  /// Room for so many more terms, at most a block, whose vectors are to be written; what waited before may be taken in.
  void make_room(streams::TermKind kind, Index count = 1) {
    if (!fits(kind, count)) {
      absorb();
    }
    terms.make_room(kind, factors.u.rows(), factors.v.rows(), terms.count() + count, options.block);
  }
  /// Takes in what waits. Not to be called on what has to survive an exception.
  void absorb();
  /// Column `at` becomes `line`, or, conjugated, row `at`. As absorb().
  void replace(streams::Side side, Index at, MatrixView<const T> line, bool conjugated);
  /// As absorb().
  void remove(streams::Side side, std::span<const Index> indices);

  IncrementalOptions options;
  streams::TrackedFactors<W> factors;
  streams::GatheredTerms<W> terms;
};

namespace streams {

/// Throws InvalidArgument for options that make no sense; fills in what is 0.
[[nodiscard]] IncrementalOptions completed(IncrementalOptions options);

}  // namespace streams
}  // namespace eckart
