// Frequent directions:  B  l x n,  0 <= A^H A - B^H B <= Delta I          (see the header for what follows from it)
//
//   buffer M = [B; rows that wait]    (l + b) x n, row-major, so that rows are copied in as they come
//
//   1. A row is looked at for NaN, widened to double and copied behind the others; ||A||_F^2 grows by its length squared.
//   2. Before a row that finds the buffer full: M = U S V^H, values and the l leading right vectors (our own svd(); U is not formed,
//      and a tall M goes through its triangular factor)
//   3. delta = s_{l+1}^2, 0 where there is no such value;  B = sqrt(S^2 - delta) V^H;  Delta += delta
//
// Why it holds. M^H M - B^H B = V min(S^2, delta) V^H lies between 0 and delta I; sums of such steps give the bound. A step takes
// (l + 1) delta from ||M||_F^2 at least, and never more than A has beside its k leading directions and those k shares:
// (l + 1 - k) Delta <= ||A - A_k||_F^2 (Ghashami et al. 2016, section 3, there for l instead of l + 1, since they empty row l too).
// The size b of the block has no part in the proof. They take b = l, which is the cheapest where n is large: a step costs about
// 4 (l + b)^2 n flops. Where n < 8 l a tall block is better, at 4 n^2 flops a row whatever b is, in larger products; and a shrinkage
// by more rows at a time is smaller in all.
//
// Rounding. The steps 2 and 3 give a B and a positive semidefinite D <= delta I for which B^H B + D = (M + E)^H (M + E), with ||E||
// at rounding level. Since [B; D^(1/2)] = Q A for some Q with orthonormal columns, a later E acts on A as Q^H E does, and the norms of
// all E add up: all holds exactly for A + E' with ||E'|| <= sum ||E||, `rounding`. Each ||E|| is taken from the audit of its svd():
// streams::rounding_of().

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>

#include <eckart/error.hpp>
#include <eckart/frequent_directions.hpp>
#include <eckart/svd.hpp>

#include "core/sums.hpp"
#include "streams/rounding.hpp"
#include "streams/rows.hpp"
#include "streams/state_parts.hpp"

namespace eckart {
namespace {

using core::SumOfSquares;
using streams::rounding_of;
using streams::Wide;

constexpr Index usual_rows = 256;
// Entries of a block of rows: some of the second level of cache, and a hundred times more than a small svd() costs beside its products.
constexpr Index block_entries = 400 * 1024;
constexpr Index longest_block = 8192;
// So many times more rows than columns: svd() has one method for them.
constexpr Index tall = 4;

// Columns and rows of a sketch, and rows of a block: what a state may tell of.
constexpr Index most_in_state = Index{1} << 40;

FrequentDirectionsOptions completed(Index cols, FrequentDirectionsOptions options) {
  if (cols < 1) {
    throw InvalidArgument("a stream of rows with " + std::to_string(cols) +
                          " columns; there must be one at least");
  }
  if (options.sketch_rows < 0 || options.block < 0 || options.threads < 0) {
    throw InvalidArgument("sketch_rows, block and threads are 0, for the usual, or positive");
  }
  if (options.sketch_rows > most_in_state || options.block > most_in_state) {
    throw InvalidArgument("sketch_rows and block are " + std::to_string(most_in_state) +
                          " at the most");
  }
  if (options.sketch_rows == 0) {
    options.sketch_rows = std::min(cols, usual_rows);
  }
  if (options.block == 0) {
    options.block = std::max(options.sketch_rows, std::min(longest_block, block_entries / cols));
  }
  return options;
}

FrequentDirectionsOptions options_in(const StreamState& state) {
  return {.sketch_rows = state.count("sketch_rows", 1, most_in_state),
          .block = state.count("block", 1, most_in_state)};
}

SvdOptions svd_options(Index leading, int threads, const std::stop_token& stop = {}) {
  return {.u = Vectors::none,
          .v = leading > 0 ? Vectors::thin : Vectors::none,
          .leading = leading,
          .threads = threads,
          .stop = stop};
}

/// Of m x n rows: their values, `leading` right vectors, and what it takes to find them.
template <class W>
MemoryPlan decomposition_memory(Index m, Index n, const SvdOptions& how) {
  return MemoryPlan::all_of("decomposition", {MemoryPlan::block<double>("values", std::min(m, n)),
                                              MemoryPlan::block<W>("right vectors", how.leading, n),
                                              svd_memory<W>(m, n, how)});
}

template <class W>
struct Decomposition {
  std::span<double> s;
  MatrixView<W> vh;  // leading x n, row-major
  double rounding;
};

/// Its views are of `work`, which holds decomposition_memory().
template <class W>
Decomposition<W> decompose(MatrixView<const W> m, Workspace& work, const SvdOptions& how) {
  const std::span<double> s = work.take<double>(std::min(m.rows(), m.cols()));
  const MatrixView<W> vh(work.take<W>(how.leading * m.cols()).data(), how.leading, m.cols(),
                         Layout::row_major);
  const SvdReport report = svd_into<W>(m, s, {}, how.leading > 0 ? vh : MatrixView<W>(), work, how);
  return {s, vh, rounding_of(report, s[0])};
}

}  // namespace

template <Scalar T>
struct FrequentDirections<T>::Inner {
  Inner(Index n, const FrequentDirectionsOptions& given)
      : cols(n),
        options(completed(n, given)),
        buffer(
            Matrix<W>::uninitialized(options.sketch_rows + options.block, n, Layout::row_major)) {}

