#pragma once

// The sign rule: in each right singular vector the decisive entry is real and positive: the first entry whose modulus is
// within tie_tolerance of the largest.
//
// U diag(s) Vh does not change when column j of U and column j of V are multiplied by the same number of modulus 1; this makes
// the choice. It rests on V, so that U is the same whether V is wanted or not; only vectors of singular values at rounding
// level, which the data do not determine, may differ. Entries of equal modulus, as in (1, -1)/sqrt(2), come out of rounding a
// little different on every machine: the tolerance makes the first of them decide all the same.

#include <vector>

#include <eckart/matrix.hpp>

namespace eckart::dense {

/// Relative difference of two moduli that still counts as a tie: far above rounding, far below what the eye would call larger.
template <Scalar T>
inline constexpr Real<T> tie_tolerance = 1024 * epsilon<T>;

/// Finds the decisive entry of each row of Vh, which may be shown in strips of columns from left to right.
template <Scalar T>
class DecisiveEntries {
 public:
  explicit DecisiveEntries(Index rows) : records_(static_cast<std::size_t>(rows)) {}

  /// Columns first_column, first_column + 1, ... of Vh.
  void see(MatrixView<const T> vh_strip, Index first_column);

  /// The number of modulus 1 that column j of U and of V must be multiplied by.
  [[nodiscard]] T phase(Index j) const;

  /// The column of the decisive entry of row j, and its modulus.
  [[nodiscard]] Index column(Index j) const { return decisive(j).column; }
  [[nodiscard]] Real<T> modulus(Index j) const { return decisive(j).modulus; }

 private:
  struct Record {
    Real<T> modulus;
    T entry;
    Index column;
  };
  [[nodiscard]] const Record& decisive(Index j) const {
    return records_[static_cast<std::size_t>(j)].front();
  }

  // Of each row, the entries that exceeded all before them, without those that the largest has left behind. The first entry
  // within the tolerance of the largest is one of them, and comes first.
  std::vector<std::vector<Record>> records_;
};

/// Column j of u times phase(j).
template <Scalar T>
void fix_columns(MatrixView<T> u, const DecisiveEntries<T>& decisive);

/// Row j of vh times conj(phase(j)); the decisive entry becomes exactly real.
template <Scalar T>
void fix_rows(MatrixView<T> vh, const DecisiveEntries<T>& decisive);

}  // namespace eckart::dense
