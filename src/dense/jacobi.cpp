// One-sided Jacobi with QR preconditioning and de Rijk's pivoting.
//
// One-sided Jacobi rotates pairs of columns of a matrix X (l x n) until all are orthogonal: X W =
// Y. The norms of the columns of Y are then the singular values of X, the normalised columns its
// left singular vectors, and W, the product of the rotations, holds the right ones:
//   X = (Y / ||y||) diag(||y||) W^H.
//
// Steps
//   1. Sort the rows of A by their largest entry, largest first:          A <- S A
//   2. QR with column pivoting:                                           S A P = Q R
//   3. One-sided Jacobi on the columns of X = R^H (n x n, lower):         R^H W = Y
//   4. Sort:  s = ||y||, descending;  V = P Y / ||y||
//   5. Fill the columns of V that belong to s = 0 with an orthonormal completion.
//   6. U = S^T Q W
// Without preconditioning X is A itself: U = Y / ||y||, V = W, and step 5 fills columns of U.
//
// Sources. Pivoting inside the sweeps: de Rijk, SIAM J. Sci. Stat. Comput. 10 (1989) 359. QR first,
// then Jacobi on R^H, whose columns are closer to orthogonal than those of R: Drmac and Veselic,
// SIAM J. Matrix Anal. Appl. 29 (2008) 1322 and 1343. Sorted rows make Householder QR with column
// pivoting backward stable row by row: Cox and Higham, BIT 38 (1998) 34. Form of the rotation:
// Rutishauser, Numer. Math. 9 (1966) 1.
//
// Accuracy. Backward error a small multiple of eps ||A||, like every rung. Beyond that: for A = B D
// or D1 B D2 with diagonal D of any range, each singular value has a relative error of about
// n eps cond(B), however small it is (Demmel and Veselic, SIAM J. Matrix Anal. Appl. 13 (1992)
// 1204), as long as it stays above the smallest normal number / eps. Orthogonality of the
// normalised side comes from the convergence test, pair by pair; that of W from its being a product
// of rotations.
//
// Scales. Column j stands in memory as y_j with ||y_j||^2 within [2^-20, 2^20], and means
// scale_j y_j with a power of two scale_j. Inner products of tiny columns then do not underflow
// into false orthogonality, in float either, and nothing overflows. A pair with rho = scale_q /
// scale_p is rotated by the angle theta, w being the phase of g = y_p^H y_q:
//   d = ||y_p||^2 - rho^2 ||y_q||^2 >= 0        q := tan(theta) / rho = 2 |g| / (d + sqrt(d^2 + 4
//   rho^2 |g|^2)) y_p <- cos y_p + sin rho conj(w) y_q         y_q <- cos y_q - cos q w y_p
// which holds up to the limit rho = 0, where it is one step of Gram and Schmidt.
//
// Cost. A rotated pair takes 8 l flops, and 6 n more when W is wanted; 14 n^3 / 2 a sweep (complex:
// 4 times that). Memory: X and W.
//
// How it fails. It does not: on finite input every known order of pairs converges in practice. The
// cap on sweeps turns a counterexample into data (`converged` false).

#include "dense/jacobi.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

#include <eckart/error.hpp>

#include "blas/lapack.hpp"
#include "dense/flush_denormals.hpp"
#include "dense/jacobi_kernels.hpp"
#include "dense/pivoted_qr.hpp"

namespace eckart::dense {
namespace {

// Squared norms of the stored columns stay within [1 / square_limit, square_limit].
constexpr int square_limit_exponent = 20;

// Columns that are rotated against one another should stay in the second-level cache; half a
// megabyte is there on every processor of the last ten years.
constexpr Index cache_bytes = Index{1} << 19;

// What a progress bar is told to expect.
constexpr double usual_sweeps = 8;

template <Scalar T>
Real<T> squared_modulus(const T& x) {
  if constexpr (ComplexScalar<T>) {
    return x.real() * x.real() + x.imag() * x.imag();
  } else {
    return x * x;
  }
}

// The columns of X, and of W when it is wanted, with their scales and norms. Columns never move:
// `order` lists them, and pivoting and sorting permute that list.
template <Scalar T>
class Columns {
 public:
  using R = Real<T>;