  [[nodiscard]] MatrixView<W> view() { return buffer.view(); }

  /// Calls put(first, place) for `count` rows that come, a piece at a time, `place` the rows of the buffer that are next. A piece that
  /// finds no room is put after step 2; what was put stays when that throws.
  template <class Put>
  void receive(Index count, const Put& put);
  void shrink();

  Index cols;
  FrequentDirectionsOptions options;
  Matrix<W> buffer;  // (l + b) x n, row-major; the first `filled` rows count
  Index filled = 0;
  Index rows = 0;
  SumOfSquares squares;    // ||A||_F^2
  SumOfSquares shrinkage;  // Delta
  double rounding = 0;
  Workspace work;
};

template <Scalar T>
FrequentDirections<T>::FrequentDirections(Index cols, const FrequentDirectionsOptions& options)
    : inner_(std::make_unique<Inner>(cols, options)) {}

// 1.
template <Scalar T>
void FrequentDirections<T>::append(MatrixView<const T> rows) {
  Inner& in = *inner_;
  if (rows.cols() != in.cols) {
    throw InvalidArgument("rows of " + std::to_string(rows.cols()) + " entries for a stream of " +
                          std::to_string(in.cols) + " columns");
  }
  streams::require_finite_rows<T>(rows, in.rows);
  in.receive(rows.rows(), [&](Index first, MatrixView<W> to) {
    streams::widen_rows<T>(rows.block(first, 0, to.rows(), in.cols), to);
    for (Index i = 0; i < to.rows(); ++i) {
      in.squares.add(streams::length_of<W>({&to(i, 0), static_cast<std::size_t>(in.cols)}));
    }
    in.rows += to.rows();
  });
}

template <Scalar T>
template <class Put>
void FrequentDirections<T>::Inner::receive(Index count, const Put& put) {
  for (Index done = 0; done < count;) {
    if (filled == buffer.rows()) {
      shrink();
    }
    const Index piece = std::min(count - done, buffer.rows() - filled);
    put(done, view().block(filled, 0, piece, cols));
    filled += piece;
    done += piece;
  }
}

// 2, 3. When it throws, nothing has changed.
template <Scalar T>
void FrequentDirections<T>::Inner::shrink() {
  const MatrixView<const W> m = buffer.view().top_rows(filled);
  const Index l = options.sketch_rows;
  const Index values = std::min(filled, cols), kept = std::min(l, values);
  const SvdOptions how = svd_options(kept, options.threads, options.stop);
  const MemoryPlan plan = decomposition_memory<W>(filled, cols, how);
  if (work.size() < plan.bytes()) {
    work = Workspace(plan);
  }
  const Workspace::Frame frame(work);
  const Decomposition<W> d = decompose<W>(m, work, how);

  const double least = values > l ? d.s[static_cast<std::size_t>(l)] : 0.0;
  filled = 0;
  for (Index i = 0; i < kept && d.s[static_cast<std::size_t>(i)] > least; ++i) {
    const double value = d.s[static_cast<std::size_t>(i)], share = least / value;
    const double shrunk = value * std::sqrt((1 - share) * (1 + share));  // no square of a value
    for (Index j = 0; j < cols; ++j) {
      buffer(i, j) = shrunk * d.vh(i, j);
    }
    ++filled;
  }
  shrinkage.add(least);
  rounding += d.rounding;
}

template <Scalar T>
void FrequentDirections<T>::merge(const FrequentDirections& other) {
  Inner& in = *inner_;
  const Inner& from = *other.inner_;
  if (from.cols != in.cols) {
    throw InvalidArgument("a sketch of " + std::to_string(from.cols) +
                          " columns cannot be merged with one of " + std::to_string(in.cols));
  }
  const Matrix<W> rows(other.sketch(), Layout::row_major);  // may be ours
  // A sketch with some of the other's rows stands for no matrix: what a shrinkage leaves undone is undone whole.
  const Matrix<W> before(sketch(), Layout::row_major);
  const SumOfSquares shrinkage = in.shrinkage;
  const double rounding = in.rounding;
  try {
    in.receive(rows.rows(), [&](Index first, MatrixView<W> to) {
      std::copy_n(&rows(first, 0), to.rows() * in.cols, &to(0, 0));
    });
  } catch (...) {
    std::copy_n(before.data(), before.rows() * in.cols, in.buffer.data());
    in.filled = before.rows();
    in.shrinkage = shrinkage;
    in.rounding = rounding;
    throw;
  }
  in.rows += from.rows;
  in.squares.add(from.squares.norm());
  in.shrinkage.add(from.shrinkage.norm());
  in.rounding += from.rounding;
}

template <Scalar T>
DirectionsOfRows<T> FrequentDirections<T>::result(Index k, const std::stop_token& stop) const {
  const Inner& in = *inner_;
  if (k < 0) {
    throw InvalidArgument("k = " + std::to_string(k) + " directions");
  }
  DirectionsOfRows<T> out;
  out.rows = in.rows;
  out.frobenius_norm = in.squares.norm();
  out.shrinkage = in.shrinkage.norm();
  out.rounding = in.rounding;
  const MatrixView<const W> m = sketch();
  const Index found = std::min(m.rows(), m.cols());
  k = std::min({k, found, in.options.sketch_rows});
  Workspace work;
  Decomposition<W> d{{}, MatrixView<W>(nullptr, 0, in.cols, Layout::row_major), 0};
  if (found > 0) {
    const SvdOptions how = svd_options(k, in.options.threads, stop);
    work = Workspace(decomposition_memory<W>(m.rows(), m.cols(), how));
    d = decompose<W>(m, work, how);
    out.rounding += d.rounding;
  }
  out.Vh = streams::narrowed<T>(d.vh, Layout::row_major);

  const double delta = out.shrinkage, error = out.rounding;
  double kept = 0, rest = 0;  // sums of squares, as shares of ||A||_F^2
  for (Index i = 0; i < found; ++i) {
    const double s = d.s[static_cast<std::size_t>(i)], share = s / out.frobenius_norm;
    (i < k ? kept : rest) += share * share;
    if (i < k) {
      out.at_least.push_back(std::max(0.0, s - error));
      out.at_most.push_back(std::hypot(s, delta) + error);
      out.s.push_back(std::min(std::hypot(s, delta * std::sqrt(0.5)), out.at_most.back()));
    }
  }
  const double next = k < found ? d.s[static_cast<std::size_t>(k)] : 0.0;
  // The vectors that are returned are rounded to T.
  const auto directions = static_cast<double>(k), n = static_cast<double>(in.cols);
  const double rounded = std::sqrt(directions) * out.frobenius_norm *
                         (std::same_as<Real<T>, double> ? 0.0 : double{epsilon<T>});
  out.spectral_at_least = std::max(0.0, next - error - rounded);
  out.spectral_at_most = std::hypot(next, delta) + error + rounded;
  if (out.frobenius_norm == 0) {
    return out;
  }
  // With P = I - V V^H, and A and D as in the head of this file,
  //   ||A P||_F^2 = ||B P||_F^2 + tr(P D P) = ||A||_F^2 - ||B V||_F^2 - tr(V^H D V),
  // where 0 <= D <= Delta I and tr D = ||A||_F^2 - ||B||_F^2: of each bound the better one. The first is the one for small rests.
  const double e = error / out.frobenius_norm, share = delta / out.frobenius_norm;
  const double slack =
      2 * e * std::sqrt(directions) + directions * e * e + (n + 32) * 16 * epsilon<double>;
  const double in_d = std::min(directions * share * share, std::max(0.0, 1 - kept - rest) + slack);
  const double most =
      std::min(std::sqrt(rest + (n - directions) * share * share) + std::sqrt(n) * e,
               std::sqrt(std::max(0.0, 1 - kept) + slack));
  const double least = std::max(std::sqrt(rest) - std::sqrt(n) * e,
                                std::sqrt(std::max(0.0, 1 - kept - in_d - slack)));
  out.left_out_at_most = out.frobenius_norm * most + rounded;
  out.left_out_at_least = std::max(0.0, out.frobenius_norm * least - rounded);
  return out;
}

template <Scalar T>
StreamState FrequentDirections<T>::state() const {
  const Inner& in = *inner_;
  StreamState state = streams::begin_state<T>(StreamKind::frequent_directions);
  state.put_count("cols", in.cols);
  state.put_count("sketch_rows", in.options.sketch_rows);
  state.put_count("block", in.options.block);
  state.put_count("rows", in.rows);
  streams::put_sum(state, "squares", in.squares);
  streams::put_sum(state, "shrinkage", in.shrinkage);
  state.put("rounding", in.rounding);
  state.put("sketch", Matrix<W>(sketch(), Layout::row_major));
  return state;
}

template <Scalar T>
FrequentDirections<T>::FrequentDirections(const StreamState& state,
                                          const FrequentDirectionsOptions& options) {
  streams::require_state<T>(state, StreamKind::frequent_directions);
  const Index cols = state.count("cols", 1, most_in_state);
  FrequentDirectionsOptions restored = options_in(state);
  restored.threads = options.threads;
  restored.stop = options.stop;
  const MatrixView<const W> sketch = state.view<W>("sketch", -1, cols);
  if (sketch.rows() > restored.sketch_rows + restored.block) {
    throw InvalidArgument("the state of the stream: the sketch has " +
                          std::to_string(sketch.rows()) + " rows, more than it can hold");
  }
  inner_ = std::make_unique<Inner>(cols, restored);
  Inner& in = *inner_;
  in.rows = state.count("rows", 0, std::numeric_limits<Index>::max());
  in.squares = streams::sum_of(state, "squares");
  in.shrinkage = streams::sum_of(state, "shrinkage");
  in.rounding = streams::magnitude_of(state, "rounding");
  in.filled = sketch.rows();
  streams::widen_rows<W>(sketch, in.view().top_rows(in.filled));
}

template <Scalar T>
MemoryPlan FrequentDirections<T>::memory(Index cols, const FrequentDirectionsOptions& options,
                                         Index k) {
  const FrequentDirectionsOptions how = completed(cols, options);
  const Index count = how.sketch_rows + how.block;
  const auto decomposition = [&](Index m, Index leading) {
    return decomposition_memory<W>(m, cols, svd_options(std::min({leading, m, cols}), how.threads));
  };
  const MemoryPlan rows = MemoryPlan::block<W>("sketch and rows that wait", count, cols);
  const MemoryPlan shrinkage = decomposition(count, how.sketch_rows);
  if (k <= 0) {
    return MemoryPlan::all_of("frequent directions", {rows, shrinkage});
  }
  // A result may be asked for at any time, and fewer rows can take more: another method is the fastest for them. Far more rows than
  // columns always go through their triangular factor, in memory that grows with them.
  const Index directions = std::min(k, how.sketch_rows);
  MemoryPlan result = decomposition(count, directions);
  for (Index m = 1; m < std::min(count, tall * cols); ++m) {
    const MemoryPlan plan = decomposition(m, directions);
    result = plan.bytes() > result.bytes() ? plan : result;
  }
  return MemoryPlan::all_of(
      "frequent directions",
      {rows, shrinkage,
       MemoryPlan::any_of(
           "what is asked of it",
           {MemoryPlan::all_of(
                "result",
                {result, MemoryPlan::block<T>("directions", std::min(directions, cols), cols)}),
            MemoryPlan::block<W>("state", count, cols)})});
}

template <Scalar T>
MemoryPlan FrequentDirections<T>::memory(const StreamState& state, Index k) {
  return memory(state.count("cols", 1, most_in_state), options_in(state), k);
}

template <Scalar T>
Index FrequentDirections<T>::rows() const noexcept {
  return inner_->rows;
}
template <Scalar T>
Index FrequentDirections<T>::cols() const noexcept {
  return inner_->cols;
}
template <Scalar T>
Index FrequentDirections<T>::sketch_rows() const noexcept {
  return inner_->options.sketch_rows;
}
template <Scalar T>
Index FrequentDirections<T>::block() const noexcept {
  return inner_->options.block;
}
template <Scalar T>
MatrixView<const typename FrequentDirections<T>::W> FrequentDirections<T>::sketch() const noexcept {
  return inner_->buffer.view().top_rows(inner_->filled);
}

template <Scalar T>
FrequentDirections<T>::FrequentDirections(FrequentDirections&&) noexcept = default;
template <Scalar T>
FrequentDirections<T>& FrequentDirections<T>::operator=(FrequentDirections&&) noexcept = default;
template <Scalar T>
FrequentDirections<T>::~FrequentDirections() = default;

template class FrequentDirections<float>;
template class FrequentDirections<double>;
template class FrequentDirections<std::complex<float>>;
template class FrequentDirections<std::complex<double>>;

}  // namespace eckart
