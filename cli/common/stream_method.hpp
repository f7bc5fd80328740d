#pragma once

// What `eckart stream` does with rows of any of the four types: frequent directions, behind a face that other methods can have too.

#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include <eckart/matrix.hpp>
#include <eckart/stream_state.hpp>
#include <eckart/workspace.hpp>

namespace eckart::cli {

/// A figure of a result: its name for programs and for people, and an interval, or one number twice.
struct StreamFigure {
  const char* key;
  const char* label;
  double least, most;
  const char* sureness;
};

/// What a method says of the rows so far.
template <Scalar T>
struct StreamResult {
  std::vector<double> values;
  Matrix<T> Vh;
  std::vector<double> at_least, at_most;  // of each value
  double frobenius_norm = 0;
  std::vector<StreamFigure> figures;
};

struct StreamSettings {
  Index rank = 10;
  Index sketch_rows = 0;  // 0: as the method does
  int threads = 0;
  std::stop_token stop = {};
};

template <Scalar T>
class StreamMethod {
 public:
  virtual ~StreamMethod() = default;
  virtual void append(MatrixView<const T> rows) = 0;
  [[nodiscard]] virtual Index rows() const = 0;
  [[nodiscard]] virtual Index cols() const = 0;
  /// Of the rows so far; a stop request does not end it.
  [[nodiscard]] virtual StreamResult<T> result() const = 0;
  [[nodiscard]] virtual StreamState state() const = 0;
};

/// A stream of n columns. Throws InvalidArgument for settings that do not fit n.
template <Scalar T>
[[nodiscard]] std::unique_ptr<StreamMethod<T>> new_stream(Index cols,
                                                          const StreamSettings& settings);

/// Goes on from a state. Throws InvalidArgument where the state makes no sense, or settings that were given are not its own.
template <Scalar T>
[[nodiscard]] std::unique_ptr<StreamMethod<T>> resumed_stream(const StreamState& state,
                                                              const StreamSettings& settings);

/// What a stream of n columns takes.
template <Scalar T>
[[nodiscard]] MemoryPlan stream_memory(Index cols, const StreamSettings& settings);

}  // namespace eckart::cli
