#include "dense/tall/tall_qr.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>

#include "blas/lapack.hpp"
#include "dense/columns.hpp"
#include "dense/tall/row_gram.hpp"
#include "dense/tall/row_solve.hpp"
#include "dense/tall/tall_link.hpp"

namespace eckart::dense {
namespace {

using blas::Op;

// Up to this many columns our own substitution is the faster one.
constexpr Index narrow_solve = 192;

// Columns of R_2 R_1 that are one piece for the threads.
constexpr Index product_strip = 64;

template <Scalar T>
void clear_below_diagonal(MatrixView<T> r) {
  for (Index j = 0; j < r.cols(); ++j) {
    std::fill(r.col(j) + j + 1, r.col(j) + r.rows(), T{});
  }
}

template <Scalar T>
class TallFactor {
  using R = Real<T>;

 public:
  TallFactor(const Execution& execution, const TallRows<T>& a, MatrixView<T> q, MatrixView<T> r,
             MatrixView<const T> x, const TallOptions& options, Workspace& work,
             const TallRightSides<T>& carried)
      : execution_(execution),
        r_(r),
        x_(x),
        carried_(carried),
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
    sums_ = work_.take<double>(2 * n_);
    image_ = take_matrix<T>(work_, n_, measures_link() ? x_.cols() : 0);
    products_ = work_.take<T>(qr_.leaves.count * n_ * carried_.b.cols());
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

  // With Q the audit of step 6 sees more.
  bool measures_link() const { return qr_.q.empty() && !x_.empty(); }

  double largest_condition() const { return std::sqrt(static_cast<double>(m_)) / 2; }

  // The rounding error of a Gram matrix of columns of unit length.
  double gram_unit() const { return static_cast<double>(n_) * double{epsilon<T>}; }

