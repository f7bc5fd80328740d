#include "dense/tall/tall_qr.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>

#include "blas/lapack.hpp"
#include "dense/audit/audit.hpp"
#include "dense/tall/row_solve.hpp"

namespace eckart::dense {
namespace {

using blas::Op;

// Below this many columns the library's product of small matrices beats its rank-k update, though it computes both triangles.
constexpr Index narrow_gram = 64;

// Up to this many columns our own substitution is the faster one.
constexpr Index narrow_solve = 192;

template <Scalar T>
MatrixView<T> take_matrix(Workspace& work, Index rows, Index cols) {
  return {work.take<T>(rows * cols).data(), rows, cols};
}

template <Scalar T>
void clear_below_diagonal(MatrixView<T> r) {
  for (Index j = 0; j < r.cols(); ++j) {
    std::fill(r.col(j) + j + 1, r.col(j) + r.rows(), T{});
  }
}

// The upper triangle of g <- g + A^H A.
template <Scalar T>
void add_gram(MatrixView<const T> a, MatrixView<T> g) {
  if (a.cols() < narrow_gram) {
    blas::gemm<T>(Op::adjoint, Op::none, T(1), a, a, T(1), g);
  } else {
    blas::herk<T>(a, Real<T>{1}, g);
  }
}

// ||(R D)^-1||_2 from above, D making columns of unit length; infinity when it is not finite. inverse: n x n of scratch.
template <Scalar T>
double condition_of(MatrixView<const T> r, MatrixView<T> inverse) {
  const Index n = r.rows();
  for (Index j = 0; j < n; ++j) {
    std::fill_n(inverse.col(j), n, T{});
    inverse(j, j) = T{1};
  }
  blas::trsm<T>(blas::Side::left, Op::none, r, inverse);
  double norm_1 = 0, norm_inf = 0, total = 0;
  for (Index i = 0; i < n; ++i) {  // row i of the inverse is scaled by the length of column i of R
    double squares = 0, row = 0;
    for (Index l = 0; l <= i; ++l) {
      squares += static_cast<double>(std::norm(r(l, i)));
    }
    const double length = std::sqrt(squares);
    for (Index j = i; j < n; ++j) {
      const double entry = length * static_cast<double>(std::abs(inverse(i, j)));
      inverse(i, j) = T(static_cast<Real<T>>(entry));
      row += entry;
    }
    norm_inf = std::max(norm_inf, row);
    total += row;  // NaN stays in it, as it does not in a maximum
  }
  for (Index j = 0; j < n; ++j) {
    double column = 0;
    for (Index i = 0; i <= j; ++i) {
      column += static_cast<double>(std::abs(inverse(i, j)));
    }
    norm_1 = std::max(norm_1, column);
  }
  const double bound = std::sqrt(norm_1) * std::sqrt(norm_inf);
  return std::isfinite(bound) && std::isfinite(total) ? bound
                                                      : std::numeric_limits<double>::infinity();
}

template <Scalar T>
class TallFactor {
  using R = Real<T>;

 public:
  TallFactor(const Execution& execution, const TallRows<T>& a, MatrixView<T> q, MatrixView<T> r,
             MatrixView<const T> x, const TallOptions& options, Workspace& work)
      : execution_(execution),
        r_(r),
        x_(x),
        options_(options),
        work_(work),
        m_(a.rows()),
        n_(a.cols()) {
    qr_.a = a;
    qr_.leaves = RowLeaves(m_, n_, options.chunk, options.most_leaves);
    qr_.q = q;
    qr_.rank = n_;
    qr_.r2 = take_matrix<T>(work, n_, n_);
  }

  TallQr<T> run() {
    const Workspace::Frame frame(work_);
    r1_ = take_matrix<T>(work_, n_, n_);
    spare_ = take_matrix<T>(work_, n_, n_);
    pivots_ = work_.take<Index>(n_);
    reciprocals_ = work_.take<T>(n_);
    if (!by_gram() && !by_sketch()) {
      by_tree();
    }
    return std::move(qr_);
  }

