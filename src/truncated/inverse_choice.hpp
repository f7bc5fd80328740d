#pragma once

// Which inverse: step 1 of shift_invert.hpp. One after the other, as long as what comes of one is not accurate enough and there is another.

#include <cmath>
#include <memory>
#include <optional>
#include <string>

#include "truncated/inverses.hpp"
#include "truncated/methods.hpp"

namespace eckart::truncated {

/// The shift of a matrix that may be singular, over sigma_1 (inverses.hpp); and the one that is taken where that leaves too few digits
/// beside values that are zero.
template <Scalar T>
const double least_shift = std::pow(double{epsilon<T>}, 0.75);
template <Scalar T>
const double larger_shift = std::pow(double{epsilon<T>}, 0.625);

/// A as it is looked at: tall, in a scale.
template <Scalar T>
struct TallView {
  Operator<T> a;  // search.a, or its adjoint
  bool is_adjoint = false;
  int exponent = 0;       // 2^exponent A has its largest value near 1
  double x = 0;           // the target in that scale
  double norm_bound = 0;  // sigma_1 is no larger, in that scale
};

/// Vectors of a Krylov space for so many triplets where products alone are tried first.
[[nodiscard]] constexpr Index basis_of_trial(Index k) noexcept {
  return 4 * k + 128;
}

template <Scalar T>
class InverseChoice {
 public:
  /// What is referred to outlives it.
  InverseChoice(const Search<T>& search, const TallView<T>& tall, bool by_products, Index& products)
      : search_(search),
        view_(tall),
        by_products_(by_products),
        products_(products),
        m_(tall.a.rows()),
        n_(tall.a.cols()) {}

  /// The next inverse; null where there is no other.
  [[nodiscard]] std::unique_ptr<Inverse<T>> next();
  /// Nothing comes after the last one.
  [[nodiscard]] bool is_last() const noexcept { return is_last_; }
  /// It has I - A^H A / t for an inverse.
  [[nodiscard]] bool is_folded() const noexcept { return is_folded_; }
  /// Restarts that it may take before another is the better way; 0: no bound.
  [[nodiscard]] int restarts() const noexcept { return restarts_; }
  /// Of a sparse A; null where R of A^H A would be too full, or has no room beside an inverse, or there is none.
  [[nodiscard]] const NormalCount<T>* count() const noexcept;
  /// What is kept beside the inverse.
  [[nodiscard]] std::uint64_t bytes() const noexcept;
  /// Where nobody asked for products alone: why it is they, that there is no room for anything else, or that they are the shorter way. Else
  /// empty.
  [[nodiscard]] const std::string& instead() const noexcept { return instead_; }
  /// Why next() gave nothing at all. Throws Error of kind out_of_memory, or InvalidArgument.
  [[noreturn]] void refuse() const;

 private:
  void make();
  void make_sparse();
  void make_qr();
  void make_folded();
  void make_normal(const SparseMatrix<T>& sparse);
  void make_augmented(const SparseMatrix<T>& sparse, double shift);
  void order(const SparseMatrix<T>& sparse);
  void make_folded_instead(const std::string& why);
  [[nodiscard]] double restarts_worth_a_factor() const;
  [[nodiscard]] std::string too_full() const;
  [[nodiscard]] bool can_write_out() const;
  [[nodiscard]] bool has_room(double entries) const;
  [[nodiscard]] bool has_room_for_normal(int factors) const;
  [[nodiscard]] std::uint64_t allowed() const;
  [[nodiscard]] const SparseMatrix<T>& sparse();

  const Search<T>& search_;
  TallView<T> view_;
  bool by_products_;
  Index& products_;
  Index m_, n_;
  std::unique_ptr<Inverse<T>> inverse_;
  bool is_last_ = false, is_folded_ = false, is_full_ = false;
  int way_ = 0;  // the next to try
  int restarts_ = 0;
  std::optional<SparseMatrix<T>> adjoint_;
  std::optional<NormalCount<T>> count_;
  double fill_ = 0;
  bool has_factor_ = false;
  std::string instead_;
};

}  // namespace eckart::truncated
