#include "dense/sign_rule.hpp"

#include <algorithm>
#include <cmath>

namespace eckart::dense {
namespace {

// The number of modulus 1 that turns `entry` into |entry|.
template <Scalar T>
T phase_of(const T& entry, Real<T> modulus) {
  if constexpr (ComplexScalar<T>) {
    return modulus > 0 ? std::conj(entry) / modulus : T{1};
  } else {
    return entry < 0 ? T{-1} : T{1};
  }
}

// |x|^2: of entries of unit vectors, whose squares neither overflow nor matter when they vanish, it orders as |x| does.
template <Scalar T>
Real<T> square(const T& x) {
  if constexpr (ComplexScalar<T>) {
    return x.real() * x.real() + x.imag() * x.imag();
  } else {
    return x * x;
  }
}

// The product without the care for infinity that operator* takes.
template <Scalar T>
T product(const T& x, const T& y) {
  if constexpr (ComplexScalar<T>) {
    return {x.real() * y.real() - x.imag() * y.imag(), x.real() * y.imag() + x.imag() * y.real()};
  } else {
    return x * y;
  }
}

}  // namespace

template <Scalar T>
std::vector<DecisiveEntry<T>> fix_signs(MatrixView<T> v) {
  std::vector<DecisiveEntry<T>> decisive(static_cast<std::size_t>(v.cols()));
  for (Index j = 0; j < v.cols(); ++j) {
    Real<T> largest = 0;
    for (Index i = 0; i < v.rows(); ++i) {
      largest = std::max(largest, square(v(i, j)));
    }
    const Real<T> bound = largest * (1 - tie_tolerance<T>)*(1 - tie_tolerance<T>);
    Index first = 0;
    while (first + 1 < v.rows() && !(square(v(first, j)) >= bound)) {
      ++first;
    }
    const Real<T> modulus = std::abs(v(first, j));
    decisive[static_cast<std::size_t>(j)] = {first, modulus, phase_of(v(first, j), modulus)};
  }
  apply_phases(v, decisive);
  for (Index j = 0; j < v.cols(); ++j) {
    const DecisiveEntry<T>& entry = decisive[static_cast<std::size_t>(j)];
    v(entry.index, j) = T(entry.modulus);
  }
  return decisive;
}

template <Scalar T>
void DecisiveEntriesOfStrips<T>::see(MatrixView<const T> vh_strip, Index first_column) {
  for (Index j = 0; j < vh_strip.cols(); ++j) {
    for (Index i = 0; i < vh_strip.rows(); ++i) {
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
    }
  }
}

template <Scalar T>
std::vector<DecisiveEntry<T>> DecisiveEntriesOfStrips<T>::entries() const {
  std::vector<DecisiveEntry<T>> decisive;
  decisive.reserve(records_.size());
  for (const auto& row : records_) {
    const Record& first = row.front();
    decisive.push_back(
        {first.column, first.modulus, phase_of(conjugate(first.entry), first.modulus)});
  }
  return decisive;
}

template <Scalar T>
void apply_phases(MatrixView<T> x, const std::vector<DecisiveEntry<T>>& decisive) {
  for (Index j = 0; j < x.cols(); ++j) {
    const T phase = decisive[static_cast<std::size_t>(j)].phase;
    if (phase != T{1}) {
      for (Index i = 0; i < x.rows(); ++i) {
        x(i, j) = product(x(i, j), phase);
      }
    }
  }
}

#define ECKART_INSTANTIATE(T)                                      \
  template std::vector<DecisiveEntry<T>> fix_signs(MatrixView<T>); \
  template class DecisiveEntriesOfStrips<T>;                       \
  template void apply_phases(MatrixView<T>, const std::vector<DecisiveEntry<T>>&);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)

}  // namespace eckart::dense
