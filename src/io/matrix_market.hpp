#pragma once

// Matrix Market files as triplets: what sparse operators are built from. matrix_market.cpp has the
// format and the dense reader.

#include <variant>
#include <vector>

#include <eckart/io.hpp>

#include "io/input.hpp"

namespace eckart::io {

/// Entry (row[k], col[k]), counted from 0, is value[k]; entries named twice are summed by whoever
/// assembles them.
template <Scalar T>
struct Triplets {
  Index rows = 0, cols = 0;
  std::vector<Index> row, col;
  std::vector<T> value;
};

using AnyTriplets = std::variant<Triplets<double>, Triplets<std::complex<double>>>;

/// The entries that the file lists, with the other triangle of a symmetric, skew-symmetric or
/// Hermitian file written out; an array file gives all its entries. Memory: 24 bytes an entry (32
/// when complex), at most 8 times the file. Throws FormatError.
[[nodiscard]] AnyTriplets read_triplets(const Input& input);

}  // namespace eckart::io