 private:
  template <class Step>
  void timed(const char* pass, Step step) {
    execution_.step("qr", 0);
    const auto start = std::chrono::steady_clock::now();
    step();
    qr_.passes.push_back(
        {pass, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count()});
  }

  double largest_condition() const { return std::sqrt(static_cast<double>(m_)) / 2; }

  // The rounding error of a Gram matrix of columns of unit length.
  double gram_unit() const { return static_cast<double>(n_) * double{epsilon<T>}; }

  // 1 to 3.
  bool by_gram() {
    timed("Gram matrix of A", [&] { gram_of_a(); });
    qr_.condition = blas::potrf<T>(r1_) ? condition_of<T>(r1_, spare_)
                                        : std::numeric_limits<double>::infinity();
    clear_below_diagonal<T>(r1_);
    if (qr_.condition <= std::min(options_.once_condition, largest_condition())) {  // 2.
      for (Index j = 0; j < n_; ++j) {
        std::copy_n(r1_.col(j), n_, qr_.r2.col(j));
        std::copy_n(r1_.col(j), n_, r_.col(j));
      }
      qr_.method = TallMethod::cholesky_once;
      if (qr_.q.empty() && !x_.empty()) {
        timed("link", [&] { link_through_gram(); });
      }
      return true;
    }
    qr_.method = TallMethod::cholesky_twice;
    return qr_.condition * qr_.condition * gram_unit() <= options_.twice_condition && refine();
  }

  // 4.
  bool by_sketch() {
    if (options_.passes <= 0 || m_ <= 3 * n_ + 32) {  // S A would hardly be smaller than A
      return false;
    }
    timed("sketch", [&] {
      qr_.rank =
          sketch_factor<T>(execution_, qr_.a, qr_.leaves, options_.seed, r1_, pivots_, work_);
    });
    is_pivoted_ = true;
    qr_.method = TallMethod::sketched;
    return qr_.rank > 0 && refine();
  }

  // 5.
  void by_tree() {
    qr_.method = TallMethod::tree;
    qr_.rank = n_;
    qr_.defect = qr_.conditioned = 0;
    if (qr_.q.empty()) {
      qr_.tree_leaves = Matrix<T>::uninitialized(m_, n_);
      qr_.q = qr_.tree_leaves.view();
      qr_.extra_bytes += sizeof(T) * static_cast<std::uint64_t>(m_ * n_);
    }
    const Index block = tree_block(n_, options_.tree_block);
    const Index columns = std::max(n_ + x_.cols(), 2 * n_);
    qr_.tree_work = Workspace(tree_memory<T>(m_, n_, block, columns));
    qr_.extra_bytes += qr_.tree_work.size();
    timed("tree", [&] {
      qr_.leaves.for_each_chunk(execution_, [&](Index, Index first, Index count) {
        qr_.a.pack(first, qr_.q.block(first, 0, count, n_));
      });
      qr_.tree = tree_factor<T>(execution_, qr_.q, r_, block, qr_.tree_work);
    });
    if (!qr_.tree_leaves.empty() && !x_.empty()) {
      timed("link", [&] { link_through_tree(block); });
    }
  }

  // r1 <- A^H A, and the norm.
  void gram_of_a() {
    gram(r1_, [&](Index, Index first, MatrixView<T> chunk) { qr_.a.pack(first, chunk); });
    double squares = 0;
    for (Index j = 0; j < n_; ++j) {
      squares += static_cast<double>(real_part(r1_(j, j)));
    }
    qr_.norm = std::sqrt(squares);
  }

