#pragma once

// Spectrum: the singular values of a matrix, with all that their meaning depends on: the matrix's
// shape and its type's eps.
//
// Rank, norms, energies and thresholds are functions of these values alone, so they take a
// Spectrum, and each is written once for all types. An Svd turns into one by itself (k numbers are
// copied, k = min(m, n)):
//
//   eckart::nuclear_norm(eckart::svd(A));       // from a decomposition that is there already
//   eckart::nuclear_norm(A);                    // from a matrix: computes the values, no vectors
//
// Values are kept as double whatever the type of the matrix was: nothing of a float is lost, and
// sums of floats cannot overflow.

#include <vector>

#include <eckart/execution.hpp>
#include <eckart/matrix.hpp>
#include <eckart/svd.hpp>
#include <eckart/types.hpp>

namespace eckart {

class Spectrum {
 public:
  /// The values of a decomposition. Throws InvalidArgument when there are not min(m, n) of them,
  /// when they are not finite, non-negative and descending, or when neither the report nor the
  /// factors tell the shape.
  template <Scalar T>
  Spectrum(const Svd<T>& d);  // NOLINT(google-explicit-constructor): meant to convert

  /// min(rows, cols) descending values of a rows x cols matrix whose entries are exact to `eps`.
  /// Throws InvalidArgument as above.
  Spectrum(std::vector<double> values, Index rows, Index cols, double eps = epsilon<double>);

  [[nodiscard]] const std::vector<double>& values() const noexcept { return values_; }
  [[nodiscard]] Index rows() const noexcept { return rows_; }
  [[nodiscard]] Index cols() const noexcept { return cols_; }
  [[nodiscard]] double eps() const noexcept { return eps_; }

  /// k = min(rows, cols).
  [[nodiscard]] Index count() const noexcept { return static_cast<Index>(values_.size()); }
  /// Value i, counted from 0; 0 beyond the last one.
  [[nodiscard]] double operator[](Index i) const noexcept {
    return i < count() ? values_[static_cast<std::size_t>(i)] : 0.0;
  }
  /// sigma_1, 0 for an empty matrix.
  [[nodiscard]] double largest() const noexcept { return (*this)[0]; }
  /// sigma_k, 0 for an empty matrix.
  [[nodiscard]] double smallest() const noexcept { return values_.empty() ? 0.0 : values_.back(); }

 private:
  std::vector<double> values_;
  Index rows_ = 0, cols_ = 0;
  double eps_ = 0;
};

/// The singular values of A, computed without vectors. Throws and costs what singular_values() does.
template <MatrixLike A>
[[nodiscard]] Spectrum spectrum(const A& a, SvdOptions options = {}) {
  options.u = Vectors::none;
  options.v = Vectors::none;
  return svd(a, options);
}

/// What SvdOptions say of how a computation runs, for the steps that follow a decomposition.
[[nodiscard]] inline Execution execution_of(const SvdOptions& options) {
  return {options.threads, options.stop, options.progress};
}

}  // namespace eckart
