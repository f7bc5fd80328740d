// What a single-pass sketch does as a linear map: low-rank changes, sums of sketches; and its sizes, memory and states.
//
//   change    B C^H, its pairs of columns scaled to parts below 1:  X += (Upsilon B) C^H,  Y += B (Omega conj(C))^T,
//             Z += (Phi B) (Psi conj(C))^T,  W += (Theta B) C^H, products over the pieces of long_sketch.hpp
//   merge     sums, in the units of the coarser of both

#include <algorithm>
#include <limits>

#include <eckart/error.hpp>

#include "blas/gemm.hpp"
#include "streams/gathered_terms.hpp"
#include "streams/rows.hpp"
#include "streams/sketch_inner.hpp"
#include "streams/state_parts.hpp"
#include "streams/test_products.hpp"

namespace eckart {
namespace {

using blas::Op;
using streams::LongSketch;
using streams::TestMatrix;

constexpr Index least_range = 16, most_rank = Index{1} << 20, most_size = Index{1} << 23;
// Rows and columns: what a state may tell of.
constexpr Index most_lines = Index{1} << 40;

void require(bool fits, const std::string& what) {
  if (!fits) {
    throw InvalidArgument(what);
  }
}

/// alpha of the header.
template <Scalar T>
constexpr Index freedom = ComplexScalar<T> ? 0 : 1;

template <Scalar T>
Index core_for(Index range) {
  return 2 * range + freedom<T>;
}

/// Columns of vectors, each scaled, conjugated if asked, with their exponents and lengths.
template <class W>
struct ScaledColumns {
  Matrix<W> columns;
  std::vector<streams::ScaledLength> sizes;
};
template <Scalar T>
ScaledColumns<streams::Wide<T>> scaled(MatrixView<const T> a, bool conjugated) {
  ScaledColumns<streams::Wide<T>> to{Matrix<streams::Wide<T>>::uninitialized(a.rows(), a.cols()),
                                     {}};
  for (Index l = 0; l < a.cols(); ++l) {
    to.sizes.push_back(
        streams::put_scaled<T>(a.columns(l, 1), conjugated, to.columns.view().columns(l, 1)));
  }
  return to;
}

/// A piece of `to` += left op(right), `right` the rows that belong to it.
template <Scalar W>
void add_product(const Execution& how, LongSketch<W>& to, const Matrix<W>& left, Op op,
                 const Matrix<W>& right) {
  to.for_pieces([&](Index first, MatrixView<W> piece) {
    blas::gemm<W>(how, Op::none, op, W(1), left.view(),
                  right.view().block(first, 0, piece.cols(), right.cols()), W(1), piece);
  });
}

}  // namespace

template <Scalar T>
SketchSizes sketch_sizes(Index rank) {
  require(rank >= 1 && rank <= most_rank, "sketches for rank " + std::to_string(rank) +
                                              "; ranks are from 1 to " + std::to_string(most_rank));
  const Index range = std::max(least_range, 4 * rank + freedom<T>);
  return {range, core_for<T>(range)};
}

template <Scalar T>
SketchSizes sketch_sizes_within(std::uint64_t bytes, Index rows, Index cols, Index probes) {
  require(rows >= 1 && cols >= 1 && probes >= 1, "sketches need rows, columns and probes");
  using W = typename SinglePassSketch<T>::W;
  const double numbers = static_cast<double>(bytes) / sizeof(W),
               tests = static_cast<double>(probes) * static_cast<double>(cols), a = freedom<T>,
               lines = static_cast<double>(rows) + static_cast<double>(cols);
  const double shorter = static_cast<double>(std::min(rows, cols));
  const double least = std::min(static_cast<double>(least_range), std::max(shorter, 8.0));
  // lines r + (2 r + a)^2 + tests = numbers
  const double half = (lines + 4 * a) / 8, rest = (numbers - tests - a * a) / 4;
  const double most = rest > 0 ? rest / (half + std::sqrt(half * half + rest)) : 0;
  const double range = std::floor(
      std::min({most, std::max(shorter, least), static_cast<double>(most_size) / 2 - 1}));
  if (range < least) {
    const double needed = lines * least + std::pow(2 * least + a, 2) + tests;
    throw OutOfMemory("the smallest sketches of this matrix",
                      static_cast<std::uint64_t>(needed * sizeof(W)));
  }
  const double core =
      std::min(std::max(2 * range + a, std::floor(std::sqrt(numbers - tests - lines * range))),
               static_cast<double>(most_size));
  // More of it than four times the range helps nobody.
  return {static_cast<Index>(range), static_cast<Index>(std::min(core, 4 * range + a))};
}

template <Scalar T>
SketchOptions streams::completed(SketchOptions o) {
  require(o.range >= 0 && o.core >= 0 && o.threads >= 0,
          "range, core and threads are 0, for the usual, or positive");
  if (o.range == 0) {
    o.range = sketch_sizes<T>(o.rank).range;
  }
  if (o.core == 0) {
    o.core = core_for<T>(o.range);
  }
  require(o.range >= streams::sparsity && o.range <= o.core && o.core <= most_size,
          "sketches of sizes " + std::to_string(o.range) + " and " + std::to_string(o.core) +
              "; range is " + std::to_string(streams::sparsity) + " at least and core no less, " +
              std::to_string(most_size) + " at the most");
  require(o.probes >= 1 && o.probes <= most_size,
          std::to_string(o.probes) + " probes; 16 are usual");
  return o;
}

template <Scalar T>
void SinglePassSketch<T>::change(MatrixView<const T> b, MatrixView<const T> c) {
  Inner& in = *inner_;
  const SketchOptions& o = in.options;
  require(b.rows() == in.rows() && c.rows() == in.cols() && b.cols() == c.cols(),
          "a change X Y^H with X " + std::to_string(b.rows()) + " x " + std::to_string(b.cols()) +
              " and Y " + std::to_string(c.rows()) + " x " + std::to_string(c.cols()) +
              " of a matrix " + std::to_string(in.rows()) + " x " + std::to_string(in.cols()));
  streams::require_finite_columns<T>(b, 0);
  streams::require_finite_columns<T>(c, 0);
  const Execution how = in.execution();
  how.check_stop();
  const auto left = scaled<T>(b, false), right = scaled<T>(c, false), turned = scaled<T>(c, true);
  const MatrixView<const W> l = left.columns.view(), r = turned.columns.view();
  Matrix<W> to_x = streams::times_signs<W>(how, o.seed, TestMatrix::co_range, o.range, l, false),
            to_z = streams::times_signs<W>(how, o.seed, TestMatrix::core_rows, o.core, l, false),
            to_w = streams::times_normal<W>(how, o.seed, o.probes, l),
            to_y = streams::times_signs<W>(how, o.seed, TestMatrix::range, o.range, r, false);
  const Matrix<W> with_z =
      streams::times_signs<W>(how, o.seed, TestMatrix::core_cols, o.core, r, false);
  const auto length_of = [&](Index j) {
    const auto at = static_cast<std::size_t>(j);
    return streams::ScaledLength{left.sizes[at].exponent + right.sizes[at].exponent,
                                 left.sizes[at].length * right.sizes[at].length};
  };
  in.disjoint = in.disjoint && b.cols() == 0;
  for (Index j = 0; j < b.cols(); ++j) {
    if (const auto [binary, length] = length_of(j); length > 0) {
      in.fit(binary);
    }
  }
  for (Index j = 0; j < b.cols(); ++j) {
    const auto [binary, length] = length_of(j);
    if (length > 0) {
      in.count(binary, length, 1);
    }
    const double weight = streams::times_power(1 / in.weight, in.exponent - binary);
    for (Matrix<W>* a : {&to_x, &to_y, &to_z, &to_w}) {
      for (Index p = 0; p < a->rows(); ++p) {
        (*a)(p, j) = length > 0 ? (*a)(p, j) * weight : W{};
      }
    }
  }
  add_product(how, in.x, to_x, Op::adjoint, right.columns);
  add_product(how, in.w, to_w, Op::adjoint, right.columns);
  add_product(how, in.y, to_y, Op::transpose, left.columns);
  blas::gemm<W>(how, Op::none, Op::transpose, W(1), with_z.view(), to_z.view(), W(1), in.z.view());
}

template <Scalar T>
void SinglePassSketch<T>::merge(const SinglePassSketch& other) {
  Inner& in = *inner_;
  const Inner& from = *other.inner_;
  const SketchOptions &a = in.options, &b = from.options;
  require(a.seed == b.seed && a.range == b.range && a.core == b.core && a.probes == b.probes,
          "sketches add up where seed, range, core and probes are the same");
  in.grow(std::max(in.rows(), from.rows()), std::max(in.cols(), from.cols()));
  if (from.came == 0) {
    return;
  }
  in.disjoint = false;
  // Of the size of all of it, not of its units.
  in.fit(from.exponent - std::ilogb(std::sqrt(from.came)));
  const double first = streams::times_power(1, (in.exponent - from.exponent) / 2),
               second = streams::times_power(
                   from.weight / in.weight,
                   in.exponent - from.exponent - (in.exponent - from.exponent) / 2);
  const auto add = [&](LongSketch<W>& to, const LongSketch<W>& what) {
    what.for_pieces([&](Index at, MatrixView<const W> piece) {
      for (Index j = 0; j < piece.cols(); ++j) {
        W* const sums = to.col(at + j);
        for (Index p = 0; p < piece.rows(); ++p) {
          sums[p] += piece(p, j) * first * second;
        }
      }
    });
  };
  add(in.x, from.x);
  add(in.y, from.y);
  add(in.w, from.w);
  for (Index j = 0; j < a.core; ++j) {
    for (Index p = 0; p < a.core; ++p) {
      in.z(p, j) += from.z(p, j) * first * second;
    }
  }
  in.came += from.came * (first * second) * (first * second);
  in.terms += from.terms;
}

template <Scalar T>
StreamState SinglePassSketch<T>::state() const {
  const Inner& in = *inner_;
  StreamState state = streams::begin_state<T>(StreamKind::sketch);
  state.put_count("rows", in.rows());
  state.put_count("cols", in.cols());
  state.put_count("range", in.options.range);
  state.put_count("core", in.options.core);
  state.put_count("probes", in.options.probes);
  state.put_bits("seed", in.options.seed);
  state.put("exponent", static_cast<double>(in.exponent));
  state.put("weight", in.weight);
  state.put("came", in.came);
  state.put("terms", in.terms);
  state.put_count("disjoint", in.disjoint ? 1 : 0);
  state.put_count("rows_met", in.rows_met);
  state.put_count("cols_met", in.cols_met);
  state.put("x", in.x.whole());
  state.put("y", in.y.whole());
  state.put("w", in.w.whole());
  state.put("z", in.z);
  return state;
}

template <Scalar T>
SinglePassSketch<T>::SinglePassSketch(const StreamState& state, const SketchOptions& options) {
  streams::require_state<T>(state, StreamKind::sketch);
  SketchOptions restored = options;
  restored.range = state.count("range", 1, most_size);
  restored.core = state.count("core", 1, most_size);
  restored.probes = state.count("probes", 1, most_size);
  restored.seed = state.bits("seed");
  const Index m = state.count("rows", 0, most_lines), n = state.count("cols", 0, most_lines);
  // The arrays first: what they hold is there already, so no size is believed that they do not have.
  const auto x = state.view<W>("x", restored.range, n), y = state.view<W>("y", restored.range, m),
             w = state.view<W>("w", restored.probes, n),
             z = state.view<W>("z", restored.core, restored.core);
  inner_ = std::make_unique<Inner>(0, 0, restored);
  Inner& in = *inner_;
  in.x.assign(x);
  in.y.assign(y);
  in.w.assign(w);
  in.z = Matrix<W>(z);
  const double exponent = state.number("exponent");
  in.weight = state.number("weight");
  in.came = streams::magnitude_of(state, "came");
  in.terms = streams::magnitude_of(state, "terms");
  in.disjoint = state.count("disjoint", 0, 1) == 1;
  in.rows_met = state.count("rows_met", 0, m);
  in.cols_met = state.count("cols_met", 0, n);
  require(exponent == std::floor(exponent) && std::abs(exponent) <= 0x1p53 && in.weight >= 0.5 &&
              in.weight <= 1,
          "the state of the stream: 'exponent' and 'weight' are no power of two and a weight");
  in.exponent = static_cast<std::int64_t>(exponent);
}

template <Scalar T>
MemoryPlan SinglePassSketch<T>::memory(Index rows, Index cols, const SketchOptions& options,
                                       Index k) {
  const SketchOptions o = streams::completed<T>(options);
  const auto sketches = [&] {
    return MemoryPlan::all_of("sketches", {LongSketch<W>::memory("co-range sketch", o.range, cols),
                                           LongSketch<W>::memory("range sketch", o.range, rows),
                                           LongSketch<W>::memory("test sketch", o.probes, cols),
                                           MemoryPlan::block<W>("core sketch", o.core, o.core)});
  };
  // sketch_lines.cpp
  constexpr Index together = 256, beside = 128;
  const MemoryPlan updates = MemoryPlan::all_of(
      "updates", {MemoryPlan::block<streams::SparseSigns>("signs", 4, std::max(rows, cols)),
                  MemoryPlan::block<W>("a line", std::max(rows, cols)),
                  MemoryPlan::block<W>("lines that are tested", o.core + o.probes, together),
                  MemoryPlan::block<W>(
                      "sums side by side",
                      Execution{.threads = o.threads, .stop = {}, .progress = {}}.thread_count() *
                          (2 * together + o.range + o.core + o.probes),
                      beside)});
  if (k <= 0) {
    return MemoryPlan::all_of("single-pass sketch", {sketches(), updates});
  }
  const MemoryPlan state =
      MemoryPlan::all_of("state", {MemoryPlan::block<W>("X, W", o.range + o.probes, cols),
                                   MemoryPlan::block<W>("Y", o.range, rows),
                                   MemoryPlan::block<W>("Z", o.core, o.core)});
  return MemoryPlan::all_of(
      "single-pass sketch",
      {sketches(), updates,
       MemoryPlan::any_of("what is asked of it", {result_memory(rows, cols, o, k), state})});
}

#define ECKART_INSTANTIATE(T)                                                               \
  template SketchSizes sketch_sizes<T>(Index);                                              \
  template SketchSizes sketch_sizes_within<T>(std::uint64_t, Index, Index, Index);          \
  template SketchOptions streams::completed<T>(SketchOptions);                              \
  template void SinglePassSketch<T>::change(MatrixView<const T>, MatrixView<const T>);      \
  template void SinglePassSketch<T>::merge(const SinglePassSketch&);                        \
  template StreamState SinglePassSketch<T>::state() const;                                  \
  template SinglePassSketch<T>::SinglePassSketch(const StreamState&, const SketchOptions&); \
  template MemoryPlan SinglePassSketch<T>::memory(Index, Index, const SketchOptions&, Index);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)

}  // namespace eckart
