#include "streams/long_sketch.hpp"

#include <algorithm>
#include <complex>

#include "dense/columns.hpp"

namespace eckart::streams {
namespace {

// Numbers of a piece: a megabyte, which is little beside what a long matrix takes and large enough for products.
constexpr Index piece_entries = Index{1} << 17;

Index columns_of_a_piece(Index d) {
  return std::max<Index>(1, piece_entries / std::max<Index>(d, 1));
}

}  // namespace

template <Scalar W>
LongSketch<W>::LongSketch(Index d) : d_(d), piece_(columns_of_a_piece(d)) {}

template <Scalar W>
void LongSketch<W>::reserve(Index count) {
  for (;;) {
    const auto pieces = static_cast<Index>(pieces_.size());
    const Index last = pieces_.empty() ? piece_ : pieces_.back().cols();
    const bool grows = last < piece_;
    const Index before = grows ? last : 0;
    const Index needed = count - (grows ? pieces - 1 : pieces) * piece_;
    if (needed <= before) {
      return;
    }
    Matrix<W> piece(d_, std::min(piece_, std::max(needed, 2 * before)));
    if (grows) {
      dense::copy_columns(MatrixView<const W>(pieces_.back()), piece.view().columns(0, before));
      pieces_.back() = std::move(piece);
    } else {
      pieces_.push_back(std::move(piece));
    }
  }
}

template <Scalar W>
Matrix<W> LongSketch<W>::turned(bool conjugated) const {
  auto to = Matrix<W>::uninitialized(count_, d_);
  for_pieces([&](Index first, MatrixView<const W> piece) {
    for (Index p = 0; p < d_; ++p) {
      for (Index j = 0; j < piece.cols(); ++j) {
        to(first + j, p) = conjugated ? conjugate(piece(p, j)) : piece(p, j);
      }
    }
  });
  return to;
}

template <Scalar W>
Matrix<W> LongSketch<W>::whole() const {
  auto to = Matrix<W>::uninitialized(d_, count_);
  for_pieces([&](Index first, MatrixView<const W> piece) {
    dense::copy_columns(piece, to.view().columns(first, piece.cols()));
  });
  return to;
}

template <Scalar W>
void LongSketch<W>::assign(MatrixView<const W> from) {
  reserve(from.cols());
  set_count(from.cols());
  for_pieces([&](Index first, MatrixView<W> piece) {
    for (Index j = 0; j < piece.cols(); ++j) {
      for (Index p = 0; p < d_; ++p) {
        piece(p, j) = from(p, first + j);
      }
    }
  });
}

template <Scalar W>
MemoryPlan LongSketch<W>::memory(std::string_view name, Index d, Index count) {
  // A piece that grows is there twice for a moment.
  return MemoryPlan::block<W>(name, d, count + 2 * std::min(count, columns_of_a_piece(d)));
}

template class LongSketch<double>;
template class LongSketch<std::complex<double>>;

}  // namespace eckart::streams
