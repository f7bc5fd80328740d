#include "dense/bidiagonal/merge.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>

#include "blas/gemm.hpp"

namespace eckart::dense {
namespace {

// Roots, weights and vectors are shared over threads in pieces of this many, a multiple of every group.
constexpr Index piece = 64;

// body(first, last) for pieces of 0 .. count - 1.
template <class Body>
void in_pieces(const Execution& execution, Index count, const Body& body) {
  if (count <= 2 * piece) {
    body(Index{0}, count);
    return;
  }
  parallel_for(execution, (count + piece - 1) / piece,
               [&](Index i) { body(i * piece, std::min((i + 1) * piece, count)); });
}

template <RealScalar R>
void copy_column(const R* from, R* to, Index rows) noexcept {
  std::copy_n(from, rows, to);
}

template <RealScalar R>
class Merge {
 public:
  Merge(const Execution& execution, const MergeProblem<R>& problem, const MergeKernels<R>& kernels,
        const MergeMemory<R>& memory) noexcept
      : execution_(execution),
        p_(problem),
        kernels_(kernels),
        m_(memory),
        n_(problem.upper + 1 + problem.lower) {}

  bool run() {
    couple();
    kept_ = deflate_columns();
    if (kept_ == 1) {
      finish_single();
      sort_values();
      return true;
    }
    arrange_rows();
    if (!solve()) {
      return false;
    }
    pack(p_.u, p_.upper);
    take_out_deflated(p_.u);
    const Index wanted = sort_values();
    multiply<true>(p_.u, p_.upper, upper_ + full_, wanted);
    pack(p_.v, p_.upper + 1);
    take_out_deflated(p_.v);
    multiply<false>(p_.v, p_.upper + 1, upper_ + full_ + 1, wanted);
    return true;
  }

 private:
  // 1. The row z and the new null vector.
  void couple() noexcept {
    const Index middle = p_.upper;
    const bool extra = p_.v.cols() > n_;
    for (Index j = 0; j <= middle; ++j) {
      m_.weight[j] = p_.alpha * p_.v(middle, j);
      m_.kind[j] = ColumnKind::upper;
    }
    for (Index j = middle + 1; j < n_; ++j) {
      m_.weight[j] = p_.beta * p_.v(middle + 1, j);
      m_.kind[j] = ColumnKind::lower;
    }
    m_.kind[middle] = ColumnKind::full;
    m_.value[middle] = 0;
    if (extra) {
      const R below = p_.beta * p_.v(middle + 1, n_), above = m_.weight[middle];
      const R r = std::hypot(above, below);
      if (r > 0) {
        kernels_.rotation.rotate(p_.v.col(middle), p_.v.col(n_), p_.v.rows(), above / r, below / r);
        m_.weight[middle] = r;
      }
    }
    std::fill_n(p_.u.col(middle), n_, R{0});
    p_.u(middle, middle) = 1;
  }

  // 2.
  Index deflate_columns() noexcept {
    // The columns by ascending value, from the two descending orders.
    Index* const ascending = m_.place;
    Index a = p_.upper - 1, b = n_ - 1;
    for (Index next = 0; next < n_ - 1; ++next) {
      const Index lower = b > p_.upper ? m_.order[b] + p_.upper + 1 : -1;
      if (a >= 0 && (lower < 0 || m_.value[m_.order[a]] <= m_.value[lower])) {
        ascending[next] = m_.order[a--];
      } else {
        ascending[next] = lower;
        --b;
      }
    }
    largest_ = std::max({std::abs(p_.alpha), std::abs(p_.beta), m_.value[ascending[n_ - 2]]});
    return deflate<R>(
        {n_, p_.upper, m_.value, m_.weight, ascending, p_.deflation_factor * epsilon<R> * largest_,
         m_.kind, m_.kept, p_.u, p_.v, p_.upper, p_.upper + 1},
        kernels_.rotation);
  }

  // Everything deflated: M is the number z_0.
  void finish_single() noexcept {
    const Index middle = p_.upper;
    if (m_.weight[middle] < 0) {
      for (Index i = 0; i < p_.v.rows(); ++i) {
        p_.v(i, middle) = -p_.v(i, middle);
      }
    }
    m_.value[middle] = std::abs(m_.weight[middle]);
    kept_ = 0;
  }

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

