// Every row less the same row:
//
//   (A - 1 mu^T) x = A x - 1 (mu^T x)      (A - 1 mu^T)^H x = A^H x - conj(mu) (1^T x)

#include <algorithm>
#include <utility>
#include <vector>

#include "operators/composition.hpp"

namespace eckart {
namespace {

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

}  // namespace

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

#define ECKART_INSTANTIATE(T)                                       \
  template Operator<T> centred<T>(Operator<T>, std::span<const T>); \
  template std::vector<T> column_means<T>(const Operator<T>&, const Execution&);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)

}  // namespace eckart
