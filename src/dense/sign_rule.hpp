#pragma once

// The sign rule: in each right singular vector the decisive entry is real and positive: the first entry whose modulus is
// within tie_tolerance of the largest.
//
// U diag(s) V^H does not change when column j of U and column j of V are multiplied by the same number of modulus 1; this makes
// the choice. It rests on V, so that U is the same whether V is wanted or not; only vectors of singular values at rounding
// level, which the data do not determine, may differ. Entries of equal modulus, as in (1, -1)/sqrt(2), come out of rounding a
// little different on every machine: the tolerance makes the first of them decide all the same.

#include <vector>

#include <eckart/matrix.hpp>

namespace eckart::dense {

/// Relative difference of two moduli that still counts as a tie: far above rounding, far below what the eye would call larger.
template <Scalar T>
inline constexpr Real<T> tie_tolerance = 1024 * epsilon<T>;

/// The decisive entry of one vector v.
template <Scalar T>
struct DecisiveEntry {
  Index index = 0;
  Real<T> modulus = 0;
  T phase = T{1};  // of modulus 1; v * phase has a positive decisive entry
};

/// Multiplies each column of v by its phase; the decisive entries become exactly real.
template <Scalar T>
std::vector<DecisiveEntry<T>> fix_signs(MatrixView<T> v);

/// Decisive entries of vectors that are never there as a whole: rows of V^H, shown in strips of columns from left to right.
template <Scalar T>
class DecisiveEntriesOfStrips {
 public:
  explicit DecisiveEntriesOfStrips(Index rows) : records_(static_cast<std::size_t>(rows)) {}

  /// Columns first_column, first_column + 1, ... of V^H, which may be scaled row by row.
  void see(MatrixView<const T> vh_strip, Index first_column);

  [[nodiscard]] std::vector<DecisiveEntry<T>> entries() const;

 private:
  struct Record {
    Real<T> modulus;
    T entry;
    Index column;
  };

  // Of each row, the entries that exceeded all before them, without those that the largest has left behind. The first entry
  // within the tolerance of the largest is one of them, and comes first.
  std::vector<std::vector<Record>> records_;
};

/// Column j of x, the partner of v on the other side, times the phase of entry j.
template <Scalar T>
void apply_phases(MatrixView<T> x, const std::vector<DecisiveEntry<T>>& decisive);

}  // namespace eckart::dense
