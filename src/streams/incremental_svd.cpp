// Incremental decomposition:  A = U diag(s) V^H + E,   U m x r, V n x r orthonormal, E never known, its norms bounded
//
//   1. A change is gathered: a term w x y^H (gathered_terms.hpp). An appended column x has the new unit vector for y, an appended row y^H
//      the one for x; a replaced column j has y = e_j and for x the difference from what the factors and the terms say of it.
//   2. When `block` terms wait, or others come: [U X] = F C_u, [V Y] = G C_v with F and G orthonormal (update_frame.hpp), so that
//        U diag(s) V^H + X diag(w) Y^H = F K G^H,   K = C_u diag(s, w) C_v^H   (t x t, t = r + b, less where a side is shorter)
//   3. K = P diag(s') Q^H by svd(), audited
//   4. the leading r' triplets are kept: U <- F P, V <- G Q (rotated_basis.hpp). D = the rest is thrown away
//   5. E <- E_old + D, in norms.
//   Removal: U or V without its rows = F C_u, then 3 to 5. Forgetting multiplies s, the weights w and the norms of E.
//
// What is said of E. Let e_F and e_2 be the bounds of ||E||_F and ||E||_2 before an operation; nothing is assumed of A.
//   append, change   The factors take the change exactly, so E_old is what it was, with zeros for new rows and columns. E = E_old + D:
//                    ||E|| <= e + ||D||, where ||D||_F^2 = sum of the squares of the values left out, ||D||_2 = the first of them.
//   forget           E = f E_old.
//   remove           E = E_old without rows or columns, which enlarges neither norm: it is S E_old with a selection S, ||S|| <= 1.
//   replace          What is known of column j is replaced exactly, so column j of E becomes 0: E = E_old (I - e_j e_j^T), ||.|| <= 1.
// Sum of squares. Suppose E_old V = 0, as after the first truncation, where E = D is made of the triplets that U and V lack. Columns are
//   appended: [E_old 0] G = 0 with G = [V 0; 0 I], and D = D G G^H, so that [E_old 0] D^H = 0. Then (E_old + D)(E_old + D)^H =
//   E_old E_old^H + D D^H, thus ||E||_F^2 = e_F^2 + ||D||_F^2, ||E||_2^2 <= e_2^2 + ||D||_2^2; and E V' = 0 for the new V' = G Q, since
//   D Q = 0. So it goes on as long as columns are appended; for rows the same with U. New directions in V (rows, changes) end
//   E V = 0, and so does the loss of columns; those in U, or of rows, end U^H E = 0. What is a sum of squares between two such ends is a
//   run, and runs are added up, as long as rows and columns are there that they left something out of: error_ledger.hpp has the proof.
// Values. |sigma_i(A) - s_i| <= ||E||_2 (Weyl). Where E V = 0, A A^H = U S^2 U^H + E E^H, so s_i^2 <= sigma_i(A)^2 <= s_i^2 + ||E||_2^2;
//   where U^H E = 0 the same. So it is for the run, and what is of the past is added to both sides.
//
// Rounding. Steps 1 to 4 are exact for a change that differs by R from the one that was asked for. A product of matrices with inner
//   dimension t has an error of t eps / 2 times the product of the moduli, whatever the order of its sums; with orthonormal factors
//   ||.||_F <= t^1.5 eps / 2 times the norm of what they multiply. An update has 14 of them at the most, counted as 16 (two for F P
//   and G Q, one for K, two to straighten, three in a side that grows, three a side for the rounds of Gram-Schmidt, of which the later
//   ones work on what is left), and one for each piece of a basis that has to be written out:
//   ||R||_F <= (16 + pieces) t^1.5 eps / 2 (||s|| + sum w ||x|| ||y|| + ||E_run||),  the last since E_run is turned along with V; and the decomposition of K, by its audit (rounding.hpp: random vectors, wrong with a probability below 1e-10). All R
//   are summed, and forgotten along with A. The sum is a worst case: after a million updates it is 2e-8 ||A|| where the truth is
//   2e-13 ||A|| (docs/streams.md).
//
// Range. s, w and the norms of E are numbers near 1 or below with a power of 2 beside them, so that no factor of forgetting takes them
//   out of the range of double; a value that is 2^-1022 of a later change or less joins what was left out, while it can be told from 0,
//   and a change that is so small beside the values joins the rounding. Bounds that leave the range are rounded up, in results too.
//
// Orthogonality. U and V lose about eps an update. They are straightened by one Cholesky QR as soon as an estimate of the loss reaches
//   n eps: update_frame.hpp. tests/streams/incremental_svd_test.cpp measures a million updates.

