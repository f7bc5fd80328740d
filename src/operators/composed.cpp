// Operators made of operators; each struct is one, and its two products are its definition.

#include <algorithm>
#include <cmath>
#include <utility>

#include <eckart/composed.hpp>
#include <eckart/error.hpp>

#include "blas/block_product.hpp"
#include "operators/norm.hpp"

namespace eckart {
namespace {

using blas::Op;

template <class T>
using In = MatrixView<const T>;
template <class T>
using Out = MatrixView<T>;

std::string size_text(Index rows, Index cols) {
  return std::to_string(rows) + " x " + std::to_string(cols);
}

template <Scalar T>
std::string size_of(const Operator<T>& a) {
  return size_text(a.rows(), a.cols());
}

void require(bool holds, const std::string& what) {
  if (!holds) {
    throw InvalidArgument(what);
  }
}

/// y <- y + alpha x.
template <Scalar T>
void add(Out<T> y, T alpha, In<T> x) noexcept {
  for (Index k = 0; k < y.cols(); ++k) {
    for (Index i = 0; i < y.rows(); ++i) {
      y(i, k) += alpha * x(i, k);
    }
  }
}

OperatorCost operator+(const OperatorCost& a, const OperatorCost& b) noexcept {
  return {.flops = a.flops + b.flops, .bytes = a.bytes + b.bytes, .reading = a.reading + b.reading};
}

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
  OperatorCost cost() const { return a.cost(); }
  std::string description() const { return "adjoint of " + a.description(); }
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

// (A - 1 mu^T) x = A x - 1 (mu^T x);   (A - 1 mu^T)^H x = A^H x - conj(mu) (1^T x).
template <Scalar T>
struct Centred {
  Operator<T> a;
  std::vector<T> mu;
  Index rows() const { return a.rows(); }
  Index cols() const { return a.cols(); }
  void apply(const Execution& e, In<T> x, Out<T> y) const {
    a.apply(e, x, y);
    for (Index k = 0; k < y.cols(); ++k) {
      T mean{};
      for (Index j = 0; j < x.rows(); ++j) {
        mean += mu[static_cast<std::size_t>(j)] * x(j, k);
      }
      for (Index i = 0; i < y.rows(); ++i) {
        y(i, k) -= mean;
      }
    }
  }
  void apply_adjoint(const Execution& e, In<T> x, Out<T> y) const {
    a.apply_adjoint(e, x, y);
    for (Index k = 0; k < y.cols(); ++k) {
      T total{};
      for (Index i = 0; i < x.rows(); ++i) {
        total += x(i, k);
      }
      for (Index j = 0; j < y.rows(); ++j) {
        y(j, k) -= conjugate(mu[static_cast<std::size_t>(j)]) * total;
      }
    }
  }
  OperatorCost cost() const { return a.cost(); }
  std::string description() const { return "centred " + a.description(); }
};

// (A + U V^H) x = A x + U (V^H x), V^H with s in its rows.
template <Scalar T>
struct LowRankPlus {
  Operator<T> a;
  std::shared_ptr<const Matrix<T>> u, svh;
  Index rows() const { return a.rows(); }
  Index cols() const { return a.cols(); }
  void apply(const Execution& e, In<T> x, Out<T> y) const {
    a.apply(e, x, y);
    auto inner = Matrix<T>::uninitialized(svh->rows(), x.cols());
    blas::block_product<T>(e, Op::none, *svh, x, false, inner.view());
    blas::block_product<T>(e, Op::none, *u, inner, true, y);
  }
  void apply_adjoint(const Execution& e, In<T> x, Out<T> y) const {
    a.apply_adjoint(e, x, y);
    auto inner = Matrix<T>::uninitialized(u->cols(), x.cols());
    blas::block_product<T>(e, Op::adjoint, *u, x, false, inner.view());
    blas::block_product<T>(e, Op::adjoint, *svh, inner, true, y);
  }
  OperatorCost cost() const {
    const double entries = static_cast<double>(u->cols()) * static_cast<double>(rows() + cols());
    const OperatorCost own{.flops = (ComplexScalar<T> ? 8 : 2) * entries,
                           .bytes = sizeof(T) * entries};
    return a.cost() + own;
  }
  std::string description() const {
    return a.description() + " + rank " + std::to_string(u->cols());
  }
};

// With X of s x q for a vector, column i for block i:  (A x B) vec(X) = vec(B X A^T). B is applied to the q columns of X at once,
// and A to the columns of (B X)^T. One vector at a time: the memory is two blocks of its size.
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

// P_rows^T A P_columns: x is put at the places of its columns, zeros elsewhere, and the listed rows are taken.
template <Scalar T>
struct Masked {
  Operator<T> a;
  std::vector<Index> row, column;
  Index rows() const { return static_cast<Index>(row.size()); }
  Index cols() const { return static_cast<Index>(column.size()); }
  void apply(const Execution& e, In<T> x, Out<T> y) const {
    Matrix<T> whole(a.cols(), x.cols());
    auto result = Matrix<T>::uninitialized(a.rows(), x.cols());
    put(x, column, whole.view());
    a.apply(e, whole, result.view());
    take(result, row, y);
  }
  void apply_adjoint(const Execution& e, In<T> x, Out<T> y) const {
    Matrix<T> whole(a.rows(), x.cols());
    auto result = Matrix<T>::uninitialized(a.cols(), x.cols());
    put(x, row, whole.view());
    a.apply_adjoint(e, whole, result.view());
    take(result, column, y);
  }
  OperatorCost cost() const { return a.cost(); }
  std::string description() const { return size_text(rows(), cols()) + " of " + a.description(); }

