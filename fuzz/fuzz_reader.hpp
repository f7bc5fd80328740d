#pragma once

// What every target does with hostile bytes: describe them, read them, touch every entry. An eckart::Error is the right
// answer to nonsense; anything else (another exception, a sanitizer's report, too much time or memory) is a finding, and so is
// a description that does not fit the matrix.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include <eckart/io.hpp>

#include "io/input.hpp"
#include "io/read.hpp"

namespace eckart::io {

/// Of a matrix; well below the memory limit that the fuzzer runs under.
constexpr std::uint64_t fuzz_max_bytes = std::uint64_t{1} << 26;

/// The sum of all entries, so that none goes unread.
inline double touch(const AnyMatrix& a) {
  return std::visit(
      []<class T>(const Matrix<T>& matrix) {
        double sum = 0;
        for (Index i = 0; i < matrix.rows() * matrix.cols(); ++i) {
          sum += static_cast<double>(real_part(matrix.data()[i]));
        }
        return sum;
      },
      a);
}

/// Returns what LLVMFuzzerTestOneInput has to return.
inline int fuzz_reader(const std::uint8_t* data, std::size_t size, ReadOptions options) {
  options.max_bytes = fuzz_max_bytes;
  const Input input = Input::in_memory("fuzz", std::as_bytes(std::span(data, size)));
  try {
    const Description description = describe_input(input, "fuzz", options);
    const MatrixFile file = read_input(input, "fuzz", options);
    volatile double sum = touch(file.matrix);
    static_cast<void>(sum);
    if (description.rows != file.description.rows || description.cols != file.description.cols ||
        description.computed_type != file.description.computed_type) {
      std::abort();
    }
  } catch (const Error&) {
  }
  return 0;
}

/// Reads it as a sparse matrix; an index outside the matrix is a finding, too.
inline void fuzz_sparse_reader(const std::uint8_t* data, std::size_t size, ReadOptions options) {
  options.max_bytes = fuzz_max_bytes;
  const Input input = Input::in_memory("fuzz", std::as_bytes(std::span(data, size)));
  try {
    std::visit(
        [](const auto& triplets) {
          for (std::size_t k = 0; k < triplets.value.size(); ++k) {
            if (triplets.row[k] < 0 || triplets.row[k] >= triplets.rows || triplets.col[k] < 0 ||
                triplets.col[k] >= triplets.cols) {
              std::abort();
            }
          }
        },
        read_sparse_input(input, "fuzz", options).triplets);
  } catch (const Error&) {
  }
}

}  // namespace eckart::io
