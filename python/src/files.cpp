// Matrices in files: products with a file of entries, read in passes (FileOperator), and Matrix Market as triplets.
//
//   npy_file(path, type, memory) -> Operator                   computing in the type of NumPy's letter, fdFD
//   raw_file(path, rows, cols, stored, ...) -> Operator        of entries without a header
//   read_triplets(path) -> (rows, cols, row, col, values)      Matrix Market
//   triplets(rows, cols, row, col, values) -> Operator
//
// Of io no more is linked than takes no other library (src/io/CMakeLists.txt).

#include <cstdint>
#include <span>
#include <string>

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/string.h>

#include <eckart/file_operator.hpp>
#include <eckart/io.hpp>
#include <eckart/sparse.hpp>

#include "array.hpp"
#include "bindings.hpp"
#include "lock.hpp"
#include "operators.hpp"
#include "results.hpp"

namespace eckart::python {
namespace {

using Places = nb::ndarray<const std::int64_t, nb::ndim<1>, nb::c_contig, nb::device::cpu>;

/// open.template operator()<T>() with the type of this letter.
template <class Open>
HeldOperator of_type(char type, const Open& open) {
  switch (type) {
    case 'f':
      return { Operator<float>(open.template operator()<float>()) };
    case 'd':
      return { Operator<double>(open.template operator()<double>()) };
    case 'F':
      return { Operator<std::complex<float>>(open.template operator()<std::complex<float>>()) };
    default:
      return { Operator<std::complex<double>>(open.template operator()<std::complex<double>>()) };
  }
}

HeldOperator npy_file(const std::string& path, char type, std::uint64_t memory) {
  const Unlocked released;
  return of_type(type, [&]<class T>() { return FileOperator<T>(path, {.memory = memory}); });
}

HeldOperator raw_file(const std::string& path, Index rows, Index cols, const std::string& stored,
                      bool by_columns, std::uint64_t offset, char type, std::uint64_t memory) {
  const Unlocked released;
  const RawMatrix raw = {.rows = rows,
                         .cols = cols,
                         .type = stored,
                         .layout = by_columns ? Layout::column_major : Layout::row_major,
                         .offset = offset};
  return of_type(type, [&]<class T>() { return FileOperator<T>(path, raw, {.memory = memory}); });
}

nb::tuple read_triplets(const std::string& path) {
  io::AnyTriplets read;
  {
    const Unlocked released;
    read = io::read_sparse(path, {.format = io::Format::matrix_market}).triplets;
  }
  return std::visit(
      []<class T>(io::Triplets<T>& t) {
        const Index rows = t.rows, cols = t.cols;
        return nb::make_tuple(rows, cols, to_numpy(std::move(t.row)), to_numpy(std::move(t.col)),
                              to_numpy(std::move(t.value)));
      },
      read);
}

HeldOperator triplets(Index rows, Index cols, const Places& row, const Places& col,
                      nb::handle values) {
  const Array array(values, Access::read);
  return array.with_type([&]<class T>() {
    const std::span<const std::int64_t> i(row.data(), row.size()), j(col.data(), col.size());
    const std::span<const T> entries = array.vector<T>(0);
    const Unlocked released;
    return HeldOperator{
        Operator<T>(SparseOperator<T>(SparseMatrix<T>::from_triplets(rows, cols, i, j, entries)))};
  });
}

}  // namespace

void bind_files(nb::module_& m) {
  using nb::literals::operator""_a;
  m.def("npy_file", &npy_file, "path"_a, "type"_a, "memory"_a);
  m.def("raw_file", &raw_file, "path"_a, "rows"_a, "cols"_a, "stored"_a, "by_columns"_a, "offset"_a,
        "type"_a, "memory"_a);
  m.def("read_triplets", &read_triplets, "path"_a);
  m.def("triplets", &triplets, "rows"_a, "cols"_a, "row"_a, "col"_a, "values"_a);
}

}  // namespace eckart::python
