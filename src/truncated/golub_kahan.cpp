#include "truncated/golub_kahan.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <eckart/error.hpp>
#include <eckart/svd.hpp>

#include "blas/gemm.hpp"
#include "blas/lapack.hpp"
#include "dense/columns.hpp"
#include "dense/scale.hpp"
#include "truncated/orthogonalize.hpp"

namespace eckart::truncated {
namespace {

using blas::Op;

// Rows of a basis that are rotated at a time.
constexpr Index rotation_strip = 512;

// The rounding of A^H W R^-1 stays below the tolerance by this factor.
constexpr double rounding_in_hand = 1000;

// max |y_ij|; a product that is not finite is the operator's fault, and says so.
template <Scalar T>
Real<T> finite_maximum(const Execution& execution, MatrixView<const T> y, const char* what) {
  try {
    return dense::max_modulus<T>(execution, y);
  } catch (const NonFinite& bad) {
    throw Error(ErrorKind::non_finite,
                std::string("the product with ") + what + " has NaN or infinity in row " +
                    std::to_string(bad.row()) +
                    "; an operator must give finite products of unit vectors (scale it when its "
                    "entries are near the largest number)");
  }
}

}  // namespace

template <Scalar T>
MemoryPlan golub_kahan_memory(const GolubKahanSize& size) {
  const auto [m, n, basis, block] = size;
  return MemoryPlan::all_of(
      "Golub-Kahan",
      {MemoryPlan::block<T>("U", m, basis), MemoryPlan::block<T>("V", n, basis + block),
       MemoryPlan::block<T>("H", basis, basis), MemoryPlan::block<T>("S", block, block),
       MemoryPlan::block<Real<T>>("values, residuals, what was dropped", 3, basis),
       MemoryPlan::any_of(
           "a step",
           {MemoryPlan::all_of("expand", {MemoryPlan::block<T>("C'", basis + block, block),
                                          orthogonalize_memory<T>(basis + block, block)}),
            MemoryPlan::block<T>("rotate", rotation_strip, basis)})});
}

template <Scalar T>
GolubKahan<T>::GolubKahan(const Execution& execution, const Operator<T>& a, bool adjoint,
                          const GolubKahanSize& size, double tolerance, std::uint64_t seed)
    : execution_(execution),
      a_(a),
      adjoint_(adjoint),
      size_(size),
      least_pivot_(static_cast<R>(rounding_in_hand * double{epsilon<T>} / tolerance)),
      seed_(seed),
      work_(golub_kahan_memory<T>(size)) {
  take_places();
}

template <Scalar T>
void GolubKahan<T>::take_places() {
  u_ = dense::take_matrix<T>(work_, size_.m, size_.basis);
  v_ = dense::take_matrix<T>(work_, size_.n, size_.basis + size_.block);
  h_ = dense::take_matrix<T>(work_, size_.basis, size_.basis);
  s_ = dense::take_matrix<T>(work_, size_.block, size_.block);
  values_store_ = work_.take<R>(size_.basis);
  residuals_store_ = work_.take<R>(size_.basis);
  dropped_ = work_.take<R>(size_.basis);
}

template <Scalar T>
void GolubKahan<T>::grow(Index basis) {
  const Workspace old = std::move(work_);
  const MatrixView<T> u = u_, v = v_, h = h_, s = s_;
  const std::span<R> values = values_store_, residuals = residuals_store_, dropped = dropped_;
  size_.basis = basis;
  work_ = Workspace(golub_kahan_memory<T>(size_));
  take_places();
  dense::copy_columns(u.columns(0, p_), u_);
  dense::copy_columns(v.columns(0, p_ + size_.block), v_);
  dense::copy_columns(h.block(0, 0, p_, p_), h_);
  dense::copy_columns(s, s_);
  std::ranges::copy(values, values_store_.begin());
  std::ranges::copy(residuals, residuals_store_.begin());
  std::fill(dropped_.begin(), dropped_.end(), R{});
  std::ranges::copy(dropped, dropped_.begin());
  values_ = values_store_.first(values_.size());
  residuals_ = residuals_store_.first(residuals_.size());
}

template <Scalar T>
void GolubKahan<T>::apply(MatrixView<const T> x, MatrixView<T> y) {
  adjoint_ ? a_.apply_adjoint(execution_, x, y) : a_.apply(execution_, x, y);
  products_ += x.cols();
  const R largest = finite_maximum<T>(execution_, y, "A");
  if (!scaled_) {
    set_scale(largest);
  }
  dense::scale_by_power<T>(y, exponent_);
}

template <Scalar T>
void GolubKahan<T>::apply_adjoint(MatrixView<const T> x, MatrixView<T> y) {
  adjoint_ ? a_.apply(execution_, x, y) : a_.apply_adjoint(execution_, x, y);
  products_ += x.cols();
  static_cast<void>(finite_maximum<T>(execution_, y, "A^H"));
  dense::scale_by_power<T>(y, exponent_);
}

template <Scalar T>
void GolubKahan<T>::apply_and_back(MatrixView<const T> x, MatrixView<T> y, MatrixView<T> z) {
  a_.apply_and_back(execution_, adjoint_, std::ldexp(R{1}, exponent_), x, y, z);
  products_ += 2 * x.cols();
  static_cast<void>(finite_maximum<T>(execution_, y, "A"));
  static_cast<void>(finite_maximum<T>(execution_, z, "A^H"));
  dense::scale_by_power<T>(z, exponent_);
}

// The largest value seen so far, or what stands for it before the first solve().
template <Scalar T>
Real<T> GolubKahan<T>::largest() const noexcept {
  R result = values_.empty() ? R{} : values_.front();
  for (Index j = 0; j < p_; ++j) {
    result = std::max(result, std::abs(h_(j, j)));
  }
  return result;
}

// Rounding of a product with A.
template <Scalar T>
Real<T> GolubKahan<T>::negligible(Index length) const noexcept {
  return 4 * epsilon<T> * std::sqrt(static_cast<R>(length)) * largest();
}

template <Scalar T>
void GolubKahan<T>::set_scale(R largest) {
  // 2^exponent itself must be a number; a matrix of denormals becomes a small one.
  exponent_ = std::min(dense::scale_exponent(largest), std::numeric_limits<R>::max_exponent - 2);
  scaled_ = true;
}

template <Scalar T>
void GolubKahan<T>::set_norm(double norm) {
  if (norm > 0 && std::isfinite(norm)) {
    set_scale(static_cast<R>(norm));
    one_pass_ = a_.goes_back_in_one_pass(adjoint_);
  }
}

// 1.
template <Scalar T>
void GolubKahan<T>::start() {
  p_ = 0;
  dense::set_identity(s_);
  std::fill(dropped_.begin(), dropped_.end(), R{});
  refresh();
}

template <Scalar T>
void GolubKahan<T>::refresh() {
  const Workspace::Frame frame(work_);
  const MatrixView<T> next = v_.columns(p_, size_.block);
  for (Index j = 0; j < p_; ++j) {
    dropped_[static_cast<std::size_t>(j)] = residuals_store_[static_cast<std::size_t>(j)];
  }
  fill_uniform<T>(next, fresh());
  const MatrixView<T> c = dense::take_matrix<T>(work_, p_, size_.block),
                      r = dense::take_matrix<T>(work_, size_.block, size_.block);
  static_cast<void>(
      orthogonalize<T>(execution_, v_.columns(0, p_), next, c, r, R{}, fresh(), work_));
}

// 2.
template <Scalar T>
void GolubKahan<T>::expand() {
  execution_.check_stop();
  const Workspace::Frame frame(work_);
  const Index b = size_.block, p = p_;
  const MatrixView<T> v_new = v_.columns(p, b), v_next = v_.columns(p + b, b),
                      u_new = u_.columns(p, b), r = h_.block(p, p, b, b);
  one_pass_ ? apply_and_back(v_new, u_new, v_next) : apply(v_new, u_new);
  for (Index j = 0; j < p; ++j) {
    std::fill_n(h_.col(j) + p, b, T{});
  }
  const Index replaced = orthogonalize<T>(execution_, u_.columns(0, p), u_new, h_.block(0, p, p, b),
                                          r, negligible(size_.m), fresh(), work_);
  p_ += b;

  R pivot = replaced > 0 ? R{} : std::abs(r(0, 0));
  for (Index j = 1; j < b; ++j) {
    pivot = std::min(pivot, std::abs(r(j, j)));
  }
  const bool is_accurate = pivot > least_pivot_ * largest();
  if (one_pass_ && is_accurate) {
    blas::trsm<T>(blas::Side::right, Op::none, r, v_next);
  } else {
    apply_adjoint(u_new, v_next);
  }
  one_pass_ = is_accurate && a_.goes_back_in_one_pass(adjoint_);
  const MatrixView<T> c = dense::take_matrix<T>(work_, p_, b);
  static_cast<void>(orthogonalize<T>(execution_, v_.columns(0, p_), v_next, c, s_,
                                     negligible(size_.n), fresh(), work_));
}

// 3.
template <Scalar T>
void GolubKahan<T>::solve(Index leading) {
  const Index b = size_.block, p = p_, k = std::min(leading, p);
  Svd<T> d = svd<T>(h_.block(0, 0, p, p),
                    {.leading = k, .threads = execution_.threads, .stop = execution_.stop});
  std::ranges::copy(d.s, values_store_.begin());
  p_of_h_ = std::move(d.U);
  qh_of_h_ = std::move(d.Vh);
  for (Index i = 0; i < k; ++i) {
    R sum{}, dropped{};
    for (Index row = 0; row < b; ++row) {
      T entry{};
      for (Index l = row; l < b; ++l) {
        entry += s_(row, l) * p_of_h_(p - b + l, i);
      }
      sum += std::norm(entry);
    }
    for (Index j = 0; j < p; ++j) {
      dropped += std::abs(p_of_h_(j, i)) * dropped_[static_cast<std::size_t>(j)];
    }
    residuals_store_[static_cast<std::size_t>(i)] = std::sqrt(sum) + dropped;
  }
  values_ = values_store_.first(static_cast<std::size_t>(p));
  residuals_ = residuals_store_.first(static_cast<std::size_t>(k));
}

// basis <- basis by, a strip of rows at a time.
template <Scalar T>
void GolubKahan<T>::rotate(MatrixView<T> basis, MatrixView<const T> by) {
  const Workspace::Frame frame(work_);
  const MatrixView<T> strip = dense::take_matrix<T>(work_, rotation_strip, by.cols());
  for (Index first = 0; first < basis.rows(); first += rotation_strip) {
    const Index rows = std::min(rotation_strip, basis.rows() - first);
    const MatrixView<T> own = strip.top_rows(rows);
    blas::gemm<T>(execution_, Op::none, Op::none, T(1), basis.block(first, 0, rows, by.rows()), by,
                  T(0), own);
    dense::copy_columns(own, basis.block(first, 0, rows, by.cols()));
  }
}

// 4.
template <Scalar T>
void GolubKahan<T>::restart(Index keep) {
  const Index b = size_.block, p = p_;
  std::vector<R> dropped(static_cast<std::size_t>(keep), R{});
  for (Index i = 0; i < keep; ++i) {
    for (Index j = 0; j < p; ++j) {
      dropped[static_cast<std::size_t>(i)] +=
          std::abs(p_of_h_(j, i)) * dropped_[static_cast<std::size_t>(j)];
    }
  }
  std::ranges::copy(dropped, dropped_.begin());
  std::fill(dropped_.begin() + keep, dropped_.end(), R{});

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
    h_(j, j) = values_[static_cast<std::size_t>(j)];
  }
  p_ = keep;
}

template class GolubKahan<float>;
template class GolubKahan<double>;
template class GolubKahan<std::complex<float>>;
template class GolubKahan<std::complex<double>>;
template MemoryPlan golub_kahan_memory<float>(const GolubKahanSize&);
template MemoryPlan golub_kahan_memory<double>(const GolubKahanSize&);
template MemoryPlan golub_kahan_memory<std::complex<float>>(const GolubKahanSize&);
template MemoryPlan golub_kahan_memory<std::complex<double>>(const GolubKahanSize&);

}  // namespace eckart::truncated
