#pragma once

// A method of `eckart stream`: rows go in, values with their bounds come out, and all of it is a state at any time.
//
//   frequent directions    stream_directions.cpp      V alone, certain bounds, fixed memory
//   single-pass sketch     stream_sketch.cpp          U too, bounds of a chosen probability; grows with the rows
//   incremental            stream_incremental.cpp     U where it is asked for, certain bounds, forgetting

#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include <eckart/error.hpp>
#include <eckart/matrix.hpp>
#include <eckart/stream_state.hpp>
#include <eckart/svd.hpp>
#include <eckart/workspace.hpp>

namespace eckart::cli {

struct StreamSettings {
  StreamKind method = StreamKind::frequent_directions;
  // None: usual_rank, fewer where the rows or the sketch have not so many.
  std::optional<Index> rank = {};
  Index sketch_rows = 0;  // 0: by the method and the rank
  std::optional<Vectors> u = {};
  std::optional<double> forget = {};
  std::optional<std::uint64_t> seed = {};
  int threads = 0;
  std::uint64_t max_memory = 0;
  std::stop_token stop = {};

  static constexpr Index usual_rank = 10;
  /// What a result is asked for; it has no more than there are.
  [[nodiscard]] Index wanted() const noexcept { return rank.value_or(usual_rank); }
  /// Left vectors are a part of the result.
  [[nodiscard]] bool with_u() const noexcept {
    return u.value_or(method == StreamKind::sketch ? Vectors::thin : Vectors::none) !=
           Vectors::none;
  }
};

/// "frequent-directions", "sketch", "incremental": the words of --method.
[[nodiscard]] const char* word_of(StreamKind method) noexcept;

/// Throws InvalidArgument for settings that have no meaning for the method.
void require_meaning(const StreamSettings& settings);

/// Puts into the state of a stream how it forgets, where its method can.
void put_forgetting(StreamState& state, const StreamSettings& settings);

/// How the stream of a state forgets, into the settings that go on with it. Throws InvalidArgument where they say something else; what an
/// earlier version saved, which does not say it, is gone on with as the settings say.
void keep_forgetting(StreamSettings& settings, const StreamState& state, const std::string& name);

/// A figure of a result: its name for programs and for people, an interval or a bound, how sure that is, in the words of docs/streams.md;
/// and where there is one an estimate of it.
struct StreamFigure {
  const char* key;
  const char* label;
  double least, most;
  const char* sureness;
  std::optional<double> estimate = {};
};

template <Scalar T>
struct StreamResult {
  std::vector<double> s, at_least, at_most;
  Matrix<T> U;  // m x k, 0 x 0 where it is not wanted
  Matrix<T> Vh;
  std::optional<double> frobenius_norm;
  std::vector<StreamFigure> figures;
  // More for programs: numbers, and lists of them.
  std::vector<std::pair<const char*, double>> numbers = {};
  std::vector<std::pair<const char*, std::vector<double>>> lists = {};
  // For people: that it is not what they want, and what to do. Empty as a rule.
  std::string warning = {};
};

template <Scalar T>
class StreamMethod {
 public:
  virtual ~StreamMethod() = default;

  /// b x n. Throws NonFinite with the row counted from the beginning of the stream; nothing is taken then. Whatever else it throws,
  /// rows() tells how many were taken.
  virtual void append(MatrixView<const T> rows) = 0;
  [[nodiscard]] virtual Index rows() const noexcept = 0;
  [[nodiscard]] virtual Index cols() const noexcept = 0;
  [[nodiscard]] virtual StreamResult<T> result(const std::stop_token& stop) const = 0;
  [[nodiscard]] virtual StreamState state() const = 0;
};

/// A new stream of rows of so many columns, or one that goes on from a state of the same method, `name` the state's file. Throws
/// InvalidArgument for settings that do not fit the rows or the state, FormatError for a state that makes no sense, OutOfMemory where
/// stream, result and state do not fit into max_memory.
template <Scalar T>
[[nodiscard]] std::unique_ptr<StreamMethod<T>> open_method(Index cols,
                                                           const StreamSettings& settings,
                                                           const StreamState* state,
                                                           const std::string& name);

// For the methods.

template <Scalar T>
[[nodiscard]] std::unique_ptr<StreamMethod<T>> open_directions(Index cols,
                                                               const StreamSettings& settings,
                                                               const StreamState* state,
                                                               const std::string& name);
template <Scalar T>
[[nodiscard]] std::unique_ptr<StreamMethod<T>> open_sketch(Index cols,
                                                           const StreamSettings& settings,
                                                           const StreamState* state,
                                                           const std::string& name);
template <Scalar T>
[[nodiscard]] std::unique_ptr<StreamMethod<T>> open_incremental(Index cols,
                                                                const StreamSettings& settings,
                                                                const StreamState* state,
                                                                const std::string& name);

inline constexpr const char* but_for_rounding = "certain but for rounding";
inline constexpr const char* measured_by_probes = "measured through random vectors";

/// Throws InvalidArgument for a rank that exceeds the columns, or the rows of the sketch (0: not said).
void require_fit(Index cols, Index sketch_rows, std::optional<Index> rank);

/// Throws InvalidArgument where a stream that is gone on with has rows of other lengths, or another sketch than is asked for.
void require_same_stream(Index cols, Index stream_cols, const StreamSettings& settings,
                         Index stream_rows_of_sketch, const std::string& name);

/// Throws OutOfMemory where the plan does not fit, with a row of so many columns of T and all else that the process has besides.
template <Scalar T>
void require_stream_memory(const MemoryPlan& plan, Index cols, const StreamSettings& settings);

/// Throws NonFinite for the first bad entry, row by row; row 0 is row `first` of the stream.
template <Scalar T>
void require_finite(MatrixView<const T> rows, Index first);

/// What `read` returns; an InvalidArgument of its is a damaged file.
template <class Read>
auto of_the_state(const std::string& name, const Read& read) {
  try {
    return read();
  } catch (const InvalidArgument& error) {
    throw FormatError(name + ": " + error.what());
  }
}

}  // namespace eckart::cli
