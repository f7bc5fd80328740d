// Updates of a single-pass sketch: their checks, units, and those that are not lines (sketch_lines.cpp) nor linear algebra
// (sketch_linear.cpp).
//
//   A single entry v at (i, j): x_j += v upsilon_i, y_i += v omega_j, w_j += v theta_i, Z += v phi_i psi_j^T.
//   A change B C^H: X += (Upsilon B) C^H, and so on, in products.
//
// Range. Sketches are those of 2^exponent A / weight. The first thing that is not zero sets the exponent, so that its largest part is
// near 1; one that is 2^256 times larger than that sets it anew, and what was there loses the bits that are below 2^-1022 of it.
// Forgetting multiplies the weight alone.

#include <algorithm>

#include <eckart/error.hpp>

#include "streams/gathered_terms.hpp"
#include "streams/rows.hpp"
#include "streams/sketch_inner.hpp"

namespace eckart {
namespace {

using streams::add_signed;
using streams::sparse_signs;
using streams::SparseSigns;

// Powers of two between the units and what may come without their being set anew.
constexpr std::int64_t headroom = 256;

void require(bool fits, const std::string& what) {
  if (!fits) {
    throw InvalidArgument(what);
  }
}

}  // namespace

template <Scalar T>
SinglePassSketch<T>::Inner::Inner(Index m, Index n, const SketchOptions& given)
    : options(streams::completed<T>(given)),
      x(options.range),
      y(options.range),
      w(options.probes),
      z(options.core, options.core) {
  require(m >= 0 && n >= 0, "a matrix of " + std::to_string(m) + " x " + std::to_string(n));
  grow(m, n);
}

template <Scalar T>
void SinglePassSketch<T>::Inner::grow(Index m, Index n) {
  x.reserve(n);
  w.reserve(n);
  y.reserve(m);
  x.set_count(n);
  w.set_count(n);
  y.set_count(m);
}

template <Scalar T>
bool SinglePassSketch<T>::Inner::fits(std::int64_t binary) const noexcept {
  return came > 0 && exponent - binary <= headroom;
}

template <Scalar T>
void SinglePassSketch<T>::Inner::fit(std::int64_t binary) noexcept {
  if (came == 0) {
    exponent = binary;
    weight = 1;
  } else if (!fits(binary)) {
    shift(binary - exponent);
  }
}

template <Scalar T>
void SinglePassSketch<T>::Inner::shift(std::int64_t by) noexcept {
  const double first = streams::times_power(1, by / 2),
               second = streams::times_power(1, by - by / 2);
  const auto multiply = [&](Index, MatrixView<W> piece) {
    for (Index j = 0; j < piece.cols(); ++j) {
      for (Index p = 0; p < piece.rows(); ++p) {
        piece(p, j) = piece(p, j) * first * second;
      }
    }
  };
  x.for_pieces(multiply);
  y.for_pieces(multiply);
  w.for_pieces(multiply);
  multiply(0, z.view());
  exponent += by;
  came = streams::times_power(came, 2 * by);
}

template <Scalar T>
void SinglePassSketch<T>::Inner::count(std::int64_t binary, double length, Index more) noexcept {
  const double scaled = streams::times_power(length, exponent - binary) / weight;
  came += scaled * scaled;
  terms += static_cast<double>(more);
}

template <Scalar T>
void SinglePassSketch<T>::Inner::meet(bool are_rows, Index first, Index behind) noexcept {
  Index &met = are_rows ? rows_met : cols_met, &met_across = are_rows ? cols_met : rows_met;
  if (behind > first) {
    disjoint = disjoint && first >= met;
    met = std::max(met, behind);
    met_across = are_rows ? cols() : rows();
  }
}

template <Scalar T>
void SinglePassSketch<T>::add_rows(Index first, MatrixView<const T> rows) {
  Inner& in = *inner_;
  require(rows.cols() == in.cols(), "rows of " + std::to_string(rows.cols()) +
                                        " entries for a matrix of " + std::to_string(in.cols()) +
                                        " columns");
  require(first >= 0 && first <= in.rows() - rows.rows(),
          "rows " + std::to_string(first) + " to " + std::to_string(first + rows.rows() - 1) +
              " of " + std::to_string(in.rows()) + "; grow() makes room");
  streams::require_finite_rows<T>(rows, first);
  in.add_lines(true, first, rows);
}

template <Scalar T>
void SinglePassSketch<T>::add_columns(Index first, MatrixView<const T> columns) {
  Inner& in = *inner_;
  require(columns.rows() == in.rows(), "columns of " + std::to_string(columns.rows()) +
                                           " entries for a matrix of " + std::to_string(in.rows()) +
                                           " rows");
  require(first >= 0 && first <= in.cols() - columns.cols(),
          "columns " + std::to_string(first) + " to " + std::to_string(first + columns.cols() - 1) +
              " of " + std::to_string(in.cols()) + "; grow() makes room");
  streams::require_finite_columns<T>(columns, first);
  in.add_lines(false, first, columns.transposed());
}

template <Scalar T>
void SinglePassSketch<T>::append_rows(MatrixView<const T> rows) {
  Inner& in = *inner_;
  require(rows.cols() == in.cols(), "rows of " + std::to_string(rows.cols()) +
                                        " entries for a matrix of " + std::to_string(in.cols()) +
                                        " columns");
  streams::require_finite_rows<T>(rows, in.rows());
  in.add_lines(true, in.rows(), rows);
}

template <Scalar T>
void SinglePassSketch<T>::append_columns(MatrixView<const T> columns) {
  Inner& in = *inner_;
  require(columns.rows() == in.rows(), "columns of " + std::to_string(columns.rows()) +
                                           " entries for a matrix of " + std::to_string(in.rows()) +
                                           " rows");
  streams::require_finite_columns<T>(columns, in.cols());
  in.add_lines(false, in.cols(), columns.transposed());
}

template <Scalar T>
void SinglePassSketch<T>::add_entries(std::span<const SketchEntry<T>> entries) {
  Inner& in = *inner_;
  const SketchOptions& o = in.options;
  for (const auto& [row, col, value] : entries) {
    require(row >= 0 && row < in.rows() && col >= 0 && col < in.cols(),
            "entry (" + std::to_string(row) + ", " + std::to_string(col) + ") of a matrix of " +
                std::to_string(in.rows()) + " x " + std::to_string(in.cols()) +
                "; grow() makes room");
    if (!is_finite(value)) {
      throw NonFinite(row, col, name_of_non_finite(value));
    }
  }
  in.execution().check_stop();
  std::vector<W> test(static_cast<std::size_t>(o.probes));
  in.disjoint = in.disjoint && entries.empty();
  SparseSigns upsilon{}, phi{};
  Index row = -1;
  for (const auto& entry : entries) {
    const T single[] = {entry.value};
    W scaled{};
    const auto [binary, length] = streams::put_scaled<T>(MatrixView<const T>(single, 1, 1), false,
                                                         MatrixView<W>(&scaled, 1, 1));
    if (length == 0) {
      continue;
    }
    in.fit(binary);
    in.count(binary, length, 1);
    if (entry.row != row) {
      row = entry.row;
      upsilon = sparse_signs(o.seed, streams::row_side.range, row, o.range);
      phi = sparse_signs(o.seed, streams::row_side.core, row, o.core);
      streams::put_normal<W>(o.seed, row, test);
    }
    const SparseSigns omega = sparse_signs(o.seed, streams::col_side.range, entry.col, o.range),
                      psi = sparse_signs(o.seed, streams::col_side.core, entry.col, o.core);
    const W value = streams::times_power(1 / in.weight, in.exponent - binary) * scaled;
    add_signed(in.x.col(entry.col), upsilon, value);
    add_signed(in.y.col(row), omega, value);
    streams::add_multiple<W>(value, test.data(), in.w.col(entry.col), o.probes);
    for (const streams::SignedPlace p : phi) {
      add_signed(in.z.view().col(static_cast<Index>(streams::place_of(p))), psi,
                 streams::turned(value)[streams::turn_of(p)]);
    }
  }
}

template <Scalar T>
void SinglePassSketch<T>::scale(double factor) {
  require(factor > 0 && std::isfinite(factor),
          "scaling by " + std::to_string(factor) + "; factors are positive and finite");
  Inner& in = *inner_;
  if (in.came == 0 || factor == 1) {
    return;
  }
  int of_factor = 0, of_weight = 0;
  in.weight = std::frexp(std::frexp(factor, &of_factor) * in.weight, &of_weight);
  in.exponent -= of_factor + of_weight;
  in.terms += 1;
}

template <Scalar T>
void SinglePassSketch<T>::grow(Index rows, Index cols) {
  Inner& in = *inner_;
  require(rows >= in.rows() && cols >= in.cols(),
          "a matrix of " + std::to_string(in.rows()) + " x " + std::to_string(in.cols()) +
              " cannot become one of " + std::to_string(rows) + " x " + std::to_string(cols));
  in.grow(rows, cols);
}

template <Scalar T>
Index SinglePassSketch<T>::rows() const noexcept {
  return inner_->rows();
}
template <Scalar T>
Index SinglePassSketch<T>::cols() const noexcept {
  return inner_->cols();
}
template <Scalar T>
SketchSizes SinglePassSketch<T>::sizes() const noexcept {
  return {inner_->options.range, inner_->options.core};
}
template <Scalar T>
Index SinglePassSketch<T>::probes() const noexcept {
  return inner_->options.probes;
}
template <Scalar T>
std::uint64_t SinglePassSketch<T>::seed() const noexcept {
  return inner_->options.seed;
}

template <Scalar T>
SinglePassSketch<T>::SinglePassSketch(Index rows, Index cols, const SketchOptions& options)
    : inner_(std::make_unique<Inner>(rows, cols, options)) {}
template <Scalar T>
SinglePassSketch<T>::SinglePassSketch(const SinglePassSketch& other)
    : inner_(std::make_unique<Inner>(*other.inner_)) {}
template <Scalar T>
SinglePassSketch<T>& SinglePassSketch<T>::operator=(const SinglePassSketch& other) {
  inner_ = std::make_unique<Inner>(*other.inner_);
  return *this;
}
template <Scalar T>
SinglePassSketch<T>::SinglePassSketch(SinglePassSketch&&) noexcept = default;
template <Scalar T>
SinglePassSketch<T>& SinglePassSketch<T>::operator=(SinglePassSketch&&) noexcept = default;
template <Scalar T>
SinglePassSketch<T>::~SinglePassSketch() = default;

template class SinglePassSketch<float>;
template class SinglePassSketch<double>;
template class SinglePassSketch<std::complex<float>>;
template class SinglePassSketch<std::complex<double>>;

}  // namespace eckart
