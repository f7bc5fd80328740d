// The numbers of a table in a file without a name.
//
//   1. the shape, and with it the room on the disk, which is taken at once
//   2. one pass over the text: each row, looked through for NaN, to the end of the file
//   3. the operator opens the file; its name goes with the writer

#include <algorithm>
#include <bit>
#include <filesystem>
#include <span>

#include <eckart/error.hpp>
#include <eckart/table_operator.hpp>

#include "io/bad_entry.hpp"
#include "io/csv_dialect.hpp"
#include "io/csv_place.hpp"
#include "io/csv_rows.hpp"
#include "io/formats.hpp"
#include "io/output_file.hpp"
#include "io/read.hpp"
#include "io/scalar_type.hpp"
#include "outofcore/entries_file.hpp"
#include "outofcore/file_cost.hpp"

namespace eckart {
namespace {

/// Where the numbers stand while they are written: beside this file, which need not exist.
std::string place_for_numbers(const std::string& path, const std::string& folder) {
  namespace fs = std::filesystem;
  const fs::path table = path == "-" ? fs::path("standard-input") : fs::path(path);
  const fs::path where = folder.empty() ? table.parent_path() : fs::path(folder);
  return (where / table.filename()).string() + ".numbers";
}

/// The sink of step 2.
template <class T>
class WriteRows {
 public:
  WriteRows(io::OutputFile& file, const io::Input& input, const io::CsvDialect& dialect,
            std::stop_token stop)
      : file_(file), input_(input), dialect_(dialect), pages_(input), stop_(std::move(stop)) {}

  void append(std::span<const T> row, io::CsvPlace behind) {
    if (stop_.stop_requested()) {
      throw Cancelled();
    }
    const auto bad = std::ranges::find_if_not(row, is_finite<T>);
    if (bad != row.end()) {
      const Index col = bad - row.begin();
      throw io::bad_entry(input_.name(), io::csv_place_of(input_, dialect_, rows_, col), rows_, col,
                          name_of_non_finite(*bad));
    }
    file_.write(std::as_bytes(row));
    ++rows_;
    pages_.pass(behind);
  }
  [[nodiscard]] Index rows() const noexcept { return rows_; }

 private:
  io::OutputFile& file_;
  const io::Input& input_;
  const io::CsvDialect& dialect_;
  io::CsvPagesBehind pages_;
  std::stop_token stop_;
  Index rows_ = 0;
};

bool is_complex(const io::Description& table) {
  return table.computed_type == io::to_string(io::ScalarType::complex128);
}

template <Scalar T>
struct OutlinedTable {
  Index m, n;
  std::uint64_t size;
  [[nodiscard]] Index rows() const { return m; }
  [[nodiscard]] Index cols() const { return n; }
  void apply(const Execution&, MatrixView<const T>, MatrixView<T>) const { refuse(); }
  void apply_adjoint(const Execution&, MatrixView<const T>, MatrixView<T>) const { refuse(); }
  void apply_and_back(const Execution&, bool, Real<T>, MatrixView<const T>, MatrixView<T>,
                      MatrixView<T>) const {
    refuse();
  }
  [[nodiscard]] bool goes_back_in_one_pass(bool adjoint) const { return !adjoint; }
  [[nodiscard]] bool knows_norm() const { return true; }
  [[nodiscard]] std::optional<Real<T>> frobenius_norm(const Execution&) const { refuse(); }
  [[nodiscard]] OperatorCost cost() const {
    return outofcore::file_cost<T>(m, n, size, !outofcore::is_too_large_to_stay(size));
  }
  [[noreturn]] static void refuse() {
    throw InvalidArgument("a table that was described alone cannot be multiplied");
  }
};

}  // namespace

std::uint64_t table_bytes(const io::Description& table) {
  return static_cast<std::uint64_t>(table.rows) * static_cast<std::uint64_t>(table.cols) *
         (is_complex(table) ? sizeof(std::complex<double>) : sizeof(double));
}

template <Scalar T>
FileOperator<T> table_operator(const std::string& path, const TableOptions& options) {
  const io::Input input = io::Input::open(path, options.reading.max_bytes);
  io::ReadOptions reading = options.reading;
  reading.format = io::recognise(input, path, reading).format;
  if (reading.format != io::Format::csv && reading.format != io::Format::tsv) {
    throw InvalidArgument(input.name() +
                          ": is no text table; FileOperator is for numbers in files");
  }
  // 1.
  const io::Description table =
      options.description ? *options.description : io::describe_input(input, path, reading);
  const std::string target = place_for_numbers(path, options.folder);
  io::OutputFile file(target);
  file.reserve(table_bytes(table));
  // 2.
  const io::CsvDialect dialect = io::detect_dialect(input, reading);
  const auto write_as = [&]<class C>() {
    WriteRows<C> rows(file, input, dialect, options.stop);
    static_cast<void>(io::read_csv_rows<C>(input, dialect, rows));
    if (rows.rows() != table.rows || dialect.columns != table.cols) {
      throw FileError(input.name() +
                      ": has changed since it was looked at: " + std::to_string(rows.rows()) +
                      " rows of numbers instead of " + std::to_string(table.rows));
    }
  };
  if (is_complex(table)) {
    write_as.template operator()<std::complex<double>>();
  } else {
    write_as.template operator()<double>();
  }
  // 3.
  const char* const order = std::endian::native == std::endian::little ? "<" : ">";
  const RawMatrix raw{.rows = table.rows,
                      .cols = table.cols,
                      .type = std::string(order) + (is_complex(table) ? "c16" : "f8")};
  return FileOperator<T>(
      std::make_shared<const outofcore::EntriesFile>(file.flushed_temporary(), raw, input.name()),
      options.file);
}

template <Scalar T>
Operator<T> table_outline(const io::Description& table) {
  return OutlinedTable<T>{table.rows, table.cols, table_bytes(table)};
}

#define ECKART_INSTANTIATE(T)                                                          \
  template FileOperator<T> table_operator<T>(const std::string&, const TableOptions&); \
  template Operator<T> table_outline<T>(const io::Description&);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)

}  // namespace eckart
