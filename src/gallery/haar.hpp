#pragma once

// Random orthogonal (unitary) factors, applied to a matrix without being formed.
//
// Haar: the uniform distribution on orthogonal matrices. Stewart ("The efficient generation of
// random orthogonal matrices with an application to condition estimators", SIAM J. Numer. Anal. 17,
// 1980, section 3) writes such a U (m x m) as
//
//   U = G_0 G_1 ... G_{m-1},     G_i = diag(I_i, H D),
//   H = I - 2 v v^H / v^H v,     v = x + phi ||x|| e_1,     D = diag(-phi, 1, ..., 1)
//
// with x standard normal of length m - i and phi = x_1 / |x_1|, so that the first column of H D is
// x / ||x||. LAPACK's dlagge builds its test matrices the same way. Applied to an m x n matrix that
// is zero but for its diagonal, G_i needs only touch the block from (i, i), and only i < min(m, n)
// matter: U diag(s) V^H takes 8/3 n^3 flops for m = n.
//
// A few reflectors of full length instead (I - 2 v v^H / v^H v, v standard normal) cost 8 m n each
// and mix every entry too; they serve large sizes.

#include <cmath>
#include <complex>
#include <vector>

#include <eckart/execution.hpp>
#include <eckart/matrix.hpp>
#include <eckart/random.hpp>

namespace eckart::gallery {

/// a <- U a V^H with U, V Haar, for `a` (m x n) that is zero but for its diagonal. With a positive
/// number of `reflectors` U and V are products of that many instead, and `a` may be anything.
template <Scalar W>
void rotate_randomly(MatrixView<W> a, const Random& random, Index reflectors);

/// The matrix that rotate_randomly() makes of diag(s), m x n, with `reflectors` of them (none: diag(s) itself), a few columns at a
/// time, bit for bit the same. A column needs the others for one thing alone: the products A_k v_k, m x 1, of what is there when
/// the reflector v_k comes from the right. Those are formed first, from columns made and dropped again: O(m n) for each pair of
/// reflectors and each one before it. Memory: 2 (m + n) numbers for each pair, and meanwhile `width` columns.
template <Scalar W>
class ReflectedDiagonal {
 public:
  ReflectedDiagonal(const Execution& execution, std::vector<double> s, Index m, Index n,
                    const Random& random, Index reflectors, Index width);

  /// Columns first, first + 1, ... into a view of zeros.
  void fill(Index first, MatrixView<W> columns) const;

 private:
  // With both of the first `pairs` reflectors, and the next one from the left where `half`.
  void fill(Index first, MatrixView<W> columns, std::size_t pairs, bool half) const;

  std::vector<double> s_;
  std::vector<std::vector<W>> left_, right_, products_;
};

}  // namespace eckart::gallery
