#include "dense/bidiagonal/arrow.hpp"

#include <atomic>
#include <cmath>
#include <limits>

namespace eckart::dense {

// 1.
template <RealScalar R>
void Arrow<R>::read_weights(Index last_row, Index first_row) noexcept {
  const Index middle = p_.upper;
  for (Index j = 0; j <= middle; ++j) {
    m_.weight[j] = p_.alpha * p_.v(last_row, j);
    m_.kind[j] = ColumnKind::upper;
  }
  for (Index j = middle + 1; j < n_; ++j) {
    m_.weight[j] = p_.beta * p_.v(first_row, j);
    m_.kind[j] = ColumnKind::lower;
  }
  m_.kind[middle] = ColumnKind::full;
  m_.value[middle] = 0;
  below_ = p_.v.cols() > n_ ? p_.beta * p_.v(first_row, n_) : R{0};
}

template <RealScalar R>
void Arrow<R>::rotate_null_vectors() noexcept {
  const Index middle = p_.upper;
  const R above = m_.weight[middle], r = std::hypot(above, below_);
  if (p_.v.cols() > n_ && r > 0) {
    kernels_.rotation.rotate(p_.v.col(middle), p_.v.col(n_), p_.v.rows(), above / r, below_ / r);
    m_.weight[middle] = r;
  }
}

// 2.
template <RealScalar R>
Index Arrow<R>::deflate_columns() noexcept {
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
  // In a block at the end of the range the tolerance must not become zero: z_0 would, and with it a root and its vectors 0 / 0.
  const R tolerance =
      largest_ > 0 ? std::max(p_.deflation_factor * epsilon<R> * largest_, smallest_normal<R>)
                   : R{0};
  kept_ = deflate<R>({n_, p_.upper, m_.value, m_.weight, ascending, tolerance, m_.kind, m_.kept,
                      p_.u, p_.v, p_.upper_rows_u, p_.upper_rows_v},
                     kernels_.rotation);
  return kept_;
}

template <RealScalar R>
void Arrow<R>::finish_single() noexcept {
  const Index middle = p_.upper;
  if (m_.weight[middle] < 0) {
    for (Index i = 0; i < p_.v.rows(); ++i) {
      p_.v(i, middle) = -p_.v(i, middle);
    }
  }
  m_.value[middle] = std::abs(m_.weight[middle]);
  kept_ = 0;
}

// 3.
template <RealScalar R>
bool Arrow<R>::find_roots() {
  // A block may be small against B: its own scaling keeps squares and their inverses in range.
  scale_ = std::ldexp(R{1}, std::min(scaled_exponent - std::ilogb(largest_),
                                     std::numeric_limits<R>::max_exponent - 2));
  square_sum_ = 0;
  for (Index i = 0; i < kept_; ++i) {
    const R z = scale_ * m_.weight[m_.kept[i]];
    m_.pole[i] = scale_ * m_.value[m_.kept[i]];
    m_.square[i] = z * z;
    square_sum_ += z * z;
  }
  m_.pole[0] = 0;
  const SecularProblem<R> problem = secular();
  std::atomic<bool> solved{true};
  in_pieces(execution_, kept_, [&](Index first, Index last) {
    if (kernels_.secular.roots(problem, p_.limits, first, last) < 0) {
      solved = false;
    }
  });
  return solved;
}

template <RealScalar R>
void Arrow<R>::recompute_weights() {
  const SecularProblem<R> problem = secular();
  // The squares have served; the weights take their place.
  in_pieces(execution_, kept_, [&](Index first, Index last) {
    kernels_.secular.weights(problem, first, last, m_.square);
  });
  for (Index i = 0; i < kept_; ++i) {
    m_.square[i] = std::copysign(m_.square[i], m_.weight[m_.kept[i]]);
  }
}

template <RealScalar R>
void Arrow<R>::take_out_deflated(const MatrixView<R>& q) const noexcept {
  Index to = n_ - 1;
  for (Index from = n_ - 1; from >= 0 && to >= kept_; --from) {
    if (m_.kind[from] == ColumnKind::deflated) {
      if (from != to) {
        std::copy_n(q.col(from), q.rows(), q.col(to));
      }
      --to;
    }
  }
}

// 4.
template <RealScalar R>
Index Arrow<R>::sort_values(Index wanted) noexcept {
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
  Index secular_roots = 0, done = 0, wanted_roots = 0;
  for (Index rank = 0; rank < n_; ++rank) {
    if (done == count || (secular_roots < kept_ && value[secular_roots] >= value[deflated[done]])) {
      m_.order[rank] = secular_roots++;
      wanted_roots = rank < wanted ? secular_roots : wanted_roots;
    } else {
      m_.order[rank] = deflated[done++];
    }
  }
  return wanted_roots;
}

template class Arrow<float>;
template class Arrow<double>;

}  // namespace eckart::dense
