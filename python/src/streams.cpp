// FrequentDirections and IncrementalSvd: streams of one of the four types, each behind one class. A state is a dictionary of arrays,
// from which a stream goes on as if there had been no stop; pickles and files are made of it by the modules.
//
// A stream is used by one thread at a time: a lock of its own is held while the interpreter's is released.

#include <memory>
#include <mutex>
#include <string>
#include <variant>
#include <vector>

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <eckart/error.hpp>
#include <eckart/frequent_directions.hpp>
#include <eckart/incremental_svd.hpp>

#include "array.hpp"
#include "bindings.hpp"
#include "results.hpp"
#include "run.hpp"

namespace eckart::python {
namespace {

template <template <class> class Stream>
struct Held {
  std::variant<std::unique_ptr<Stream<float>>, std::unique_ptr<Stream<double>>,
               std::unique_ptr<Stream<std::complex<float>>>,
               std::unique_ptr<Stream<std::complex<double>>>>
      stream;
  std::unique_ptr<std::mutex> one_at_a_time = std::make_unique<std::mutex>();
};

// make.template operator()<T>() for the type of the character.
template <class Make>
decltype(auto) with_type_char(const std::string& type, const Make& make) {
  switch (type.empty() ? ' ' : type[0]) {
    case 'f':
      return make.template operator()<float>();
    case 'F':
      return make.template operator()<std::complex<float>>();
    case 'D':
      return make.template operator()<std::complex<double>>();
    default:
      return make.template operator()<double>();
  }
}

// work(stream) with the interpreter's lock released.
template <template <class> class Stream, class Work>
void use(Held<Stream>& held, double flops, const Work& work) {
  std::visit(
      [&](auto& stream) {
        run(1, flops, nb::none(), [&](const Execution&) {
          const std::lock_guard lock(*held.one_at_a_time);
          work(*stream);
        });
      },
      held.stream);
}

// Rows or columns of the stream's type; work(stream, view).
template <template <class> class Stream, class Work>
void use_with(Held<Stream>& held, nb::handle array, const Work& work) {
  const Array a(array, Access::read);
  std::visit(
      [&]<class T>(std::unique_ptr<Stream<T>>& stream) {
        const MatrixView<const T> view = a.matrix<T>(0);
        const double flops =
            20.0 * static_cast<double>(view.rows()) * static_cast<double>(view.cols()) * 64;
        run(1, flops, nb::none(), [&](const Execution&) {
          const std::lock_guard lock(*held.one_at_a_time);
          work(*stream, view);
        });
      },
      held.stream);
}

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

template <template <class> class Stream>
nb::dict state_of(Held<Stream>& held) {
  const std::lock_guard lock(*held.one_at_a_time);
  return std::visit([](auto& stream) { return to_dict(stream->state()); }, held.stream);
}

using HeldDirections = Held<FrequentDirections>;
using HeldIncremental = Held<IncrementalSvd>;

FrequentDirectionsOptions directions_options(Index sketch_rows, Index block, int threads) {
  return {.sketch_rows = sketch_rows, .block = block, .threads = threads, .stop = {}};
}

IncrementalOptions incremental_options(Index rank, double tolerance, Index block, bool keep_u,
                                       bool keep_v, int threads) {
  return {.rank = rank,
          .tolerance = tolerance,
          .block = block,
          .u = keep_u ? Vectors::thin : Vectors::none,
          .v = keep_v ? Vectors::thin : Vectors::none,
          .threads = threads,
          .stop = {}};
}

nb::tuple directions(HeldDirections& held, Index k) {
  return std::visit(
      [&]<class T>(std::unique_ptr<FrequentDirections<T>>& stream) {
        DirectionsOfRows<T> top;
        const auto n = static_cast<double>(stream->cols());
        run(1, n * n * n, nb::none(), [&](const Execution& execution) {
          const std::lock_guard lock(*held.one_at_a_time);
          top = stream->result(k, execution.stop);
        });
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
      },
      held.stream);
}

nb::tuple updated(HeldIncremental& held, Index k) {
  return std::visit(
      [&]<class T>(std::unique_ptr<IncrementalSvd<T>>& stream) {
        UpdatedSvd<T> top;
        run(1, 1e9, nb::none(), [&](const Execution&) {
          const std::lock_guard lock(*held.one_at_a_time);
          top = stream->result(k);
        });
        nb::dict facts;
        facts["at_least"] = to_numpy(std::move(top.at_least));
        facts["at_most"] = to_numpy(std::move(top.at_most));
        facts["left_out_at_most"] = top.left_out_at_most;
        facts["spectral_at_most"] = top.spectral_at_most;
        facts["truncation"] = top.truncation;
        facts["rounding"] = top.rounding;
        facts["rows"] = top.rows;
        facts["cols"] = top.cols;
        return nb::make_tuple(to_numpy(std::move(top.U)), to_numpy(std::move(top.s)),
                              to_numpy(std::move(top.Vh)), facts);
      },
      held.stream);
}

template <template <class> class Stream>
Index rows_of(const Held<Stream>& held) {
  return std::visit([](const auto& stream) { return stream->rows(); }, held.stream);
}
template <template <class> class Stream>
Index cols_of(const Held<Stream>& held) {
  return std::visit([](const auto& stream) { return stream->cols(); }, held.stream);
}

void bind_directions(nb::module_& m) {
  using nb::literals::operator""_a;
  nb::class_<HeldDirections>(m, "FrequentDirections")
      .def("append",
           [](HeldDirections& held, nb::handle rows) {
             use_with(held, rows, [](auto& stream, auto view) { stream.append(view); });
           })
      .def("merge",
           [](HeldDirections& held, HeldDirections& other) {
             if (held.stream.index() != other.stream.index()) {
               throw InvalidArgument("streams that are merged have one type");
             }
             std::visit(
                 [&]<class T>(std::unique_ptr<FrequentDirections<T>>& stream) {
                   const auto& theirs =
                       std::get<std::unique_ptr<FrequentDirections<T>>>(other.stream);
                   run(1, 1e9, nb::none(), [&](const Execution&) {
                     const std::scoped_lock lock(*held.one_at_a_time, *other.one_at_a_time);
                     stream->merge(*theirs);
                   });
                 },
                 held.stream);
           })
      .def("result", &directions, "k"_a)
      .def("state", &state_of<FrequentDirections>)
      .def_prop_ro("rows", &rows_of<FrequentDirections>)
      .def_prop_ro("cols", &cols_of<FrequentDirections>)
      .def_prop_ro("sketch_rows",
                   [](const HeldDirections& held) {
                     return std::visit([](const auto& s) { return s->sketch_rows(); }, held.stream);
                   })
      .def("sketch", [](HeldDirections& held) {
        const std::lock_guard lock(*held.one_at_a_time);
        return std::visit([](auto& s) { return to_numpy(Matrix(s->sketch())); }, held.stream);
      });
  m.def("frequent_directions",
        [](const std::string& type, Index cols, Index sketch_rows, Index block, int threads) {
          return with_type_char(type, [&]<class T>() {
            return HeldDirections{std::make_unique<FrequentDirections<T>>(
                cols, directions_options(sketch_rows, block, threads))};
          });
        });
  m.def("frequent_directions_from",
        [](const std::string& type, const nb::dict& arrays, int threads) {
          return with_type_char(type, [&]<class T>() {
            return HeldDirections{std::make_unique<FrequentDirections<T>>(
                from_dict(arrays), directions_options(0, 0, threads))};
          });
        });
}

void bind_incremental(nb::module_& m) {
  using nb::literals::operator""_a;
  nb::class_<HeldIncremental>(m, "IncrementalSvd")
      .def("append_rows",
           [](HeldIncremental& held, nb::handle rows) {
             use_with(held, rows, [](auto& stream, auto view) { stream.append_rows(view); });
           })
      .def("append_columns",
           [](HeldIncremental& held, nb::handle columns) {
             use_with(held, columns, [](auto& stream, auto view) { stream.append_columns(view); });
           })
      .def("replace_column",
           [](HeldIncremental& held, Index j, nb::handle column) {
             use_with(held, column,
                      [j](auto& stream, auto view) { stream.replace_column(j, view); });
           })
      .def("replace_row",
           [](HeldIncremental& held, Index i, nb::handle row) {
             use_with(held, row, [i](auto& stream, auto view) { stream.replace_row(i, view); });
           })
      .def("change",
           [](HeldIncremental& held, nb::handle x, nb::handle y_) {
             const Array y(y_, Access::read);
             use_with(held, x, [&]<class T>(IncrementalSvd<T>& stream, MatrixView<const T> view) {
               stream.change(view, y.matrix<T>(0));
             });
           })
      .def("remove_rows",
           [](HeldIncremental& held, const std::vector<Index>& indices) {
             use(held, 1e9, [&](auto& stream) { stream.remove_rows(indices); });
           })
      .def("remove_columns",
           [](HeldIncremental& held, const std::vector<Index>& indices) {
             use(held, 1e9, [&](auto& stream) { stream.remove_columns(indices); });
           })
      .def("forget",
           [](HeldIncremental& held, double factor) {
             use(held, 0, [&](auto& stream) { stream.forget(factor); });
           })
      .def("result", &updated, "k"_a)
      .def("state", &state_of<IncrementalSvd>)
      .def_prop_ro("rows", &rows_of<IncrementalSvd>)
      .def_prop_ro("cols", &cols_of<IncrementalSvd>);
  m.def("incremental_svd",
        [](const std::string& type, Index rows, Index cols, Index rank, double tolerance,
           Index block, bool keep_u, bool keep_v, int threads) {
          return with_type_char(type, [&]<class T>() {
            return HeldIncremental{std::make_unique<IncrementalSvd<T>>(
                rows, cols, incremental_options(rank, tolerance, block, keep_u, keep_v, threads))};
          });
        });
  m.def("incremental_svd_of", [](nb::handle a_, Index rank, double tolerance, Index block,
                                 bool keep_u, bool keep_v, int threads) {
    const Array a(a_, Access::read);
    return a.with_type([&]<class T>() {
      return HeldIncremental{std::make_unique<IncrementalSvd<T>>(
          MatrixView<const T>(a.matrix<T>(0)),
          incremental_options(rank, tolerance, block, keep_u, keep_v, threads))};
    });
  });
  m.def("incremental_svd_from", [](const std::string& type, const nb::dict& arrays, int threads) {
    return with_type_char(type, [&]<class T>() {
      return HeldIncremental{std::make_unique<IncrementalSvd<T>>(
          from_dict(arrays), incremental_options(0, 0, 0, true, true, threads))};
    });
  });
}

}  // namespace

void bind_streams(nb::module_& m) {
  bind_directions(m);
  bind_incremental(m);
}

}  // namespace eckart::python
