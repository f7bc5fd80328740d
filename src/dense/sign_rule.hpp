#pragma once

// The sign rule: in each right singular vector the entry of largest modulus is real and positive, the first one on ties.
//
// U diag(s) Vh does not change when column j of U and column j of V are multiplied by the same number of modulus 1; this makes
// the choice. It rests on V, so that U is the same whether V is wanted or not.

#include <vector>

#include <eckart/matrix.hpp>

namespace eckart::dense {

/// Finds the entry of largest modulus in each row of Vh, which may be shown in strips of columns from left to right.
template <Scalar T>
class LargestEntries {
 public:
  explicit LargestEntries(Index rows)
      : modulus_(static_cast<std::size_t>(rows), Real<T>{-1}),
        entry_(static_cast<std::size_t>(rows), T{1}) {}

  void see(MatrixView<const T> vh_strip);

  /// The number of modulus 1 that column j of U and of V must be multiplied by.
  [[nodiscard]] T phase(Index j) const;

  /// The modulus of the largest entry of row j.
  [[nodiscard]] Real<T> modulus(Index j) const { return modulus_[static_cast<std::size_t>(j)]; }

 private:
  std::vector<Real<T>> modulus_;
  std::vector<T> entry_;
};

/// Column j of u times phase(j).
template <Scalar T>
void fix_columns(MatrixView<T> u, const LargestEntries<T>& largest);

/// Row j of vh times conj(phase(j)); the largest entry becomes exactly real.
template <Scalar T>
void fix_rows(MatrixView<T> vh, const LargestEntries<T>& largest);

}  // namespace eckart::dense
