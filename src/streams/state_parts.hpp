#pragma once

// What the states of all streams have in common: version, kind, type of the entries; and a sum of squares as numbers.

#include <string>

#include <eckart/stream_state.hpp>
#include <eckart/types.hpp>

#include "core/sums.hpp"

namespace eckart::streams {

/// A state of a later version is refused; those of earlier ones will be read.
inline constexpr Index state_version = 1;

/// Begins a state of a stream whose entries are of type T.
template <Scalar T>
[[nodiscard]] StreamState begin_state(StreamKind kind);

/// Throws InvalidArgument unless the state belongs to such a stream.
template <Scalar T>
void require_state(const StreamState& state, StreamKind kind);

void put_sum(StreamState& state, const std::string& name, const core::SumOfSquares& sum);
[[nodiscard]] core::SumOfSquares sum_of(const StreamState& state, const std::string& name);

/// A number that is finite and at least 0.
[[nodiscard]] double magnitude_of(const StreamState& state, const std::string& name);

}  // namespace eckart::streams
