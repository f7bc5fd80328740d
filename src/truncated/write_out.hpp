#pragma once

// The entries of an operator as a dense matrix.

#include <eckart/execution.hpp>
#include <eckart/operator.hpp>

namespace eckart::truncated {

/// 2^exponent A, or A^H where `adjoint`, column-major: a copy of its entries where they are in memory, else products with the unit vectors, a
/// strip at a time, whose number is added to `products`. Throws NonFinite, or Error of that kind.
template <Scalar T>
[[nodiscard]] Matrix<T> written_out(const Execution& execution, const Operator<T>& a, bool adjoint,
                                    int exponent, Index& products);

}  // namespace eckart::truncated