#include <eckart/error.hpp>
#include <eckart/incremental_svd.hpp>

#include "dense/scale.hpp"
#include "streams/incremental_inner.hpp"

namespace eckart {
namespace {

using streams::Side;
using streams::Term;
using streams::TermKind;

std::string shape_text(Index rows, Index cols) {
  return std::to_string(rows) + " x " + std::to_string(cols);
}

void require(bool fits, const std::string& what) {
  if (!fits) {
    throw InvalidArgument(what);
  }
}

/// The indices in order; throws for those that do not exist.
std::vector<Index> checked(std::span<const Index> indices, Index count, const char* what) {
  std::vector<Index> sorted(indices.begin(), indices.end());
  std::sort(sorted.begin(), sorted.end());
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    require(sorted[i] >= 0 && sorted[i] < count,
            std::string(what) + " " + std::to_string(sorted[i]) + " of " + std::to_string(count));
    require(i == 0 || sorted[i] != sorted[i - 1],
            std::string(what) + " " + std::to_string(sorted[i]) + " is named twice");
  }
  return sorted;
}

/// Calls put(inner, j) for j in [0, count), each of which adds one term: at once where all fit in, else to a copy.
template <class Inner, class Put>
void receive(Inner& inner, TermKind kind, Index count, const Put& put) {
  if (inner.fits(kind, count)) {
    if (count > 0) {
      inner.make_room(kind, count);
    }
    for (Index j = 0; j < count; ++j) {
      put(inner, j);
    }
    return;
  }
  Inner next(inner);
  for (Index j = 0; j < count; ++j) {
    next.make_room(kind);
    put(next, j);
  }
  inner = std::move(next);
}

}  // namespace

template <Scalar T>
void IncrementalSvd<T>::Inner::absorb() {
  const Execution how = execution();
  how.check_stop();
  if (terms.count() > 0) {
    factors.absorb(how, rule(), terms);
    terms.clear();
  }
}

template <Scalar T>
void IncrementalSvd<T>::append_columns(MatrixView<const T> columns) {
  Inner& in = *inner_;
  require(columns.rows() == in.rows(), "columns of " + std::to_string(columns.rows()) +
                                           " entries for a matrix of " + std::to_string(in.rows()) +
                                           " rows");
  require(in.factors.u.kept(), "to append columns the left vectors are needed, u = thin");
  streams::require_finite_columns<T>(columns, in.cols());
  receive(in, TermKind::columns, columns.cols(), [&](Inner& to, Index j) {
    const auto [exponent, length] = streams::put_scaled<T>(
        columns.columns(j, 1), false, to.terms.x.view().columns(to.terms.count(), 1));
    to.terms.terms.push_back({1, exponent, length});
  });
}

template <Scalar T>
void IncrementalSvd<T>::append_rows(MatrixView<const T> rows) {
  Inner& in = *inner_;
  require(rows.cols() == in.cols(), "rows of " + std::to_string(rows.cols()) +
                                        " entries for a matrix of " + std::to_string(in.cols()) +
                                        " columns");
  require(in.factors.v.kept(), "to append rows the right vectors are needed, v = thin");
  streams::require_finite_rows<T>(rows, in.rows());
  const MatrixView<const T> turned = rows.transposed();
  receive(in, TermKind::rows, rows.rows(), [&](Inner& to, Index j) {
    const auto [exponent, length] = streams::put_scaled<T>(
        turned.columns(j, 1), true, to.terms.y.view().columns(to.terms.count(), 1));
    to.terms.terms.push_back({1, exponent, length});
  });
}