  // Takes its memory from `work`, see memory(). x: the matrix, l x n, read through `entry`.
  Columns(Index l, Index n, bool want_w, Workspace& work)
      : n_(n),
        x_length_(padded_length(l)),
        w_length_(want_w ? padded_length(n) : 0),
        x_(work.take<R>(column_reals<T>(x_length_) * n)),
        w_(work.take<R>(column_reals<T>(w_length_) * n)),
        scale_(work.take<R>(n)),
        square_(work.take<R>(n)),
        norm_(work.take<R>(n)),
        peak_(work.take<R>(n)),
        order_(work.take<Index>(n)),
        kernels_(jacobi_kernels<T>()) {
    std::iota(order_.begin(), order_.end(), Index{0});
    std::fill(w_.begin(), w_.end(), R{0});
    if (want_w) {
      for (Index j = 0; j < n; ++j) {
        w(j)[j] = 1;
      }
    }
  }

  [[nodiscard]] static MemoryPlan memory(Index l, Index n, bool want_w) {
    return MemoryPlan::all_of(
        "rotated columns",
        {MemoryPlan::block<R>("columns", column_reals<T>(padded_length(l)) * n),
         MemoryPlan::block<R>("rotations", want_w ? column_reals<T>(padded_length(n)) * n : 0),
         MemoryPlan::block<R>("scales", n), MemoryPlan::block<R>("squares", n),
         MemoryPlan::block<R>("norms", n), MemoryPlan::block<R>("peaks", n),
         MemoryPlan::block<Index>("order", n)});
  }

  // Column j <- entry(0), ..., entry(l - 1), scaled.
  template <class Entry>
  void load(Index j, Index l, const Entry& entry) {
    R* const column = x(j);
    std::fill_n(column, column_reals<T>(x_length_), R{0});
    R largest = 0;
    for (Index i = 0; i < l; ++i) {
      const T value = entry(i);
      column[i] = real_part(value);
      largest = std::max(largest, std::abs(column[i]));
      if constexpr (ComplexScalar<T>) {
        column[x_length_ + i] = value.imag();
        largest = std::max(largest, std::abs(column[x_length_ + i]));
      }
    }
    if (!(largest >= smallest_normal<T>)) {
      clear(j);
      return;
    }
    scale_[at(j)] = 1;
    rescale(j, -std::ilogb(largest));
    square_[at(j)] = kernels_.square(column, x_length_);
    normalise(j);
    peak_[at(j)] = norm_[at(j)];
  }

  // One sweep over all pairs; returns the number of rotations.
  Index sweep(Index block, R tolerance, const Execution& execution, int number);

  // Norms from the entries, and the order of the columns by them, largest first.
  void sort() {
    refresh();
    std::sort(order_.begin(), order_.end(), before());
  }

  [[nodiscard]] Index ordered(Index k) const { return order_[at(k)]; }
  [[nodiscard]] R norm(Index j) const { return norm_[at(j)]; }

  // write(i, value) for the first `count` entries of column j of X, normalised; norm(j) is not 0.
  template <class Write>
  void read_unit(Index j, Index count, const Write& write) const {
    const R length = std::sqrt(square_[at(j)]);
    for (Index i = 0; i < count; ++i) {
      write(i, entry(x(j), x_length_, i) / length);
    }
  }

  // The same for column j of W, as it is.
  template <class Write>
  void read_w(Index j, Index count, const Write& write) const {
    for (Index i = 0; i < count; ++i) {
      write(i, entry(w(j), w_length_, i));
    }
  }

 private:
  [[nodiscard]] static std::size_t at(Index i) { return static_cast<std::size_t>(i); }
  [[nodiscard]] R* x(Index j) { return x_.data() + j * column_reals<T>(x_length_); }
  [[nodiscard]] const R* x(Index j) const { return x_.data() + j * column_reals<T>(x_length_); }
  [[nodiscard]] R* w(Index j) { return w_.data() + j * column_reals<T>(w_length_); }
  [[nodiscard]] const R* w(Index j) const { return w_.data() + j * column_reals<T>(w_length_); }

  [[nodiscard]] static T entry(const R* column, Index length, Index i) {
    if constexpr (ComplexScalar<T>) {
      return {column[i], column[length + i]};
    } else {
      return column[i];
    }
  }