  // 1 to 3.
  bool by_gram() {
    if (options_.gram_given) {
      copy_columns(r_, r1_);
    } else {
      timed("Gram matrix of A", [&] { gram_of_a(); });
    }
    qr_.norm = root_of_trace<T>(r1_);
    qr_.condition = factor_and_measure(r1_);
    if (qr_.condition <= std::min(options_.once_condition, largest_condition())) {  // 2.
      copy_columns(r1_, qr_.r2);
      copy_columns(r1_, r_);
      finish_carrying(r1_);
      qr_.method = TallMethod::cholesky_once;
      if (measures_link()) {
        timed("link", [&] { qr_.link = link_through_gram<T>(execution_, qr_, r_, x_, work_); });
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
    set_identity(qr_.r2);
    if (qr_.q.empty()) {
      qr_.tree_leaves = Matrix<T>::uninitialized(m_, n_);
      qr_.q = qr_.tree_leaves.view();
      qr_.extra_bytes += sizeof(T) * static_cast<std::uint64_t>(m_ * n_);
    }
    const Index block = tree_block(n_, options_.tree_block);
    qr_.tree_work = Workspace(tree_memory<T>(n_, block, n_, qr_.leaves));
    timed("tree", [&] {
      qr_.leaves.for_each_chunk(execution_, [&](Index, Index first, Index count) {
        qr_.a.pack(first, qr_.q.block(first, 0, count, n_));
      });
      qr_.tree = tree_factor<T>(execution_, qr_.q, r_, block, qr_.tree_work);
    });
    qr_.extra_bytes += qr_.tree_work.size() + qr_.tree.scratch_bytes;
    if (!qr_.tree_leaves.empty() && !x_.empty()) {
      timed("link", [&] { qr_.link = link_through_tree<T>(execution_, qr_, r_, x_); });
    }
  }

  // r1 <- A^H A.
  void gram_of_a() {
    std::fill(products_.begin(), products_.end(), T{});
    gram_of_chunks<T>(
        execution_, qr_.leaves,
        [&](Index leaf, Index first, MatrixView<T> chunk) {
          qr_.a.pack(first, chunk);
          carry(leaf, first, chunk);
        },
        r1_, work_);
  }

  // The product of a chunk, of A or of Q_1, with b.
  void carry(Index leaf, Index first, MatrixView<const T> chunk) const {
    const Index p = carried_.b.cols();
    if (p == 0) {
      return;
    }
    const MatrixView<const T> b = carried_.b.block(first, 0, chunk.rows(), p);
    const MatrixView<T> sum(products_.data() + leaf * n_ * p, n_, p);
    if (chunk.row_stride() == 1) {
      blas::gemm<T>(Op::adjoint, Op::none, T(1), chunk, b, T(1), sum);
    } else {  // rows side by side: real
      blas::gemm<T>(Op::none, Op::none, T(1), chunk.transposed(), b, T(1), sum);
    }
  }

  // c <- r^-H times the sum of what was carried.
  void finish_carrying(MatrixView<const T> r) {
    const Index p = carried_.b.cols();
    if (p > 0) {
      sum_leaves<T>(products_, n_ * p, qr_.leaves.count);
      copy_columns(MatrixView<T>(products_.data(), n_, p), carried_.c);
      blas::trsm<T>(blas::Side::left, Op::adjoint, r, carried_.c);
    }
  }

  // The Cholesky factor of g in its place, and the condition of that, infinite when there is none.
  double factor_and_measure(MatrixView<T> g) {
    const bool is_positive = blas::potrf<T>(g);
    clear_below_diagonal<T>(g);
    return is_positive ? condition_of_triangle<T>(execution_, g, spare_, sums_)
                       : std::numeric_limits<double>::infinity();
  }

  // 3: R_1 in r1, its columns in the order of the pivots; Q_1 to q.
  bool refine() {
    for (int pass = 1; pass <= options_.passes; ++pass) {
      timed("Gram matrix of Q1", [&] { gram_of_q1(); });
      qr_.defect = distance_from_identity<T>(qr_.r2);
      qr_.conditioned = factor_and_measure(qr_.r2);
      if (qr_.conditioned <= std::min(options_.refined_condition, largest_condition())) {
        multiply_by_r1();
        put_r();
        finish_carrying(qr_.r2);
        if (measures_link()) {
          qr_.link += link_of_second_factor<T>(execution_, qr_.r2, r_, x_, image_);
        }
        return true;
      }
      if (!(qr_.conditioned * qr_.conditioned * gram_unit() <= 1)) {
        return false;
      }
      // Once more, with R_2 R_1 for R_1; the columns that were filled stay as they are.
      multiply_by_r1();
      copy_columns(spare_.top_rows(qr_.rank), r1_.top_rows(qr_.rank));
    }
    return false;
  }

  // spare <- R_2 [R_1; 0], both upper triangular, in strips of columns: 2/3 n^3 flops.
  void multiply_by_r1() {
    parallel_for(execution_, (n_ + product_strip - 1) / product_strip, [&](Index i) {
      const Index first = i * product_strip, count = std::min(product_strip, n_ - first),
                  depth = std::min(first + count, qr_.rank);
      const MatrixView<T> strip = spare_.columns(first, count);
      blas::gemm<T>(Op::none, Op::none, T(1), qr_.r2.block(0, 0, depth, depth),
                    r1_.block(0, first, depth, count), T(0), strip.top_rows(depth));
      clear_rows_from(strip, depth);
    });
  }

  void put_r() {
    for (Index j = 0; j < n_; ++j) {
      std::copy_n(spare_.col(j), n_, r_.col(column_of(j)));
    }
  }

  Index column_of(Index j) const { return is_pivoted_ ? pivots_[static_cast<std::size_t>(j)] : j; }

  // r2 <- Q_1^H Q_1, Q_1 to q or nowhere; without q also the link (A - Q_1 R_1 P^H) X.
  void gram_of_q1() {
    const Workspace::Frame frame(work_);
    for (Index j = 0; j < qr_.rank; ++j) {
      reciprocals_[static_cast<std::size_t>(j)] = T{1} / r1_(j, j);
    }
    const MatrixView<T> px = take_matrix<T>(work_, n_, image_.cols());
    for (Index l = 0; l < px.cols(); ++l) {
      for (Index j = 0; j < n_; ++j) {
        px(j, l) = x_(column_of(j), l);
      }
    }
    const FirstLink<T> link(execution_, qr_.leaves, r1_, px, work_);
    std::fill(products_.begin(), products_.end(), T{});
    const bool transposes = by_rows<T>(n_);  // substitution goes down columns
    const std::span<T> columns =
        work_.take<T>(transposes ? qr_.leaves.count * qr_.leaves.chunk * n_ : 0);
    gram_of_chunks<T>(
        execution_, qr_.leaves,
        [&](Index leaf, Index first, MatrixView<T> wanted) {
          const MatrixView<T> chunk =
              transposes
                  ? MatrixView<T>(columns.data() + leaf * qr_.leaves.chunk * n_, wanted.rows(), n_)
                  : wanted;
          pack_pivoted(first, chunk);
          link.see_a(leaf, chunk);
          solve_and_fill(first, chunk);
          link.see_q1(leaf, chunk);
          carry(leaf, first, chunk);
          if (!qr_.q.empty()) {
            copy_columns(chunk, qr_.q.block(first, 0, chunk.rows(), n_));
          }
          if (transposes) {
            TallRows<T>{chunk}.pack(0, wanted);
          }
        },
        qr_.r2, work_);
    if (measures_link()) {
      qr_.link = link.finish(image_);
    }
  }

  void pack_pivoted(Index first, MatrixView<T> chunk) const {
    if (!is_pivoted_) {
      qr_.a.pack(first, chunk);
      return;
    }
    for (Index j = 0; j < n_; ++j) {
      const T* const mean = qr_.a.means == nullptr ? nullptr : qr_.a.means + column_of(j);
      TallRows<T>{qr_.a.given.columns(column_of(j), 1), qr_.a.exponent, qr_.a.conjugated, mean}
          .pack(first, chunk.columns(j, 1));
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

  const Execution& execution_;
  MatrixView<T> r_;
  MatrixView<const T> x_;
  TallRightSides<T> carried_;
  const TallOptions& options_;
  Workspace& work_;
  Index m_, n_;
  TallQr<T> qr_;
  MatrixView<T> r1_, spare_;
  MatrixView<T>
      image_;  // Q_1^H Q_1 R_1 P^H X, for the link of R_2; no columns where it is not asked for
  std::span<T> products_;  // with b, of each leaf
  std::span<Index> pivots_;
  std::span<T> reciprocals_;  // of the diagonal of R_1
  std::span<double> sums_;
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
                      Workspace& work, const TallRightSides<T>& carried) {
  return TallFactor<T>(execution, a, q, r, x, options, work, carried).run();
}

template <Scalar T>
MemoryPlan tall_factor_memory(Index n, Index p, const RowLeaves& leaves, Index carried) {
  return MemoryPlan::all_of(
      "factor",
      {MemoryPlan::block<T>("R1", n, n), MemoryPlan::block<T>("R2 R1", n, n),
       MemoryPlan::block<Index>("pivots", n), MemoryPlan::block<T>("1 / diagonal", n),
       MemoryPlan::block<double>("sums of rows", 2 * n), MemoryPlan::block<T>("Q1^H Q1 R1 X", n, p),
       MemoryPlan::block<T>("Q1^H b", leaves.count * n, carried),
       MemoryPlan::any_of(
           "passes",
           {sketch_memory<T>(n, leaves),
            MemoryPlan::all_of(
                "Q1", {MemoryPlan::block<T>("P^H X", n, p), FirstLink<T>::memory(n, p, leaves),
                       MemoryPlan::block<T>("columns of chunks",
                                            by_rows<T>(n) ? leaves.count * leaves.chunk : 0, n),
                       gram_of_chunks_memory<T>(n, leaves)}),
            link_through_gram_memory<T>(n, p, leaves)})});
}

#define ECKART_INSTANTIATE(T)                                                               \
  template TallQr<T> tall_factor<T>(const Execution&, const TallRows<T>&, MatrixView<T>,    \
                                    MatrixView<T>, MatrixView<const T>, const TallOptions&, \
                                    Workspace&, const TallRightSides<T>&);                  \
  template MemoryPlan tall_factor_memory<T>(Index, Index, const RowLeaves&, Index);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)
#undef ECKART_INSTANTIATE

}  // namespace eckart::dense
