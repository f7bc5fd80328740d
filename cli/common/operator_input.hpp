#pragma once

// An input as something that multiplies: a sparse file stays sparse, whatever it would be written out, and a dense npy or HDF5 file that the
// memory does not hold stays where it is.

#include <eckart/file_operator.hpp>
#include <eckart/operators.hpp>

#include "common/any_matrix.hpp"
#include "common/matrix_input.hpp"

namespace eckart::cli {

/// Size and cost of an input that was described and not read: what plan_truncated_svd() looks at. It cannot be applied.
template <Scalar T>
[[nodiscard]] Operator<T> outlined(const io::Description& description);

/// What the input takes while it is read, and after.
template <Scalar T>
[[nodiscard]] MemoryPlan input_memory(const io::Description& description);

/// A dense npy or HDF5 file, or a text table in one, of more bytes, as a matrix, than are allowed.
[[nodiscard]] bool stays_in_file(const MatrixSource& source, std::uint64_t max_memory);

/// The operator of what stays_in_file(); of a table once its numbers are in a file of their own, in the folder of `output` where that
/// names one, else beside the table.
template <Scalar T>
[[nodiscard]] Operator<T> file_operator(const MatrixSource& source, std::uint64_t max_memory,
                                        const std::string& output);
/// Its size and cost, and nothing is written; it cannot be applied where it is a table's.
template <Scalar T>
[[nodiscard]] Operator<T> outlined_file(const MatrixSource& source, std::uint64_t max_memory);
/// The folder of such a file, as messages show it.
[[nodiscard]] std::string folder_for_numbers(const MatrixSource& source, const std::string& output);

/// The blocks that it is read in, within a quarter of what is allowed.
[[nodiscard]] FileOperatorOptions file_options(const MatrixSource& source,
                                               std::uint64_t max_memory);
[[nodiscard]] MemoryPlan file_memory(const MatrixSource& source, std::uint64_t max_memory);

/// The sparse matrix of triplets that were read from `source`. Throws an error that names the place of a NaN.
template <Scalar T>
[[nodiscard]] SparseMatrix<T> assembled(const MatrixSource& source, io::Triplets<T> triplets);

/// With its zeros.
template <Scalar T>
[[nodiscard]] Matrix<T> written_out(const SparseMatrix<T>& a);

}  // namespace eckart::cli
