#include "dense/sign_rule.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>

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
void DecisiveEntries<T>::see(MatrixView<const T> vh_strip, Index first_column) {
  for_each_entry(vh_strip, [&](Index i, Index j) {
    std::vector<Record>& row = records_[static_cast<std::size_t>(i)];
    const T entry = vh_strip(i, j);
    const Real<T> modulus = std::abs(entry);
    if (row.empty() || modulus > row.back().modulus) {
      const Real<T> bound = modulus * (1 - tie_tolerance<T>);
      row.erase(row.begin(), std::find_if(row.begin(), row.end(), [&](const Record& earlier) {
                  return earlier.modulus >= bound;
                }));
      row.push_back({modulus, entry, first_column + j});
    }
  });
}

template <Scalar T>
T DecisiveEntries<T>::phase(Index j) const {
  // The row holds conj(v): with v_max = conj(entry), v * phase is real and positive for phase = entry / |entry|.
  const Record& record = decisive(j);
  if constexpr (ComplexScalar<T>) {
    return record.modulus > 0 ? record.entry / record.modulus : T{1};
  } else {
    return record.entry < 0 ? T{-1} : T{1};
  }
}

template <Scalar T>
void fix_columns(MatrixView<T> u, const DecisiveEntries<T>& decisive) {
  for (Index j = 0; j < u.cols(); ++j) {
    const T phase = decisive.phase(j);
    if (phase != T{1}) {
      for (Index i = 0; i < u.rows(); ++i) {
        u(i, j) *= phase;
      }
    }
  }
}

template <Scalar T>
void fix_rows(MatrixView<T> vh, const DecisiveEntries<T>& decisive) {
  std::vector<T> factor(static_cast<std::size_t>(vh.rows()));
  for (Index i = 0; i < vh.rows(); ++i) {
    factor[static_cast<std::size_t>(i)] = conjugate(decisive.phase(i));
  }
  for_each_entry(vh, [&](Index i, Index j) { vh(i, j) *= factor[static_cast<std::size_t>(i)]; });
  for (Index i = 0; i < vh.rows(); ++i) {
    vh(i, decisive.column(i)) = T(decisive.modulus(i));
  }
}

#define ECKART_INSTANTIATE(T)                                          \
  template class DecisiveEntries<T>;                                   \
  template void fix_columns(MatrixView<T>, const DecisiveEntries<T>&); \
  template void fix_rows(MatrixView<T>, const DecisiveEntries<T>&);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)

}  // namespace eckart::dense
