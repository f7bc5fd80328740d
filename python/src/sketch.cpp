// SinglePassSketch: the stream that takes updates of any kind and order.
//
// The engine looks at its stop token before an update and never within. So a long update is cut, which no bit depends on, and made on a
// copy that takes the stream's place when it is complete: Ctrl-C leaves everything as it was.

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include <nanobind/stl/string.h>
#include <nanobind/stl/unique_ptr.h>

#include <eckart/single_pass_sketch.hpp>

#include "bindings.hpp"
#include "streams.hpp"

namespace eckart::python {
namespace {

using HeldSketch = Held<SinglePassSketch, SketchOptions>;
using Places = nb::ndarray<const std::int64_t, nb::ndim<1>, nb::c_contig, nb::device::cpu>;

nb::tuple sketched(HeldSketch& held, Index k, double failure_probability) {
  return described<SketchedSvd>(
      held,
      [&](auto& stream, const std::stop_token& stop) {
        return stream.result(k, failure_probability, stop);
      },
      [](auto& top) {
        nb::dict facts;
        facts["at_least"] = to_numpy(std::move(top.at_least));
        facts["at_most"] = to_numpy(std::move(top.at_most));
        facts["left_out"] = top.left_out;
        facts["left_out_at_least"] = top.left_out_at_least;
        facts["left_out_at_most"] = top.left_out_at_most;
        facts["spectral_at_most"] = top.spectral_at_most;
        facts["frobenius_norm"] = top.frobenius_norm;
        facts["norm_at_least"] = top.norm_at_least;
        facts["norm_at_most"] = top.norm_at_most;
        facts["errors"] = to_numpy(std::move(top.errors));
        facts["tail_at_least"] = to_numpy(std::move(top.tail_at_least));
        facts["tail_at_most"] = to_numpy(std::move(top.tail_at_most));
        facts["failure_probability"] = top.failure_probability;
        facts["rounding"] = top.rounding;
        facts["rows"] = top.rows;
        facts["cols"] = top.cols;
        return triplets_and(top, facts);
      });
}

// Entries of an update that is taken at once, about a second of work; and of a piece of a longer one.
constexpr Index entries_at_once = Index{1} << 24, entries_of_piece = Index{1} << 22;

// take(stream, first, count) for `count` lines of `length` entries, in pieces.
template <class T, class Take>
void in_pieces(SinglePassSketch<T>& stream, const Execution& execution, Index count, Index length,
               const Take& take) {
  const Index piece = std::max<Index>(1, entries_of_piece / std::max<Index>(1, length));
  if (count <= piece || count <= entries_at_once / std::max<Index>(1, length)) {
    take(stream, Index{0}, count);
    return;
  }
  SinglePassSketch<T> next(stream);
  for (Index first = 0; first < count; first += piece) {
    execution.check_stop();
    take(next, first, std::min(piece, count - first));
  }
  stream = std::move(next);
}

// take(stream, lines, first) for some rows of the array at a time, or columns.
template <class Take>
void add_lines(HeldSketch& held, nb::handle array, bool are_rows, const Take& take) {
  const Array a(array, Access::read);
  held.use(flops_of_much, [&]<class T>(SinglePassSketch<T>& stream, const Execution& execution) {
    const MatrixView<const T> lines = a.matrix<T>(0);
    in_pieces(
        stream, execution, are_rows ? lines.rows() : lines.cols(),
        are_rows ? lines.cols() : lines.rows(), [&](auto& to, Index first, Index count) {
          take(to,
               are_rows ? lines.block(first, 0, count, lines.cols()) : lines.columns(first, count),
               first);
        });
  });
}

void add_entries(HeldSketch& held, const Places& rows, const Places& cols, nb::handle values_) {
  const Array values(values_, Access::read);
  held.use(1e3 * static_cast<double>(rows.size()),
           [&]<class T>(SinglePassSketch<T>& stream, const Execution& execution) {
             const std::span<const T> numbers = values.vector<T>(0);
             std::vector<SketchEntry<T>> entries(numbers.size());
             for (std::size_t i = 0; i < entries.size(); ++i) {
               entries[i] = {rows.data()[i], cols.data()[i], numbers[i]};
             }
             // One costs as much as 32 in a row of many.
             in_pieces(stream, execution, static_cast<Index>(entries.size()), 32,
                       [&](auto& to, Index first, Index count) {
                         to.add_entries(std::span<const SketchEntry<T>>(entries).subspan(
                             static_cast<std::size_t>(first), static_cast<std::size_t>(count)));
                       });
           });
}

}  // namespace

void bind_sketch(nb::module_& m) {
  using nb::literals::operator""_a;
  nb::class_<HeldSketch>(m, "SinglePassSketch")
      .def("append_rows",
           [](HeldSketch& held, nb::handle rows) {
             add_lines(held, rows, true,
                       [](auto& to, auto lines, Index) { to.append_rows(lines); });
           })
      .def("append_columns",
           [](HeldSketch& held, nb::handle columns) {
             add_lines(held, columns, false,
                       [](auto& to, auto lines, Index) { to.append_columns(lines); });
           })
      .def("add_rows",
           [](HeldSketch& held, Index first, nb::handle rows) {
             add_lines(held, rows, true, [first](auto& to, auto lines, Index done) {
               to.add_rows(first + done, lines);
             });
           })
      .def("add_columns",
           [](HeldSketch& held, Index first, nb::handle columns) {
             add_lines(held, columns, false, [first](auto& to, auto lines, Index done) {
               to.add_columns(first + done, lines);
             });
           })
      .def("add_entries", &add_entries, "rows"_a, "cols"_a, "values"_a)
      .def("change",
           [](HeldSketch& held, nb::handle x, nb::handle y_) {
             const Array y(y_, Access::read);
             use_array(held, x,
                       [&]<class T>(SinglePassSketch<T>& stream, MatrixView<const T> view) {
                         stream.change(view, y.matrix<T>(0));
                       });
           })
      .def("scale",
           [](HeldSketch& held, double factor) {
             held.use(0, [factor](auto& stream, const Execution&) { stream.scale(factor); });
           })
      .def("merge",
           [](HeldSketch& held, HeldSketch& other) {
             held.use_with(other, [](auto& stream, const auto& theirs) { stream.merge(theirs); });
           })
      .def("grow",
           [](HeldSketch& held, Index rows, Index cols) {
             held.use(flops_of_much,
                      [rows, cols](auto& stream, const Execution&) { stream.grow(rows, cols); });
           })
      .def("result", &sketched, "k"_a, "failure_probability"_a)
      .def("state", &state_of<HeldSketch>)
      .def_prop_ro("rows", &rows_of<HeldSketch>)
      .def_prop_ro("cols", &cols_of<HeldSketch>)
      .def_prop_ro("range",
                   [](HeldSketch& held) {
                     return held.read([](auto& stream) { return stream.sizes().range; });
                   })
      .def_prop_ro("core",
                   [](HeldSketch& held) {
                     return held.read([](auto& stream) { return stream.sizes().core; });
                   })
      .def_prop_ro("seed", [](HeldSketch& held) {
        return held.read([](auto& stream) { return stream.seed(); });
      });
  m.def("single_pass_sketch",
        [](const std::string& type, Index rows, Index cols, Index rank, Index range, Index core,
           Index probes, std::uint64_t seed, int threads) {
          const SketchOptions options = {.rank = rank,
                                         .range = range,
                                         .core = core,
                                         .probes = probes,
                                         .seed = seed,
                                         .threads = threads,
                                         .stop = {}};
          return std::make_unique<HeldSketch>(type_char_of(type), options, flops_of_much,
                                              [rows, cols]<class T>(const SketchOptions& how) {
                                                return std::make_unique<SinglePassSketch<T>>(
                                                    rows, cols, how);
                                              });
        });
  m.def("single_pass_sketch_from", &held_from<HeldSketch>);
}

}  // namespace eckart::python
