// What follows from singular values alone, and the four subspaces.

#include <nanobind/nanobind.h>

#include <eckart/low_rank.hpp>
#include <eckart/norms.hpp>
#include <eckart/rank.hpp>
#include <eckart/subspaces.hpp>
#include <eckart/thresholds.hpp>

#include "array.hpp"
#include "bindings.hpp"
#include "results.hpp"
#include "run.hpp"

namespace eckart::python {
namespace {

Spectrum spectrum_of(nb::handle values, Index rows, Index cols, double eps) {
  const Array s(values, Access::read);
  const std::span<const double> all = s.vector<double>(0);
  return Spectrum({all.begin(), all.end()}, rows, cols, eps);
}

nb::dict rank_of(nb::handle values, Index rows, Index cols, double eps, double rtol, double atol) {
  return facts_of(
      numerical_rank(spectrum_of(values, rows, cols, eps), {.atol = atol, .rtol = rtol}));
}

// The smallest k whose energy, or whose relative error, is as wanted; negative: not asked.
Index rank_for(nb::handle values, Index rows, Index cols, double energy, double error) {
  const Spectrum s = spectrum_of(values, rows, cols, epsilon<double>);
  Index k = s.count();
  if (energy >= 0) {
    k = std::min(k, energy_rank(s, energy));
  }
  if (error >= 0) {
    k = std::min(k, rank_for_error(s, error));
  }
  return k;
}

nb::dict low_rank_error_of(nb::handle values, Index rows, Index cols, Index k) {
  const LowRankError error = low_rank_error(spectrum_of(values, rows, cols, epsilon<double>), k);
  nb::dict facts;
  facts["k"] = error.k;
  facts["spectral"] = error.spectral;
  facts["frobenius"] = error.frobenius;
  facts["relative_spectral"] = error.relative_spectral;
  facts["relative_frobenius"] = error.relative_frobenius;
  facts["energy"] = error.energy;
  facts["storage"] = error.storage;
  return facts;
}

// Cumulative energy, entry i of the first i + 1 values.
nb::object energy_of(nb::handle values, Index rows, Index cols) {
  return to_numpy(cumulative_energy(spectrum_of(values, rows, cols, epsilon<double>)));
}

enum class Subspace { range, left_null, row, null };

// basis(a, which, rtol, atol, threads) -> orthonormal columns
nb::object basis(nb::handle a_, int which, double rtol, double atol, int threads) {
  const Array a(a_, Access::read);
  return a.with_type([&]<class T>() {
    Matrix<T> columns;
    const MatrixView<const T> matrix = a.matrix<T>(0);
    const RankRule rule = {.atol = atol, .rtol = rtol};
    run(threads, svd_flops<T>(matrix.rows(), matrix.cols()), nb::none(),
        [&](const Execution& execution) {
          SvdOptions options;
          options.threads = execution.threads;
          options.stop = execution.stop;
          switch (static_cast<Subspace>(which)) {
            case Subspace::range:
              columns = range_basis(matrix, rule, options);
              break;
            case Subspace::left_null:
              columns = left_null_space_basis(matrix, rule, options);
              break;
            case Subspace::row:
              columns = row_space_basis(matrix, rule, options);
              break;
            case Subspace::null:
              columns = null_space_basis(matrix, rule, options);
              break;
          }
        });
    return to_numpy(std::move(columns));
  });
}

}  // namespace

void bind_subspaces(nb::module_& m) {
  using nb::literals::operator""_a;
  m.def("rank", &rank_of, "values"_a, "rows"_a, "cols"_a, "eps"_a, "rtol"_a, "atol"_a);
  m.def("rank_for", &rank_for, "values"_a, "rows"_a, "cols"_a, "energy"_a, "error"_a);
  m.def("low_rank_error", &low_rank_error_of, "values"_a, "rows"_a, "cols"_a, "k"_a);
  m.def("energy", &energy_of, "values"_a, "rows"_a, "cols"_a);
  m.def("basis", &basis, "a"_a, "which"_a, "rtol"_a, "atol"_a, "threads"_a);
}

}  // namespace eckart::python