  // g <- the Gram matrix of the chunks that `make` fills: leaf, first row, chunk.
  template <class Make>
  void gram(MatrixView<T> g, Make make) {
    const Workspace::Frame frame(work_);
    const RowLeaves& leaves = qr_.leaves;
    const std::span<T> sums = work_.take<T>(leaves.count * n_ * n_);
    const std::span<T> chunks = work_.take<T>(leaves.count * leaves.chunk * n_);
    std::fill(sums.begin(), sums.end(), T{});
    leaves.for_each_chunk(execution_, [&](Index leaf, Index first, Index count) {
      const MatrixView<T> chunk(chunks.data() + leaf * leaves.chunk * n_, count, n_);
      make(leaf, first, chunk);
      add_gram<T>(chunk, MatrixView<T>(sums.data() + leaf * n_ * n_, n_, n_));
    });
    sum_leaves<T>(sums, n_ * n_, leaves.count);
    for (Index j = 0; j < n_; ++j) {
      std::copy_n(sums.data() + j * n_, n_, g.col(j));
    }
  }

  // 3: R_1 in r1, its columns in the order of the pivots; Q_1 to q.
  bool refine() {
    const MatrixView<T> r2 = qr_.r2;
    for (int pass = 1; pass <= options_.passes; ++pass) {
      timed("Gram matrix of Q1", [&] { gram_of_q1(); });
      const double squares = distance_from_identity(r2);
      const bool positive = blas::potrf<T>(r2);
      clear_below_diagonal<T>(r2);
      qr_.defect = std::sqrt(squares);
      qr_.conditioned =
          positive ? condition_of<T>(r2, spare_) : std::numeric_limits<double>::infinity();
      if (qr_.conditioned <= std::min(options_.refined_condition, largest_condition())) {
        multiply_by_r1(n_);
        put_r();
        return true;
      }
      if (!(qr_.conditioned * qr_.conditioned * gram_unit() <= 1)) {
        return false;
      }
      // Once more, with R_2 R_1 for R_1; the columns that were filled stay as they are.
      multiply_by_r1(qr_.rank);
      for (Index j = 0; j < n_; ++j) {
        std::copy_n(spare_.col(j), qr_.rank, r1_.col(j));
      }
    }
    return false;
  }

  // spare <- the first `rows` rows of R_2 [R_1; 0].
  void multiply_by_r1(Index rows) {
    blas::gemm<T>(execution_, Op::none, Op::none, T(1), qr_.r2.block(0, 0, rows, qr_.rank),
                  r1_.top_rows(qr_.rank), T(0), spare_.top_rows(rows));
  }

  void put_r() {
    for (Index j = 0; j < n_; ++j) {
      std::copy_n(spare_.col(j), n_, r_.col(column_of(j)));
    }
  }

  Index column_of(Index j) const { return is_pivoted_ ? pivots_[static_cast<std::size_t>(j)] : j; }

  static double distance_from_identity(MatrixView<const T> g) {
    double squares = 0;
    for (Index j = 0; j < g.cols(); ++j) {
      for (Index i = 0; i < j; ++i) {
        squares += 2 * static_cast<double>(std::norm(g(i, j)));
      }
      squares += static_cast<double>(std::norm(g(j, j) - T{1}));
    }
    return squares;
  }

  // r2 <- Q_1^H Q_1, Q_1 to q or nowhere; without q also the link (A - Q_1 R_1 P^H) X.
  void gram_of_q1() {
    const Workspace::Frame frame(work_);
    const bool measures_link = qr_.q.empty() && !x_.empty();
    const Index p = measures_link ? x_.cols() : 0, chunk_rows = qr_.leaves.chunk;
    const MatrixView<T> px = take_matrix<T>(work_, n_, p), r1_px = take_matrix<T>(work_, n_, p);
    const std::span<T> images = work_.take<T>(qr_.leaves.count * chunk_rows * p);
    const std::span<double> squares = work_.take<double>(qr_.leaves.count * p);
    std::fill(squares.begin(), squares.end(), 0.0);
    for (Index j = 0; j < qr_.rank; ++j) {
      reciprocals_[static_cast<std::size_t>(j)] = T{1} / r1_(j, j);
    }
    if (measures_link) {
      for (Index l = 0; l < p; ++l) {
        for (Index j = 0; j < n_; ++j) {
          px(j, l) = x_(column_of(j), l);
        }
      }
      blas::gemm<T>(execution_, Op::none, Op::none, T(1), r1_, px, T(0), r1_px);
    }
    gram(qr_.r2, [&](Index leaf, Index first, MatrixView<T> chunk) {
      const MatrixView<T> image(images.data() + leaf * chunk_rows * p, chunk.rows(), p);
      pack_pivoted(first, chunk);
      blas::gemm<T>(Op::none, Op::none, T(1), chunk, px, T(0), image);
      solve_and_fill(first, chunk);
      blas::gemm<T>(Op::none, Op::none, T(-1), chunk, r1_px, T(1), image);
      add_column_squares<T>(image, squares.data() + leaf * p);
      if (!qr_.q.empty()) {
        for (Index j = 0; j < n_; ++j) {
          std::copy_n(chunk.col(j), chunk.rows(), qr_.q.col(j) + first);
        }
      }
    });
    if (measures_link) {
      qr_.link = norm_of_columns(squares, p, qr_.leaves.count, p == n_);
    }
  }