  // Larger norm first; equal norms in the order of the columns, so that the order is unique.
  [[nodiscard]] auto before() const {
    return [this](Index i, Index j) {
      return norm_[at(i)] > norm_[at(j)] || (norm_[at(i)] == norm_[at(j)] && i < j);
    };
  }

  void clear(Index j) {
    std::fill_n(x(j), column_reals<T>(x_length_), R{0});
    scale_[at(j)] = 1;
    square_[at(j)] = 0;
    norm_[at(j)] = 0;
  }

  // Multiplies the stored column by 2^exponent, exactly, and its scale by the inverse.
  void rescale(Index j, int exponent) {
    R* const column = x(j);
    for (Index i = 0; i < column_reals<T>(x_length_); ++i) {
      column[i] = std::ldexp(column[i], exponent);
    }
    scale_[at(j)] = std::ldexp(scale_[at(j)], -exponent);
    square_[at(j)] = std::ldexp(square_[at(j)], 2 * exponent);
  }

  // Brings the stored column back to the middle of its range when its norm has left it, and sets
  // the norm that its scale gives it. A column below the smallest normal number becomes 0.
  void normalise(Index j) {
    const R square = square_[at(j)];
    if (square == 0) {
      clear(j);
      return;
    }
    const int exponent = std::ilogb(square);
    if (std::abs(exponent) > square_limit_exponent) {
      rescale(j, -exponent / 2);
    }
    norm_[at(j)] = scale_[at(j)] * std::sqrt(square_[at(j)]);
    if (norm_[at(j)] < smallest_normal<T>) {
      clear(j);
    }
  }

  void refresh() {
    for (Index j = 0; j < n_; ++j) {
      square_[at(j)] = kernels_.square(x(j), x_length_);
      normalise(j);
    }
  }

  // Moves the column of largest norm among order[first..last) to the front.
  void pivot(Index first, Index last) {
    const auto begin = order_.begin() + first;
    std::iter_swap(begin, std::min_element(begin, order_.begin() + last, before()));
  }

  // Makes the columns at places p and q of the order orthogonal, the longer one at p. Returns
  // whether they were not yet. Every rotation leaves rounding errors of eps times the length that a
  // column has at that time; one that has shrunk to `tolerance` times its greatest length holds
  // nothing else, and becomes 0.
  bool rotate(Index p, Index q, R tolerance);