  // 3.
  bool solve() {
    // A block may be small against B: its own scaling keeps squares and their inverses in range.
    scale_ = std::ldexp(R{1}, std::min(scaled_exponent - std::ilogb(largest_),
                                       std::numeric_limits<R>::max_exponent - 2));
    R sum = 0;
    for (Index i = 0; i < kept_; ++i) {
      const R z = scale_ * m_.weight[m_.kept[i]];
      m_.pole[i] = scale_ * m_.value[m_.kept[i]];
      m_.square[i] = z * z;
      sum += z * z;
    }
    m_.pole[0] = 0;
    const SecularProblem<R> secular{kept_, m_.pole, m_.square, sum, m_.origin, m_.offset};
    std::atomic<bool> solved{true};
    in_pieces(execution_, kept_, [&](Index first, Index last) {
      if (kernels_.secular.roots(secular, p_.limits, first, last) < 0) {
        solved = false;
      }
    });
    if (!solved) {
      return false;
    }
    // The squares have served; the weights take their place.
    R* const weight = m_.square;
    in_pieces(execution_, kept_, [&](Index first, Index last) {
      kernels_.secular.weights(secular, first, last, weight);
    });
    for (Index r = 0; r < kept_; ++r) {
      const Index i = m_.place[r];
      m_.row_pole[r] = m_.pole[i];
      m_.row_weight[r] = std::copysign(weight[i], m_.weight[m_.kept[i]]);
    }
    return true;
  }

  // 4. Upper rows of the columns upper and full (and z_0, of V), lower rows of full, z_0 and lower.
  void pack(const MatrixView<R>& q, Index upper_rows) noexcept {
    const Index top = upper_ + full_ + 1, lower_rows = q.rows() - upper_rows;
    R* const lower = m_.packed + upper_rows * top;
    for (Index r = 0; r < kept_; ++r) {
      const R* const column = q.col(m_.kept[m_.place[r]]);
      if (r < top) {
        copy_column(column, m_.packed + r * upper_rows, upper_rows);
      }
      if (r >= upper_) {
        copy_column(column + upper_rows, lower + (r - upper_) * lower_rows, lower_rows);
      }
    }
  }

  // 4. Deflated columns to the end, in their order.
  void take_out_deflated(const MatrixView<R>& q) noexcept {
    Index to = n_ - 1;
    for (Index from = n_ - 1; from >= 0 && to >= kept_; --from) {
      if (m_.kind[from] == ColumnKind::deflated) {
        if (from != to) {
          copy_column(q.col(from), q.col(to), q.rows());
        }
        --to;
      }
    }
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

  // 6. Values to the columns that their vectors take, and their order. Returns how many vectors of the secular equation are wanted.
  Index sort_values() noexcept {
    Index to = n_ - 1;
    for (Index from = n_ - 1; kept_ > 0 && from >= 0 && to >= kept_; --from) {
      if (m_.kind[from] == ColumnKind::deflated) {
        m_.value[to--] = m_.value[from];
      }
    }
    for (Index c = 0; c < kept_; ++c) {
      const Index root = kept_ - 1 - c;
      m_.value[c] = (m_.origin[root] + m_.offset[root]) / scale_;
    }
    // Deflated values come in any order.
    const R* const value = m_.value;
    Index* const deflated = m_.kept + kept_;
    const Index count = n_ - kept_;
    for (Index i = 0; i < count; ++i) {
      deflated[i] = kept_ + i;
    }
    std::sort(deflated, deflated + count, [value](Index a, Index b) {
      return value[a] > value[b] || (value[a] == value[b] && a < b);
    });
    Index secular = 0, done = 0, wanted = 0;
    for (Index rank = 0; rank < n_; ++rank) {
      if (done == count || (secular < kept_ && value[secular] >= value[deflated[done]])) {
        m_.order[rank] = secular++;
        wanted = rank < p_.wanted ? secular : wanted;
      } else {
        m_.order[rank] = deflated[done++];
      }
    }
    return wanted;
  }

  const Execution& execution_;
  const MergeProblem<R>& p_;
  const MergeKernels<R>& kernels_;
  const MergeMemory<R>& m_;
  Index n_, kept_ = 0;
  R largest_ = 0;  // the largest number of M
  R scale_ =
      1;  // of the secular equation: poles, roots and weights are multiplied by this power of two
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
