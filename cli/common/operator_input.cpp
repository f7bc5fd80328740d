#include "common/operator_input.hpp"

#include <algorithm>
#include <filesystem>

#include <eckart/table_operator.hpp>

#include "common/interrupt.hpp"
#include "common/memory_limit.hpp"
#include "report/text.hpp"

namespace eckart::cli {
namespace {

/// Stands in for a sparse matrix that was not read.
template <Scalar T>
struct OutlinedSparse {
  Index m, n, entries;

  [[nodiscard]] Index rows() const { return m; }
  [[nodiscard]] Index cols() const { return n; }
  void apply(const Execution&, MatrixView<const T>, MatrixView<T>) const { refuse(); }
  void apply_adjoint(const Execution&, MatrixView<const T>, MatrixView<T>) const { refuse(); }
  [[nodiscard]] OperatorCost cost() const {
    return {.flops = (ComplexScalar<T> ? 8.0 : 2.0) * static_cast<double>(entries),
            .bytes = static_cast<double>(entries) * (sizeof(T) + sizeof(std::int32_t)) +
                     static_cast<double>(m) * sizeof(Index)};
  }
  [[nodiscard]] std::string description() const {
    return "sparse, " + std::to_string(entries) + " entries";
  }
  [[nodiscard]] Storage storage() const { return Storage::sparse; }
  [[noreturn]] static void refuse() {
    throw InvalidArgument("an input that was described alone cannot be multiplied");
  }
};

template <Scalar T>
std::string value_at(const io::Triplets<T>& t, Index row, Index col) {
  for (std::size_t k = 0; k < t.value.size(); ++k) {
    if (t.row[k] == row && t.col[k] == col && !is_finite(t.value[k])) {
      return name_of_non_finite(t.value[k]);
    }
  }
  return "infinity, as a sum of entries named twice";
}

}  // namespace

template <Scalar T>
Operator<T> outlined(const io::Description& d) {
  if (d.entries) {
    return OutlinedSparse<T>{d.rows, d.cols, *d.entries};
  }
  return DenseOperator<T>(MatrixView<const T>(nullptr, d.rows, d.cols));
}

template <Scalar T>
MemoryPlan input_memory(const io::Description& d) {
  if (!d.entries) {
    return MemoryPlan::block<T>("input", d.rows, d.cols);
  }
  const Index entries = *d.entries;
  const MemoryPlan places = MemoryPlan::block<Index>("places", entries, 2),
                   values = MemoryPlan::block<T>("values", entries),
                   columns = MemoryPlan::block<std::int32_t>("columns", entries);
  const MemoryPlan a = MemoryPlan::all_of(
      "A in rows", {values, columns, MemoryPlan::block<Index>("rows", d.rows + 1)});
  return MemoryPlan::any_of(
      "sparse input",
      {MemoryPlan::all_of("while it is read", {places, values, a}),
       MemoryPlan::all_of(
           "afterwards", {a, MemoryPlan::all_of("adjoint in rows",
                                                {values, columns,
                                                 MemoryPlan::block<Index>("rows", d.cols + 1)})})});
}

bool stays_in_file(const MatrixSource& source, std::uint64_t max_memory) {
  // An entry of text takes two bytes at the least, and sixteen where the table is complex: smaller files are not looked through.
  constexpr std::uint64_t growth = sizeof(std::complex<double>) / 2;
  const bool may_be_too_large =
      source.is_table_in_file() && source.file_bytes() > memory_limit(max_memory) / growth;
  if (!source.can_stay_in_file() && !may_be_too_large) {
    return false;
  }
  const io::Description& d = source.describe();
  return with_type(element_type_of(d.computed_type), [&]<Scalar T>() {
    return input_memory<T>(d).bytes() > memory_limit(max_memory);
  });
}

FileOperatorOptions file_options(const MatrixSource& source, std::uint64_t max_memory) {
  const FileOperatorOptions usual;
  return {.member = source.member(),
          .memory = std::min(usual.memory, memory_limit(max_memory) / 4)};
}

MemoryPlan file_memory(const MatrixSource& source, std::uint64_t max_memory) {
  return MemoryPlan::block<std::byte>("blocks of the file",
                                      static_cast<Index>(file_options(source, max_memory).memory));
}

std::string folder_for_numbers(const MatrixSource& source, const std::string& output) {
  const bool is_file = !output.empty() && output != "-";
  const std::filesystem::path beside = is_file ? output : source.path();
  return beside.has_parent_path() ? beside.parent_path().string() : ".";
}

template <Scalar T>
Operator<T> file_operator(const MatrixSource& source, std::uint64_t max_memory,
                          const std::string& output) {
  if (!source.is_table_in_file()) {
    return FileOperator<T>(source.path(), file_options(source, max_memory));
  }
  const std::string folder = folder_for_numbers(source, output);
  try {
    return table_operator<T>(source.path(), {.reading = source.reading(),
                                             .folder = folder,
                                             .description = source.describe(),
                                             .file = file_options(source, max_memory),
                                             .stop = interrupt_token()});
  } catch (const FileError& error) {
    throw FileError(std::string(error.what()) +
                    "; the numbers of a table that the memory does not hold go into a file of " +
                    report::format_bytes(table_bytes(source.describe())) + " in " + folder +
                    " for the time of the run: -o in a folder with room for it takes it there");
  }
}

template <Scalar T>
Operator<T> outlined_file(const MatrixSource& source, std::uint64_t max_memory) {
  if (source.is_table_in_file()) {
    return table_outline<T>(source.describe());
  }
  return FileOperator<T>(source.path(), file_options(source, max_memory));
}

template <Scalar T>
SparseMatrix<T> assembled(const MatrixSource& source, io::Triplets<T> t) {
  try {
    return SparseMatrix<T>::from_triplets(t.rows, t.cols, std::span<const Index>(t.row),
                                          std::span<const Index>(t.col),
                                          std::span<const T>(t.value));
  } catch (const NonFinite& error) {
    throw bad_entry(source, error, value_at(t, error.row(), error.column()));
  }
}

template <Scalar T>
Matrix<T> written_out(const SparseMatrix<T>& a) {
  Matrix<T> dense(a.rows(), a.cols());
  std::visit(
      [&](const auto& columns) {
        for (Index i = 0; i < a.rows(); ++i) {
          const auto row = static_cast<std::size_t>(i);
          for (Index k = a.pointers()[row]; k < a.pointers()[row + 1]; ++k) {
            const auto at = static_cast<std::size_t>(k);
            dense(i, static_cast<Index>(columns[at])) = a.values()[at];
          }
        }
      },
      a.columns());
  return dense;
}

#define ECKART_INSTANTIATE(T)                                                                    \
  template Operator<T> outlined<T>(const io::Description&);                                      \
  template MemoryPlan input_memory<T>(const io::Description&);                                   \
  template Operator<T> file_operator<T>(const MatrixSource&, std::uint64_t, const std::string&); \
  template Operator<T> outlined_file<T>(const MatrixSource&, std::uint64_t);                     \
  template SparseMatrix<T> assembled<T>(const MatrixSource&, io::Triplets<T>);                   \
  template Matrix<T> written_out<T>(const SparseMatrix<T>&);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)
#undef ECKART_INSTANTIATE

}  // namespace eckart::cli
