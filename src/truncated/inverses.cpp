#include "truncated/inverses.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "blas/gemm.hpp"
#include "blas/lapack.hpp"
#include "dense/columns.hpp"
#include "dense/reduction/qr.hpp"
#include "dense/scale.hpp"
#include "truncated/orthogonalize.hpp"
#include "truncated/power.hpp"

namespace eckart::truncated {

// The largest entry is taken out first, for lengths may be beyond the type.
template <Scalar T>
void normalize_columns(MatrixView<T> x) {
  using R = Real<T>;
  for (Index j = 0; j < x.cols(); ++j) {
    R largest = 0;
    for (Index i = 0; i < x.rows(); ++i) {
      largest = std::max(largest, R(std::abs(x(i, j))));
    }
    if (!(largest > 0) || !std::isfinite(largest)) {
      continue;
    }
    dense::scale_by_power<T>(x.columns(j, 1), dense::scale_exponent<R>(largest));
    double sum = 0;
    for (Index i = 0; i < x.rows(); ++i) {
      sum += double{std::norm(x(i, j))};
    }
    const R factor = static_cast<R>(1 / std::sqrt(sum));
    for (Index i = 0; i < x.rows(); ++i) {
      x(i, j) *= factor;
    }
  }
}

namespace {

using blas::Op;
using blas::Side;

constexpr std::uint64_t bytes_of(std::uint64_t entry, Index rows, Index cols) {
  return entry * static_cast<std::uint64_t>(rows) * static_cast<std::uint64_t>(cols);
}

// w = B^H v,  v' = B w. A small part of w in the direction of a zero of A would be all of v', so w is made orthonormal between.
template <Scalar T>
void there_and_back(const Inverse<T>& b, const Execution& execution, MatrixView<const T> v,
                    MatrixView<T> w, MatrixView<T> v_next) {
  b.apply(execution, v, w, true);
  normalize_columns(w);
  make_orthonormal<T>(execution, w, Random(7, 7));
  b.apply(execution, w, v_next, false);
  normalize_columns(v_next);
}

template <Scalar T>
void solve_triangle(MatrixView<const T> r, MatrixView<const T> x, MatrixView<T> y, bool adjoint) {
  dense::copy_columns<const T, T>(x, y);
  blas::trsm<T>(Side::left, adjoint ? Op::adjoint : Op::none, r, y);
}

template <Scalar T>
class Triangle final : public Inverse<T> {
 public:
  Triangle(Matrix<T>&& a, std::vector<T> tau) : a_(std::move(a)), tau_(std::move(tau)) {}

  [[nodiscard]] Index size() const override { return a_.cols(); }
  void apply(const Execution&, MatrixView<const T> x, MatrixView<T> y,
             bool adjoint) const override {
    solve_triangle<T>(a_.view().top_rows(size()), x, y, adjoint);
  }
  void step(const Execution& execution, MatrixView<const T> v, MatrixView<T> u,
            MatrixView<T> v_next) const override {
    const MatrixView<T> w = u.top_rows(size());
    there_and_back<T>(*this, execution, v, w, v_next);
    dense::clear_rows_from(u, size());
    Workspace work(dense::apply_memory<T>(u.cols()));
    dense::apply_q<T>(execution, Op::none, a_.view(), std::span<const T>(tau_), u, work);
  }
  [[nodiscard]] OperatorCost cost() const override {
    const auto n = static_cast<double>(size());
    return {.flops = flops_of<T>(n * n / 2), .bytes = sizeof(T) * n * n / 2};
  }
  [[nodiscard]] std::uint64_t bytes() const override {
    return bytes_of(sizeof(T), a_.rows(), a_.cols());
  }
  [[nodiscard]] std::string description() const override { return "R^-1, A = Q R"; }

 private:
  Matrix<T> a_;
  std::vector<T> tau_;
};

template <Scalar T>
class Lu final : public Inverse<T> {
 public:
  explicit Lu(SparseLu<T> lu) : lu_(std::move(lu)) {}
  [[nodiscard]] Index size() const override { return lu_.rows(); }
  void apply(const Execution&, MatrixView<const T> x, MatrixView<T> y,
             bool adjoint) const override {
    lu_.solve(x, y, adjoint);
  }
  void step(const Execution& execution, MatrixView<const T> v, MatrixView<T> u,
            MatrixView<T> v_next) const override {
    there_and_back<T>(*this, execution, v, u, v_next);
  }
  [[nodiscard]] OperatorCost cost() const override {
    const auto entries = static_cast<double>(lu_.entries());
    return {.flops = flops_of<T>(entries), .bytes = 2 * sizeof(T) * entries};
  }
  [[nodiscard]] std::uint64_t bytes() const override { return lu_.bytes(); }
  [[nodiscard]] std::string description() const override {
    return "A^-1, sparse L U, " + std::to_string(lu_.entries()) + " entries";
  }

