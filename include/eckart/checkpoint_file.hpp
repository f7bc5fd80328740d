#pragma once

// The state of an iteration for leading triplets (truncated_state.hpp) in an npz file, written to a temporary file and renamed: a member
// a field, named as it is there, and `eckart_truncated`, the version. Stored without compression, to be written within a moment.

#include <string>

#include <eckart/truncated_state.hpp>

namespace eckart::io {

/// Throws FileError, or InvalidArgument where the path is no npz file.
template <Scalar T>
void save_checkpoint(const std::string& path, const TruncatedState<T>& state);

/// Throws FileError, or FormatError for a file that holds no state of this type: damaged, cut short, or something else. Whether the state
/// fits a matrix is seen by truncated_svd().
template <Scalar T>
[[nodiscard]] TruncatedState<T> load_checkpoint(const std::string& path);

}  // namespace eckart::io
