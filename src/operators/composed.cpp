// Operators made of one or two others by a formula of a line; each struct is one, and its two products are its definition.

#include <utility>

#include "operators/composition.hpp"
#include "operators/norm.hpp"

namespace eckart {
namespace {

template <Scalar T>
struct Adjoint {
  Operator<T> a;
  Index rows() const { return a.cols(); }
  Index cols() const { return a.rows(); }
  void apply(const Execution& e, In<T> x, Out<T> y) const { a.apply_adjoint(e, x, y); }
  void apply_adjoint(const Execution& e, In<T> x, Out<T> y) const { a.apply(e, x, y); }
  void apply_and_back(const Execution& e, bool adjoint, Real<T> factor, In<T> x, Out<T> y,
                      Out<T> z) const {
    a.apply_and_back(e, !adjoint, factor, x, y, z);
  }
  void apply_both(const Execution& e, In<T> x, Out<T> y, In<T> w, Out<T> z) const {
    a.apply_both(e, w, z, x, y);
  }
  bool goes_back_in_one_pass(bool adjoint) const { return a.goes_back_in_one_pass(!adjoint); }
  std::optional<Real<T>> frobenius_norm(const Execution& e) const { return a.frobenius_norm(e); }
  bool knows_norm() const { return a.knows_norm(); }
  OperatorCost cost() const { return a.cost(); }
  std::string description() const { return "adjoint of " + a.description(); }
  std::optional<Operator<T>> inverse() const {
    const std::optional<Operator<T>> b = a.inverse();
    return b ? std::optional<Operator<T>>(Adjoint{*b}) : std::nullopt;
  }
};

template <Scalar T>
struct WithInverse {
  Operator<T> a, b;
  Index rows() const { return a.rows(); }
  Index cols() const { return a.cols(); }
  void apply(const Execution& e, In<T> x, Out<T> y) const { a.apply(e, x, y); }
  void apply_adjoint(const Execution& e, In<T> x, Out<T> y) const { a.apply_adjoint(e, x, y); }
  void apply_and_back(const Execution& e, bool adjoint, Real<T> factor, In<T> x, Out<T> y,
                      Out<T> z) const {
    a.apply_and_back(e, adjoint, factor, x, y, z);
  }
  void apply_both(const Execution& e, In<T> x, Out<T> y, In<T> w, Out<T> z) const {
    a.apply_both(e, x, y, w, z);
  }
  bool goes_back_in_one_pass(bool adjoint) const { return a.goes_back_in_one_pass(adjoint); }
  std::optional<Real<T>> frobenius_norm(const Execution& e) const { return a.frobenius_norm(e); }
  bool knows_norm() const { return a.knows_norm(); }
  OperatorCost cost() const { return a.cost(); }
  std::string description() const { return a.description() + " with its inverse"; }
  Storage storage() const { return a.storage(); }
  std::optional<MatrixView<const T>> dense_entries() const { return a.dense_entries(); }
  const SparseMatrix<T>* sparse_entries() const { return a.sparse_entries(); }
  std::optional<Operator<T>> inverse() const { return b; }
};

template <Scalar T>
struct Scaled {
  Operator<T> a;
  T alpha;
  Index rows() const { return a.rows(); }
  Index cols() const { return a.cols(); }
  void apply(const Execution& e, In<T> x, Out<T> y) const {
    a.apply(e, x, y);
    scale(y, alpha);
  }
  void apply_adjoint(const Execution& e, In<T> x, Out<T> y) const {
    a.apply_adjoint(e, x, y);
    scale(y, conjugate(alpha));
  }
  bool knows_norm() const { return a.knows_norm(); }
  std::optional<Real<T>> frobenius_norm(const Execution& e) const {
    return norm_times<T>(a.frobenius_norm(e), alpha);
  }
  OperatorCost cost() const { return a.cost(); }
  std::string description() const { return "scaled " + a.description(); }

