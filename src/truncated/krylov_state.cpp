// A Krylov space as a state, and back; and in more memory.
//
//   0. whole       a step happens whole, or not at all: of p, S, and the place in the random numbers a copy is kept until it is done
//   1. put_into    V, V', U or A V, H, S and the few numbers beside them, as they are
//   2. adopt       the same in a new space
//   3. try         with c random, ||c|| = 1, and z = A^H A V c:  V^H z = H c,  and what of z lies outside V and V' was given up. Both
//                  hold to rounding for the matrix that the state was made with, and for no other.

#include <algorithm>
#include <cmath>
#include <utility>

#include "blas/gemm.hpp"
#include "dense/columns.hpp"
#include "dense/scale.hpp"
#include "truncated/krylov_space.hpp"

namespace eckart::truncated {
namespace {

using blas::Op;

// No stream of random blocks reaches it.
constexpr std::uint64_t stream_of_trial = ~std::uint64_t{0};

template <Scalar T>
Matrix<T> copy_of(MatrixView<T> a) {
  return Matrix<T>(MatrixView<const T>(a));
}

}  // namespace

// 0. Where a step throws, what it wrote behind V' and in H behind p counts for nothing, and the rest is put back.
template <Scalar T>
template <class Step>
void KrylovSpace<T>::whole(const Step& step) {
  const Index p = p_;
  const std::uint64_t streams = streams_;
  const Matrix<T> s{MatrixView<const T>(s_)};
  try {
    step();
  } catch (...) {
    p_ = p;
    streams_ = streams;
    dense::copy_columns(s.view(), s_);
    throw;
  }
}

template <Scalar T>
void KrylovSpace<T>::expand() {
  execution_.check_stop();
  whole([&] { step(); });
}

template <Scalar T>
void KrylovSpace<T>::renew() {
  whole([&] { renew_by_products(); });
}

// 1.
template <Scalar T>
void KrylovSpace<T>::put_into(TruncatedState<T>& state) const {
  const Index p = p_, b = size_.block;
  const auto copy = [](std::span<const R> x) { return std::vector<R>(x.begin(), x.end()); };
  state.adjoint = adjoint_;
  state.two_sided = size_.two_sided;
  state.block = b;
  state.basis = size_.basis;
  state.V = copy_of(v_.columns(0, p + b));
  state.U = u_.rows() > 0 ? copy_of(u_.columns(0, p)) : Matrix<T>();
  state.H = copy_of(h_.block(0, 0, p, p));
  state.S = copy_of(s_);
  state.given_up = copy(given_up_.first(static_cast<std::size_t>(p)));
  state.values = copy(values_);
  state.residuals = copy(residuals_);
  state.in_hand = copy(in_hand_);
  state.coupled = coupled_;
  state.uncoupled = is_uncoupled_;
  state.scaled = is_scaled_;
  state.exponent = exponent_;
  state.seed = seed_;
  state.streams = streams_;
}

// 2.
template <Scalar T>
void KrylovSpace<T>::adopt(const TruncatedState<T>& state) {
  const Index p = state.H.rows();
  dense::copy_columns(state.V.view(), v_.columns(0, p + size_.block));
  if (u_.rows() > 0) {
    dense::copy_columns(state.U.view(), u_.columns(0, p));
  }
  dense::copy_columns(state.H.view(), h_.block(0, 0, p, p));
  dense::copy_columns(state.S.view(), s_);
  std::ranges::fill(given_up_, R{});
  std::ranges::fill(residuals_store_, R{});
  std::ranges::copy(state.given_up, given_up_.begin());
  std::ranges::copy(state.values, values_store_.begin());
  std::ranges::copy(state.residuals, residuals_store_.begin());
  std::ranges::copy(state.in_hand, in_hand_store_.begin());
  values_ = values_store_.first(state.values.size());
  residuals_ = residuals_store_.first(state.residuals.size());
  in_hand_ = in_hand_store_.first(state.in_hand.size());
  p_ = p;
  coupled_ = state.coupled;
  is_uncoupled_ = state.uncoupled;
  is_scaled_ = state.scaled;
  exponent_ = static_cast<int>(state.exponent);
  seed_ = state.seed;
  streams_ = state.streams;
}

// 3.
template <Scalar T>
bool KrylovSpace<T>::is_of_operator() {
  Matrix<T> c(p_, 1);
  fill_normal<T>(c.view(), Random(seed_, stream_of_trial));
  const R length = static_cast<R>(dense::frobenius_norm<T>(execution_, c.view()));
  for (Index j = 0; j < p_; ++j) {
    c(j, 0) /= length;
  }
  // Far above rounding, far below the change of a matrix that would matter to the values found.
  const double tolerance = std::pow(double{epsilon<T>}, 0.75);
  return deviation(c) <= tolerance * double{largest()};
}

template <Scalar T>
double KrylovSpace<T>::deviation(MatrixView<T> z, MatrixView<const T> c,
                                 MatrixView<const T> h) const {
  const MatrixView<const T> whole = v_.columns(0, p_ + size_.block);
  Matrix<T> in_space(whole.cols(), 1);
  blas::gemm<T>(execution_, Op::adjoint, Op::none, T(1), whole, z, T(0), in_space.view());
  blas::gemm<T>(execution_, Op::none, Op::none, T(-1), whole, in_space, T(1), z);
  double given_up = 0;
  for (Index j = 0; j < p_; ++j) {
    in_space(j, 0) -= h(j, 0);
    given_up += double{std::abs(c(j, 0)) * given_up_[static_cast<std::size_t>(j)]};
  }
  const double inside = dense::frobenius_norm<T>(execution_, in_space.view().top_rows(p_)),
               outside = dense::frobenius_norm<T>(execution_, z);
  return std::hypot(inside, std::max(outside - given_up, 0.0));
}

template <Scalar T>
void KrylovSpace<T>::grow(Index basis) {
  KrylovSize larger = size_;
  larger.basis = basis;
  Workspace room(krylov_memory<T>(larger));
  const Workspace old = std::exchange(work_, std::move(room));
  const MatrixView<T> u = u_, v = v_, h = h_, s = s_;
  const std::span<R> values = values_store_, residuals = residuals_store_, given_up = given_up_,
                     in_hand = in_hand_store_;
  size_ = larger;
  take_places();
  dense::copy_columns(u.columns(0, p_), u_);
  dense::copy_columns(v.columns(0, p_ + size_.block), v_);
  dense::copy_columns(h.block(0, 0, p_, p_), h_);
  dense::copy_columns(s, s_);
  std::ranges::copy(values, values_store_.begin());
  std::ranges::copy(residuals, residuals_store_.begin());
  std::ranges::copy(in_hand, in_hand_store_.begin());
  std::ranges::fill(given_up_, R{});
  std::ranges::copy(given_up, given_up_.begin());
  in_hand_ = in_hand_store_.first(in_hand_.size());
  values_ = values_store_.first(values_.size());
  residuals_ = residuals_store_.first(residuals_.size());
}

#define ECKART_INSTANTIATE(T)                                                   \
  template void KrylovSpace<T>::expand();                                       \
  template void KrylovSpace<T>::renew();                                        \
  template void KrylovSpace<T>::put_into(TruncatedState<T>&) const;             \
  template void KrylovSpace<T>::adopt(const TruncatedState<T>&);                \
  template void KrylovSpace<T>::grow(Index);                                    \
  template bool KrylovSpace<T>::is_of_operator();                               \
  template double KrylovSpace<T>::deviation(MatrixView<T>, MatrixView<const T>, \
                                            MatrixView<const T>) const;
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)

}  // namespace eckart::truncated
