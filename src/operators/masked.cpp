// Rows and columns of a matrix, P_rows^T A P_columns: x is put at the places of its columns, zeros elsewhere, and the listed rows are
// taken.

#include <utility>
#include <vector>

#include "operators/composition.hpp"

namespace eckart {
namespace {

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
Operator<T> masked(Operator<T> a, std::span<const Index> rows, std::span<const Index> columns) {
  check_places(rows, a.rows(), "row");
  check_places(columns, a.cols(), "column");
  return Masked<T>{std::move(a), {rows.begin(), rows.end()}, {columns.begin(), columns.end()}};
}

#define ECKART_INSTANTIATE(T) \
  template Operator<T> masked<T>(Operator<T>, std::span<const Index>, std::span<const Index>);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)

}  // namespace eckart
