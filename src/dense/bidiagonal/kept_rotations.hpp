#pragma once

// Rotations that wait: a sweep of the QR iteration turns neighbouring columns of U and V one pair after the other, which by itself
// would read both once a sweep. So the rotations of many sweeps are kept, and fused_sequences sweeps at a time pass over the columns
// as one wave (rotation_kernels.hpp; Van Zee, van de Geijn and Quintana-Orti, ACM Trans. Math. Softw. 40(3), 2014).

#include <algorithm>
#include <span>

#include <eckart/execution.hpp>
#include <eckart/matrix.hpp>

#include "dense/bidiagonal/rotation_kernels.hpp"
#include "dense/flush_denormals.hpp"

namespace eckart::dense {

/// The rotations of sweeps that have not been applied yet. Rotation i of a sweep is of columns i and i + 1; in a sweep upwards it is
/// for the columns in the order i + 1, i.
template <RealScalar R>
class KeptRotations {
 public:
  static constexpr Index most_sweeps = 64;

  KeptRotations(const Execution& execution, Index n, Index together, std::span<R> memory,
                MatrixView<R> u, MatrixView<R> v) noexcept
      : execution_(execution),
        n_(n),
        together_(std::min(together, most_sweeps)),
        memory_(memory.data()),
        u_(u),
        v_(v) {}

  struct Sweep {
    R *left_s, *left_tau, *right_s, *right_tau;  // see rotation_kernels.hpp

    void left(Index i, R c, R s) const noexcept {
      left_s[i] = s;
      left_tau[i] = s / (1 + c);
    }
    void right(Index i, R c, R s) const noexcept {
      right_s[i] = s;
      right_tau[i] = s / (1 + c);
    }
  };

  // Room for the rotations first <= i < last of the next sweep.
  Sweep begin(Index first, Index last, bool upwards) {
    if (count_ == together_ || upwards != upwards_) {
      apply();
    }
    upwards_ = upwards;
    range_[count_] = {first, last};
    return sweep(count_++);
  }

  // Applies what is kept, fused_sequences sweeps at a time, each filled with identities to the range of all. Here the iteration
  // stops when it is asked to.
  void apply() {
    execution_.check_stop();
    // Products of small sines leave the range in single precision; in vectors of length 1 they are nothing.
    const FlushDenormals scope;
    for (Index done = 0; done < count_; done += fused_sequences) {
      const Index end = std::min(done + fused_sequences, count_);
      Range all = range_[done];
      for (Index q = done + 1; q < end; ++q) {
        all = {std::min(all.first, range_[q].first), std::max(all.last, range_[q].last)};
      }
      for (Index q = done; q < done + fused_sequences; ++q) {
        const Range own = q < end ? range_[q] : Range{all.last, all.last};
        fill_identity(q, all.first, std::min(own.first, all.last));
        fill_identity(q, own.last, all.last);
      }
      apply_to(u_, done, all, &Sweep::left_s, &Sweep::left_tau);
      apply_to(v_, done, all, &Sweep::right_s, &Sweep::right_tau);
    }
    count_ = 0;
  }

 private:
  struct Range {
    Index first, last;
  };

  Sweep sweep(Index q) const noexcept {
    R* const at = memory_ + 4 * n_ * q;
    return {at, at + n_, at + 2 * n_, at + 3 * n_};
  }

  void fill_identity(Index q, Index first, Index last) noexcept {
    const Sweep s = sweep(q);
    for (Index i = first; i < last; ++i) {
      s.left_s[i] = s.left_tau[i] = s.right_s[i] = s.right_tau[i] = 0;
    }
  }

  void apply_to(const MatrixView<R>& q, Index first_sweep, Range range, R* Sweep::* s,
                R* Sweep::* tau) noexcept {
    if (q.empty()) {
      return;
    }
    // Upwards, column t of the wave is column range.last - t, and its rotation t is number range.last - 1 - t.
    RotationWave<R> wave{};
    wave.rows = q.rows();
    wave.columns = upwards_ ? q.col(range.last) : q.col(range.first);
    wave.stride = upwards_ ? -q.col_stride() : q.col_stride();
    wave.step = upwards_ ? -1 : 1;
    wave.first = 0;
    wave.last = range.last - range.first;
    const Index start = upwards_ ? range.last - 1 : range.first;
    for (Index i = 0; i < fused_sequences; ++i) {
      const Sweep own = sweep(first_sweep + i);
      wave.sine[i] = own.*s + start;
      wave.tangent[i] = own.*tau + start;
    }
    kernels_.wave(wave);
  }

  const Execution& execution_;
  Index n_, together_;
  R* memory_;
  MatrixView<R> u_, v_;
  RotationKernels<R> kernels_ = rotation_kernels<R>();
  Index count_ = 0;
  bool upwards_ = false;
  Range range_[most_sweeps]{};
};

}  // namespace eckart::dense
