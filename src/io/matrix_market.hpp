#pragma once

// Matrix Market files as triplets: what sparse operators are built from. matrix_market.cpp has the
// format and the dense reader.

#include <eckart/io.hpp>

#include "io/input.hpp"

namespace eckart::io {

/// The entries that the file lists, with the other triangle of a symmetric, skew-symmetric or
/// Hermitian file written out; an array file gives all its entries. Memory: 24 bytes an entry (32
/// when complex), at most 8 times the file. Throws FormatError.
[[nodiscard]] AnyTriplets read_triplets(const Input& input);

}  // namespace eckart::io
