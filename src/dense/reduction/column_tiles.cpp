#include "dense/reduction/column_tiles.hpp"

namespace eckart::dense {
namespace {

// Rows that are copied before the next: a cache line or two of each column.
constexpr Index block = 16;

}  // namespace

template <Scalar T>
void copy_to_tile(MatrixView<const T> c, Index width, Real<T>* tile) {
  constexpr Index parts = Strips<T>::parts;
  const Index n = c.rows();
  for (Index begin = 0; begin < n; begin += block) {
    const Index end = std::min(n, begin + block);
    for (Index j = 0; j < c.cols(); ++j) {
      const T* const column = c.col(j);
      for (Index i = begin; i < end; ++i) {
        Real<T>* const to = tile + i * parts * width + j;
        if constexpr (parts == 2) {
          to[0] = column[i].real();
          to[width] = column[i].imag();
        } else {
          to[0] = column[i];
        }
      }
    }
    for (Index i = parts * begin; i < parts * end; ++i) {
      std::fill(tile + i * width + c.cols(), tile + (i + 1) * width, Real<T>{0});
    }
  }
  std::fill_n(tile + n * parts * width, Strips<T>::spare_rows * parts * width, Real<T>{0});
}

template <Scalar T>
void copy_from_tile(const Real<T>* tile, Index width, MatrixView<T> c) {
  constexpr Index parts = Strips<T>::parts;
  const Index n = c.rows();
  for (Index begin = 0; begin < n; begin += block) {
    const Index end = std::min(n, begin + block);
    for (Index j = 0; j < c.cols(); ++j) {
      T* const column = c.col(j);
      for (Index i = begin; i < end; ++i) {
        const Real<T>* const from = tile + i * parts * width + j;
        if constexpr (parts == 2) {
          column[i] = {from[0], from[width]};
        } else {
          column[i] = from[0];
        }
      }
    }
  }
}

#define ECKART_INSTANTIATE(T)                                          \
  template void copy_to_tile<T>(MatrixView<const T>, Index, Real<T>*); \
  template void copy_from_tile<T>(const Real<T>*, Index, MatrixView<T>);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)

}  // namespace eckart::dense
