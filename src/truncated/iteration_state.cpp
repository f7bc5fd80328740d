// An iteration as a state, and back.

#include <algorithm>
#include <cmath>
#include <string>

#include "truncated/iteration.hpp"

namespace eckart::truncated {

// A space without a step holds nothing that is worth it.
template <Scalar T>
void Iteration<T>::hand_out() {
  if (!checkpoints_.save || !space_ || space_->dimension() == 0) {
    return;
  }
  TruncatedState<T> state;
  space_->put_into(state);
  state.rows = a_.rows();
  state.cols = a_.cols();
  state.frobenius_norm = options_.frobenius_norm;
  state.found = found_;
  state.products = products_before_ + products();
  state.target = target_;
  state.restarts = restarts_;
  state.looked_at = looked_at_;
  state.next_look = next_look_;
  state.to_look = is_to_look_;
  state.to_renew = is_to_renew_;
  state.verifying = verifying_;
  state.verified = verified_;
  state.work = work_;
  state.excess = excess_;
  checkpoints_.save(state);
  handed_out_ = std::chrono::steady_clock::now();
}

template <Scalar T>
void Iteration<T>::resume(const TruncatedState<T>& state) {
  const auto refuse = [](const std::string& why) {
    throw StateMismatch("the state of the iteration is of another matrix of this size: " + why);
  };
  check_state<T>(state, a_.rows(), a_.cols());
  // To more than rounding, which differs from machine to machine.
  const double tolerance = std::pow(double{epsilon<T>}, 0.75);
  if (state.frobenius_norm && options_.frobenius_norm &&
      !(std::abs(*state.frobenius_norm - *options_.frobenius_norm) <=
        tolerance * *options_.frobenius_norm)) {
    refuse("||A||_F was " + std::to_string(*state.frobenius_norm) + " and is " +
           std::to_string(*options_.frobenius_norm));
  }
  is_adjoint_ = state.adjoint;
  options_.two_sided = state.two_sided;
  options_.block = state.block;
  if (options_.target < options_.most) {  // how many there are to be is found on the way
    target_ = std::max(options_.target, std::min(state.target, options_.largest));
  }
  const KrylovSize size{.m = is_adjoint_ ? a_.cols() : a_.rows(),
                        .n = is_adjoint_ ? a_.rows() : a_.cols(),
                        .basis = state.basis,
                        .block = state.block,
                        .two_sided = state.two_sided,
                        .one_pass = !state.two_sided && a_.goes_back_in_one_pass(is_adjoint_),
                        .keeps_image = !state.two_sided && state.U.rows() > 0};
  std::unique_ptr<KrylovSpace<T>> space =
      make_space<T>(execution_, a_, is_adjoint_, size, options_);
  space->adopt(state);
  if (!timed_("check of the state", [&] { return space->is_of_operator(); })) {
    refuse("products with its vectors are not what they were");
  }
  // It has had these triplets, and another rule may want more.
  const Index basis = basis_for<T>(target_, a_, options_);
  if (basis > size.basis) {
    space->grow(basis);
  }
  products_ = state.products;
  restarts_ = static_cast<int>(state.restarts);
  looked_at_ = state.looked_at;
  next_look_ = state.next_look;
  is_to_look_ = state.to_look;
  is_to_renew_ = state.to_renew;
  verifying_ = state.verifying;
  verified_ = state.verified;
  work_ = state.work;
  excess_ = state.excess;
  found_ = state.found;
  space_ = std::move(space);
}

#define ECKART_INSTANTIATE(T)             \
  template void Iteration<T>::hand_out(); \
  template void Iteration<T>::resume(const TruncatedState<T>&);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)

}  // namespace eckart::truncated
