#pragma once

// A text table (csv, tsv) that the memory does not hold, as an operator.
//
//   auto a = table_operator<double>("big.csv");
//   auto top = truncated_svd<double>(a, rank(20));
//
// A product needs every number of the table, and parsing one takes as long as reading eight bytes ten times. So the table is parsed once,
// row by row in a few megabytes, into a file of its numbers, m n of 8 bytes (16 complex), which is read in passes from then on
// (file_operator.hpp). That file has no name once this returns: it is gone with the last copy of the operator, however the process ends.
// While it is written its name begins with a dot and ends in .tmp, and it is removed by an exception, and by
// io::remove_temporary_files() in the handler of a signal.

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>

#include <eckart/file_operator.hpp>
#include <eckart/io.hpp>

namespace eckart {

struct TableOptions {
  io::ReadOptions reading = {};  // delimiter, decimal, header, columns
  /// The folder for the numbers; empty: the one of the table, or the current one for standard input.
  std::string folder = {};
  /// What io::describe() said of this table, for who has asked it already; else it is asked, which is another pass over the text.
  std::optional<io::Description> description = {};
  FileOperatorOptions file = {};
  std::stop_token stop = {};
};

/// Bytes of the file of numbers.
[[nodiscard]] std::uint64_t table_bytes(const io::Description& table);

/// `path` may be "-" where standard input is a regular file. Throws FileError, also where the disk has no room for the numbers,
/// FormatError for what is no table of numbers, Error of kind non_finite that names line and column of the first NaN or infinity,
/// InvalidArgument for another format and for a complex table where T is real, Cancelled between rows. Cost: one pass over the text, two
/// where there is no description, at 130 to 500 MB/s (src/io/csv.cpp).
template <Scalar T>
[[nodiscard]] FileOperator<T> table_operator(const std::string& path,
                                             const TableOptions& options = {});

/// Size and cost of table_operator()'s, for plan_truncated_svd(): nothing is read, and it cannot be applied.
template <Scalar T>
[[nodiscard]] Operator<T> table_outline(const io::Description& table);

}  // namespace eckart
