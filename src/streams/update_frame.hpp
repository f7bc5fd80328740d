#pragma once

// One side of an update of A ~ U diag(s) V^H: orthonormal columns F in which the old vectors Z (n x r) and all that is new on this side
// (c columns) are written,
//
//   [Z, new] = F C        F  n x p     C  p x (r + c), the coefficients
//
// after which the update is the decomposition of a small matrix, and the new vectors are F Y for its vectors Y. Four cases:
//
//   more directions    new X, n x c:  F = [Z Q], from two rounds of block Gram-Schmidt     4 n c (r + c) flops a round
//                      n <= r + c:    F = I, C = [Z X], and nothing to be orthogonal to
//   more rows          F = [Z 0; 0 I_c], C = I: nothing is computed, F Y is RotatedBasis::extend()
//   fewer rows         Z without them = F C, a QR decomposition                             6 n r^2
//
// Where the basis has drifted from orthonormality by n eps, as its estimate says, Z is straightened in passing: Z = Z' R by one
// Cholesky QR, which is exact to rounding for columns that are nearly orthonormal, and R goes into C. 2 n r^2 flops, seldom.

#include <span>

#include <eckart/random.hpp>

#include "streams/rotated_basis.hpp"

namespace eckart::streams {

template <Scalar W>
class UpdateFrame {
 public:
  /// F = [Z Q]. x: n x c, columns with a largest entry of about 1, or zeros.
  [[nodiscard]] static UpdateFrame with_directions(const Execution& execution,
                                                   const RotatedBasis<W>& z, MatrixView<const W> x,
                                                   const Random& random);
  /// F = [Z 0; 0 I_c].
  [[nodiscard]] static UpdateFrame with_rows(const Execution& execution, const RotatedBasis<W>& z,
                                             Index c);
  /// `rows` ascend.
  [[nodiscard]] static UpdateFrame without_rows(const Execution& execution,
                                                const RotatedBasis<W>& z,
                                                std::span<const Index> rows, const Random& random);

  [[nodiscard]] MatrixView<const W> coefficients() const noexcept { return coefficients_.view(); }

  /// F Y. Where Z is not kept, the shape of `y` alone is looked at.
  [[nodiscard]] RotatedBasis<W> rotated(const Execution& execution, MatrixView<const W> y) const;

 private:
  enum class Form { dense, unit, longer };

  Form form_ = Form::unit;
  Matrix<W> columns_;       // F, where it is dense
  Matrix<W> coefficients_;  // C
  RotatedBasis<W> basis_;   // Z, where it becomes longer
  double drift_ = 0;        // of F
};

}  // namespace eckart::streams