template <Scalar T>
void IncrementalSvd<T>::change(MatrixView<const T> x, MatrixView<const T> y) {
  Inner& in = *inner_;
  require(x.rows() == in.rows() && y.rows() == in.cols() && x.cols() == y.cols(),
          "a change X Y^H with X " + shape_text(x.rows(), x.cols()) + " and Y " +
              shape_text(y.rows(), y.cols()) + " of a matrix " + shape_text(in.rows(), in.cols()));
  require(in.factors.u.kept() && in.factors.v.kept(),
          "to change a matrix the vectors of both sides are needed, u = v = thin");
  streams::require_finite_columns<T>(x, 0);
  streams::require_finite_columns<T>(y, 0);
  receive(in, TermKind::changes, x.cols(), [&](Inner& to, Index j) {
    const Index at = to.terms.count();
    const auto left =
        streams::put_scaled<T>(x.columns(j, 1), false, to.terms.x.view().columns(at, 1));
    const auto right =
        streams::put_scaled<T>(y.columns(j, 1), false, to.terms.y.view().columns(at, 1));
    to.terms.terms.push_back({1, left.exponent + right.exponent, left.length * right.length});
  });
}

template <Scalar T>
void IncrementalSvd<T>::replace_column(Index j, MatrixView<const T> column) {
  Inner& in = *inner_;
  require(column.rows() == in.rows() && column.cols() == 1,
          "a column of the shape " + shape_text(column.rows(), column.cols()) +
              " for a matrix of " + std::to_string(in.rows()) + " rows");
  require(j >= 0 && j < in.cols(),
          "column " + std::to_string(j) + " of " + std::to_string(in.cols()));
  require(in.factors.u.kept() && in.factors.v.kept(),
          "to replace a column the vectors of both sides are needed, u = v = thin");
  streams::require_finite_columns<T>(column, j);
  Inner next(in);
  next.replace(Side::columns, j, column, false);
  in = std::move(next);
}

template <Scalar T>
void IncrementalSvd<T>::replace_row(Index i, MatrixView<const T> row) {
  Inner& in = *inner_;
  require(row.cols() == in.cols() && row.rows() == 1,
          "a row of the shape " + shape_text(row.rows(), row.cols()) + " for a matrix of " +
              std::to_string(in.cols()) + " columns");
  require(i >= 0 && i < in.rows(), "row " + std::to_string(i) + " of " + std::to_string(in.rows()));
  require(in.factors.u.kept() && in.factors.v.kept(),
          "to replace a row the vectors of both sides are needed, u = v = thin");
  streams::require_finite_rows<T>(row, i);
  Inner next(in);
  next.replace(Side::rows, i, row.transposed(), true);
  in = std::move(next);
}

// 1. Column `at`, or row `at` and all that follows of A^H, becomes `line`.
template <Scalar T>
void IncrementalSvd<T>::Inner::replace(Side side, Index at, MatrixView<const T> line,
                                       bool conjugated) {
  const Execution how = execution();
  make_room(TermKind::changes);
  factors.fit_scale(how, terms);
  const bool is_column = side == Side::columns;
  const streams::RotatedBasis<W>&along = is_column ? factors.u : factors.v,
        &across = is_column ? factors.v : factors.u;
  const MatrixView<const W> long_terms = is_column ? terms.left() : terms.right(),
                            across_terms = is_column ? terms.right() : terms.left();
  const Index n = line.rows(), r = along.cols(), place = terms.count();
  Matrix<W>& lines = is_column ? terms.x : terms.y;
  Matrix<W>& units = is_column ? terms.y : terms.x;
  const MatrixView<W> to = lines.view().columns(place, 1);

  // The line as it is, in the units of the factors.
  Matrix<W> weights(r, 1);
  const Matrix<W> entries = across.row(how, at);
  double size = 0;
  for (Index l = 0; l < r; ++l) {
    const double value = factors.s[static_cast<std::size_t>(l)];
    weights(l, 0) = value * conjugate(entries(0, l));
    size += value;
  }
  Matrix<W> now = along.times(how, weights.view());
  for (Index l = 0; l < place; ++l) {
    const Term& term = terms.terms[static_cast<std::size_t>(l)];
    const double weight = std::ldexp(term.weight, factors.exponent - term.exponent);
    const W share = weight * conjugate(across_terms(at, l));
    size += weight * term.length;
    for (Index i = 0; i < n; ++i) {
      now(i, 0) += long_terms(i, l) * share;
    }
  }
  // The difference, in units where the larger of both is near 1.
  const streams::ScaledLength given = streams::put_scaled<T>(line, conjugated, to);
  const int exponent = given.length == 0 ? factors.exponent
                       : size == 0       ? given.exponent
                                         : std::min(given.exponent, factors.exponent);
  dense::scale_by_power<W>(to, exponent - given.exponent);
  dense::scale_by_power<W>(now.view(), exponent - factors.exponent);
  for (Index i = 0; i < n; ++i) {
    to(i, 0) -= now(i, 0);
  }
  const Matrix<W> difference(to);
  const streams::ScaledLength scaled = streams::put_scaled<W>(difference.view(), false, to);
  std::fill_n(units.view().col(place), units.rows(), W{});
  units(at, place) = W(1);
  terms.terms.push_back({1, exponent + scaled.exponent, scaled.length});
  factors.count_rounding(3 + factors.products_to_write(), r + place + 1, size);
}

