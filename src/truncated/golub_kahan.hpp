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
// A is read twice a step. Both products from one reading, A^H U' = (A^H W - A^H U C) R^-1 with W = A V', were tried: the rounding,
// eps ||A||^2 / min r_jj, enters U^H A without a trace in S, and is above the tolerance for the small values that this kind is for.

#include "truncated/krylov_space.hpp"

namespace eckart::truncated {

template <Scalar T>
class GolubKahan final : public KrylovSpace<T> {
  using Base = KrylovSpace<T>;
  using R = Real<T>;

 public:
  GolubKahan(const Execution& execution, const Operator<T>& a, bool adjoint, const KrylovSize& size,
             std::uint64_t seed)
      : Base(execution, a, adjoint, size, seed) {}

  [[nodiscard]] Triplets<T> triplets(Index k) override;
  [[nodiscard]] double rounding(Index i) const noexcept override;
  [[nodiscard]] R value_at_least(Index i) const noexcept override;

 private:
  void step() override;
  void residual_vectors(Index first, MatrixView<T> f) override;
  using Base::deviation;
  [[nodiscard]] double deviation(MatrixView<const T> c) override;
};

}  // namespace eckart::truncated
