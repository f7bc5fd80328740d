#include "truncated/krylov_space.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include <eckart/svd.hpp>

#include "blas/gemm.hpp"
#include "dense/columns.hpp"
#include "dense/scale.hpp"
#include "truncated/orthogonalize.hpp"
#include "truncated/power.hpp"

namespace eckart::truncated {
namespace {

using blas::Op;

// Rows of a basis that are rotated at a time.
constexpr Index rotation_strip = 512;
// Projected problems up to this size are solved by one thread: two took longer for k = 10, p = 56, and for p = 140.
constexpr Index alone_up_to = 160;

std::size_t at(Index i) noexcept {
  return static_cast<std::size_t>(i);
}

template <Scalar T>
Real<T> length_of(const T* x, Index count) noexcept {
  Real<T> sum{};
  for (Index i = 0; i < count; ++i) {
    sum += std::norm(x[i]);
  }
  return std::sqrt(sum);
}

template <Scalar T>
double sum_of_squares(MatrixView<const T> x) noexcept {
  double sum = 0;
  for (Index j = 0; j < x.cols(); ++j) {
    for (Index i = 0; i < x.rows(); ++i) {
      sum += double{std::norm(x(i, j))};
    }
  }
  return sum;
}

}  // namespace

template <Scalar T>
MemoryPlan krylov_memory(const KrylovSize& size) {
  const auto [m, n, basis, block, two_sided, one_pass, keeps_image] = size;
  return MemoryPlan::all_of(
      "Krylov space",
      {MemoryPlan::block<T>("U", two_sided || keeps_image ? m : 0, basis),
       MemoryPlan::block<T>("V", n, basis + block), MemoryPlan::block<T>("H", basis, basis),
       MemoryPlan::block<T>("S", block, block),
       MemoryPlan::block<Real<T>>("values, residuals, what was given up", 4, basis),
       MemoryPlan::any_of(
           "a step",
           {MemoryPlan::all_of("expand",
                               {MemoryPlan::block<T>("C'", basis + block, block),
                                MemoryPlan::block<T>("A V'", two_sided || one_pass ? 0 : m, block),
                                orthogonalize_memory<T>(basis + block, block)}),
            MemoryPlan::block<T>("rotate", rotation_strip, basis)})});
}

template <Scalar T>
MemoryPlan probe_memory(Index m, Index n, Index count) {
  return MemoryPlan::all_of("probes", {MemoryPlan::block<T>("W, E^H E W", n, 2 * count),
                                       MemoryPlan::block<T>("E W", m, count)});
}

template <Scalar T>
KrylovSpace<T>::KrylovSpace(const Execution& execution, const Operator<T>& a, bool adjoint,
                            const KrylovSize& size, std::uint64_t seed)
    : execution_(execution),
      undisturbed_(execution),
      size_(size),
      work_(krylov_memory<T>(size)),
      a_(a),
      adjoint_(adjoint),
      seed_(seed) {
  undisturbed_.stop = {};
  take_places();
}

template <Scalar T>
void KrylovSpace<T>::take_places() {
  u_ =
      dense::take_matrix<T>(work_, size_.two_sided || size_.keeps_image ? size_.m : 0, size_.basis);
  v_ = dense::take_matrix<T>(work_, size_.n, size_.basis + size_.block);
  h_ = dense::take_matrix<T>(work_, size_.basis, size_.basis);
  s_ = dense::take_matrix<T>(work_, size_.block, size_.block);
  values_store_ = work_.take<R>(size_.basis);
  residuals_store_ = work_.take<R>(size_.basis);
  in_hand_store_ = work_.take<R>(size_.basis);
  given_up_ = work_.take<R>(size_.basis);
}

template <Scalar T>
void KrylovSpace<T>::product(bool adjoint, MatrixView<const T> x, int power, MatrixView<T> y) {
  with_power<T>(execution_, x, power, [&](MatrixView<const T> scaled_x) {
    adjoint ? a_.apply_adjoint(execution_, scaled_x, y) : a_.apply(execution_, scaled_x, y);
  });
  products_ += x.cols();
}

template <Scalar T>
void KrylovSpace<T>::apply(MatrixView<const T> x, MatrixView<T> y) {
  int power = power_for_vectors<R>(exponent_);
  product(adjoint_, x, power, y);
  const R largest = finite_maximum<T>(execution_, y, "A");
  if (!is_scaled_) {
    set_scale(largest);
    if (exponent_ > half_range<R>) {  // digits were lost
      power = power_for_vectors<R>(exponent_);
      product(adjoint_, x, power, y);
    }
  }
  dense::scale_by_power<T>(y, exponent_ - power);
}

template <Scalar T>
void KrylovSpace<T>::apply_adjoint(MatrixView<const T> x, MatrixView<T> y) {
  const int power = power_for_vectors<R>(exponent_);
  product(!adjoint_, x, power, y);
  static_cast<void>(finite_maximum<T>(execution_, y, "A^H"));
  dense::scale_by_power<T>(y, exponent_ - power);
}

template <Scalar T>
void KrylovSpace<T>::apply_and_back(MatrixView<const T> x, MatrixView<T> y, MatrixView<T> z) {
  const int power = power_for_vectors<R>(exponent_);
  with_power<T>(execution_, x, power, [&](MatrixView<const T> scaled_x) {
    a_.apply_and_back(execution_, adjoint_, std::ldexp(R{1}, exponent_), scaled_x, y, z);
  });
  products_ += 2 * x.cols();
  static_cast<void>(finite_maximum<T>(execution_, y, "A"));
  static_cast<void>(finite_maximum<T>(execution_, z, "A^H"));
  dense::scale_by_power<T>(y, -power);
  dense::scale_by_power<T>(z, exponent_ - power);
}

template <Scalar T>
Real<T> KrylovSpace<T>::largest() const noexcept {
  R result = values_.empty() ? R{} : values_.front() * unit(0);
  for (Index j = 0; j < p_; ++j) {
    result = std::max(result, std::abs(h_(j, j)));
  }
  return result;
}

template <Scalar T>
Real<T> KrylovSpace<T>::negligible(Index length) const noexcept {
  return 4 * epsilon<T> * std::sqrt(static_cast<R>(length)) * largest();
}

template <Scalar T>
Real<T> KrylovSpace<T>::unit(Index i) const noexcept {
  return size_.two_sided ? R{1} : std::max(values_[at(i)], std::numeric_limits<R>::min());
}

template <Scalar T>
void KrylovSpace<T>::set_scale(R largest) {
  // 2^exponent itself must be a number; a matrix of denormals becomes a small one.
  exponent_ = std::min(dense::scale_exponent(largest), std::numeric_limits<R>::max_exponent - 2);
  is_scaled_ = true;
}

template <Scalar T>
void KrylovSpace<T>::set_norm(double norm) {
  const R largest = static_cast<R>(norm);
  if (largest > 0 && std::isfinite(largest)) {
    set_scale(largest);
  }
}

// 1.
template <Scalar T>
void KrylovSpace<T>::start() {
  p_ = 0;
  dense::set_identity(s_);
  std::ranges::fill(given_up_, R{});
  refresh();
}

// 3.
template <Scalar T>
void KrylovSpace<T>::solve(Index leading) {
  const Index b = size_.block, p = p_, k = std::min(leading, p);
  Svd<T> d = svd<T>(h_.block(0, 0, p, p), {.leading = k,
                                           .threads = p <= alone_up_to ? 1 : execution_.threads,
                                           .stop = execution_.stop});
  std::ranges::transform(d.s, values_store_.begin(),
                         [&](R h) { return size_.two_sided ? h : std::sqrt(h); });
  values_ = values_store_.first(at(p));
  p_of_h_ = std::move(d.U);
  qh_of_h_ = std::move(d.Vh);
  if (!size_.two_sided) {
    for (Index i = 0; i < k; ++i) {
      for (Index j = 0; j < p; ++j) {
        p_of_h_(j, i) = conjugate(qh_of_h_(i, j));
      }
    }
  }
  for (Index i = 0; i < k; ++i) {
    R sum{}, given_up{};
    for (Index row = 0; row < b; ++row) {
      T entry{};
      for (Index l = row; l < b; ++l) {
        entry += s_(row, l) * p_of_h_(p - b + l, i);
      }
      sum += std::norm(entry);
    }
    for (Index j = 0; j < p; ++j) {
      given_up += std::abs(p_of_h_(j, i)) * given_up_[at(j)];
    }
    in_hand_store_[at(i)] = std::sqrt(sum) / unit(i);
    residuals_store_[at(i)] = in_hand_store_[at(i)] + given_up / unit(i);
  }
  in_hand_ = in_hand_store_.first(at(k));
  residuals_ = residuals_store_.first(at(k));
}

template <Scalar T>
void KrylovSpace<T>::rotate(MatrixView<T> basis, MatrixView<const T> by) {
  const Workspace::Frame frame(work_);
  const MatrixView<T> strip = dense::take_matrix<T>(work_, rotation_strip, by.cols());
  for (Index first = 0; first < basis.rows(); first += rotation_strip) {
    const Index rows = std::min(rotation_strip, basis.rows() - first);
    const MatrixView<T> own = strip.top_rows(rows);
    blas::gemm<T>(undisturbed_, Op::none, Op::none, T(1), basis.block(first, 0, rows, by.rows()),
                  by, T(0), own);
    dense::copy_columns(own, basis.block(first, 0, rows, by.cols()));
  }
}

// 4.
template <Scalar T>
void KrylovSpace<T>::restart(Index keep) {
  const Index b = size_.block, p = p_;
  std::vector<R> given_up(at(keep), R{});
  for (Index i = 0; i < keep; ++i) {
    for (Index j = 0; j < p; ++j) {
      given_up[at(i)] += std::abs(p_of_h_(j, i)) * given_up_[at(j)];
    }
  }
  std::ranges::fill(given_up_, R{});
  std::ranges::copy(given_up, given_up_.begin());

  Matrix<T> q = Matrix<T>::uninitialized(p, keep);
  for (Index j = 0; j < keep; ++j) {
    for (Index i = 0; i < p; ++i) {
      q(i, j) = conjugate(qh_of_h_(j, i));
    }
  }
  rotate(u_.columns(0, p), MatrixView<const T>(p_of_h_).columns(0, keep));
  rotate(v_.columns(0, p), q);
  for (Index j = 0; j < b; ++j) {
    std::copy_n(v_.col(p + j), size_.n, v_.col(keep + j));
  }
  for (Index j = 0; j < keep; ++j) {
    std::fill_n(h_.col(j), keep, T{});
    h_(j, j) = values_[at(j)] * (size_.two_sided ? R{1} : values_[at(j)]);
  }
  p_ = keep;
  ++rotations_;
  coupled_ = 0;
  is_uncoupled_ = false;
}

// 5.
template <Scalar T>
void KrylovSpace<T>::refresh() {
  const Workspace::Frame frame(work_);
  const MatrixView<T> next = v_.columns(p_, size_.block);
  for (Index j = 0; j < p_; ++j) {
    given_up_[at(j)] = residuals_store_[at(j)] * unit(j);
  }
  fill_uniform<T>(next, fresh());
  const MatrixView<T> c = dense::take_matrix<T>(work_, p_, size_.block),
                      r = dense::take_matrix<T>(work_, size_.block, size_.block);
  static_cast<void>(
      orthogonalize<T>(undisturbed_, v_.columns(0, p_), next, c, r, R{}, fresh(), work_));
  coupled_ = 0;
  is_uncoupled_ = true;
}

template <Scalar T>
void KrylovSpace<T>::note_coupling(Index p) {
  const bool is_known = coupled_ > 0 || is_uncoupled_;
  for (Index j = 0; is_known && j < p; ++j) {
    R& length = given_up_[at(j)];
    if (length > 0) {
      R left = length * length;
      for (Index l = 0; l < size_.block; ++l) {
        left -= std::norm(h_(j, p + l));
      }
      length = std::sqrt(std::max(left, R{}));
    }
  }
  coupled_ = 2 * size_.block;
  is_uncoupled_ = false;
}

// 6.
template <Scalar T>
void KrylovSpace<T>::renew_by_products() {
  const Index b = size_.block;
  const MatrixView<T> next = v_.columns(p_, b), strip = v_.columns(p_ + b, b);
  std::vector<R> lengths(at(p_));
  for (Index first = 0; first < p_; first += b) {
    const Index count = std::min(b, p_ - first);
    residual_vectors(first, strip.columns(0, count));
    for (Index j = 0; j < count; ++j) {
      lengths[at(first + j)] = length_of(strip.col(j), size_.n);
    }
  }
  std::vector<Index> order(at(p_));
  std::iota(order.begin(), order.end(), Index{0});
  std::ranges::stable_sort(order, std::greater{},
                           [&](Index j) { return lengths[at(j)] / unit(j); });
  fill_uniform<T>(strip, fresh());
  for (Index j = 0; j < std::min(b, p_); ++j) {
    residual_vectors(order[at(j)], strip.columns(j, 1));
  }
  // Nothing is thrown from here on.
  std::ranges::copy(lengths, given_up_.begin());
  for (Index j = 0; j < p_; ++j) {
    residuals_store_[at(j)] = lengths[at(j)] / unit(j);
  }
  residuals_ = residuals_store_.first(at(p_));
  dense::copy_columns(strip, next);
  const Workspace::Frame frame(work_);
  const MatrixView<T> c = dense::take_matrix<T>(work_, p_, b),
                      r = dense::take_matrix<T>(work_, b, b);
  static_cast<void>(orthogonalize<T>(undisturbed_, v_.columns(0, p_), next, c, r,
                                     std::numeric_limits<R>::min(), fresh(), work_));
  coupled_ = 0;
  is_uncoupled_ = true;
}

template <Scalar T>
void KrylovSpace<T>::project_off(MatrixView<T> x) {
  const MatrixView<const T> v = v_.columns(0, p_);
  Matrix<T> c = Matrix<T>::uninitialized(p_, x.cols());
  blas::gemm<T>(execution_, Op::adjoint, Op::none, T(1), v, x, T(0), c.view());
  blas::gemm<T>(execution_, Op::none, Op::none, T(-1), v, c, T(1), x);
}

template <Scalar T>
ProbeSums KrylovSpace<T>::probe(Index count) {
  execution_.check_stop();
  Matrix<T> x = Matrix<T>::uninitialized(size_.n, count),
            z = Matrix<T>::uninitialized(size_.n, count),
            y = Matrix<T>::uninitialized(size_.m, count);
  fill_normal<T>(x.view(), fresh());
  project_off(x.view());
  if (a_.goes_back_in_one_pass(adjoint_)) {
    apply_and_back(x, y.view(), z.view());
  } else {
    apply(x, y.view());
    apply_adjoint(y, z.view());
  }
  project_off(z.view());
  return {sum_of_squares<T>(y), sum_of_squares<T>(z)};
}

#define ECKART_INSTANTIATE(T)                              \
  template class KrylovSpace<T>;                           \
  template MemoryPlan krylov_memory<T>(const KrylovSize&); \
  template MemoryPlan probe_memory<T>(Index, Index, Index);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)

}  // namespace eckart::truncated
