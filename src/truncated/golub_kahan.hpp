#pragma once

// Block Golub-Kahan bidiagonalisation, both bases orthogonalised in full: the leading singular triplets of an operator A, m x n,
// from products with blocks of b vectors.
//
//   A V = U H         U  m x p,  V  n x p orthonormal,  H = U^H A V  p x p
//   A^H U = V H^H + V' S E^H           V'  n x b the next block, E the last b columns of the unit matrix, S  b x b
//
//   2. expand:   V <- [V V'],  A V' = U C + U' R  gives a block of U and the columns [C; R] of H,
//                A^H U' = V C' + V' S  gives the next block                                         orthogonalize.hpp
//
// The other steps: krylov_space.hpp. A v - s u = 0 to rounding, so all of a residual is in A^H u - s v, and small values have the
// same absolute accuracy as large ones, eps ||A||. Source: Golub, Luk, Overton, ACM TOMS 7, 1981 (block form).
//
// Cost of a step: A and A^H on b vectors, and 4 (m + n) p b flops of orthogonalisation, twice that after a restart. Memory: U, V, H.
// Both products of a step from one reading of A (Operator::apply_and_back): with W = A V' = U C + U' R,
//
//   A^H U' = (A^H W - A^H U C) R^-1,      A^H U C in the span of [V V']
//
// so V' of the next step comes from A^H W R^-1, orthogonalised as ever. Its rounding grows to eps ||A||^2 / min r_jj, which shows in
// S, that is in the residuals, and nowhere else; where that would be too much for the tolerance, A^H is applied to U' itself.

#include "truncated/krylov_space.hpp"

namespace eckart::truncated {

template <Scalar T>
class GolubKahan final : public KrylovSpace<T> {
  using Base = KrylovSpace<T>;
  using R = Real<T>;

 public:
  /// Residuals are wanted to `tolerance` of the values.
  GolubKahan(const Execution& execution, const Operator<T>& a, bool adjoint, const KrylovSize& size,
             double tolerance, std::uint64_t seed);

  void expand() override;
  [[nodiscard]] Triplets<T> triplets(Index k) override;
  [[nodiscard]] double rounding(Index i) const noexcept override;
  [[nodiscard]] R value_at_least(Index i) const noexcept override;

 private:
  void residual_vectors(Index first, MatrixView<T> f) override;

  R least_pivot_;  // of R, relative to the largest value, for A^H W R^-1 to be good enough
  bool can_go_back_, one_pass_;
};

}  // namespace eckart::truncated