  void pack_pivoted(Index first, MatrixView<T> chunk) const {
    if (!is_pivoted_) {
      qr_.a.pack(first, chunk);
      return;
    }
    for (Index j = 0; j < n_; ++j) {
      TallRows<T>{qr_.a.given.columns(column_of(j), 1), qr_.a.exponent, qr_.a.conjugated}.pack(
          first, chunk.columns(j, 1));
    }
  }

  // x <- x R^-1.
  void solve(MatrixView<const T> r, MatrixView<T> x) const {
    if constexpr (RealScalar<T>) {
      if (r.cols() <= narrow_solve) {
        solve_rows<T>(r, reciprocals_, x);
        return;
      }
    }
    blas::trsm<T>(blas::Side::right, Op::none, r, x);
  }

  // The first `rank` columns times R_11^-1; random signs of unit column length in the others.
  void solve_and_fill(Index first, MatrixView<T> chunk) const {
    const Index rank = qr_.rank;
    solve(r1_.block(0, 0, rank, rank), chunk.columns(0, rank));
    const R entry = 1 / std::sqrt(static_cast<R>(m_));
    constexpr Index word = 64;
    for (Index j = rank; j < n_; ++j) {
      std::uint64_t bits = 0;
      for (Index i = 0; i < chunk.rows(); ++i) {
        const Index row = first + i;
        if (i == 0 || row % word == 0) {
          bits = random_bits(options_.seed + static_cast<std::uint64_t>(j),
                             static_cast<std::uint64_t>(row / word));
        }
        chunk(i, j) =
            T((bits >> static_cast<std::uint64_t>(row % word) & 1U) != 0 ? entry : -entry);
      }
    }
  }

  // There is no Q, so A^H A is held against R^H R = A^H A + D E D, D the lengths of the columns: E X is measured, and
  // R = R(A + F) for an F with ||F|| <= c^2 ||E|| ||A|| / 2.
  void link_through_gram() {
    const Workspace::Frame frame(work_);
    const RowLeaves& leaves = qr_.leaves;
    const Index p = x_.cols();
    const MatrixView<T> dx = take_matrix<T>(work_, n_, p), r_dx = take_matrix<T>(work_, n_, p);
    const std::span<T> chunks = work_.take<T>(leaves.count * leaves.chunk * n_);
    const std::span<T> images = work_.take<T>(leaves.count * leaves.chunk * p);
    const std::span<T> sums = work_.take<T>(leaves.count * n_ * p);
    std::fill(sums.begin(), sums.end(), T{});
    scale_by_lengths(x_, dx);
    leaves.for_each_chunk(execution_, [&](Index leaf, Index first, Index count) {
      const MatrixView<T> chunk(chunks.data() + leaf * leaves.chunk * n_, count, n_);
      const MatrixView<T> image(images.data() + leaf * leaves.chunk * p, count, p);
      qr_.a.pack(first, chunk);
      blas::gemm<T>(Op::none, Op::none, T(1), chunk, dx, T(0), image);
      blas::gemm<T>(Op::adjoint, Op::none, T(1), chunk, image, T(1),
                    MatrixView<T>(sums.data() + leaf * n_ * p, n_, p));
    });
    sum_leaves<T>(sums, n_ * p, leaves.count);
    const MatrixView<T> error(sums.data(), n_, p);
    blas::gemm<T>(execution_, Op::none, Op::none, T(1), r_, dx, T(0), r_dx);
    blas::gemm<T>(execution_, Op::adjoint, Op::none, T(-1), r_, r_dx, T(1), error);
    scale_by_lengths(error, error);
    qr_.link = norm_through_probes<T>(error, x_) * qr_.condition * qr_.condition * qr_.norm / 2;
  }

