#pragma once

// A bulge chase by its definition, for the tests of bulge_chase.hpp and chase_vectors.hpp: a band matrix put through chase() in
// exactly the memory planned, and its reflectors applied one by one.

#include <algorithm>
#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include <eckart/random.hpp>

#include "dense/reduction/bulge_chase.hpp"

namespace eckart::dense {

using ChaseTypes = ::testing::Types<float, double, std::complex<float>, std::complex<double>>;

inline constexpr Processor all_processors[] = {Processor::base, Processor::fma, Processor::avx512};

inline Execution with_threads(int threads) {
  return {.threads = threads, .stop = {}, .progress = {}};
}

/// The part of a that a band of `band` superdiagonals has.
template <Scalar T>
Matrix<T> upper_band(const Matrix<T>& a, Index band) {
  Matrix<T> b(a.rows(), a.cols());
  for (Index j = 0; j < a.cols(); ++j) {
    for (Index i = std::max<Index>(0, j - band); i <= std::min(j, a.rows() - 1); ++i) {
      b(i, j) = a(i, j);
    }
  }
  return b;
}

template <Scalar T>
Matrix<T> normal_band(Index n, Index band, std::uint64_t seed = 1) {
  Matrix<T> a(n, n);
  fill_normal(a.view(), Random(seed));
  return upper_band(a, band);
}

/// What chase() makes of a matrix.
template <Scalar T>
struct Chased {
  Chased(const Matrix<T>& b, Index band, const Execution& execution = with_threads(1),
         const ChaseOptions& options = {}, bool kept = true)
      : d(static_cast<std::size_t>(b.rows())),
        e(static_cast<std::size_t>(std::max<Index>(b.rows() - 1, 0))),
        work(plan(b.rows(), band, execution, options, kept)) {
    const Index n = b.rows();
    if (kept) {
      reflectors = take_chase<T>(n, band, work);
    }
    const BandStorage<T> storage = take_band<T>(n, band, work);
    const MatrixView<T> entries = storage.matrix();
    for (Index j = 0; j < n; ++j) {
      for (Index i = std::max<Index>(0, j - storage.band); i <= j; ++i) {
        entries(i, j) = b(i, j);
      }
    }
    chase<T>(execution, storage, d, e, kept ? &reflectors : nullptr, options, work);
    EXPECT_EQ(work.peak(), work.size());
  }

  static MemoryPlan plan(Index n, Index band, const Execution& execution,
                         const ChaseOptions& options, bool kept) {
    const MemoryPlan needed = MemoryPlan::all_of(
        "chase",
        {band_memory<T>(n, band), chase_memory<T>(n, band, execution.thread_count(), options)});
    return kept ? MemoryPlan::all_of("all", {needed, chase_reflectors_memory<T>(n, band)}) : needed;
  }

  std::vector<Real<T>> d, e;
  Workspace work;
  Chase<T> reflectors;
};

/// q <- H(s, k) q or H(s, k)^H q.
template <Scalar T>
void apply_reflector(const Chase<T>& c, const ChaseSide<T>& side, Index s, Index k, bool adjoint,
                     MatrixView<T> q) {
  const Index place = c.place(s, k), first = s + 1 + k * c.band;
  const Index length = std::min(c.band, c.n - first);
  const T* const v = &side.vectors[static_cast<std::size_t>(place * c.stride())];
  const T tau = side.tau[static_cast<std::size_t>(place)];
  for (Index j = 0; j < q.cols(); ++j) {
    T w{};
    for (Index i = 0; i < length; ++i) {
      w += conjugate(v[i]) * q(first + i, j);
    }
    w *= adjoint ? conjugate(tau) : tau;
    for (Index i = 0; i < length; ++i) {
      q(first + i, j) -= v[i] * w;
    }
  }
}

/// q <- Q2 q (left) or P2 q, or their adjoints, as bulge_chase.hpp defines them.
template <Scalar T>
void apply_by_definition(const Chase<T>& c, bool left, bool adjoint, MatrixView<T> q) {
  const ChaseSide<T>& side = left ? c.left : c.right;
  const T phase = left ? (adjoint ? conjugate(c.phase) : c.phase) : T{1};
  for (Index j = 0; j < q.cols() && adjoint; ++j) {
    q(0, j) *= phase;
  }
  for (Index t = 0; t + 1 < c.n; ++t) {
    const Index s = adjoint ? t : c.n - 2 - t;
    for (Index k = 0; k < c.steps(s); ++k) {
      apply_reflector(c, side, s, k, adjoint, q);
    }
  }
  for (Index j = 0; j < q.cols() && !adjoint; ++j) {
    q(0, j) *= phase;
  }
}

template <Scalar T>
double frobenius(MatrixView<const T> a) {
  double largest = 0, sum = 0;
  for (Index j = 0; j < a.cols(); ++j) {
    for (Index i = 0; i < a.rows(); ++i) {
      largest = std::max(largest, static_cast<double>(std::abs(a(i, j))));
    }
  }
  for (Index j = 0; j < a.cols() && largest > 0; ++j) {
    for (Index i = 0; i < a.rows(); ++i) {
      sum += std::norm(std::complex<double>(a(i, j)) / largest);
    }
  }
  return largest * std::sqrt(sum);
}

}  // namespace eckart::dense
