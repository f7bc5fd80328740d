#pragma once

// How much memory a matrix in a file may take, asked before any is taken.

#include <cstdint>
#include <string>

#include <eckart/types.hpp>

namespace eckart::io {

/// Bytes of memory that the machine has; what its system says.
[[nodiscard]] std::uint64_t physical_memory() noexcept;

/// Throws SizeLimit when rows * cols entries of `entry_size` bytes overflow, and OutOfMemory when
/// they exceed `max_bytes` (0: the machine's memory). Returns the bytes. `name` is the file, for
/// the message.
std::uint64_t require_memory(const std::string& name, Index rows, Index cols,
                             std::size_t entry_size, std::uint64_t max_bytes);

/// The same for what compressed rows or columns of a sparse matrix take however few entries it has: a file of some bytes can ask
/// for any number of empty rows.
void require_memory_of_lines(const std::string& name, Index rows, Index cols,
                             std::uint64_t max_bytes);

}  // namespace eckart::io
