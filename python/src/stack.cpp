#include "stack.hpp"

#include <algorithm>
#include <exception>
#include <vector>

namespace eckart::python {
namespace {

// A matrix of more work than this, some milliseconds, is worth all threads; a smaller one is worth one.
constexpr double flops_for_all_threads = 3e7;
// Pieces for each thread, so that a thread that was held up leaves the others little to wait for.
constexpr Index pieces_a_thread = 8;

// Matrices [first, last) with one workspace, until one fails.
template <class T>
void decompose_range(const StackPlaces& x, Index first, Index last, const SvdOptions& options,
                     const Execution& execution, Report& report) {
  Workspace work(svd_memory<T>(x.a.from_last(1), x.a.from_last(0), options));
  for (Index i = first; i < last; ++i) {
    execution.check_stop();
    try {
      report.add(svd_into<T>(x.a.matrix<T>(i), x.s.vector<Real<T>>(i), x.u.matrix<T>(i),
                             x.vh.matrix<T>(i), work, options));
    } catch (const NonFinite& error) {
      throw NonFiniteInStack(error, i);
    }
  }
}

}  // namespace

template <class T>
Report decompose_stack(const StackPlaces& x, double flops, SvdOptions options,
                       const Execution& execution) {
  const Index count = x.a.stack();
  const bool in_turn = flops > flops_for_all_threads;
  options.threads = in_turn ? execution.threads : 1;
  options.stop = execution.stop;
  const int threads = in_turn ? 1 : execution.thread_count();
  const Index pieces =
      in_turn || threads == 1 ? count > 0 : std::min(count, threads * pieces_a_thread);
  struct Piece {
    Report report;
    std::exception_ptr thrown;
  };
  std::vector<Piece> done(static_cast<std::size_t>(pieces));
  Execution sharing = execution;
  sharing.threads = threads;
  parallel_for(sharing, pieces, [&](Index p) {
    Piece& piece = done[static_cast<std::size_t>(p)];
    try {
      decompose_range<T>(x, count * p / pieces, count * (p + 1) / pieces, options, execution,
                         piece.report);
    } catch (...) {
      piece.thrown = std::current_exception();
    }
  });
  Report report;
  for (const Piece& piece : done) {
    if (piece.thrown) {
      std::rethrow_exception(piece.thrown);  // the first in order, whatever came first in time
    }
    report.add(piece.report);
  }
  return report;
}

#define ECKART_INSTANTIATE(T) \
  template Report decompose_stack<T>(const StackPlaces&, double, SvdOptions, const Execution&);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)

}  // namespace eckart::python
