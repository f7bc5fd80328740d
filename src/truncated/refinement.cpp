#include "truncated/refinement.hpp"

#include <algorithm>
#include <cmath>

#include "dense/columns.hpp"
#include "truncated/orthogonalize.hpp"
#include "truncated/plan.hpp"
#include "truncated/projection.hpp"
#include "truncated/rounding.hpp"
#include "truncated/wanted.hpp"

namespace eckart::truncated {
namespace {

constexpr int most_steps = 4;
// Turns of random vectors to the zeros.
constexpr int turns = 3;

}  // namespace

template <Scalar T>
Refinement<T>::Refinement(const Search<T>& search, const TallView<T>& tall, Index k,
                          double largest_value, Index& products)
    : search_(search), tall_(tall), k_(k), largest_value_(largest_value), products_(products) {}

template <Scalar T>
void Refinement<T>::run(const Inverse<T>& inverse, Matrix<T> start, Index& solves) {
  const Index m = tall_.a.rows(), n = tall_.a.cols(), p = start.cols();
  for (int step = 0;; ++step) {
    search_.timed("refine", [&] {
      u_ = Matrix<T>::uninitialized(m, p);
      v_ = Matrix<T>::uninitialized(n, p);
      inverse.step(search_.execution, start.view(), u_.view(), v_.view());
      solves += 2 * p;
      project();
      complete_zeros(inverse);
      take_wanted();
    });
    if (step + 1 == most_steps || is_small_enough()) {
      return;
    }
    // The smallest first: their values of B are the largest, and orthogonalisation keeps what comes first.
    for (Index j = 0; j < p; ++j) {
      std::copy_n(v_.view().col(p - 1 - j), n, start.view().col(j));
    }
  }
}

template <Scalar T>
void Refinement<T>::project() {
  products_ += u_.cols();
  Triplets<T> triplets = projected<T>(search_.execution, tall_.a, tall_.exponent, std::move(u_),
                                      std::move(v_), Random(search_.options.seed, 7));
  u_ = std::move(triplets.u);
  s_ = std::move(triplets.s);
  v_ = std::move(triplets.v);
}

// Random ones that the inverse turns to the zeros, off the others.
template <Scalar T>
void Refinement<T>::complete_zeros(const Inverse<T>& inverse) {
  Index zeros = 0;
  const auto p = static_cast<Index>(s_.size());
  while (zeros < p && double{s_[static_cast<std::size_t>(p - 1 - zeros)]} <= rounding()) {
    ++zeros;
  }
  if (zeros == 0 || tall_.x > 0) {
    return;
  }
  Matrix<T> u = Matrix<T>::uninitialized(tall_.a.rows(), zeros);
  fill_normal<T>(u.view(), Random(search_.options.seed, 11));
  for (int turn = 0; turn < turns; ++turn) {
    if (!inverse.turn_to_left_zeros(search_.execution, u.view())) {
      return;
    }
    make_orthonormal<T>(search_.execution, u.view(), Random(search_.options.seed, 7));
  }
  dense::copy_columns<const T, T>(u.view(), u_.view().columns(p - zeros, zeros));
  project();
}

template <Scalar T>
void Refinement<T>::take_wanted() {
  const std::vector<double> values(s_.begin(), s_.end());
  count_ = std::min(k_, static_cast<Index>(values.size()));
  first_ = first_wanted(values, search_.options, count_);
  next_value_ = next_to(values, first_, count_, search_.options);
  measured_ = residuals<T>(search_.execution, tall_.a, u(), wanted(), v());
  products_ += 2 * count_;
}

template <Scalar T>
std::span<const Real<T>> Refinement<T>::wanted() const {
  return std::span<const R>(s_).subspan(static_cast<std::size_t>(first_),
                                        static_cast<std::size_t>(count_));
}

template <Scalar T>
MatrixView<const T> Refinement<T>::u() const {
  return MatrixView<const T>(u_.view()).columns(first_, count_);
}

template <Scalar T>
MatrixView<const T> Refinement<T>::v() const {
  return MatrixView<const T>(v_.view()).columns(first_, count_);
}

// Values up to here may be zeros.
template <Scalar T>
double Refinement<T>::rounding() const {
  return 32 * double{epsilon<T>} * std::sqrt(static_cast<double>(tall_.a.cols())) * largest_value_;
}

template <Scalar T>
bool Refinement<T>::is_small_enough(double factor) const {
  const double granted = in_hand * granted_to_residual<T>(largest_value_);
  for (std::size_t i = 0; i < measured_.both.size(); ++i) {
    if (measured_.both[i] >
        factor * std::max(search_.iteration.tolerance * double{wanted()[i]}, granted)) {
      return false;
    }
  }
  return true;
}

template class Refinement<float>;
template class Refinement<double>;
template class Refinement<std::complex<float>>;
template class Refinement<std::complex<double>>;

}  // namespace eckart::truncated
