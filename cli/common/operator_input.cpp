#include "common/operator_input.hpp"

#include <algorithm>

#include "common/memory_limit.hpp"

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
  if (!source.can_stay_in_file()) {
    return false;
  }
  const io::Description d = source.describe();
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

#define ECKART_INSTANTIATE(T)                                                  \
  template Operator<T> outlined<T>(const io::Description&);                    \
  template MemoryPlan input_memory<T>(const io::Description&);                 \
  template SparseMatrix<T> assembled<T>(const MatrixSource&, io::Triplets<T>); \
  template Matrix<T> written_out<T>(const SparseMatrix<T>&);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)
#undef ECKART_INSTANTIATE

}  // namespace eckart::cli
