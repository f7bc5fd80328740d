#pragma once

// Triplets of A from right vectors of an inverse: steps 3 and 4 of shift_invert.hpp.
//
//   1. a step of inverse iteration, U and V orthonormal, and the SVD of U^H A V, p x p
//   2. left vectors of values that are zero, of which no product with a right one knows
//   3. those that are wanted, and their residuals; where one is too large, 1 again from the new V, `most_steps` times at the most

#include <span>
#include <vector>

#include "truncated/inverse_choice.hpp"
#include "truncated/residuals.hpp"

namespace eckart::truncated {

template <Scalar T>
class Refinement {
  using R = Real<T>;

 public:
  /// k triplets are wanted. What is referred to outlives it.
  Refinement(const Search<T>& search, const TallView<T>& tall, Index k, double largest_value,
             Index& products);

  /// start: n x p, p >= k where there are as many. Vectors that `inverse` was applied to are added to `solves`.
  void run(const Inverse<T>& inverse, Matrix<T> start, Index& solves);

  /// All p values, descending, in the scale of A.
  [[nodiscard]] std::span<const R> values() const noexcept { return s_; }
  /// Those that are wanted, with their vectors, m x k and n x k.
  [[nodiscard]] std::span<const R> wanted() const;
  [[nodiscard]] MatrixView<const T> u() const;
  [[nodiscard]] MatrixView<const T> v() const;
  [[nodiscard]] const Residuals& measured() const noexcept { return measured_; }
  /// The next one that would be wanted; 0: none was found.
  [[nodiscard]] double next_value() const noexcept { return next_value_; }
  /// The residuals, to half of what is accepted at last, times `factor`.
  [[nodiscard]] bool is_small_enough(double factor = 1) const;

 private:
  void project();
  void complete_zeros(const Inverse<T>& inverse);
  void take_wanted();
  [[nodiscard]] double rounding() const;

  const Search<T>& search_;
  const TallView<T>& tall_;
  Index k_;
  double largest_value_;
  Index& products_;
  Matrix<T> u_, v_;
  std::vector<R> s_;
  Index first_ = 0, count_ = 0;
  double next_value_ = 0;
  Residuals measured_;
};

}  // namespace eckart::truncated