  static void scale(Out<T> y, T factor) noexcept {
    for (Index k = 0; k < y.cols(); ++k) {
      for (Index i = 0; i < y.rows(); ++i) {
        y(i, k) *= factor;
      }
    }
  }
};

template <Scalar T>
struct Sum {
  Operator<T> a, b;
  Index rows() const { return a.rows(); }
  Index cols() const { return a.cols(); }
  void apply(const Execution& e, In<T> x, Out<T> y) const {
    auto other = Matrix<T>::uninitialized(y.rows(), y.cols());
    a.apply(e, x, y);
    b.apply(e, x, other.view());
    add<T>(y, T{1}, other);
  }
  void apply_adjoint(const Execution& e, In<T> x, Out<T> y) const {
    auto other = Matrix<T>::uninitialized(y.rows(), y.cols());
    a.apply_adjoint(e, x, y);
    b.apply_adjoint(e, x, other.view());
    add<T>(y, T{1}, other);
  }
  OperatorCost cost() const { return a.cost() + b.cost(); }
  std::string description() const { return a.description() + " + " + b.description(); }
};

// (A B) x = A (B x): the block between them has the inner dimension.
template <Scalar T>
struct Product {
  Operator<T> a, b;
  Index rows() const { return a.rows(); }
  Index cols() const { return b.cols(); }
  void apply(const Execution& e, In<T> x, Out<T> y) const {
    auto between = Matrix<T>::uninitialized(b.rows(), x.cols());
    b.apply(e, x, between.view());
    a.apply(e, between, y);
  }
  void apply_adjoint(const Execution& e, In<T> x, Out<T> y) const {
    auto between = Matrix<T>::uninitialized(a.cols(), x.cols());
    a.apply_adjoint(e, x, between.view());
    b.apply_adjoint(e, between, y);
  }
  OperatorCost cost() const { return a.cost() + b.cost(); }
  std::string description() const { return a.description() + " times " + b.description(); }
};

template <Scalar T>
struct Shifted {
  Operator<T> a;
  T alpha;
  Index rows() const { return a.rows(); }
  Index cols() const { return a.cols(); }
  void apply(const Execution& e, In<T> x, Out<T> y) const {
    a.apply(e, x, y);
    add<T>(y, alpha, x);
  }
  void apply_adjoint(const Execution& e, In<T> x, Out<T> y) const {
    a.apply_adjoint(e, x, y);
    add<T>(y, conjugate(alpha), x);
  }
  OperatorCost cost() const { return a.cost(); }
  std::string description() const { return "shifted " + a.description(); }
};

}  // namespace

template <Scalar T>
Operator<T> adjoint(Operator<T> a) {
  return Adjoint<T>{std::move(a)};
}

template <Scalar T>
Operator<T> scaled(Operator<T> a, std::type_identity_t<T> alpha) {
  return Scaled<T>{std::move(a), alpha};
}

template <Scalar T>
Operator<T> sum(Operator<T> a, Operator<T> b) {
  require(a.rows() == b.rows() && a.cols() == b.cols(),
          "sum: " + size_of(a) + " and " + size_of(b) + " are of different sizes");
  return Sum<T>{std::move(a), std::move(b)};
}

template <Scalar T>
Operator<T> product(Operator<T> a, Operator<T> b) {
  require(a.cols() == b.rows(),
          "product: " + size_of(a) + " times " + size_of(b) + ": the inner sizes differ");
  return Product<T>{std::move(a), std::move(b)};
}

template <Scalar T>
Operator<T> shifted(Operator<T> a, std::type_identity_t<T> alpha) {
  require(a.rows() == a.cols(), "shifted: " + size_of(a) + " is not square");
  return Shifted<T>{std::move(a), alpha};
}

template <Scalar T>
Operator<T> with_inverse(Operator<T> a, Operator<T> inverse) {
  require(a.rows() == a.cols() && inverse.rows() == a.rows() && inverse.cols() == a.cols(),
          "with_inverse: a square matrix has an inverse of its size, not " + size_of(a) +
              " one of " + size_of(inverse));
  return WithInverse<T>{std::move(a), std::move(inverse)};
}

template <Scalar T>
CallbackOperator<T>::CallbackOperator(Index rows, Index cols, Function apply,
                                      Function apply_adjoint)
    : rows_(rows), cols_(cols), apply_(std::move(apply)), adjoint_(std::move(apply_adjoint)) {
  require(rows >= 0 && cols >= 0, "callback: the size is " + size_text(rows, cols));
  require(apply_ && adjoint_, "callback: a function is empty; both products are needed");
}

#define ECKART_INSTANTIATE(T)                                     \
  template Operator<T> adjoint<T>(Operator<T>);                   \
  template Operator<T> scaled<T>(Operator<T>, T);                 \
  template Operator<T> sum<T>(Operator<T>, Operator<T>);          \
  template Operator<T> product<T>(Operator<T>, Operator<T>);      \
  template Operator<T> shifted<T>(Operator<T>, T);                \
  template Operator<T> with_inverse<T>(Operator<T>, Operator<T>); \
  template class CallbackOperator<T>;
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)

}  // namespace eckart