  static void put(In<T> x, const std::vector<Index>& places, Out<T> whole) noexcept {
    for (Index k = 0; k < x.cols(); ++k) {
      for (Index i = 0; i < x.rows(); ++i) {
        whole(places[static_cast<std::size_t>(i)], k) = x(i, k);
      }
    }
  }
  static void take(In<T> whole, const std::vector<Index>& places, Out<T> y) noexcept {
    for (Index k = 0; k < y.cols(); ++k) {
      for (Index i = 0; i < y.rows(); ++i) {
        y(i, k) = whole(places[static_cast<std::size_t>(i)], k);
      }
    }
  }
};

void check_places(std::span<const Index> places, Index bound, const std::string& name) {
  std::vector<bool> seen(static_cast<std::size_t>(bound));
  for (const Index place : places) {
    require(place >= 0 && place < bound, "masked: " + name + " " + std::to_string(place) +
                                             " is outside 0 ... " + std::to_string(bound - 1));
    require(!seen[static_cast<std::size_t>(place)],
            "masked: " + name + " " + std::to_string(place) + " is listed twice");
    seen[static_cast<std::size_t>(place)] = true;
  }
}

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
Operator<T> centred(Operator<T> a, std::span<const std::type_identity_t<T>> means) {
  require(static_cast<Index>(means.size()) == a.cols(),
          "centred: " + std::to_string(means.size()) + " means for the columns of " + size_of(a));
  return Centred<T>{std::move(a), {means.begin(), means.end()}};
}

template <Scalar T>
std::vector<T> column_means(const Operator<T>& a, const Execution& execution) {
  const Index m = a.rows();
  auto ones = Matrix<T>::uninitialized(m, 1);
  std::fill_n(ones.data(), m, T{1});
  std::vector<T> means(static_cast<std::size_t>(a.cols()));
  a.apply_adjoint(execution, ones, MatrixView<T>(means.data(), a.cols(), 1));
  for (T& mean : means) {
    mean = m == 0 ? T{0} : conjugate(mean) / static_cast<Real<T>>(m);
  }
  return means;
}

template <Scalar T>
Operator<T> low_rank_plus(Operator<T> a, std::type_identity_t<MatrixView<const T>> u,
                          std::span<const std::type_identity_t<Real<T>>> s,
                          std::type_identity_t<MatrixView<const T>> vh) {
  const auto k = static_cast<Index>(s.size());
  require(u.rows() == a.rows() && u.cols() == k && vh.rows() == k && vh.cols() == a.cols(),
          "low_rank_plus: U " + size_text(u.rows(), u.cols()) + ", " + std::to_string(k) +
              " values and Vh " + size_text(vh.rows(), vh.cols()) + " do not fit " + size_of(a));
  Matrix<T> svh(vh);
  for (Index j = 0; j < svh.cols(); ++j) {
    for (Index i = 0; i < k; ++i) {
      svh(i, j) *= s[static_cast<std::size_t>(i)];
    }
  }
  return LowRankPlus<T>{std::move(a), std::make_shared<const Matrix<T>>(u),
                        std::make_shared<const Matrix<T>>(std::move(svh))};
}

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

template <Scalar T>
Operator<T> masked(Operator<T> a, std::span<const Index> rows, std::span<const Index> columns) {
  check_places(rows, a.rows(), "row");
  check_places(columns, a.cols(), "column");
  return Masked<T>{std::move(a), {rows.begin(), rows.end()}, {columns.begin(), columns.end()}};
}

template <Scalar T>
CallbackOperator<T>::CallbackOperator(Index rows, Index cols, Function apply,
                                      Function apply_adjoint)
    : rows_(rows), cols_(cols), apply_(std::move(apply)), adjoint_(std::move(apply_adjoint)) {
  require(rows >= 0 && cols >= 0, "callback: the size is " + size_text(rows, cols));
  require(apply_ && adjoint_, "callback: a function is empty; both products are needed");
}

#define ECKART_INSTANTIATE(T)                                                                  \
  template Operator<T> adjoint<T>(Operator<T>);                                                \
  template Operator<T> scaled<T>(Operator<T>, T);                                              \
  template Operator<T> sum<T>(Operator<T>, Operator<T>);                                       \
  template Operator<T> product<T>(Operator<T>, Operator<T>);                                   \
  template Operator<T> shifted<T>(Operator<T>, T);                                             \
  template Operator<T> centred<T>(Operator<T>, std::span<const T>);                            \
  template std::vector<T> column_means<T>(const Operator<T>&, const Execution&);               \
  template Operator<T> low_rank_plus<T>(Operator<T>, MatrixView<const T>,                      \
                                        std::span<const Real<T>>, MatrixView<const T>);        \
  template Operator<T> kronecker<T>(Operator<T>, Operator<T>);                                 \
  template Operator<T> masked<T>(Operator<T>, std::span<const Index>, std::span<const Index>); \
  template class CallbackOperator<T>;
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)

}  // namespace eckart
