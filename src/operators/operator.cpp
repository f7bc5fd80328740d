#include <string>

#include <eckart/error.hpp>
#include <eckart/operator.hpp>

namespace eckart {

template <Scalar T>
void Operator<T>::check(MatrixView<const T> x, Index x_rows, MatrixView<T> y, Index y_rows) {
  const auto text = [](Index rows, Index cols) {
    return std::to_string(rows) + " x " + std::to_string(cols);
  };
  if (x.rows() != x_rows || y.rows() != y_rows || x.cols() != y.cols()) {
    throw InvalidArgument("operator: a block of " + text(x.rows(), x.cols()) + " into one of " +
                          text(y.rows(), y.cols()) + ", where " + std::to_string(x_rows) +
                          " rows go to " + std::to_string(y_rows));
  }
  if (!(x.is_column_major() || x.empty()) || !(y.is_column_major() || y.empty())) {
    throw InvalidArgument("operator: the columns of a block are contiguous");
  }
}

template class Operator<float>;
template class Operator<double>;
template class Operator<std::complex<float>>;
template class Operator<std::complex<double>>;

}  // namespace eckart
