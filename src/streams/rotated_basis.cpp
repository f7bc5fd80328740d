#include "streams/rotated_basis.hpp"

#include <algorithm>
#include <cmath>

#include <eckart/error.hpp>

#include "blas/gemm.hpp"
#include "dense/columns.hpp"

namespace eckart::streams {
namespace {

using blas::Op;

// A state with a basis that is farther from orthonormal than this was damaged.
constexpr double damaged = 1e-6;

/// to <- a b, where any of the sizes may be 0.
template <Scalar W>
void multiply(const Execution& execution, MatrixView<const W> a, MatrixView<const W> b,
              MatrixView<W> to) {
  if (a.cols() == 0) {
    for (Index j = 0; j < to.cols(); ++j) {
      std::fill_n(to.col(j), to.rows(), W{});
    }
  } else if (!to.empty()) {
    blas::gemm<W>(execution, Op::none, Op::none, W(1), a, b, W(0), to);
  }
}

}  // namespace

template <Scalar W>
Matrix<W> product(const Execution& execution, MatrixView<const W> a, MatrixView<const W> b) {
  auto c = Matrix<W>::uninitialized(a.rows(), b.cols());
  multiply<W>(execution, a, b, c.view());
  return c;
}

template <Scalar W>
double loss_of_orthogonality(const Execution& execution, MatrixView<const W> a) {
  const Index r = a.cols();
  Matrix<W> gram(r, r);
  if (!a.empty()) {
    blas::gemm<W>(execution, Op::adjoint, Op::none, W(1), a, a, W(0), gram.view());
  }
  double sum = 0;
  for (Index j = 0; j < r; ++j) {
    gram(j, j) -= W(1);
    for (Index i = 0; i < r; ++i) {
      sum += std::norm(gram(i, j));
    }
  }
  return std::sqrt(sum);
}

template <Scalar W>
RotatedBasis<W>::RotatedBasis(Matrix<W> columns) : rows_(columns.rows()), cols_(columns.cols()) {
  pieces_.push_back({std::make_shared<const Matrix<W>>(std::move(columns)), nullptr});
}

template <Scalar W>
void RotatedBasis<W>::extend(const Execution& execution, MatrixView<const W> y) {
  const Index c = y.rows() - cols_;
  if (kept_) {
    if (pieces_.empty() && rows_ > 0) {
      pieces_.push_back({std::make_shared<const Matrix<W>>(rows_, cols_), nullptr});
    }
    if (!pieces_.empty()) {
      Piece& last = pieces_.back();
      const MatrixView<const W> y1 = y.top_rows(cols_);
      last.turn = std::make_shared<const Matrix<W>>(
          last.turn ? product<W>(execution, last.turn->view(), y1) : Matrix<W>(y1));
    }
    if (c > 0) {
      pieces_.push_back(
          {std::make_shared<const Matrix<W>>(y.block(cols_, 0, c, y.cols())), nullptr});
      merge(execution);
    }
  }
  rows_ += c;
  cols_ = y.cols();
}

template <Scalar W>
void RotatedBasis<W>::merge(const Execution& execution) {
  while (pieces_.size() > 1) {
    const Piece upper = pieces_[pieces_.size() - 2], lower = pieces_.back();
    const Index above = upper.block->rows(), below = lower.block->rows();
    if (below < above) {
      break;
    }
    auto both = Matrix<W>::uninitialized(above + below, lower.block->cols());
    multiply<W>(execution, upper.block->view(), upper.turn->view(), both.view().top_rows(above));
    dense::copy_columns(lower.block->view(), both.view().block(above, 0, below, both.cols()));
    pieces_.pop_back();
    if (pieces_.size() > 1) {  // what comes before owed this rotation too
      Piece& before = pieces_[pieces_.size() - 2];
      before.turn = std::make_shared<const Matrix<W>>(
          product<W>(execution, before.turn->view(), upper.turn->view()));
    }
    pieces_.back() = {std::make_shared<const Matrix<W>>(std::move(both)), lower.turn};
  }
}

template <Scalar W>
void RotatedBasis<W>::apply(const Execution& execution, const MatrixView<const W>* x,
                            MatrixView<W> to) const {
  Matrix<W> turned;  // T_i ... T_k X
  bool is_identity = x == nullptr;
  if (x != nullptr) {
    turned = Matrix<W>(*x);
  }
  Index end = rows_;
  for (auto piece = pieces_.rbegin(); piece != pieces_.rend(); ++piece) {
    if (piece->turn) {
      turned =
          is_identity ? *piece->turn : product<W>(execution, piece->turn->view(), turned.view());
      is_identity = false;
    }
    const Index count = piece->block->rows();
    const MatrixView<W> rows = to.block(end - count, 0, count, to.cols());
    if (is_identity) {
      dense::copy_columns(piece->block->view(), rows);
    } else {
      multiply<W>(execution, piece->block->view(), turned.view(), rows);
    }
    end -= count;
  }
  for (Index j = 0; j < to.cols(); ++j) {  // rows without a piece: of a basis without columns
    std::fill_n(to.col(j), end, W{});
  }
}

template <Scalar W>
void RotatedBasis<W>::copy_to(const Execution& execution, MatrixView<W> to) const {
  apply(execution, nullptr, to);
}

template <Scalar W>
Matrix<W> RotatedBasis<W>::times(const Execution& execution, MatrixView<const W> x) const {
  auto result = Matrix<W>::uninitialized(rows_, x.cols());
  apply(execution, &x, result.view());
  return result;
}

template <Scalar W>
Matrix<W> RotatedBasis<W>::row(const Execution& execution, Index i) const {
  Index first = 0;
  for (std::size_t p = 0; p < pieces_.size(); ++p) {
    const Index count = pieces_[p].block->rows();
    if (i >= first + count) {
      first += count;
      continue;
    }
    Matrix<W> row(pieces_[p].block->view().block(i - first, 0, 1, pieces_[p].block->cols()));
    for (; p < pieces_.size() && pieces_[p].turn; ++p) {
      row = product<W>(execution, row.view(), pieces_[p].turn->view());
    }
    return row;
  }
  return Matrix<W>(1, cols_);
}

template <Scalar W>
double RotatedBasis<W>::loss(const Execution& execution) const {
  auto b = Matrix<W>::uninitialized(rows_, cols_);
  copy_to(execution, b.view());
  return loss_of_orthogonality<W>(execution, b.view());
}

template <Scalar W>
void RotatedBasis<W>::put(StreamState& state, const std::string& name) const {
  state.put_count(name + "_pieces", pieces());
  state.put(name + "_drift", drift);
  for (std::size_t i = 0; i < pieces_.size(); ++i) {
    const std::string number = std::to_string(i);
    state.put(name + "_block_" + number, *pieces_[i].block);
    if (pieces_[i].turn) {
      state.put(name + "_turn_" + number, *pieces_[i].turn);
    }
  }
}

template <Scalar W>
RotatedBasis<W> RotatedBasis<W>::from(const StreamState& state, const std::string& name, Index rows,
                                      Index cols) {
  const auto fail = [&](const std::string& what) {
    throw InvalidArgument("the state of the stream: " + name + " " + what);
  };
  constexpr Index most_pieces = 64;
  RotatedBasis basis(rows, true);
  basis.cols_ = cols;
  basis.drift = state.number(name + "_drift");
  const Index count = state.count(name + "_pieces", 0, most_pieces);
  Index found = 0, width = cols;
  for (Index i = 0; i < count; ++i) {
    const std::string number = std::to_string(i), turn = name + "_turn_" + number;
    Piece piece;
    piece.block = std::make_shared<const Matrix<W>>(
        state.matrix<W>(name + "_block_" + number, -1, i == 0 ? -1 : width).view());
    width = piece.block->cols();
    if (state.has(turn)) {
      piece.turn = std::make_shared<const Matrix<W>>(state.matrix<W>(turn, width, -1).view());
      width = piece.turn->cols();
    } else if (i + 1 < count) {
      fail("lacks the rotation " + number);
    }
    found += piece.block->rows();
    basis.pieces_.push_back(std::move(piece));
  }
  if (count > 0 ? found != rows || width != cols : cols != 0) {
    fail("has " + std::to_string(found) + " x " + std::to_string(width) + " entries, not " +
         std::to_string(rows) + " x " + std::to_string(cols));
  }
  if (!(basis.drift >= 0 && basis.drift <= damaged &&
        basis.loss({.threads = 1, .stop = {}, .progress = {}}) <= damaged)) {
    fail("is not orthonormal");
  }
  return basis;
}

template class RotatedBasis<double>;
template class RotatedBasis<std::complex<double>>;
#define ECKART_INSTANTIATE(W)                                                                \
  template Matrix<W> product<W>(const Execution&, MatrixView<const W>, MatrixView<const W>); \
  template double loss_of_orthogonality<W>(const Execution&, MatrixView<const W>);
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<double>)

}  // namespace eckart::streams
