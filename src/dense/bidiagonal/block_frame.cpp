#include "dense/bidiagonal/block_frame.hpp"

#include <algorithm>
#include <numeric>

#include "dense/bidiagonal/bidiagonal_qr.hpp"

namespace eckart::dense {
namespace {

constexpr BidiagonalQrOptions qr_options{.relative = false};

// Entries that QR iteration needs for a row.
Index scratch_per_row() {
  return bidiagonal_qr_scratch(1, qr_options);
}

template <class N>
N* part(std::span<N> all, const Block& block) noexcept {
  return all.data() + block.first;
}

template <class N>
std::span<N> part(std::span<N> all, Index first, Index count) noexcept {
  return all.subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(count));
}

}  // namespace

template <RealScalar R>
BlockArrays<R>::BlockArrays(Index n, Workspace& work)
    : kernels(),
      d_(work.take<R>(n)),
      e_(work.take<R>(n)),
      value_(work.take<R>(n)),
      weight_(work.take<R>(n)),
      pole_(work.take<R>(n)),
      square_(work.take<R>(n)),
      origin_(work.take<R>(n)),
      offset_(work.take<R>(n)),
      superdiagonal_(work.take<R>(n)),
      rotations_(work.take<R>(n * scratch_per_row())),
      order_(work.take<Index>(n)),
      kept_(work.take<Index>(n)),
      place_(work.take<Index>(n)),
      kind_(work.take<ColumnKind>(n)) {}

template <RealScalar R>
MemoryPlan BlockArrays<R>::plan(Index n) {
  return MemoryPlan::all_of(
      "vectors of n",
      {MemoryPlan::block<R>("d", n), MemoryPlan::block<R>("e", n),
       MemoryPlan::block<R>("values", n), MemoryPlan::block<R>("weights", n),
       MemoryPlan::block<R>("poles", n), MemoryPlan::block<R>("squares", n),
       MemoryPlan::block<R>("origins", n), MemoryPlan::block<R>("offsets", n),
       MemoryPlan::block<R>("superdiagonal of a leaf", n),
       MemoryPlan::block<R>("rotations", n * scratch_per_row()),
       MemoryPlan::block<Index>("order", n), MemoryPlan::block<Index>("kept columns", n),
       MemoryPlan::block<Index>("order of columns", n), MemoryPlan::block<ColumnKind>("kinds", n)});
}

template <RealScalar R>
std::optional<int> BlockArrays<R>::scale(std::span<const R> d,
                                         std::span<const R> e) const noexcept {
  R largest = 0;
  for (const std::span<const R> numbers : {d, e}) {
    for (const R x : numbers) {
      if (!std::isfinite(x)) {
        return std::nullopt;
      }
      largest = std::max(largest, std::abs(x));
    }
  }
  const int exponent = largest > 0 ? scaled_exponent - std::ilogb(largest) : 0;
  // Denormals count as zero below, where they would compare as equal and come out in any order: they become zero here.
  const auto scaled = [exponent](R x) {
    const R y = std::ldexp(x, exponent);
    return std::abs(y) < smallest_normal<R> ? R{0} : y;
  };
  std::transform(d.begin(), d.end(), d_.begin(), scaled);
  std::transform(e.begin(), e.end(), e_.begin(), scaled);
  return exponent;
}

// An extra column is first rotated into the others, from the last row to the first:
//    | d1 e1    |      the rotation of columns i and n + 1 that removes the entry of row i in column n + 1
//    |    d2 e2 |      puts one into row i - 1, and leaves the rest bidiagonal.
template <RealScalar R>
bool BlockArrays<R>::solve_by_qr(const Execution& execution, const Block& block, MatrixView<R> u,
                                 MatrixView<R> v) const {
  const Index first = block.first, n = block.rows;
  const std::span<R> d = part(value_, first, n),
                     e = part(superdiagonal_, first, n - (block.extra ? 0 : 1));
  std::copy_n(d_.begin() + first, d.size(), d.begin());
  std::copy_n(e_.begin() + first, e.size(), e.begin());
  std::iota(order_.begin() + first, order_.begin() + first + n, Index{0});
  if (block.extra) {
    R outside = e.back();
    for (Index i = n - 1; i >= 0 && outside != 0; --i) {
      R& pivot = d[static_cast<std::size_t>(i)];
      const R r = std::hypot(pivot, outside), c = pivot / r, s = outside / r;
      kernels.rotation.rotate(v.col(i), v.col(n), v.rows(), c, s);
      pivot = r;
      if (i > 0) {
        R& above = e[static_cast<std::size_t>(i - 1)];
        outside = -s * above;
        above = c * above;
      }
    }
  }
  const Index scratch = scratch_per_row();
  return bidiagonal_qr<R>(execution, d, e.first(d.size() - 1), u, v.columns(0, n),
                          part(rotations_, first * scratch, n * scratch), qr_options);
}

template <RealScalar R>
ArrowMemory<R> BlockArrays<R>::memory_of(const Block& block) const noexcept {
  return {part(value_, block),  part(order_, block),  part(weight_, block), part(pole_, block),
          part(square_, block), part(origin_, block), part(offset_, block), part(kept_, block),
          part(place_, block),  part(kind_, block)};
}

template <RealScalar R>
ArrowProblem<R> BlockArrays<R>::problem_of(const Block& block,
                                           const DivideAndConquerOptions& options, MatrixView<R> u,
                                           MatrixView<R> v, Index upper_rows_u,
                                           Index upper_rows_v) const noexcept {
  const auto middle = static_cast<std::size_t>(block.first + block.upper_rows());
  return {block.upper_rows(),
          block.lower_rows(),
          d_[middle],
          e_[middle],
          static_cast<R>(options.deflation),
          {options.secular_steps},
          u,
          v,
          upper_rows_u,
          upper_rows_v};
}

template class BlockArrays<float>;
template class BlockArrays<double>;

}  // namespace eckart::dense