template <Scalar T>
void IncrementalSvd<T>::Inner::remove(Side side, std::span<const Index> indices) {
  absorb();
  factors.remove(execution(), rule(), side, indices);
}

template <Scalar T>
void IncrementalSvd<T>::remove_columns(std::span<const Index> indices) {
  const std::vector<Index> sorted = checked(indices, cols(), "column");
  require(inner_->factors.v.kept(), "to remove columns the right vectors are needed, v = thin");
  if (!sorted.empty()) {
    Inner next(*inner_);
    next.remove(Side::columns, sorted);
    *inner_ = std::move(next);
  }
}

template <Scalar T>
void IncrementalSvd<T>::remove_rows(std::span<const Index> indices) {
  const std::vector<Index> sorted = checked(indices, rows(), "row");
  require(inner_->factors.u.kept(), "to remove rows the left vectors are needed, u = thin");
  if (!sorted.empty()) {
    Inner next(*inner_);
    next.remove(Side::rows, sorted);
    *inner_ = std::move(next);
  }
}

template <Scalar T>
void IncrementalSvd<T>::forget(double factor) {
  require(factor > 0 && factor <= 1,
          "forgetting by " + std::to_string(factor) + "; factors are above 0 and at most 1");
  if (factor == 1) {
    return;
  }
  Inner& in = *inner_;
  const Execution how = in.execution();
  streams::TrackedFactors<W> factors = in.factors;
  factors.fit_scale(how, in.terms);
  factors.forget(how, factor);
  double waiting = 0;
  for (Term& term : in.terms.terms) {  // from here on nothing throws
    term.scale(factor);
    waiting += std::ldexp(term.weight * term.length, factors.exponent - term.exponent);
  }
  factors.count_rounding(2, 1, waiting);
  in.factors = std::move(factors);
}

template <Scalar T>
void IncrementalSvd<T>::flush() {
  Inner next(*inner_);
  next.absorb();
  *inner_ = std::move(next);
}

template <Scalar T>
auto IncrementalSvd<T>::orthogonality() const -> Orthogonality {
  const Execution how = inner_->execution();
  const auto figure = [&](const streams::RotatedBasis<W>& z) {
    const auto unit = static_cast<double>(std::max<Index>(z.rows(), 1)) * epsilon<double>;
    return z.kept() ? z.loss(how) / unit : 0.0;
  };
  return {figure(inner_->factors.u), figure(inner_->factors.v)};
}

template <Scalar T>
Index IncrementalSvd<T>::rows() const noexcept {
  return inner_->rows();
}
template <Scalar T>
Index IncrementalSvd<T>::cols() const noexcept {
  return inner_->cols();
}
template <Scalar T>
Index IncrementalSvd<T>::gathered() const noexcept {
  return inner_->terms.count();
}
template <Scalar T>
Index IncrementalSvd<T>::block() const noexcept {
  return inner_->options.block;
}

template <Scalar T>
IncrementalSvd<T>::IncrementalSvd(const IncrementalSvd& other)
    : inner_(std::make_unique<Inner>(*other.inner_)) {}
template <Scalar T>
IncrementalSvd<T>& IncrementalSvd<T>::operator=(const IncrementalSvd& other) {
  inner_ = std::make_unique<Inner>(*other.inner_);
  return *this;
}
template <Scalar T>
IncrementalSvd<T>::IncrementalSvd(IncrementalSvd&&) noexcept = default;
template <Scalar T>
IncrementalSvd<T>& IncrementalSvd<T>::operator=(IncrementalSvd&&) noexcept = default;
template <Scalar T>
IncrementalSvd<T>::~IncrementalSvd() = default;

template class IncrementalSvd<float>;
template class IncrementalSvd<double>;
template class IncrementalSvd<std::complex<float>>;
template class IncrementalSvd<std::complex<double>>;

}  // namespace eckart
