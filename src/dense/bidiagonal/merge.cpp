#include "dense/bidiagonal/merge.hpp"

#include <algorithm>

#include "blas/gemm.hpp"

namespace eckart::dense {
namespace {

template <RealScalar R>
class Merge {
 public:
  Merge(const Execution& execution, const MergeProblem<R>& problem, const MergeKernels<R>& kernels,
        const MergeMemory<R>& memory) noexcept
      : execution_(execution),
        p_(problem),
        kernels_(kernels),
        m_(memory),
        arrow_(execution, problem, kernels, memory) {}

  bool run() {
    // 1.
    const Index middle = p_.upper;
    arrow_.read_weights(middle, middle + 1);
    arrow_.rotate_null_vectors();
    std::fill_n(p_.u.col(middle), p_.u.rows(), R{0});
    p_.u(middle, middle) = 1;
    // 2.
    kept_ = arrow_.deflate_columns();
    if (kept_ == 1) {
      arrow_.finish_single();
      static_cast<void>(arrow_.sort_values(p_.wanted));
      return true;
    }
    arrange_rows();
    // 3.
    if (!arrow_.find_roots()) {
      return false;
    }
    arrow_.recompute_weights();
    for (Index r = 0; r < kept_; ++r) {
      m_.row_pole[r] = m_.pole[m_.place[r]];
      m_.row_weight[r] = m_.square[m_.place[r]];
    }
    // 4. to 6.
    pack(p_.u, p_.upper_rows_u);
    arrow_.take_out_deflated(p_.u);
    const Index wanted = arrow_.sort_values(p_.wanted);
    multiply<true>(p_.u, p_.upper_rows_u, upper_ + full_, wanted);
    pack(p_.v, p_.upper_rows_v);
    arrow_.take_out_deflated(p_.v);
    multiply<false>(p_.v, p_.upper_rows_v, upper_ + full_ + 1, wanted);
    return true;
  }

 private:
  // 4. place[r]: the index, among those kept, of row r of the vectors: upper, full, z_0, lower.
  void arrange_rows() noexcept {
    upper_ = full_ = 0;
    for (Index i = 1; i < kept_; ++i) {
      const ColumnKind kind = m_.kind[m_.kept[i]];
      upper_ += kind == ColumnKind::upper ? 1 : 0;
      full_ += kind == ColumnKind::full ? 1 : 0;
    }
    Index next_upper = 0, next_full = upper_, next_lower = upper_ + full_ + 1;
    m_.place[upper_ + full_] = 0;
    for (Index i = 1; i < kept_; ++i) {
      const ColumnKind kind = m_.kind[m_.kept[i]];
      Index& next = kind == ColumnKind::upper  ? next_upper
                    : kind == ColumnKind::full ? next_full
                                               : next_lower;
      m_.place[next++] = i;
    }
  }

  // 4. Upper rows of the columns upper and full (and z_0, of V), lower rows of full, z_0 and lower.
  void pack(const MatrixView<R>& q, Index upper_rows) {
    const Index top = upper_ + full_ + 1, lower_rows = q.rows() - upper_rows;
    R* const lower = m_.packed + upper_rows * top;
    in_pieces(execution_, kept_, [&](Index first, Index last) {
      for (Index r = first; r < last; ++r) {
        const R* const column = q.col(m_.kept[m_.place[r]]);
        if (r < top) {
          std::copy_n(column, upper_rows, m_.packed + r * upper_rows);
        }
        if (r >= upper_) {
          std::copy_n(column + upper_rows, lower_rows, lower + (r - upper_) * lower_rows);
        }
      }
    });
  }

  // 5. Column c is of root kept - 1 - c, so that values descend.
  template <bool left>
  void multiply(const MatrixView<R>& q, Index upper_rows, Index upper_inner, Index wanted) {
    const SecularRows<R> rows{kept_, m_.row_pole, m_.row_weight, upper_ + full_};
    in_pieces(execution_, wanted, [&](Index first, Index last) {
      const auto column = left ? kernels_.secular.left_column : kernels_.secular.right_column;
      for (Index c = first; c < last; ++c) {
        const Index root = kept_ - 1 - c;
        column(rows, m_.origin[root], m_.offset[root], m_.vectors + c * kept_);
      }
    });
    const Index top = upper_ + full_ + 1, lower_rows = q.rows() - upper_rows;
    const MatrixView<const R> vectors(m_.vectors, kept_, wanted);
    const MatrixView<const R> upper(m_.packed, upper_rows, upper_inner);
    const MatrixView<const R> lower(m_.packed + upper_rows * top, lower_rows, kept_ - upper_);
    blas::gemm<R>(execution_, blas::Op::none, blas::Op::none, 1, upper,
                  vectors.top_rows(upper_inner), 0, q.block(0, 0, upper_rows, wanted));
    blas::gemm<R>(execution_, blas::Op::none, blas::Op::none, 1, lower,
                  vectors.block(upper_, 0, kept_ - upper_, wanted), 0,
                  q.block(upper_rows, 0, lower_rows, wanted));
  }

  const Execution& execution_;
  const MergeProblem<R>& p_;
  const MergeKernels<R>& kernels_;
  const MergeMemory<R>& m_;
  Arrow<R> arrow_;
  Index kept_ = 0;
  Index upper_ = 0, full_ = 0;  // kept columns of each kind; z_0 is not among the full ones
};

}  // namespace

template <RealScalar R>
bool merge(const Execution& execution, const MergeProblem<R>& problem,
           const MergeKernels<R>& kernels, const MergeMemory<R>& memory) {
  return Merge<R>(execution, problem, kernels, memory).run();
}

template bool merge(const Execution&, const MergeProblem<float>&, const MergeKernels<float>&,
                    const MergeMemory<float>&);
template bool merge(const Execution&, const MergeProblem<double>&, const MergeKernels<double>&,
                    const MergeMemory<double>&);

}  // namespace eckart::dense
