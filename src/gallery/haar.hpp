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

#include <eckart/matrix.hpp>
#include <eckart/random.hpp>

namespace eckart::gallery {

/// a <- U a V^H with U, V Haar, for `a` (m x n) that is zero but for its diagonal. With a positive
/// number of `reflectors` U and V are products of that many instead, and `a` may be anything.
template <Scalar W>
void rotate_randomly(MatrixView<W> a, const Random& random, Index reflectors);

}  // namespace eckart::gallery
