#pragma once

// Block Lanczos for A^H A with one side alone: the leading singular triplets of an operator A, m x n, whose short
// side is n, or whose products go there and back in one reading that way (a file).
//
//   A^H A V = V T + V' S E^H          V  n x p orthonormal,  T = V^H A^H A V  p x p,  V'  n x b the next block,  S  b x b
//
//   2. expand:   V <- [V V'],  A^H A V' = V C + V'' S  gives the columns C of T, its rows C^H, and the next block V''
//   7. triplets: W = A V for the wanted V,  W = Q R,  R = P diag(s) Z^H;  U = Q P, V <- V Z, values s;  A V is W Z from now on, so that
//                A v - s u needs no product of its own
//
// The other steps: krylov_space.hpp. Why. In Golub-Kahan bidiagonalisation the orthogonality of U follows from that of V as long as
// values are not far below the largest (Simon, Zha, SIAM J. Sci. Comput. 21, 2000), so the long side need not be orthogonalised.
// Here it is not even kept, unless KrylovSize::keeps_image says that A V is there already when step 7 wants it: nothing of length m is
// stored before step 7, and A is read once a step where the operator can go there and back (Operator::apply_and_back). For a sparse
// matrix A V' then never exists.
//
// Accuracy. Values come from step 7, the singular values of A V: of A itself to eps ||A|| and to the square of the angle between V
// and the true space, never from T, whose small values have lost half of their digits. That angle suffers: A^H A v has an error
// eps s_1^2, and T's vectors have another, so residual i does not fall below a few
//
//   eps s_1^2 / s_i                                                   rounding(): 8 of these at the most, and seldom more than one
//
// Where one is above the tolerance the iteration goes on with GolubKahan: for sqrt(eps), values below 1.7e-4 s_1 in double precision and
// 0.026 s_1 in float. Nothing is taken on trust: residuals and orthogonality of what is returned are measured after, and where they are
// above what was asked for, all begins anew with both sides. Of a kept image A v is known to rounding, as its columns are products and
// each rotation adds a rounding; after many of them it is formed anew for the residuals.
//
// Cost of a step: A and A^H on b vectors, 4 n p b flops of orthogonalisation, twice that after a restart. Memory: n basis entries,
// m more where the image is kept, and m b where A cannot go there and back in one pass.

#include <optional>

#include "truncated/krylov_space.hpp"

namespace eckart::truncated {

template <Scalar T>
class NormalLanczos final : public KrylovSpace<T> {
  using Base = KrylovSpace<T>;
  using R = Real<T>;

 public:
  using Base::Base;

  [[nodiscard]] Triplets<T> triplets(Index k) override;
  [[nodiscard]] double rounding(Index i) const noexcept override;
  [[nodiscard]] R value_at_least(Index i) const noexcept override;

 private:
  [[nodiscard]] Matrix<T> image(Index k);
  [[nodiscard]] std::optional<Matrix<T>> triangle_of(MatrixView<const T> w) const;
  [[nodiscard]] std::vector<double> turn(MatrixView<T> w, MatrixView<const T> by,
                                         MatrixView<const T> z, std::span<const R> s) const;
  void step() override;
  void residual_vectors(Index first, MatrixView<T> f) override;
  using Base::deviation;
  [[nodiscard]] double deviation(MatrixView<const T> c) override;
  void normal_product(MatrixView<const T> x, MatrixView<T> y, MatrixView<T> z);
};

}  // namespace eckart::truncated
