// FrequentDirections and IncrementalSvd; and states as dictionaries of arrays, from which a stream goes on as if there had been no stop.
// SinglePassSketch has a file of its own.

#include "streams.hpp"

#include <vector>

#include <nanobind/stl/string.h>
#include <nanobind/stl/unique_ptr.h>
#include <nanobind/stl/vector.h>

#include <eckart/frequent_directions.hpp>
#include <eckart/incremental_svd.hpp>

#include "bindings.hpp"

namespace eckart::python {

nb::dict to_dict(const StreamState& state) {
  nb::dict arrays;
  for (const auto& [name, array] : state.arrays()) {
    arrays[name.c_str()] =
        std::visit([]<class W>(const Matrix<W>& m) { return to_numpy(Matrix<W>(m)); }, array);
  }
  return arrays;
}

StreamState from_dict(const nb::dict& arrays) {
  StreamState state;
  for (const auto& [name, value] : arrays) {
    const Array a(value, Access::read);
    const auto key = nb::cast<std::string>(name);
    if (a.holds<double>()) {
      state.put(key, Matrix<double>(MatrixView<const double>(a.matrix<double>(0))));
    } else if (a.holds<std::complex<double>>()) {
      state.put(key, Matrix<std::complex<double>>(MatrixView<const std::complex<double>>(
                         a.matrix<std::complex<double>>(0))));
    } else {
      throw InvalidArgument("a state consists of float64 and complex128 arrays");
    }
  }
  return state;
}

namespace {

using HeldDirections = Held<FrequentDirections, FrequentDirectionsOptions>;
using HeldIncremental = Held<IncrementalSvd, IncrementalOptions>;

nb::tuple directions(HeldDirections& held, Index k) {
  return described<DirectionsOfRows>(
      held, [&](auto& stream, const std::stop_token& stop) { return stream.result(k, stop); },
      [](auto& top) {
        nb::dict facts;
        facts["at_least"] = to_numpy(std::move(top.at_least));
        facts["at_most"] = to_numpy(std::move(top.at_most));
        facts["shrinkage"] = top.shrinkage;
        facts["rounding"] = top.rounding;
        facts["frobenius_norm"] = top.frobenius_norm;
        facts["left_out_at_least"] = top.left_out_at_least;
        facts["left_out_at_most"] = top.left_out_at_most;
        facts["spectral_at_least"] = top.spectral_at_least;
        facts["spectral_at_most"] = top.spectral_at_most;
        facts["rows"] = top.rows;
        return nb::make_tuple(to_numpy(std::move(top.s)), to_numpy(std::move(top.Vh)), facts);
      });
}

nb::tuple updated(HeldIncremental& held, Index k) {
  return described<UpdatedSvd>(
      held, [&](auto& stream, const std::stop_token&) { return stream.result(k); },
      [](auto& top) {
        nb::dict facts;
        facts["at_least"] = to_numpy(std::move(top.at_least));
        facts["at_most"] = to_numpy(std::move(top.at_most));
        facts["left_out_at_most"] = top.left_out_at_most;
        facts["spectral_at_most"] = top.spectral_at_most;
        facts["truncation"] = top.truncation;
        facts["rounding"] = top.rounding;
        facts["rows"] = top.rows;
        facts["cols"] = top.cols;
        return triplets_and(top, facts);
      });
}

void bind_directions(nb::module_& m) {
  using nb::literals::operator""_a;
  nb::class_<HeldDirections>(m, "FrequentDirections")
      .def("append",
           [](HeldDirections& held, nb::handle rows) {
             use_array(held, rows, [](auto& stream, auto view) { stream.append(view); });
           })
      .def("merge",
           [](HeldDirections& held, HeldDirections& other) {
             held.use_with(other, [](auto& stream, const auto& theirs) { stream.merge(theirs); });
           })
      .def("result", &directions, "k"_a)
      .def("state", &state_of<HeldDirections>)
      .def_prop_ro("rows", &rows_of<HeldDirections>)
      .def_prop_ro("cols", &cols_of<HeldDirections>)
      .def_prop_ro("sketch_rows",
                   [](HeldDirections& held) {
                     return held.read([](auto& stream) { return stream.sketch_rows(); });
                   })
      .def("sketch", [](HeldDirections& held) {
        auto rows =
            held.read([](auto& stream) { return StreamState::Array(Matrix(stream.sketch())); },
                      flops_of_little);
        return std::visit([](auto& matrix) { return to_numpy(std::move(matrix)); }, rows);
      });
  m.def("frequent_directions", [](const std::string& type, Index cols, Index sketch_rows,
                                  Index block, int threads) {
    const FrequentDirectionsOptions options = {
        .sketch_rows = sketch_rows, .block = block, .threads = threads, .stop = {}};
    return std::make_unique<HeldDirections>(
        type_char_of(type), options, 0.0, [cols]<class T>(const FrequentDirectionsOptions& how) {
          return std::make_unique<FrequentDirections<T>>(cols, how);
        });
  });
  m.def("frequent_directions_from", &held_from<HeldDirections>);
}

void bind_incremental(nb::module_& m) {
  using nb::literals::operator""_a;
  nb::class_<HeldIncremental>(m, "IncrementalSvd")
      .def("append_rows",
           [](HeldIncremental& held, nb::handle rows) {
             use_array(held, rows, [](auto& stream, auto view) { stream.append_rows(view); });
           })
      .def("append_columns",
           [](HeldIncremental& held, nb::handle columns) {
             use_array(held, columns, [](auto& stream, auto view) { stream.append_columns(view); });
           })
      .def("replace_column",
           [](HeldIncremental& held, Index j, nb::handle column) {
             use_array(held, column,
                       [j](auto& stream, auto view) { stream.replace_column(j, view); });
           })
      .def("replace_row",
           [](HeldIncremental& held, Index i, nb::handle row) {
             use_array(held, row, [i](auto& stream, auto view) { stream.replace_row(i, view); });
           })
      .def("change",
           [](HeldIncremental& held, nb::handle x, nb::handle y_) {
             const Array y(y_, Access::read);
             use_array(held, x, [&]<class T>(IncrementalSvd<T>& stream, MatrixView<const T> view) {
               stream.change(view, y.matrix<T>(0));
             });
           })
      .def("remove_rows",
           [](HeldIncremental& held, const std::vector<Index>& indices) {
             held.use(flops_of_much,
                      [&](auto& stream, const Execution&) { stream.remove_rows(indices); });
           })
      .def("remove_columns",
           [](HeldIncremental& held, const std::vector<Index>& indices) {
             held.use(flops_of_much,
                      [&](auto& stream, const Execution&) { stream.remove_columns(indices); });
           })
      .def("forget",
           [](HeldIncremental& held, double factor) {
             held.use(0, [factor](auto& stream, const Execution&) { stream.forget(factor); });
           })
      .def("result", &updated, "k"_a)
      .def("state", &state_of<HeldIncremental>)
      .def_prop_ro("rows", &rows_of<HeldIncremental>)
      .def_prop_ro("cols", &cols_of<HeldIncremental>);
  const auto options_of = [](Index rank, double tolerance, Index block, bool keep_u, bool keep_v,
                             int threads) -> IncrementalOptions {
    return {.rank = rank,
            .tolerance = tolerance,
            .block = block,
            .u = keep_u ? Vectors::thin : Vectors::none,
            .v = keep_v ? Vectors::thin : Vectors::none,
            .threads = threads,
            .stop = {}};
  };
  m.def("incremental_svd",
        [options_of](const std::string& type, Index rows, Index cols, Index rank, double tolerance,
                     Index block, bool keep_u, bool keep_v, int threads) {
          return std::make_unique<HeldIncremental>(
              type_char_of(type), options_of(rank, tolerance, block, keep_u, keep_v, threads), 0.0,
              [rows, cols]<class T>(const IncrementalOptions& how) {
                return std::make_unique<IncrementalSvd<T>>(rows, cols, how);
              });
        });
  m.def("incremental_svd_of", [options_of](const std::string& type, nb::handle a_, Index rank,
                                           double tolerance, Index block, bool keep_u, bool keep_v,
                                           int threads) {
    const Array a(a_, Access::read);
    return std::make_unique<HeldIncremental>(
        type_char_of(type), options_of(rank, tolerance, block, keep_u, keep_v, threads),
        flops_of_much, [&]<class T>(const IncrementalOptions& how) {
          return std::make_unique<IncrementalSvd<T>>(MatrixView<const T>(a.matrix<T>(0)), how);
        });
  });
  m.def("incremental_svd_from", &held_from<HeldIncremental>);
}

}  // namespace

void bind_streams(nb::module_& m) {
  bind_directions(m);
  bind_incremental(m);
}

}  // namespace eckart::python