  // to <- D^-1 from.
  void scale_by_lengths(MatrixView<const T> from, MatrixView<T> to) const {
    for (Index i = 0; i < n_; ++i) {
      double squares = 0;
      for (Index l = 0; l <= i; ++l) {
        squares += static_cast<double>(std::norm(r_(l, i)));
      }
      const auto length = static_cast<R>(std::sqrt(squares));
      for (Index l = 0; l < from.cols(); ++l) {
        to(i, l) = from(i, l) / length;
      }
    }
  }

  // A X - Q (R X).
  void link_through_tree(Index block) {
    const Index p = x_.cols(), runs = tree_runs(m_, block);
    const Index longest = qr_.leaves.chunk;
    Workspace own(MemoryPlan::all_of("link", {MemoryPlan::block<T>("R X", n_, p),
                                              MemoryPlan::block<T>("rows", runs * longest, n_),
                                              MemoryPlan::block<double>("squares", runs, p)}));
    const MatrixView<T> r_x = take_matrix<T>(own, n_, p);
    const std::span<T> chunks = own.take<T>(runs * longest * n_);
    const std::span<double> squares = own.take<double>(runs * p);
    std::fill(squares.begin(), squares.end(), 0.0);
    blas::gemm<T>(execution_, Op::none, Op::none, T(1), r_, x_, T(0), r_x);
    tree_apply<T>(
        execution_, qr_.tree, r_x,
        [&](Index run, Index first, MatrixView<T> rows) {
          for (Index i = 0; i < rows.rows(); i += longest) {
            const Index count = std::min(longest, rows.rows() - i);
            const MatrixView<T> chunk(chunks.data() + run * longest * n_, count, n_);
            const MatrixView<T> image = rows.block(i, 0, count, p);
            qr_.a.pack(first + i, chunk);
            blas::gemm<T>(Op::none, Op::none, T(1), chunk, x_, T(-1), image);
            add_column_squares<T>(image, squares.data() + run * p);
          }
        },
        qr_.tree_work);
    qr_.link = norm_of_columns(squares, p, runs, p == n_);
  }

  const Execution& execution_;
  MatrixView<T> r_;
  MatrixView<const T> x_;
  const TallOptions& options_;
  Workspace& work_;
  Index m_, n_;
  TallQr<T> qr_;
  MatrixView<T> r1_, spare_;
  std::span<Index> pivots_;
  std::span<T> reciprocals_;  // of the diagonal of R_1
  bool is_pivoted_ = false;
};

}  // namespace

const char* to_string(TallMethod method) noexcept {
  switch (method) {
    case TallMethod::cholesky_once:
      return "Cholesky QR";
    case TallMethod::cholesky_twice:
      return "Cholesky QR twice";
    case TallMethod::sketched:
      return "sketched Cholesky QR";
    case TallMethod::tree:
      break;
  }
  return "Householder QR as a tree";
}

template <Scalar T>
TallQr<T> tall_factor(const Execution& execution, const TallRows<T>& a, MatrixView<T> q,
                      MatrixView<T> r, MatrixView<const T> x, const TallOptions& options,
                      Workspace& work) {
  return TallFactor<T>(execution, a, q, r, x, options, work).run();
}

#define ECKART_INSTANTIATE(T)                                                               \
  template TallQr<T> tall_factor<T>(const Execution&, const TallRows<T>&, MatrixView<T>,    \
                                    MatrixView<T>, MatrixView<const T>, const TallOptions&, \
                                    Workspace&);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)
#undef ECKART_INSTANTIATE

}  // namespace eckart::dense
