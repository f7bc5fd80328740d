#pragma once

// The integer of the BLAS that was chosen (LP64: 32 bits, ILP64: 64), and the only way to make one
// from an Index. A size that does not fit throws SizeLimit; it is never cut.

#include <cstdint>
#include <string>
#include <type_traits>

#include <eckart/error.hpp>
#include <eckart/types.hpp>

#include "eckart_blas_config.h"

namespace eckart::blas {

using BlasInt = std::conditional_t<ECKART_BLAS_INTEGER == 64, std::int64_t, std::int32_t>;

/// `value` as Int; `what` names it in the error.
template <class Int = BlasInt>
[[nodiscard]] Int narrow(Index value, const char* what) {
  const auto narrowed = static_cast<Int>(value);
  if (Index{narrowed} != value) {
    throw SizeLimit(
        std::string(what) + " = " + std::to_string(value) + " does not fit the " +
        std::to_string(8 * sizeof(Int)) +
        "-bit integers of this BLAS; build Eckart with a 64-bit one (ECKART_BLAS=openblas)");
  }
  return narrowed;
}

}  // namespace eckart::blas