  Index n_;
  Index x_length_, w_length_;
  std::span<R> x_, w_;
  std::span<R> scale_, square_, norm_, peak_;
  std::span<Index> order_;
  JacobiKernels<T> kernels_;
};

template <Scalar T>
bool Columns<T>::rotate(Index p, Index q, R tolerance) {
  Index i = order_[at(p)], j = order_[at(q)];
  if (norm_[at(i)] < norm_[at(j)]) {
    std::swap(order_[at(p)], order_[at(q)]);
    std::swap(i, j);
  }
  if (norm_[at(j)] == 0) {
    return false;
  }
  const R square_i = square_[at(i)], square_j = square_[at(j)];
  const T g = kernels_.dot(x(i), x(j), x_length_);
  const R g_square = squared_modulus(g);
  if (!(g_square > tolerance * tolerance * square_i * square_j)) {
    return false;
  }

  const R g_modulus = std::sqrt(g_square);
  const T phase = g / g_modulus;
  const R rho = scale_[at(j)] / scale_[at(i)];
  const R d = std::max(R{0}, square_i - rho * rho * square_j);
  const R slope = 2 * g_modulus / (d + std::sqrt(d * d + 4 * rho * rho * g_square));
  const R tangent = rho * slope;
  const R cosine = 1 / std::sqrt(1 + tangent * tangent);
  const R sine = tangent * cosine;
  const R h = 1 / (1 + cosine);

  square_[at(j)] = kernels_.rotate(x(i), x(j), x_length_,
                                   {sine * rho * conjugate(phase), cosine * slope * phase, h});
  square_[at(i)] = square_i + tangent * rho * g_modulus;
  if (w_length_ > 0) {
    kernels_.rotate(w(i), w(j), w_length_, {sine * conjugate(phase), sine * phase, h});
  }
  normalise(i);
  normalise(j);
  peak_[at(i)] = std::max(peak_[at(i)], norm_[at(i)]);
  if (norm_[at(j)] <= tolerance * peak_[at(j)]) {
    clear(j);
  }
  return true;
}

// The pairs of a sweep come in blocks: within a block of columns, then of that block with every
// later one, so that the columns at work stay in the cache. Before a block starts, the longest
// columns left are brought into it; within it, de Rijk's rule brings the longest to the front
// before each row of pairs. With one block that is his order itself.
template <Scalar T>
Index Columns<T>::sweep(Index block, R tolerance, const Execution& execution, int number) {
  refresh();
  Index rotations = 0;
  const auto total = static_cast<double>(n_) * static_cast<double>(n_);
  for (Index first = 0; first < n_; first += block) {
    const Index last = std::min(first + block, n_);
    const auto left = static_cast<double>(n_ - first);
    execution.step("one-sided Jacobi",
                   std::min(0.99, (number + 1 - left * left / total) / usual_sweeps));
    const FlushDenormals flush;
    std::partial_sort(order_.begin() + first, order_.begin() + last, order_.end(), before());
    for (Index p = first; p < last; ++p) {
      pivot(p, last);
      for (Index q = p + 1; q < last; ++q) {
        rotations += rotate(p, q, tolerance) ? 1 : 0;
      }
    }
    for (Index other = last; other < n_; other += block) {
      execution.check_stop();
      for (Index p = first; p < last; ++p) {
        for (Index q = other; q < std::min(other + block, n_); ++q) {
          rotations += rotate(p, q, tolerance) ? 1 : 0;
        }
      }
    }
  }
  return rotations;
}

// Columns of one block, so that two blocks of X and W fit the cache. W is counted even where it is not
// wanted: the values are then the same bits with and without vectors.
template <Scalar T>
Index default_block(Index l, Index n) {
  constexpr Index smallest_block = 8;
  const Index reals = column_reals<T>(padded_length(l) + padded_length(n));
  const Index fitting = cache_bytes / (2 * reals * static_cast<Index>(sizeof(Real<T>)));
  return std::clamp<Index>(fitting, smallest_block, std::max(n, smallest_block));
}

// Sweeps until one rotates nothing.
template <Scalar T>
JacobiResult iterate(Columns<T>& columns, Index l, Index n, const Execution& execution,
                     const JacobiOptions& options) {
  constexpr double smallest_tolerance = 2;
  const double wanted = options.tolerance > 0
                            ? options.tolerance
                            : std::max(smallest_tolerance, std::sqrt(static_cast<double>(l)) / 2);
  const auto tolerance = static_cast<Real<T>>(wanted) * epsilon<T>;
  const Index block = options.block > 0 ? options.block : default_block<T>(l, n);
  JacobiResult result{.converged = false};
  while (!result.converged && result.sweeps < options.max_sweeps) {
    const Index rotations = columns.sweep(block, tolerance, execution, result.sweeps);
    result.converged = rotations == 0;
    result.rotations += rotations;
    ++result.sweeps;
  }
  columns.sort();
  return result;
}

// The largest modulus of a row's entries, real and imaginary parts taken apart.
template <Scalar T>
void row_sizes(MatrixView<const T> a, std::span<Real<T>> size) {
  std::fill(size.begin(), size.end(), Real<T>{0});
  for (Index j = 0; j < a.cols(); ++j) {
    for (Index i = 0; i < a.rows(); ++i) {
      Real<T>& s = size[static_cast<std::size_t>(i)];
      s = std::max(s, std::abs(real_part(a(i, j))));
      if constexpr (ComplexScalar<T>) {
        s = std::max(s, std::abs(a(i, j).imag()));
      }
    }
  }
}

// Row k of `a` <- row order[k] (gather), or row order[k] <- row k (scatter).
enum class Move { gather, scatter };

template <Scalar T>
void permute_rows(Move move, MatrixView<T> a, std::span<const Index> order, std::span<T> buffer) {
  for (Index j = 0; j < a.cols(); ++j) {
    for (Index k = 0; k < a.rows(); ++k) {
      const auto from = static_cast<std::size_t>(k);
      const auto to = order[from];
      if (move == Move::gather) {
        buffer[from] = a(to, j);
      } else {
        buffer[static_cast<std::size_t>(to)] = a(k, j);
      }
    }
    std::copy_n(buffer.begin(), a.rows(), a.col(j));
  }
}

// Fills columns `have`, have + 1, ... of q, whose first `have` columns are orthonormal: the columns
// of the full Q of their QR decomposition, which are orthogonal to all of them.
template <Scalar T>
void complete_columns(MatrixView<T> q, Index have, Workspace& work) {
  const Index missing = q.cols() - have;
  if (missing == 0) {
    return;
  }
  const Workspace::Frame frame(work);
  const Index m = q.rows();
  const MatrixView<T> reflectors(work.take<T>(m * have), m, have);
  const std::span<T> tau = work.take<T>(have);
  const std::span<T> scratch =
      work.take<T>(std::max(blas::geqrf_work<T>(m, have), blas::apply_q_work<T>(m, missing)));
  for (Index j = 0; j < have; ++j) {
    std::copy_n(q.col(j), m, reflectors.col(j));
  }
  if (have > 0) {
    blas::geqrf<T>(reflectors, tau, scratch);
  }
  const MatrixView<T> rest = q.columns(have, missing);
  for (Index j = 0; j < missing; ++j) {
    std::fill_n(rest.col(j), m, T{0});
    rest(have + j, j) = T{1};
  }
  if (have > 0) {
    blas::unmqr<T>(blas::Side::left, blas::Op::none, reflectors, tau, rest, scratch);
  }
}

template <Scalar T>
MemoryPlan completion_memory(Index m, Index n) {
  return MemoryPlan::all_of(
      "completion", {MemoryPlan::block<T>("reflectors", m * n), MemoryPlan::block<T>("tau", n),
                     MemoryPlan::block<T>("scratch", std::max(blas::geqrf_work<T>(m, n),
                                                              blas::apply_q_work<T>(m, n)))});
}

// Steps 3 to 5: X = U diag(s) V^H with the normalised columns in `left` and W in `right`, either
// one empty where it is not wanted. entry(i, j) reads X (l x n); row i of X goes to row place(i) of
// `left`.
template <Scalar T, class Entry, class Place>
JacobiResult decompose(Index l, Index n, const Entry& entry, std::span<Real<T>> s,
                       MatrixView<T> left, const Place& place, MatrixView<T> right, Workspace& work,
                       const Execution& execution, const JacobiOptions& options) {
  JacobiResult result;
  Index positive = 0;
  {
    const Workspace::Frame frame(work);
    const bool want_w = !right.empty();
    // 3.
    Columns<T> columns(l, n, want_w, work);
    for (Index j = 0; j < n; ++j) {
      columns.load(j, l, [&](Index i) { return entry(i, j); });
    }
    result = iterate(columns, l, n, execution, options);
    // 4.
    for (Index k = 0; k < n; ++k) {
      const Index j = columns.ordered(k);
      s[static_cast<std::size_t>(k)] = columns.norm(j);
      positive += columns.norm(j) > 0 ? 1 : 0;
      if (!left.empty() && columns.norm(j) > 0) {
        columns.read_unit(j, l, [&](Index i, const T& value) { left(place(i), k) = value; });
      }
      if (want_w) {
        columns.read_w(j, n, [&](Index i, const T& value) { right(i, k) = value; });
      }
    }
  }
  // 5.
  if (!left.empty()) {
    complete_columns(left, positive, work);
  }
  return result;
}

template <Scalar T>
void require_shape(MatrixView<T> view, Index rows, Index cols, const char* name) {
  if (!view.empty() && (view.rows() != rows || view.cols() != cols || !view.is_column_major())) {
    throw InvalidArgument(std::string(name) + " is " + std::to_string(view.rows()) + " x " +
                          std::to_string(view.cols()) + "; one-sided Jacobi wants " +
                          std::to_string(rows) + " x " + std::to_string(cols) +
                          ", column-major, or an empty view");
  }
}

}  // namespace

template <Scalar T>
MemoryPlan jacobi_memory(Index m, Index n, bool want_u, bool want_v) {
  if (n == 0) {
    return MemoryPlan::all_of("one-sided Jacobi", {});
  }
  // With preconditioning X is n x n and W goes to U; without, X is m x n and W goes to V.
  return MemoryPlan::all_of(
      "one-sided Jacobi",
      {MemoryPlan::block<Index>("row order", m), MemoryPlan::block<Index>("pivots", n),
       MemoryPlan::block<T>("tau", n),
       MemoryPlan::any_of("stages", {MemoryPlan::block<Real<T>>("row sizes", m),
                                     MemoryPlan::block<T>("row buffer", m), pivoted_qr_memory<T>(n),
                                     Columns<T>::memory(n, n, want_u),
                                     Columns<T>::memory(m, n, want_v), completion_memory<T>(m, n),
                                     MemoryPlan::block<T>("Q W", blas::apply_q_work<T>(m, n))})});
}

template <Scalar T>
JacobiResult jacobi_svd(MatrixView<T> a, std::span<Real<T>> s, MatrixView<T> u, MatrixView<T> v,
                        Workspace& work, const Execution& execution, const JacobiOptions& options) {
  const Index m = a.rows(), n = a.cols();
  if (m < n || (n > 0 && !a.is_column_major()) || static_cast<Index>(s.size()) != n) {
    throw InvalidArgument(
        "one-sided Jacobi wants a column-major m x n matrix with m >= n and n "
        "singular values; the matrix is " +
        std::to_string(m) + " x " + std::to_string(n) + " with " + std::to_string(s.size()));
  }
  require_shape(u, m, n, "U");
  require_shape(v, n, n, "V");
  if (n == 0) {
    return {};
  }
  const auto itself = [](Index i) { return i; };
  if (!options.precondition) {
    return decompose<T>(
        m, n, [&](Index i, Index j) { return a(i, j); }, s, u, itself, v, work, execution, options);
  }

  const Workspace::Frame frame(work);
  const std::span<Index> row_order = work.take<Index>(m);
  const std::span<Index> pivots = work.take<Index>(n);
  const std::span<T> tau = work.take<T>(n);

  // 1.
  execution.step("one-sided Jacobi", 0);
  std::iota(row_order.begin(), row_order.end(), Index{0});
  {
    const Workspace::Frame stage(work);
    const std::span<Real<T>> size = work.take<Real<T>>(m);
    row_sizes<T>(a, size);
    std::sort(row_order.begin(), row_order.end(), [&](Index i, Index j) {
      const auto si = size[static_cast<std::size_t>(i)], sj = size[static_cast<std::size_t>(j)];
      return si > sj || (si == sj && i < j);
    });
  }
  const auto move_rows = [&](Move move, MatrixView<T> matrix) {
    const Workspace::Frame stage(work);
    permute_rows<T>(move, matrix, row_order, work.take<T>(m));
  };
  move_rows(Move::gather, a);

  // 2.
  pivoted_qr<T>(execution, a, pivots, tau, work);

  // 3 to 5. R stands in the upper triangle of a.
  const MatrixView<T> w = u.empty() ? u : u.top_rows(n);
  const JacobiResult result = decompose<T>(
      n, n, [&](Index i, Index j) { return i >= j ? conjugate(a(j, i)) : T{0}; }, s, v,
      [&](Index i) { return pivots[static_cast<std::size_t>(i)]; }, w, work, execution, options);

  // 6.
  if (!u.empty()) {
    for (Index j = 0; j < n; ++j) {
      std::fill(u.col(j) + n, u.col(j) + m, T{0});
    }
    const Workspace::Frame stage(work);
    const FlushDenormals flush;
    blas::unmqr<T>(blas::Side::left, blas::Op::none, a, tau, u,
                   work.take<T>(blas::apply_q_work<T>(m, n)));
  }
  if (!u.empty()) {
    move_rows(Move::scatter, u);
  }
  return result;
}

#define ECKART_INSTANTIATE(T)                                                           \
  template MemoryPlan jacobi_memory<T>(Index, Index, bool, bool);                       \
  template JacobiResult jacobi_svd<T>(MatrixView<T>, std::span<Real<T>>, MatrixView<T>, \
                                      MatrixView<T>, Workspace&, const Execution&,      \
                                      const JacobiOptions&);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)
#undef ECKART_INSTANTIATE

}  // namespace eckart::dense
