#include "dense/reduction/qr.hpp"

#include <algorithm>
#include <functional>

#include "blas/lapack.hpp"

namespace eckart::dense {
namespace {

// Columns of C that one task transforms: wide enough for the products to run at speed, narrow enough to stay in cache.
constexpr Index strip = 256;

Index strip_count(Index length) {
  return (length + strip - 1) / strip;
}

// Runs body(first, count, scratch) for each strip of [0, length), each with `per_strip` entries of scratch of its own.
template <Scalar T>
void for_each_strip(const Execution& execution, Index length, Index per_strip, Workspace& work,
                    const std::function<void(Index, Index, std::span<T>)>& body) {
  const Workspace::Frame frame(work);
  const std::span<T> scratch = work.take<T>(strip_count(length) * per_strip);
  parallel_for(execution, strip_count(length), [&](Index task) {
    const Index first = task * strip;
    const auto own = scratch.subspan(static_cast<std::size_t>(task * per_strip),
                                     static_cast<std::size_t>(per_strip));
    body(first, std::min(strip, length - first), own);
  });
}

}  // namespace

template <Scalar T>
MemoryPlan qr_memory(Index m, Index n, Index panel) {
  const Index width = std::min(panel_or_default(panel), n);
  return MemoryPlan::all_of(
      "QR decomposition",
      {MemoryPlan::block<T>("triangular factor of a block", width * width),
       MemoryPlan::any_of(
           "panel and update",
           {MemoryPlan::block<T>("panel", blas::geqrf_work<T>(m, width)),
            MemoryPlan::block<T>("strips", strip_count(n) * std::min(strip, n) * width)})});
}

template <Scalar T>
void qr_factor(const Execution& execution, MatrixView<T> a, std::span<T> tau, Index panel,
               Workspace& work) {
  const Index m = a.rows(), n = a.cols(), width = std::min(panel_or_default(panel), n);
  const Workspace::Frame frame(work);
  const MatrixView<T> t_storage(work.take<T>(width * width).data(), width, width);

  for (Index j = 0; j < n; j += width) {
    execution.step("qr", static_cast<double>(j) / static_cast<double>(n));
    const Index nb = std::min(width, n - j);
    const MatrixView<T> block = a.block(j, j, m - j, nb);
    const auto block_tau = tau.subspan(static_cast<std::size_t>(j), static_cast<std::size_t>(nb));
    {
      const Workspace::Frame panel_frame(work);
      blas::geqrf<T>(block, block_tau, work.take<T>(blas::geqrf_work<T>(m, width)));
    }
    const Index rest = n - j - nb;
    if (rest > 0) {
      const MatrixView<T> t = t_storage.block(0, 0, nb, nb);
      blas::larft<T>(block, block_tau, t);
      for_each_strip<T>(execution, rest, std::min(strip, rest) * width, work,
                        [&](Index first, Index count, std::span<T> scratch) {
                          blas::larfb<T>(blas::Op::adjoint, block, t,
                                         a.block(j, j + nb + first, m - j, count), scratch);
                        });
    }
  }
}

template <Scalar T>
MemoryPlan apply_memory(Index c) {
  return MemoryPlan::block<T>("strips of reflectors applied",
                              strip_count(c) * blas::apply_q_work<T>(std::min(strip, c), 1));
}

template <Scalar T>
void apply_q(const Execution& execution, blas::Op op, blas::ConstView<T> reflectors,
             std::span<const T> tau, MatrixView<T> c, Workspace& work) {
  for_each_strip<T>(execution, c.cols(), blas::apply_q_work<T>(std::min(strip, c.cols()), 1), work,
                    [&](Index first, Index count, std::span<T> scratch) {
                      blas::unmqr<T>(blas::Side::left, op, reflectors, tau, c.columns(first, count),
                                     scratch);
                    });
}

template <Scalar T>
void apply_p_from_left(const Execution& execution, blas::Op op, blas::ConstView<T> reflectors,
                       std::span<const T> tau, MatrixView<T> c, Workspace& work) {
  for_each_strip<T>(execution, c.cols(), blas::apply_q_work<T>(std::min(strip, c.cols()), 1), work,
                    [&](Index first, Index count, std::span<T> scratch) {
                      blas::unmlq<T>(blas::Side::left, op, reflectors, tau, c.columns(first, count),
                                     scratch);
                    });
}

template <Scalar T>
MemoryPlan complete_basis_memory(Index m, Index c, Index known, Index panel) {
  return MemoryPlan::all_of(
      "completion of a basis",
      {MemoryPlan::block<T>("known columns", m * known), MemoryPlan::block<T>("tau", known),
       MemoryPlan::any_of("factor and apply",
                          {qr_memory<T>(m, known, panel), apply_memory<T>(c - known)})});
}

template <Scalar T>
void complete_basis(const Execution& execution, MatrixView<T> u, Index known, Index panel,
                    Workspace& work) {
  const Index m = u.rows();
  const MatrixView<T> missing = u.columns(known, u.cols() - known);
  if (missing.empty()) {
    return;
  }
  const Workspace::Frame frame(work);
  const MatrixView<T> reflectors(work.take<T>(m * known).data(), m, known);
  const std::span<T> tau = work.take<T>(known);
  for (Index j = 0; j < known; ++j) {
    std::copy_n(u.col(j), m, reflectors.col(j));
  }
  qr_factor<T>(execution, reflectors, tau, panel, work);
  for_each_strip<T>(
      execution, missing.cols(), blas::apply_q_work<T>(std::min(strip, missing.cols()), 1), work,
      [&](Index first, Index count, std::span<T> scratch) {
        for (Index j = first; j < first + count; ++j) {
          std::fill_n(missing.col(j), m, T{});
          missing(known + j, j) = T{1};
        }
        blas::unmqr<T>(blas::Side::left, blas::Op::none, blas::ConstView<T>(reflectors), tau,
                       missing.columns(first, count), scratch);
      });
}

#define ECKART_INSTANTIATE(T)                                                                   \
  template MemoryPlan qr_memory<T>(Index, Index, Index);                                        \
  template void qr_factor<T>(const Execution&, MatrixView<T>, std::span<T>, Index, Workspace&); \
  template MemoryPlan apply_memory<T>(Index);                                                   \
  template void apply_q<T>(const Execution&, blas::Op, blas::ConstView<T>, std::span<const T>,  \
                           MatrixView<T>, Workspace&);                                          \
  template void apply_p_from_left<T>(const Execution&, blas::Op, blas::ConstView<T>,            \
                                     std::span<const T>, MatrixView<T>, Workspace&);            \
  template MemoryPlan complete_basis_memory<T>(Index, Index, Index, Index);                     \
  template void complete_basis<T>(const Execution&, MatrixView<T>, Index, Index, Workspace&);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)

}  // namespace eckart::dense
