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

#include <eckart/error.hpp>

#include "streams/directions_inner.hpp"
#include "streams/rows.hpp"

namespace eckart {

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
  const SvdOptions how = streams::svd_options(kept, options.threads, options.stop);
  const MemoryPlan plan = streams::decomposition_memory<W>(filled, cols, how);
  if (work.size() < plan.bytes()) {
    work = Workspace(plan);
  }
  const Workspace::Frame frame(work);
  const streams::Decomposition<W> d = streams::decompose<W>(m, work, how);

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
  const core::SumOfSquares shrinkage = in.shrinkage;
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
