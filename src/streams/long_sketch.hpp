#pragma once

// A sketch of d numbers for every row, or every column, of a matrix that may get longer:  d x count, column-major, in pieces.
//
// Pieces have the same number of columns whatever came when, so that what is done a piece at a time has the same bits after a state was
// saved and resumed; the last piece has room for as many columns as it needs, and twice that when it grows.

#include <vector>

#include <eckart/execution.hpp>
#include <eckart/matrix.hpp>
#include <eckart/workspace.hpp>

namespace eckart::streams {

template <Scalar W>
class LongSketch {
 public:
  LongSketch() = default;
  explicit LongSketch(Index d);

  [[nodiscard]] Index dimension() const noexcept { return d_; }
  [[nodiscard]] Index count() const noexcept { return count_; }
  [[nodiscard]] W* col(Index j) noexcept {
    return pieces_[static_cast<std::size_t>(j / piece_)].data() + j % piece_ * d_;
  }
  [[nodiscard]] const W* col(Index j) const noexcept {
    return const_cast<LongSketch*>(this)->col(j);
  }

  /// Room for so many columns; count() stays. May throw OutOfMemory; nothing has changed then.
  void reserve(Index count);
  /// The columns that are new are zero. There must be room.
  void set_count(Index count) noexcept { count_ = std::max(count, count_); }

  /// body(first, view) for every piece, its columns that count.
  template <class Body>
  void for_pieces(const Body& body) {
    for (Index first = 0; first < count_; first += piece_) {
      body(first, pieces_[static_cast<std::size_t>(first / piece_)].view().columns(
                      0, std::min(piece_, count_ - first)));
    }
  }
  template <class Body>
  void for_pieces(const Body& body) const {
    const_cast<LongSketch*>(this)->for_pieces(
        [&](Index first, MatrixView<W> piece) { body(first, MatrixView<const W>(piece)); });
  }

  /// count x d, column-major: the transpose, conjugated if asked.
  [[nodiscard]] Matrix<W> turned(bool conjugated) const;
  /// d x count, as it is.
  [[nodiscard]] Matrix<W> whole() const;
  /// The columns of `from`, which has d rows.
  void assign(MatrixView<const W> from);

  [[nodiscard]] static MemoryPlan memory(std::string_view name, Index d, Index count);

 private:
  Index d_ = 0, piece_ = 1, count_ = 0;
  std::vector<Matrix<W>> pieces_;
};

}  // namespace eckart::streams
