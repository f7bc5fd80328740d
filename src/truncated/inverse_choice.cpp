#include "truncated/inverse_choice.hpp"

#include <algorithm>
#include <limits>
#include <string>

#include <eckart/error.hpp>

#include "core/if_memory_lasts.hpp"
#include "truncated/plan.hpp"
#include "truncated/write_out.hpp"

namespace eckart::truncated {
namespace {

// A factor with this share of all entries is as good as full; a dense one is then faster up to so many rows.
constexpr double nearly_full = 0.25;
constexpr Index most_dense = 10000;
// Multiplications of a count at the most, about the square of the entries of its factor over n.
constexpr double most_counting = 1e10;
// The ways of a sparse A.
constexpr int sparse_ways = 6;
// Products alone are tried before a factorisation while they take no longer than this share of it; where that is fewer restarts, not at all.
constexpr double share_of_trial = 0.5;
constexpr int fewest_restarts = 4;
// Multiplications of a factorisation in the time of one of a product with a sparse matrix; new vectors of a restart, over the basis.
constexpr double factored_meanwhile = 7, renewed = 0.6;
// Of a solution, over the tolerance.
constexpr double error_of_solution = 0.1;

}  // namespace

template <Scalar T>
std::unique_ptr<Inverse<T>> InverseChoice<T>::next() {
  inverse_.reset();
  is_folded_ = false;
  restarts_ = 0;
  instead_.clear();
  if (!is_last_) {
    make();
  }
  return std::move(inverse_);
}

template <Scalar T>
void InverseChoice<T>::make() {
  const bool smallest = view_.x == 0;
  const std::optional<Operator<T>> given = view_.a.inverse();
  const bool is_sparse = search_.a.sparse_entries() != nullptr;
  is_last_ = by_products_ || (given && smallest) || !is_sparse;
  if (by_products_) {
    if (smallest) {
      make_folded();
    }
  } else if (given && smallest) {
    inverse_ = inverse_as_given<T>(*given);
  } else if (is_sparse) {
    make_sparse();
  } else if (smallest) {
    can_write_out() ? make_qr()
                    : make_folded_instead("A and its factor are more than the memory allowed");
  }
}

template <Scalar T>
bool InverseChoice<T>::can_write_out() const {
  const std::uint64_t allowed =
      search_.options.max_memory > 0 ? search_.options.max_memory : most_to_write_out;
  return 2.0 * sizeof(T) * static_cast<double>(m_) * static_cast<double>(n_) <=
         static_cast<double>(allowed);
}

template <Scalar T>
void InverseChoice<T>::make_qr() {
  inverse_ = search_.timed("factor", [&] {
    return inverse_by_qr<T>(
        search_.execution,
        written_out<T>(search_.execution, search_.a, view_.is_adjoint, view_.exponent, products_));
  });
  is_last_ = true;
}

template <Scalar T>
void InverseChoice<T>::make_folded() {
  inverse_ = folded<T>(view_.a, view_.exponent, view_.norm_bound * view_.norm_bound);
  is_folded_ = true;
}

template <Scalar T>
void InverseChoice<T>::make_folded_instead(const std::string& why) {
  make_folded();
  instead_ = why;
}

template <Scalar T>
std::string InverseChoice<T>::too_full() const {
  return "the factors of this sparse matrix would have about " +
         std::to_string(static_cast<Index>(2 * fill_)) + " entries, more than the memory allowed";
}

template <Scalar T>
void InverseChoice<T>::order(const SparseMatrix<T>& sparse) {
  if (count_) {
    return;
  }
  count_.emplace(search_.timed("order", [&] {
    return NormalCount<T>(sparse, view_.exponent, allowed(), search_.execution);
  }));
  const double full = static_cast<double>(n_) * static_cast<double>(n_ + 1) / 2;
  fill_ = count_->is_too_dense() ? full : static_cast<double>(count_->fill());
  is_full_ = fill_ >= nearly_full * full && n_ <= most_dense;
}

// Of the sparse ways those that serve, in this order: 0 products alone, a short run, 1 Cholesky of A^H A - x^2 I, 2 L U of A, 3 QR, 4 and 5 L U
// of the augmented matrix with a smaller and a larger shift.
template <Scalar T>
void InverseChoice<T>::make_sparse() {
  const SparseMatrix<T>& a = sparse();
  order(a);
  const bool smallest = view_.x == 0, is_square = m_ == n_,
             may_iterate = smallest && search_.options.method == TruncatedMethod::automatic;
  while (way_ < sparse_ways && !inverse_) {
    const int now = way_++;
    if (now == 0 && may_iterate && restarts_worth_a_factor() >= fewest_restarts) {
      make_folded_instead("a short run of products was enough");
      restarts_ = static_cast<int>(std::min(restarts_worth_a_factor(), 1e6));
    } else if (now == 1 && has_room_for_normal(1)) {
      make_normal(a);
    } else if (now == 2 && smallest && is_square && !is_full_ && has_room(2 * fill_)) {
      std::optional<SparseLu<T>> lu =
          search_.timed("factor", [&] { return SparseLu<T>::of(a, view_.exponent); });
      if (lu) {
        inverse_ = inverse_by_lu<T>(std::move(*lu));
      }
    } else if (now == 3 && smallest && is_full_ && can_write_out()) {
      make_qr();
    } else if (now >= 4 && has_room(2 * fill_ + 2 * static_cast<double>(a.entries()) +
                                    static_cast<double>(m_))) {
      make_augmented(a, now == 4 ? least_shift<T> : larger_shift<T>);
      is_last_ = !smallest;
    }
    is_last_ = is_last_ || way_ == sparse_ways;
  }
  has_factor_ = has_factor_ || (inverse_ && !is_folded_);
  // Also where the short run was not enough, and nothing else came of it: a long one then.
  if (!inverse_ && !has_factor_ && may_iterate) {
    make_folded_instead(too_full());
  }
}

// A vector of a step takes A twice there and back, and is orthogonalised against the basis.
template <Scalar T>
double InverseChoice<T>::restarts_worth_a_factor() const {
  if (count_->is_too_dense()) {
    return 0;
  }
  const auto basis = static_cast<double>(basis_of_trial(search_.iteration.target));
  if (!has_room(4 * basis * static_cast<double>(n_))) {
    return 0;
  }
  const double vector = 4 * static_cast<double>(search_.a.sparse_entries()->entries()) +
                        4 * static_cast<double>(n_) * basis / factored_meanwhile;
  return share_of_trial * count_->multiplications() /
         (factored_meanwhile * renewed * basis * vector);
}

template <Scalar T>
void InverseChoice<T>::make_normal(const SparseMatrix<T>& a) {
  const double error = std::max(error_of_solution * search_.iteration.tolerance,
                                std::numeric_limits<double>::epsilon());
  inverse_ = search_.timed("factor", [&] {
    return if_memory_lasts([&] {
      return inverse_by_normal<T>(search_.execution, *count_, in_double<T>(a, view_.exponent),
                                  view_.x, error);
    });
  });
}

template <Scalar T>
void InverseChoice<T>::make_augmented(const SparseMatrix<T>& a, double shift) {
  // Another shift nearby where x is a singular value.
  for (const double factor : {1.0, 1 + 1e-9, 1 - 3e-9}) {
    const double alpha = view_.x > 0 ? view_.x * factor : shift,
                 beta = view_.x > 0 ? alpha : -shift;
    std::optional<SparseLu<T>> lu = search_.timed(
        "factor", [&] { return SparseLu<T>::of_augmented(a, view_.exponent, alpha, beta); });
    if (lu) {
      inverse_ = inverse_by_augmented_lu<T>(std::move(*lu), m_);
      return;
    }
  }
}

// Values and their places.
template <Scalar T>
bool InverseChoice<T>::has_room(double entries) const {
  return entries * (sizeof(Wide<T>) + sizeof(Index)) + static_cast<double>(bytes()) <=
         static_cast<double>(allowed());
}

// R, once or twice, beside A and A^H in double precision.
template <Scalar T>
bool InverseChoice<T>::has_room_for_normal(int factors) const {
  if (!count_ || count_->is_too_dense()) {
    return false;
  }
  const double copies = 2 * static_cast<double>(search_.a.sparse_entries()->entries()) *
                        (sizeof(Wide<T>) + sizeof(Index));
  return copies + factors * static_cast<double>(count_->factor_bytes()) +
             static_cast<double>(bytes()) <=
         static_cast<double>(allowed());
}

template <Scalar T>
std::uint64_t InverseChoice<T>::bytes() const noexcept {
  return count_ && !count_->is_too_dense() ? count_->bytes() : 0;
}

template <Scalar T>
std::uint64_t InverseChoice<T>::allowed() const {
  return search_.options.max_memory > 0 ? search_.options.max_memory : most_of_factors;
}

template <Scalar T>
const SparseMatrix<T>& InverseChoice<T>::sparse() {
  if (!view_.is_adjoint) {
    return *search_.a.sparse_entries();
  }
  if (!adjoint_) {
    adjoint_.emplace(search_.a.sparse_entries()->adjoint());
  }
  return *adjoint_;
}

template <Scalar T>
const NormalCount<T>* InverseChoice<T>::count() const noexcept {
  const bool can =
      has_room_for_normal(2) && fill_ * fill_ <= most_counting * static_cast<double>(n_);
  return can ? &*count_ : nullptr;
}

template <Scalar T>
void InverseChoice<T>::refuse() const {
  if (search_.a.sparse_entries() != nullptr) {
    throw Error(
        ErrorKind::out_of_memory,
        "truncated_svd: " + too_full() +
            (view_.x == 0 ? "; allow more, or ask for TruncatedMethod::lanczos, which needs "
                            "none and may not converge"
                          : "; allow more"));
  }
  throw InvalidArgument(
      "truncated_svd: values nearest to a number need the entries of A, dense or sparse, and "
      "memory for them; this operator has products alone");
}

template class InverseChoice<float>;
template class InverseChoice<double>;
template class InverseChoice<std::complex<float>>;
template class InverseChoice<std::complex<double>>;

}  // namespace eckart::truncated
