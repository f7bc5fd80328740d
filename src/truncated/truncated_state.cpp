#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include <eckart/truncated_state.hpp>

#include "blas/gemm.hpp"

namespace eckart {
namespace {

[[noreturn]] void fail(const std::string& what) {
  throw StateMismatch("the state of the iteration " + what);
}

void require(bool holds, const char* what) {
  if (!holds) {
    fail(std::string("makes no sense: ") + what);
  }
}

template <class T>
bool all_finite(const T* first, Index count) {
  return std::all_of(first, first + count, [](const T& x) { return is_finite(x); });
}

template <Scalar T>
bool all_finite(const Matrix<T>& a) {
  return all_finite(a.data(), a.rows() * a.cols());
}

template <RealScalar R>
bool all_finite(const std::vector<R>& x) {
  return all_finite(x.data(), static_cast<Index>(x.size()));
}

template <Scalar T>
bool has_shape(const Matrix<T>& a, Index rows, Index cols) {
  return a.rows() == rows && a.cols() == cols;
}

bool is_within(Index x, Index least, Index most) {
  return x >= least && x <= most;
}

// The columns of X are orthonormal to half of the digits: what rounding leaves is better, and what is no basis is far worse.
template <Scalar T>
bool is_orthonormal(const Matrix<T>& x) {
  Matrix<T> gram = Matrix<T>::identity(x.cols(), x.cols());
  blas::gemm<T>({.threads = 1, .stop = {}, .progress = {}}, blas::Op::adjoint, blas::Op::none, T(1),
                x, x, T(-1), gram.view());
  return std::all_of(gram.data(), gram.data() + gram.rows() * gram.cols(),
                     [](const T& entry) { return std::abs(entry) <= std::sqrt(epsilon<T>); });
}

}  // namespace

template <Scalar T>
void check_state(const TruncatedState<T>& state, Index rows, Index cols) {
  const auto text = [](Index m, Index n) { return std::to_string(m) + " x " + std::to_string(n); };
  if (state.rows != rows || state.cols != cols) {
    fail("is of another matrix, of " + text(state.rows, state.cols) + "; this one is " +
         text(rows, cols));
  }
  const Index p = state.H.rows(), b = state.block, shorter = std::min(rows, cols),
              n = state.adjoint ? rows : cols, m = state.adjoint ? cols : rows;
  require(is_within(b, 1, shorter) && is_within(state.basis, 1, shorter - b) &&
              state.basis % b == 0 && is_within(p, 1, state.basis),
          "so many vectors do not fit");
  require(has_shape(state.V, n, p + b) && has_shape(state.H, p, p) && has_shape(state.S, b, b) &&
              (has_shape(state.U, m, p) || (!state.two_sided && state.U.empty())),
          "its arrays do not fit one another");
  const auto most = static_cast<std::size_t>(state.basis);
  require(state.given_up.size() == static_cast<std::size_t>(p) && state.values.size() <= most &&
              state.residuals.size() <= state.values.size() &&
              state.in_hand.size() == state.residuals.size() &&
              state.verified.size() <= static_cast<std::size_t>(shorter),
          "its lists do not fit one another");
  constexpr Index furthest = std::numeric_limits<Real<T>>::max_exponent;
  require(is_within(state.exponent, -furthest, furthest - 2) &&
              is_within(state.coupled, 0, 2 * b) && is_within(state.target, 1, shorter) &&
              is_within(state.found, 0, shorter) &&
              is_within(state.restarts, 0, std::numeric_limits<int>::max()) &&
              is_within(state.looked_at, 0, state.basis) &&
              is_within(state.next_look, 0, 2 * state.basis) && state.products >= 0 &&
              std::isfinite(state.work) && std::isfinite(state.excess),
          "one of its numbers is out of range");
  require(all_finite(state.V) && all_finite(state.U) && all_finite(state.H) &&
              all_finite(state.S) && all_finite(state.given_up) && all_finite(state.values) &&
              all_finite(state.residuals) && all_finite(state.in_hand) &&
              all_finite(state.verified),
          "it holds NaN or infinity");
  require(is_orthonormal(state.V) && (!state.two_sided || is_orthonormal(state.U)),
          "its vectors are not orthonormal");
}

#define ECKART_INSTANTIATE(T) template void check_state<T>(const TruncatedState<T>&, Index, Index);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)

}  // namespace eckart
