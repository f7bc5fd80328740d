#pragma once

// Orthonormal columns that grow by rows and are rotated at every step, where most steps touch a small part of them:
//
//   B = [ B_1 T_1 T_2 ... T_k ]      n x r     B_i  n_i x r_i, the rows that came at some time      T_i  r_i x r_{i+1}
//       [     B_2 T_2 ... T_k ]
//       [         ...         ]
//       [             B_k T_k ]
//
// A step is  B <- [B 0; 0 I] Y = [B Y_1; Y_2],  Y (r + c) x r' with orthonormal columns: what happens to right vectors when c columns
// are appended. It rotates all rows, at a cost of n r^2. Here Y_1 goes into T_k, and Y_2 becomes B_{k+1}: cost r^3 + c r. That rotations
// are gathered in a small factor is the idea of Brand (Fast low-rank modifications of the thin singular value decomposition, Linear
// Algebra Appl. 415, 2006, section 4.2). He divides the new rows by the product of the small factors, which amplifies rounding by their
// condition; here rows wait for their own rotations, and nothing is ever divided. The pieces are kept as the digits of a binary
// counter: the last is multiplied into the one before as soon as it is as long, so that a row is rotated log2(n / c) times, not n / c
// times, k stays below log2(n / c) + 1, and memory is about n r.
//
// Pieces are never changed, only replaced, and copies share them: a copy of B costs as many pointers as there are pieces.
//
// `drift` estimates ||I - B^H B||: every step adds what its Y lacks, measured, and what the rounding of the product adds. Who uses the
// basis straightens it when the estimate says so; loss() measures.
//
// A basis may be left out ("not kept"): then it knows its shape alone, and can be extended.

#include <memory>
#include <string>
#include <vector>

#include <eckart/execution.hpp>
#include <eckart/matrix.hpp>
#include <eckart/stream_state.hpp>

namespace eckart::streams {

/// a b, column-major.
template <Scalar W>
[[nodiscard]] Matrix<W> product(const Execution& execution, MatrixView<const W> a,
                                MatrixView<const W> b);

/// ||I - A^H A||_F.
template <Scalar W>
[[nodiscard]] double loss_of_orthogonality(const Execution& execution, MatrixView<const W> a);

template <Scalar W>
class RotatedBasis {
 public:
  RotatedBasis() = default;
  /// n x 0.
  RotatedBasis(Index rows, bool kept) : rows_(rows), kept_(kept) {}
  /// The shape of a basis that is not kept.
  [[nodiscard]] static RotatedBasis shape(Index rows, Index cols) {
    RotatedBasis basis(rows, false);
    basis.cols_ = cols;
    return basis;
  }
  /// B itself, in one piece.
  explicit RotatedBasis(Matrix<W> columns);

  [[nodiscard]] Index rows() const noexcept { return rows_; }
  [[nodiscard]] Index cols() const noexcept { return cols_; }
  [[nodiscard]] bool kept() const noexcept { return kept_; }
  [[nodiscard]] Index pieces() const noexcept { return static_cast<Index>(pieces_.size()); }

  /// B <- [B 0; 0 I_c] Y, where Y is (cols() + c) x r'.
  void extend(const Execution& execution, MatrixView<const W> y);

  /// to <- B, n x r column-major.
  void copy_to(const Execution& execution, MatrixView<W> to) const;
  /// B x.
  [[nodiscard]] Matrix<W> times(const Execution& execution, MatrixView<const W> x) const;
  /// Row i of B, 1 x r.
  [[nodiscard]] Matrix<W> row(const Execution& execution, Index i) const;

  /// ||I - B^H B||_F, measured: 2 n r^2 flops.
  [[nodiscard]] double loss(const Execution& execution) const;

  void put(StreamState& state, const std::string& name) const;
  /// Throws InvalidArgument where the arrays do not fit one another, or B is not orthonormal.
  [[nodiscard]] static RotatedBasis from(const StreamState& state, const std::string& name,
                                         Index rows, Index cols);

  double drift = 0;

 private:
  struct Piece {
    std::shared_ptr<const Matrix<W>> block;  // B_i
    std::shared_ptr<const Matrix<W>> turn;   // T_i; none: the identity, for the last piece alone
  };

  void merge(const Execution& execution);
  /// to <- B X, X the identity where it is null.
  void apply(const Execution& execution, const MatrixView<const W>* x, MatrixView<W> to) const;

  Index rows_ = 0, cols_ = 0;
  bool kept_ = true;
  std::vector<Piece> pieces_;
};

}  // namespace eckart::streams
