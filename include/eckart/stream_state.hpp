#pragma once

// What a stream knows, as named arrays of numbers: what is saved, and what a stream goes on from as if it had never stopped.
//
// Each kind of stream has state() and a constructor from a StreamState; save_stream() and load_stream() of stream_files.hpp are the way
// to npz files and back. Arrays are double or complex<double>, whatever the entries of the stream are, since streams compute in these.

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <eckart/matrix.hpp>

namespace eckart {

class StreamState {
 public:
  using Array = std::variant<Matrix<double>, Matrix<std::complex<double>>>;

  void put(std::string name, Array array);
  /// A 1 x 1 array.
  void put(std::string name, double number);
  /// A whole number up to 2^53, exactly; larger ones throw InvalidArgument.
  void put_count(std::string name, Index count);
  /// Any 64 bits, as a 1 x 2 array of two halves.
  void put_bits(std::string name, std::uint64_t bits);

  [[nodiscard]] bool has(const std::string& name) const noexcept;

  /// The array of this name and shape, with finite entries; rows or cols of -1 may be any. Everything else throws InvalidArgument
  /// with what is wrong.
  template <class W>
  [[nodiscard]] Matrix<W> matrix(const std::string& name, Index rows, Index cols) const;
  /// The same where it lies.
  template <class W>
  [[nodiscard]] MatrixView<const W> view(const std::string& name, Index rows, Index cols) const;
  [[nodiscard]] double number(const std::string& name) const;
  /// A whole number within [least, most].
  [[nodiscard]] Index count(const std::string& name, Index least, Index most) const;
  [[nodiscard]] std::uint64_t bits(const std::string& name) const;

  [[nodiscard]] const std::vector<std::pair<std::string, Array>>& arrays() const noexcept {
    return arrays_;
  }

 private:
  [[nodiscard]] const Array& find(const std::string& name) const;
  template <class W>
  [[nodiscard]] const Matrix<W>& checked(const std::string& name, Index rows, Index cols) const;

  std::vector<std::pair<std::string, Array>> arrays_;
};

/// What the array "kind" says.
enum class StreamKind { frequent_directions = 1, incremental = 2, sketch = 3 };

/// "frequent directions", "incremental", "single-pass sketch".
[[nodiscard]] const char* to_string(StreamKind kind) noexcept;

/// The kind of stream that a state belongs to. Throws InvalidArgument for what is no state, or one of a later version.
[[nodiscard]] StreamKind kind_of(const StreamState& state);

}  // namespace eckart
