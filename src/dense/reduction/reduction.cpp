#include "dense/reduction/reduction.hpp"

#include <algorithm>
#include <cmath>

#include "dense/columns.hpp"
#include "dense/reduction/bidiagonal_vectors.hpp"
#include "dense/reduction/chase_vectors.hpp"
#include "dense/reduction/qr.hpp"

namespace eckart::dense {
namespace {

using blas::Op;

// From so many bytes of the n x n part on two stages are faster. One stage waits for the memory that holds the matrix, so the
// boundary is one of bytes: for values alone where the matrix leaves the second-level cache by a factor, with vectors, whose
// second back-transformation costs 2 n^3 flops a side, some way beyond the last one, since what is left of the matrix soon fits
// again. Between what was measured: values at n = 640 to 1024 for the four types; vectors, one stage against two, at 32 MiB 6.5 GEMMs for
// 7.5 (the other types 12, 15 and 16 % faster), at 40 MiB 7.0 for 7.6, at 44 MiB 3, 9 and 14 % faster, at 50 MiB 7.5 for 7.6, at 69
// MiB 10.4 for 8.1; one thread, on a processor with 1 and 32 MiB of those caches (EPYC, Zen 4).
constexpr double two_stages_for_values = 4 << 20, two_stages_for_vectors = 48 << 20;

// Width of the band. Narrow is cheaper to chase; wide lets the products of the other steps run faster, which count for more
// with vectors: 2048 columns of double take 8.7, 8.2 and 8.3 GEMMs with 32, 48 and 64, values alone least with 32.
constexpr Index band_for_values = 32, band_for_vectors = 48;

template <Scalar T>
ReductionMethod choose_method(Index n, Index vectors, const SvdOptions& options) {
  if (options.driver == Driver::lapack) {
    return ReductionMethod::lapack;
  }
  switch (options.stages) {
    case Stages::one:
      return ReductionMethod::one_stage;
    case Stages::two:
      return ReductionMethod::two_stages;
    case Stages::automatic:
      break;
  }
  const double bytes = static_cast<double>(n) * static_cast<double>(n) * sizeof(T);
  return bytes >= (vectors > 0 ? two_stages_for_vectors : two_stages_for_values)
             ? ReductionMethod::two_stages
             : ReductionMethod::one_stage;
}

BidiagonalizeOptions one_stage_options(const ReductionPlan& plan) {
  BidiagonalizeOptions options;
  if (plan.panel > 0) {
    options.panel = plan.panel;
  }
  return options;
}

}  // namespace

template <Scalar T>
ReductionPlan plan_reduction(Index m, Index n, Index vectors, const SvdOptions& options) {
  const Index measured_band = vectors > 0 ? band_for_vectors : band_for_values;
  return {
      .method = choose_method<T>(n, vectors, options),
      .m = m,
      .n = n,
      .band = band_width<T>(n, {.band = options.band > 0 ? options.band : measured_band}),
      .panel = options.panel,
      .threads = Execution{.threads = options.threads, .stop = {}, .progress = {}}.thread_count()};
}

template <Scalar T>
MemoryPlan Reduction<T>::memory(const ReductionPlan& plan) {
  const Index n = plan.n;
  const MemoryPlan reflectors =
      plan.method == ReductionMethod::two_stages
          ? MemoryPlan::all_of("reflectors of two stages",
                               {MemoryPlan::block<T>("T of Q1", plan.band, n),
                                MemoryPlan::block<T>("T of P1", plan.band, n),
                                chase_reflectors_memory<T>(n, plan.band)})
          : MemoryPlan::all_of("tau",
                               {MemoryPlan::block<T>("of Q", n), MemoryPlan::block<T>("of P", n)});
  return MemoryPlan::all_of(
      "reduction", {MemoryPlan::block<R>("d", n), MemoryPlan::block<R>("e", n), reflectors});
}

template <Scalar T>
MemoryPlan Reduction<T>::scratch(const ReductionPlan& plan, Index c) {
  const Index m = plan.m, n = plan.n, b = plan.band;
  switch (plan.method) {
    case ReductionMethod::two_stages:
      return MemoryPlan::any_of(
          "reduce in two stages, apply",
          {reduce_to_band_memory<T>(m, n, b, {}),
           MemoryPlan::all_of("chase",
                              {band_memory<T>(n, b), chase_memory<T>(n, b, plan.threads, {})}),
           apply_chase_memory<T>(n, b, c, plan.threads, {}),
           apply_band_memory<T>(m, n, c, b, plan.threads)});
    case ReductionMethod::lapack:
      return MemoryPlan::any_of(
          "reduce by LAPACK, apply",
          {bidiagonalize_lapack_memory<T>(m, n, panel_or_default(plan.panel)), apply_memory<T>(c)});
    case ReductionMethod::one_stage:
      break;
  }
  return MemoryPlan::any_of("reduce in one stage, apply",
                            {bidiagonalize_memory<T>(m, n, one_stage_options(plan)),
                             apply_bidiagonal_memory<T>(m, n, c, plan.threads)});
}

template <Scalar T>
Reduction<T>::Reduction(const ReductionPlan& plan, Workspace& work)
    : plan_(plan), d_(work.take<R>(plan.n)), e_(work.take<R>(plan.n).first(d_.size() - 1)) {
  const Index n = plan.n;
  if (plan.method == ReductionMethod::two_stages) {
    band_.band = plan.band;
    band_.t_left = take_matrix<T>(work, plan.band, n);
    band_.t_right = take_matrix<T>(work, plan.band, n);
    chase_ = take_chase<T>(n, plan.band, work);
  } else {
    one_ = {.a = {}, .d = d_, .e = e_, .tau_q = work.take<T>(n), .tau_p = work.take<T>(n)};
  }
}

template <Scalar T>
void Reduction<T>::reduce(const Execution& execution, const StageClock& timed, MatrixView<T> a,
                          Workspace& work) {
  if (plan_.method == ReductionMethod::two_stages) {
    reduce_in_two_stages(execution, timed, a, work);
  } else {
    reduce_in_one_stage(execution, timed, a, work);
  }
  const auto finite = [](R x) { return std::isfinite(x); };
  is_finite_ =
      std::all_of(d_.begin(), d_.end(), finite) && std::all_of(e_.begin(), e_.end(), finite);
  done_ = true;
}

template <Scalar T>
void Reduction<T>::reduce_in_one_stage(const Execution& execution, const StageClock& timed,
                                       MatrixView<T> a, Workspace& work) {
  one_.a = a;
  timed("bidiagonalize", [&] {
    if (plan_.method == ReductionMethod::lapack) {
      bidiagonalize_lapack<T>(execution, one_, panel_or_default(plan_.panel), work);
    } else {
      bidiagonalize<T>(execution, one_, one_stage_options(plan_), work);
    }
  });
}

template <Scalar T>
void Reduction<T>::reduce_in_two_stages(const Execution& execution, const StageClock& timed,
                                        MatrixView<T> a, Workspace& work) {
  band_.a = a;
  timed("band", [&] { reduce_to_band<T>(execution, band_, {}, work); });
  timed("chase", [&] {
    const Workspace::Frame frame(work);
    const BandStorage<T> storage = take_band<T>(plan_.n, plan_.band, work);
    copy_band<T>(band_, storage.matrix());
    chase<T>(execution, storage, d_, e_, &chase_, {}, work);
  });
}

template <Scalar T>
void Reduction<T>::left(const Execution& execution, Op op, MatrixView<T> c, Workspace& work) const {
  switch (plan_.method) {
    case ReductionMethod::two_stages: {
      const MatrixView<T> top = c.top_rows(plan_.n);
      if (op == Op::none) {
        apply_chase_left<T>(execution, op, chase_, top, {}, work);
        apply_band_left<T>(execution, op, band_, c, work);
      } else {
        apply_band_left<T>(execution, op, band_, c, work);
        apply_chase_left<T>(execution, op, chase_, top, {}, work);
      }
      break;
    }
    case ReductionMethod::one_stage:
      apply_left<T>(execution, op, one_, c, work);
      break;
    case ReductionMethod::lapack:
      apply_q<T>(execution, op, one_.a, one_.tau_q, c, work);
      break;
  }
}

template <Scalar T>
void Reduction<T>::right(const Execution& execution, Op op, MatrixView<T> c,
                         Workspace& work) const {
  switch (plan_.method) {
    case ReductionMethod::two_stages:
      if (op == Op::none) {
        apply_chase_right<T>(execution, op, chase_, c, {}, work);
        apply_band_right<T>(execution, op, band_, c, work);
      } else {
        apply_band_right<T>(execution, op, band_, c, work);
        apply_chase_right<T>(execution, op, chase_, c, {}, work);
      }
      break;
    case ReductionMethod::one_stage:
      apply_right<T>(execution, op, one_, c, work);
      break;
    case ReductionMethod::lapack:
      if (plan_.n > 1) {
        const Index n = plan_.n;
        // P's reflectors are rows that begin at the superdiagonal; LAPACK's product of them is P^H.
        apply_p_from_left<T>(
            execution, op == Op::none ? Op::adjoint : Op::none, one_.a.block(0, 1, n - 1, n - 1),
            one_.tau_p.first(one_.tau_p.size() - 1), c.block(1, 0, n - 1, c.cols()), work);
      }
      break;
  }
}

#define ECKART_INSTANTIATE(T)                                                       \
  template ReductionPlan plan_reduction<T>(Index, Index, Index, const SvdOptions&); \
  template class Reduction<T>;
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)

}  // namespace eckart::dense
