#include "operators/signed_cholesky.hpp"

#include <algorithm>
#include <cmath>

#include "blas/gemm.hpp"
#include "core/times.hpp"

namespace eckart {
namespace {

// Rows of a block that are factored by substitution before the rest is updated by a product.
constexpr Index substituted = 16;
// Multiplications of a product that is as soon done without BLAS.
constexpr Index few_multiplications = 1024;

constexpr auto& at = Supernodes::at;

}  // namespace

template <class W>
bool SignedCholesky<W>::factor(const Execution& execution, const LowerEntries<W>& h, double y) {
  const Supernodes& shape = *shape_;
  const Index count = shape.count();
  values_.assign(at(shape.values.back()), W{});
  signs_.assign(at(shape.rows()), 1);
  put_entries(h, y);  // 1
  // Blocks whose next columns are rows of a block, in a list for each: the first, and for each block the next and where it has got to.
  std::vector<Index> waiting(at(count), -1), next(at(count), -1), reached(at(count)),
      position(at(shape.rows()));
  const auto wait = [&](Index d) {
    const std::span<const Index> columns = shape.columns_of(d);
    if (at(reached[at(d)]) < columns.size()) {
      const Index s = shape.of_row[at(columns[at(reached[at(d)])])];
      next[at(d)] = std::exchange(waiting[at(s)], d);
    }
  };
  for (Index s = 0; s < count; ++s) {
    const std::span<const Index> columns = shape.columns_of(s);
    for (std::size_t c = 0; c < columns.size(); ++c) {
      position[at(columns[c])] = static_cast<Index>(c);
    }
    for (Index d = waiting[at(s)], after = -1; d >= 0; d = after) {  // 2
      execution.check_stop();
      after = next[at(d)];
      const std::span<const Index> from = shape.columns_of(d);
      const Index begin = reached[at(d)];
      const Index end = static_cast<Index>(
          std::lower_bound(from.begin() + begin, from.end(), shape.first[at(s + 1)]) -
          from.begin());
      subtract(d, begin, end, s, position);
      reached[at(d)] = end;
      wait(d);
    }
    if (!factor_block(s)) {  // 3
      return false;
    }
    reached[at(s)] = shape.width(s);
    wait(s);
  }
  return true;
}

template <class W>
void SignedCholesky<W>::put_entries(const LowerEntries<W>& h, double y) {
  const Supernodes& shape = *shape_;
  const auto entry = [&](Index row, Index column) -> W& {
    const Index s = shape.of_row[at(row)], first = shape.first[at(s)];
    Index c = column - first;
    if (c >= shape.width(s)) {
      const std::span<const Index> columns = shape.columns_of(s);
      c = static_cast<Index>(std::ranges::lower_bound(columns, column) - columns.begin());
    }
    return block(s)[row - first + c * shape.width(s)];
  };
  for (std::size_t k = 0; k < h.values.size(); ++k) {
    const Index i = shape.place[at(h.places.row[k])], j = shape.place[at(h.places.col[k])];
    // h_ij of the lower triangle is the conjugate of what stands in the upper one.
    i > j ? entry(j, i) = conjugate(h.values[k]) : entry(i, j) = h.values[k];
  }
  for (std::size_t j = 0; j < h.diagonal.size(); ++j) {
    const Index i = shape.place[j];
    entry(i, i) = h.diagonal[j] - y;
  }
}

// 2. Columns `begin` to `end` of block d are rows of s.
template <class W>
void SignedCholesky<W>::subtract(Index d, Index begin, Index end, Index s,
                                 std::span<const Index> position) {
  const Supernodes& shape = *shape_;
  const Index w = shape.width(d), ws = shape.width(s), heads = end - begin;
  const std::span<const Index> columns = shape.columns_of(d).subspan(at(begin));
  const auto tails = static_cast<Index>(columns.size());
  const W* const from = block(d) + begin * w;
  W* const to = block(s);
  const double* const sign = signs_.data() + shape.first[at(d)];
  head_.resize(at(w * heads));
  for (Index a = 0; a < heads; ++a) {
    for (Index j = 0; j < w; ++j) {
      head_[at(a * w + j)] = sign[j] * from[a * w + j];
    }
  }
  const auto place = [&](Index a, Index c) -> W& {
    return to[position[at(columns[at(a)])] + position[at(columns[at(c)])] * ws];
  };
  if (w * heads * tails <= few_multiplications) {
    for (Index c = 0; c < tails; ++c) {
      for (Index a = 0; a < std::min(heads, c + 1); ++a) {
        W sum{};
        for (Index j = 0; j < w; ++j) {
          sum += times(conjugate(head_[at(a * w + j)]), from[c * w + j]);
        }
        place(a, c) -= sum;
      }
    }
    return;
  }
  product_.resize(at(heads * tails));
  blas::gemm<W>(blas::Op::adjoint, blas::Op::none, W(1),
                MatrixView<const W>(head_.data(), w, heads, 1, w),
                MatrixView<const W>(from, w, tails, 1, w), W(0),
                MatrixView<W>(product_.data(), heads, tails, 1, heads));
  for (Index c = 0; c < tails; ++c) {
    for (Index a = 0; a < std::min(heads, c + 1); ++a) {
      place(a, c) -= product_[at(a + c * heads)];
    }
  }
}

// 3. Rows j ... of the block, `substituted` at a time: column by column  x_j <- x_j / (s_j r_jj),  x_k <- x_k - conj(r_jk) s_j x_j.
template <class W>
bool SignedCholesky<W>::factor_block(Index s) {
  const Index w = shape_->width(s), columns = static_cast<Index>(shape_->columns_of(s).size());
  W* const a = block(s);
  double* const sign = signs_.data() + shape_->first[at(s)];
  for (Index from = 0; from < w; from += substituted) {
    const Index b = std::min(substituted, w - from);
    W signed_conjugate[substituted][substituted];  // conj(r_jk) s_j
    double pivot[substituted];                     // s_j r_jj
    for (Index i = from; i < columns; ++i) {
      W* const x = a + from + i * w;
      const Index own = i - from;
      for (Index j = 0; j < std::min(b, own); ++j) {
        x[j] /= pivot[j];
        const W x_j = x[j];
        if (own < b) {
          signed_conjugate[j][own] = sign[from + j] * conjugate(x_j);
        }
        for (Index k = j + 1; k < std::min(b, own + 1); ++k) {
          x[k] -= times(signed_conjugate[j][k], x_j);
        }
      }
      if (own < b) {
        const double d = std::real(x[own]);
        if (!std::isfinite(d) || d == 0) {
          return false;
        }
        sign[from + own] = d < 0 ? -1 : 1;
        x[own] = std::sqrt(std::abs(d));
        pivot[own] = sign[from + own] * std::real(x[own]);
      }
    }
    const Index rest = w - from - b;
    if (rest > 0) {
      head_.resize(at(b * rest));
      for (Index c = 0; c < rest; ++c) {
        for (Index j = 0; j < b; ++j) {
          head_[at(c * b + j)] = sign[from + j] * a[from + j + (from + b + c) * w];
        }
      }
      const Index tails = columns - from - b;
      blas::gemm<W>(blas::Op::adjoint, blas::Op::none, W(-1),
                    MatrixView<const W>(head_.data(), b, rest, 1, b),
                    MatrixView<const W>(a + from + (from + b) * w, b, tails, 1, w), W(1),
                    MatrixView<W>(a + from + b + (from + b) * w, rest, tails, 1, w));
    }
  }
  return true;
}

template <class W>
Index SignedCholesky<W>::negative() const noexcept {
  return static_cast<Index>(std::ranges::count(signs_, -1.0));
}

template <class W>
std::pair<double, double> SignedCholesky<W>::growth() const {
  const Supernodes& shape = *shape_;
  std::vector<double> sum(at(shape.rows())), length(sum.size());
  std::vector<double> of_row;
  for (Index s = 0; s < shape.count(); ++s) {
    const Index w = shape.width(s);
    const std::span<const Index> columns = shape.columns_of(s);
    const W* const a = block(s);
    const auto rows_of = [w](std::size_t c) { return std::min(w, static_cast<Index>(c) + 1); };
    of_row.assign(at(w), 0);
    for (std::size_t c = 0; c < columns.size(); ++c) {
      for (Index j = 0; j < rows_of(c); ++j) {
        of_row[at(j)] += std::abs(a[j + static_cast<Index>(c) * w]);
      }
    }
    for (std::size_t c = 0; c < columns.size(); ++c) {
      for (Index j = 0; j < rows_of(c); ++j) {
        sum[at(columns[c])] += std::abs(a[j + static_cast<Index>(c) * w]) * of_row[at(j)];
      }
      length[at(columns[c])] += static_cast<double>(rows_of(c));
    }
  }
  return {sum.empty() ? 0 : std::ranges::max(sum), length.empty() ? 0 : std::ranges::max(length)};
}

#define ECKART_INSTANTIATE(W)                                                                \
  template bool SignedCholesky<W>::factor(const Execution&, const LowerEntries<W>&, double); \
  template Index SignedCholesky<W>::negative() const noexcept;                               \
  template std::pair<double, double> SignedCholesky<W>::growth() const;
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<double>)

}  // namespace eckart