 private:
  SparseLu<T> lu_;
};

template <Scalar T>
class AugmentedLu final : public Inverse<T> {
 public:
  AugmentedLu(SparseLu<T> lu, Index m) : lu_(std::move(lu)), m_(m) {}
  [[nodiscard]] Index size() const override { return lu_.rows() - m_; }
  void apply(const Execution&, MatrixView<const T> x, MatrixView<T> y, bool) const override {
    const Matrix<T> pq = solved(x);
    dense::copy_columns<const T, T>(pq.view().block(m_, 0, size(), x.cols()), y);
  }
  void step(const Execution&, MatrixView<const T> v, MatrixView<T> u,
            MatrixView<T> v_next) const override {
    const Matrix<T> pq = solved(v);
    dense::copy_columns<const T, T>(pq.view().top_rows(m_), u);
    dense::copy_columns<const T, T>(pq.view().block(m_, 0, size(), v.cols()), v_next);
    normalize_columns(u);
    normalize_columns(v_next);
  }
  bool turn_to_left_zeros(const Execution&, MatrixView<T> u) const override {
    Matrix<T> b(lu_.rows(), u.cols()), pq = Matrix<T>::uninitialized(lu_.rows(), u.cols());
    dense::copy_columns<T, T>(u, b.view().top_rows(m_));
    lu_.solve(b.view(), pq.view(), false);
    dense::copy_columns<T, T>(pq.view().top_rows(m_), u);
    normalize_columns(u);
    return true;
  }
  [[nodiscard]] OperatorCost cost() const override {
    const auto entries = static_cast<double>(lu_.entries());
    return {.flops = flops_of<T>(entries), .bytes = 2 * sizeof(T) * entries};
  }
  [[nodiscard]] std::uint64_t bytes() const override { return lu_.bytes(); }
  [[nodiscard]] std::string description() const override {
    return "sparse L U of the augmented matrix, " + std::to_string(lu_.entries()) + " entries";
  }

 private:
  [[nodiscard]] Matrix<T> solved(MatrixView<const T> x) const {
    Matrix<T> b(lu_.rows(), x.cols()), pq = Matrix<T>::uninitialized(lu_.rows(), x.cols());
    dense::copy_columns<const T, T>(x, b.view().block(m_, 0, size(), x.cols()));
    lu_.solve(b.view(), pq.view(), false);
    return pq;
  }

  SparseLu<T> lu_;
  Index m_;
};

template <Scalar T>
class Given final : public Inverse<T> {
 public:
  explicit Given(Operator<T> inverse) : b_(std::move(inverse)) {}
  [[nodiscard]] Index size() const override { return b_.rows(); }
  void apply(const Execution& execution, MatrixView<const T> x, MatrixView<T> y,
             bool adjoint) const override {
    adjoint ? b_.apply_adjoint(execution, x, y) : b_.apply(execution, x, y);
  }
  void step(const Execution& execution, MatrixView<const T> v, MatrixView<T> u,
            MatrixView<T> v_next) const override {
    there_and_back<T>(*this, execution, v, u, v_next);
  }
  [[nodiscard]] OperatorCost cost() const override { return b_.cost(); }
  [[nodiscard]] std::uint64_t bytes() const override { return 0; }
  [[nodiscard]] std::string description() const override { return "the inverse that was given"; }

