#include "dense/reduction/bulge_chase.hpp"

#include <atomic>
#include <cmath>
#include <memory>
#include <thread>

#include "dense/reduction/bulge_chase_kernels.hpp"

namespace eckart::dense {
namespace {

// Entries in a cache line.
template <Scalar T>
constexpr Index line = 64 / static_cast<Index>(sizeof(T));

constexpr Index round_up(Index value, Index multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

template <Scalar T>
struct BandShape {
  // A window may begin a line of entries less one above the highest entry of a column and end as far below the lowest.
  explicit BandShape(Index band)
      : above(round_up(2 * band - 1 + line<T> - 1, line<T>)),
        rows(round_up(above + band - 1 + line<T> - 1, line<T>) + 1) {
    // Columns at a distance of a multiple of 8 lines would meet in few sets of the first cache.
    if ((rows - 1) / line<T> % 8 == 0) {
      rows += line<T>;
    }
  }
  Index above;
  Index rows;  // one more than a multiple of a line: equal rows of all columns have equal alignment
};

// ---- The schedule ----------------------------------------------------------------------------------------------------------

// Sweeps of a group. Where a shared cache holds the whole band (n = 2048 and 4096, 32 MiB) 1 to 32 take the same time; where it does
// not, the band comes from memory once a group. With several threads a smaller group lets the next one follow sooner.
constexpr Index group_of_one_thread = 16;
constexpr Index group_of_several = 4;

// How many moments of its time a group has done; each in a cache line of its own.
struct alignas(64) Progressed {
  std::atomic<Index> moments{0};
};

template <Scalar T>
class Schedule {
 public:
  Schedule(const Execution& execution, const BandStorage<T>& band, Chase<T>* keep, Index group,
           Processor processor, Workspace& work)
      : execution_(execution),
        kernel_(chase_kernel<T>(processor)),
        shape_(chase_shape<T>(band.n, band.band)),
        keep_(keep),
        group_(group) {
    const MatrixView<T> b = band.matrix();
    first_ = reinterpret_cast<Real<T>*>(b.data());
    parts_ = ComplexScalar<T> ? 2 : 1;
    stride_ = parts_ * b.col_stride();
    groups_ = (band.n - 1 + group - 1) / group;
    done_ = work.take<Progressed>(groups_);
    for (Progressed& d : done_) {
      std::construct_at(&d);
    }
  }

  [[nodiscard]] Index groups() const { return groups_; }

  // What one thread does: group after group, until none is left. Groups are given out in order, so the one before is in work
  // or done, and nobody waits for a group that no thread has.
  void work(std::span<Real<T>> memory) {
    try {
      for (Index g = next_++; g < groups_ && !failed_; g = next_++) {
        report(g);
        run_group(g, memory);
      }
    } catch (...) {
      failed_ = true;
      throw;
    }
  }

  static Index memory_reals(Index band, Index group) {
    return group * sweep_reals(band) + chase_scratch_reals<T>(band);
  }

 private:
  // What a sweep hands from step to step: u and tau of Q(s, k), two of each, which alternate.
  static Index sweep_reals(Index band) {
    return 2 * (chase_vector_reals<T>(band) + 64 / static_cast<Index>(sizeof(Real<T>)));
  }

  [[nodiscard]] Index sweeps_in(Index g) const {
    return std::min(group_, shape_.n - 1 - g * group_);
  }
  // The moments that a group takes: the last step of its sweep j comes at time steps - 1 + j.
  [[nodiscard]] Index moments_of(Index g) const {
    Index moments = 0;
    for (Index j = 0; j < sweeps_in(g); ++j) {
      moments = std::max(moments, shape_.steps(g * group_ + j) + j);
    }
    return moments;
  }

  void report(Index g) const {
    if (std::this_thread::get_id() == caller_) {
      const double share = static_cast<double>(g) / static_cast<double>(groups_);
      execution_.step("bulge chase", share * (2 - share));
    } else {
      execution_.check_stop();
    }
  }

  void run_group(Index g, std::span<Real<T>> memory) {
    const Index first = g * group_, count = sweeps_in(g), moments = moments_of(g);
    const Index moments_before = g == 0 ? 0 : moments_of(g - 1);
    const Index own = sweep_reals(shape_.band);
    Real<T>* const scratch = memory.data() + group_ * own;
    Index seen = 0;
    for (Index t = 0; t < moments; ++t) {
      // Step t of the first sweep needs step t + 1 of the last sweep before, which that group does at time t + group_.
      if (g > 0 && !wait_for(g - 1, std::min(t + group_ + 1, moments_before), seen)) {
        return;
      }
      for (Index j = 0; j < count && j <= t; ++j) {
        const Index s = first + j, k = t - j;
        if (k < shape_.steps(s)) {
          run_step(s, k, memory.data() + j * own, scratch);
        }
      }
      done_[static_cast<std::size_t>(g)].moments.store(t + 1, std::memory_order_release);
    }
  }

  // Until group g has done `moments`. False: another thread failed.
  [[nodiscard]] bool wait_for(Index g, Index moments, Index& seen) const {
    const std::atomic<Index>& done = done_[static_cast<std::size_t>(g)].moments;
    while (seen < moments) {
      seen = done.load(std::memory_order_acquire);
      if (seen < moments) {
        if (failed_) {
          return false;
        }
        execution_.check_stop();
        std::this_thread::yield();
      }
    }
    return true;
  }

  void run_step(Index s, Index k, Real<T>* own, Real<T>* scratch) {
    const Index b = shape_.band, begin = s + 1 + k * b, place = shape_.place(s, k);
    const Index above = k == 0 ? 1 : b;  // rows of O
    ChaseStep<T> step;
    step.corner = first_ + parts_ * (begin - above) + stride_ * begin;
    step.stride = stride_;
    step.rows = above;
    step.size = std::min(b, shape_.n - begin);
    step.head = k == 0;
    Real<T>* const before = own + (k + 1) % 2 * sweep_reals(b) / 2;
    Real<T>* const after = own + k % 2 * sweep_reals(b) / 2;
    const Index vector = chase_vector_reals<T>(b);
    step.before = before;
    step.before_tau = k == 0 ? T{} : *reinterpret_cast<const T*>(before + vector);
    step.after = after;
    step.scratch = scratch;
    if (keep_ != nullptr) {
      const std::size_t at = static_cast<std::size_t>(place * keep_->stride());
      step.keep_left = &keep_->left.vectors[at];
      step.keep_right = &keep_->right.vectors[at];
      step.kept = keep_->stride();
    }
    kernel_(&step, b);
    *reinterpret_cast<T*>(after + vector) = step.after_tau;
    if (keep_ != nullptr) {
      keep_->left.tau[static_cast<std::size_t>(place)] = step.after_tau;
      keep_->right.tau[static_cast<std::size_t>(place)] = step.right_tau;
    }
  }

  const Execution& execution_;
  const std::thread::id caller_ = std::this_thread::get_id();
  const ChaseKernel<T> kernel_;
  const Chase<T> shape_;
  Chase<T>* const keep_;
  const Index group_;
  Real<T>* first_ = nullptr;  // entry (0, 0)
  Index parts_ = 1, stride_ = 0, groups_ = 0;
  std::span<Progressed> done_;
  std::atomic<Index> next_{0};
  std::atomic<bool> failed_{false};
};

// Makes B(0, 0) real: B <- diag(conj(phase), 1, ...) B. The exponent is taken out first, for |B(0, 0)| to be exact to rounding.
template <Scalar T>
T make_first_real(const MatrixView<T>& b, Index band) {
  if constexpr (ComplexScalar<T>) {
    const T first = b(0, 0);
    const Real<T> largest = std::max(std::abs(first.real()), std::abs(first.imag()));
    if (first.imag() == 0 || !std::isfinite(largest)) {
      return T{1};
    }
    const int exponent = -std::ilogb(largest);
    const T near_one(std::scalbn(first.real(), exponent), std::scalbn(first.imag(), exponent));
    const Real<T> modulus = std::abs(near_one);
    const T phase = near_one / modulus;
    for (Index j = 1; j <= std::min(band, b.cols() - 1); ++j) {
      b(0, j) *= std::conj(phase);
    }
    b(0, 0) = std::scalbn(modulus, -exponent);
    return phase;
  } else {
    static_cast<void>(b);
    static_cast<void>(band);
    return T{1};
  }
}

Index group_size(const ChaseOptions& options, Index threads) {
  return options.group > 0 ? options.group : threads == 1 ? group_of_one_thread : group_of_several;
}

Index workers(Index n, Index group, Index threads) {
  return std::clamp<Index>(threads, 1, (n - 1 + group - 1) / group);
}

}  // namespace

template <Scalar T>
MemoryPlan band_memory(Index n, Index band) {
  return MemoryPlan::block<T>("band", BandShape<T>(chase_shape<T>(n, band).band).rows, n);
}

template <Scalar T>
BandStorage<T> take_band(Index n, Index band, Workspace& work) {
  const Index b = chase_shape<T>(n, band).band;
  const BandShape<T> shape(b);
  const std::span<T> entries = work.take<T>(shape.rows * n);
  std::fill(entries.begin(), entries.end(), T{});
  return {MatrixView<T>(entries.data(), shape.rows, n), n, b, shape.above};
}

template <Scalar T>
MemoryPlan chase_reflectors_memory(Index n, Index band) {
  const Chase<T> shape = chase_shape<T>(n, band);
  const Index count = shape.reflectors();
  return MemoryPlan::all_of("reflectors of the chase",
                            {MemoryPlan::block<T>("vectors of the left", shape.stride(), count),
                             MemoryPlan::block<T>("vectors of the right", shape.stride(), count),
                             MemoryPlan::block<T>("tau of the left", count),
                             MemoryPlan::block<T>("tau of the right", count)});
}

template <Scalar T>
Chase<T> take_chase(Index n, Index band, Workspace& work) {
  Chase<T> chase = chase_shape<T>(n, band);
  const Index count = chase.reflectors();
  chase.left.vectors = work.take<T>(chase.stride() * count);
  chase.right.vectors = work.take<T>(chase.stride() * count);
  chase.left.tau = work.take<T>(count);
  chase.right.tau = work.take<T>(count);
  return chase;
}

template <Scalar T>
MemoryPlan chase_memory(Index n, Index band, Index threads, const ChaseOptions& options) {
  if (n <= 1) {
    return MemoryPlan::any_of("bulge chase", {});
  }
  const Index b = chase_shape<T>(n, band).band, group = group_size(options, threads);
  return MemoryPlan::all_of(
      "bulge chase",
      {MemoryPlan::block<Progressed>("progress of groups", (n - 1 + group - 1) / group),
       MemoryPlan::block<Real<T>>("vectors of a step", workers(n, group, threads),
                                  Schedule<T>::memory_reals(b, group))});
}

template <Scalar T>
void chase(const Execution& execution, const BandStorage<T>& band, std::span<Real<T>> d,
           std::span<Real<T>> e, Chase<T>* keep, const ChaseOptions& options, Workspace& work) {
  const Index n = band.n;
  if (n == 0) {
    return;
  }
  const MatrixView<T> b = band.matrix();
  const T phase = make_first_real<T>(b, band.band);
  if (keep != nullptr) {
    keep->phase = phase;
  }
  if (n > 1) {
    const Workspace::Frame frame(work);
    const Index threads = execution.thread_count(), group = group_size(options, threads);
    Schedule<T> schedule(execution, band, keep, group, options.processor, work);
    const Index share = Schedule<T>::memory_reals(band.band, group);
    const Index count = workers(n, group, threads);
    const std::span<Real<T>> memory = work.take<Real<T>>(count * share);
    parallel_for(execution, count, [&](Index worker) {
      schedule.work(memory.subspan(static_cast<std::size_t>(worker * share),
                                   static_cast<std::size_t>(share)));
    });
  }
  for (Index i = 0; i < n; ++i) {
    d[static_cast<std::size_t>(i)] = real_part(b(i, i));
    if (i + 1 < n) {
      e[static_cast<std::size_t>(i)] = real_part(b(i, i + 1));
    }
  }
}

#define ECKART_INSTANTIATE(T)                                                         \
  template MemoryPlan band_memory<T>(Index, Index);                                   \
  template BandStorage<T> take_band<T>(Index, Index, Workspace&);                     \
  template MemoryPlan chase_reflectors_memory<T>(Index, Index);                       \
  template Chase<T> take_chase<T>(Index, Index, Workspace&);                          \
  template MemoryPlan chase_memory<T>(Index, Index, Index, const ChaseOptions&);      \
  template void chase<T>(const Execution&, const BandStorage<T>&, std::span<Real<T>>, \
                         std::span<Real<T>>, Chase<T>*, const ChaseOptions&, Workspace&);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)

}  // namespace eckart::dense
