#pragma once

// What a product with a file costs, known from its size.

#include <cstdint>

#include <eckart/operator.hpp>

#include "io/memory.hpp"

namespace eckart::outofcore {

// What a processor computes while a file gives one byte, in flops of double precision: 2 GB/s of a disk, and 10 GB/s of the system's
// cache, beside two cores of 20 Gflop/s; in single precision twice as many. Far off for a hard disk (more), where the choice that rests
// on it costs time but nothing else.
inline constexpr double flops_per_byte = 20, flops_per_cached_byte = 4;

/// A file of so many bytes is not found in the system's cache again after a pass.
[[nodiscard]] inline bool is_too_large_to_stay(std::uint64_t bytes) {
  return bytes > io::physical_memory() / 2;
}

/// For each vector that A, rows x cols in so many bytes, is applied to.
template <Scalar T>
[[nodiscard]] OperatorCost file_cost(Index rows, Index cols, std::uint64_t bytes, bool is_cached) {
  constexpr double speed = sizeof(double) / sizeof(Real<T>);
  const auto read = static_cast<double>(bytes);
  return {
      .flops = (ComplexScalar<T> ? 8 : 2) * static_cast<double>(rows) * static_cast<double>(cols),
      .bytes = read,
      .reading = speed * (is_cached ? flops_per_cached_byte : flops_per_byte) * read};
}

}  // namespace eckart::outofcore
