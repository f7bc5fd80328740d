// The Kronecker product. With X of s x q for a vector, column i for block i:
//
//   (A x B) vec(X) = vec(B X A^T)
//
// B is applied to the q columns of X at once, and A to the columns of (B X)^T. One vector at a time: the memory is two blocks of its
// size.

#include <utility>

#include "operators/composition.hpp"
#include "operators/norm.hpp"

namespace eckart {
namespace {

template <Scalar T>
struct Kronecker {
  Operator<T> a, b;
  Index rows() const { return a.rows() * b.rows(); }
  Index cols() const { return a.cols() * b.cols(); }
  void apply(const Execution& e, In<T> x, Out<T> y) const { multiply(e, false, x, y); }
  void apply_adjoint(const Execution& e, In<T> x, Out<T> y) const { multiply(e, true, x, y); }
  void multiply(const Execution& e, bool adjoint, In<T> x, Out<T> y) const {
    const auto shape = [adjoint](const Operator<T>& op) {
      return adjoint ? std::pair(op.cols(), op.rows()) : std::pair(op.rows(), op.cols());
    };
    const auto apply_to = [&](const Operator<T>& op, In<T> from, Out<T> to) {
      adjoint ? op.apply_adjoint(e, from, to) : op.apply(e, from, to);
    };
    const auto [p, q] = shape(a);
    const auto [r, s] = shape(b);
    auto bx = Matrix<T>::uninitialized(r, q);
    auto abx = Matrix<T>::uninitialized(p, r);
    for (Index k = 0; k < x.cols(); ++k) {
      apply_to(b, In<T>(x.col(k), s, q), bx.view());
      apply_to(a, Matrix<T>(bx.view().transposed()), abx.view());
      for (Index i = 0; i < p; ++i) {
        for (Index l = 0; l < r; ++l) {
          y(i * r + l, k) = abx(i, l);
        }
      }
    }
  }
  bool knows_norm() const { return a.knows_norm() && b.knows_norm(); }
  std::optional<Real<T>> frobenius_norm(const Execution& e) const {
    const auto left = a.frobenius_norm(e), right = b.frobenius_norm(e);
    return right && is_rounded_well(*right) ? norm_times<Real<T>>(left, *right) : std::nullopt;
  }
  OperatorCost cost() const {
    const OperatorCost of_a = a.cost(), of_b = b.cost();
    return {.flops = of_b.flops * static_cast<double>(a.cols()) +
                     of_a.flops * static_cast<double>(b.rows()),
            .bytes = of_a.bytes + of_b.bytes,
            .reading = of_a.reading + of_b.reading};
  }
  std::string description() const {
    return "Kronecker product of " + a.description() + " and " + b.description();
  }
};

}  // namespace

template <Scalar T>
Operator<T> kronecker(Operator<T> a, Operator<T> b) {
  Index rows = 0, cols = 0;
  if (__builtin_mul_overflow(a.rows(), b.rows(), &rows) ||
      __builtin_mul_overflow(a.cols(), b.cols(), &cols)) {
    throw SizeLimit("kronecker: the size of the product of " + size_of(a) + " and " + size_of(b) +
                    " does not fit 64 bits");
  }
  return Kronecker<T>{std::move(a), std::move(b)};
}

#define ECKART_INSTANTIATE(T) template Operator<T> kronecker<T>(Operator<T>, Operator<T>);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)

}  // namespace eckart
