#include "dense/sign_rule.hpp"

#include <cmath>
#include <cstdlib>
#include <utility>

namespace eckart::dense {
namespace {

// body(i, j) for all entries in the order in which they lie in memory; within one row, j ascends either way.
template <class T, class Body>
void for_each_entry(MatrixView<T> a, Body body) {
  if (std::abs(a.row_stride()) <= std::abs(a.col_stride())) {
    for (Index j = 0; j < a.cols(); ++j) {
      for (Index i = 0; i < a.rows(); ++i) {
        body(i, j);
      }
    }
  } else {
    for (Index i = 0; i < a.rows(); ++i) {
      for (Index j = 0; j < a.cols(); ++j) {
        body(i, j);
      }
    }
  }
}

}  // namespace

template <Scalar T>
void LargestEntries<T>::see(MatrixView<const T> vh_strip) {
  for_each_entry(vh_strip, [&](Index i, Index j) {
    const auto row = static_cast<std::size_t>(i);
    const T entry = vh_strip(i, j);
    const Real<T> modulus = std::abs(entry);
    if (modulus > modulus_[row]) {
      modulus_[row] = modulus;
      entry_[row] = entry;
    }
  });
}

template <Scalar T>
T LargestEntries<T>::phase(Index j) const {
  // The row holds conj(v): with v_max = conj(entry), v * phase is real and positive for phase = entry / |entry|.
  const T entry = entry_[static_cast<std::size_t>(j)];
  if constexpr (ComplexScalar<T>) {
    const Real<T> modulus = std::abs(entry);
    return modulus > 0 ? entry / modulus : T{1};
  } else {
    return entry < 0 ? T{-1} : T{1};
  }
}

template <Scalar T>
void fix_columns(MatrixView<T> u, const LargestEntries<T>& largest) {
  for (Index j = 0; j < u.cols(); ++j) {
    const T phase = largest.phase(j);
    if (phase != T{1}) {
      for (Index i = 0; i < u.rows(); ++i) {
        u(i, j) *= phase;
      }
    }
  }
}

template <Scalar T>
void fix_rows(MatrixView<T> vh, const LargestEntries<T>& largest) {
  std::vector<T> factor(static_cast<std::size_t>(vh.rows()));
  for (Index i = 0; i < vh.rows(); ++i) {
    factor[static_cast<std::size_t>(i)] = conjugate(largest.phase(i));
  }
  std::vector<char> pending(factor.size(), 1);
  for_each_entry(vh, [&](Index i, Index j) {
    const auto row = static_cast<std::size_t>(i);
    const bool is_largest = pending[row] != 0 && std::abs(vh(i, j)) == largest.modulus(i);
    vh(i, j) *= factor[row];
    if (is_largest) {
      vh(i, j) = T(largest.modulus(i));
      pending[row] = 0;
    }
  });
}

#define ECKART_INSTANTIATE(T)                                         \
  template class LargestEntries<T>;                                   \
  template void fix_columns(MatrixView<T>, const LargestEntries<T>&); \
  template void fix_rows(MatrixView<T>, const LargestEntries<T>&);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)

}  // namespace eckart::dense