 private:
  Operator<T> b_;
};

template <Scalar T>
class Folded final : public Inverse<T> {
 public:
  Folded(Operator<T> a, int exponent, double t) : a_(std::move(a)), exponent_(exponent), t_(t) {}
  [[nodiscard]] Index size() const override { return a_.cols(); }
  void apply(const Execution& execution, MatrixView<const T> x, MatrixView<T> y,
             bool) const override {
    if (power_for_vectors<Real<T>>(exponent_) == 0) {
      Matrix<T> ax =
          Matrix<T>::uninitialized(a_.rows(), a_.goes_back_in_one_pass(false) ? 0 : x.cols());
      a_.apply_and_back(execution, false, std::ldexp(Real<T>{1}, exponent_), x, ax.view(), y);
      dense::scale_by_power<T>(y, exponent_);
    } else {
      Matrix<T> ax = Matrix<T>::uninitialized(a_.rows(), x.cols());
      image(execution, x, ax.view());
      const int power = power_for_vectors<Real<T>>(exponent_);
      with_power<T>(execution, MatrixView<const T>(ax.view()), power,
                    [&](MatrixView<const T> from) { a_.apply_adjoint(execution, from, y); });
      dense::scale_by_power<T>(y, exponent_ - power);
    }
    const auto factor = static_cast<Real<T>>(1 / t_);
    for (Index j = 0; j < y.cols(); ++j) {
      for (Index i = 0; i < y.rows(); ++i) {
        y(i, j) = x(i, j) - factor * y(i, j);
      }
    }
  }
  void step(const Execution& execution, MatrixView<const T> v, MatrixView<T> u,
            MatrixView<T> v_next) const override {
    dense::copy_columns<const T, T>(v, v_next);
    image(execution, v, u);
    normalize_columns(u);
  }
  [[nodiscard]] OperatorCost cost() const override {
    const OperatorCost one = a_.cost();
    return {.flops = 2 * one.flops, .bytes = 2 * one.bytes, .reading = 2 * one.reading};
  }
  [[nodiscard]] std::uint64_t bytes() const override { return 0; }
  [[nodiscard]] std::string description() const override { return "I - A^H A / t, by products"; }

 private:
  void image(const Execution& execution, MatrixView<const T> x, MatrixView<T> y) const {
    const int power = power_for_vectors<Real<T>>(exponent_);
    with_power<T>(execution, x, power,
                  [&](MatrixView<const T> from) { a_.apply(execution, from, y); });
    dense::scale_by_power<T>(y, exponent_ - power);
  }

  Operator<T> a_;
  int exponent_;
  double t_;
};

}  // namespace

template <Scalar T>
std::unique_ptr<Inverse<T>> inverse_by_qr(const Execution& execution, Matrix<T>&& a) {
  using R = Real<T>;
  const Index n = a.cols();
  std::vector<T> tau(static_cast<std::size_t>(n));
  Workspace work(dense::qr_memory<T>(a.rows(), n, 0));
  dense::qr_factor<T>(execution, a.view(), std::span<T>(tau), 0, work);
  R largest = 0;
  for (Index j = 0; j < n; ++j) {
    largest = std::max(largest, std::abs(a(j, j)));
  }
  const R least = epsilon<T> * largest;
  for (Index j = 0; j < n; ++j) {
    if (!(std::abs(a(j, j)) >= least)) {
      a(j, j) = T(least);
    }
  }
  return std::make_unique<Triangle<T>>(std::move(a), std::move(tau));
}

template <Scalar T>
std::unique_ptr<Inverse<T>> inverse_by_lu(SparseLu<T> lu) {
  return std::make_unique<Lu<T>>(std::move(lu));
}

template <Scalar T>
std::unique_ptr<Inverse<T>> inverse_by_augmented_lu(SparseLu<T> lu, Index m) {
  return std::make_unique<AugmentedLu<T>>(std::move(lu), m);
}

template <Scalar T>
std::unique_ptr<Inverse<T>> inverse_as_given(const Operator<T>& inverse) {
  return std::make_unique<Given<T>>(inverse);
}

template <Scalar T>
std::unique_ptr<Inverse<T>> folded(const Operator<T>& a, int exponent, double t) {
  return std::make_unique<Folded<T>>(a, exponent, t);
}

#define ECKART_INSTANTIATE(T)                                                           \
  template void normalize_columns<T>(MatrixView<T>);                                    \
  template std::unique_ptr<Inverse<T>> inverse_by_qr<T>(const Execution&, Matrix<T>&&); \
  template std::unique_ptr<Inverse<T>> inverse_by_lu<T>(SparseLu<T>);                   \
  template std::unique_ptr<Inverse<T>> inverse_by_augmented_lu<T>(SparseLu<T>, Index);  \
  template std::unique_ptr<Inverse<T>> inverse_as_given<T>(const Operator<T>&);         \
  template std::unique_ptr<Inverse<T>> folded<T>(const Operator<T>&, int, double);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)

}  // namespace eckart::truncated
