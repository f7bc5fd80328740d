#include "dense/tall/row_sketch.hpp"

#include <algorithm>
#include <cmath>

#include "dense/jacobi/pivoted_qr.hpp"

namespace eckart::dense {
namespace {

// Rows of B that a row of A is added to.
constexpr Index copies = 4;

// A diagonal entry of R below this many sqrt(n) eps |r_11| is rounding error of the products that make it.
constexpr double noise = 4;

Index sketch_rows(Index n) {
  return 2 * n + 16;
}

}  // namespace

template <Scalar T>
MemoryPlan sketch_memory(Index n, const RowLeaves& leaves) {
  return MemoryPlan::all_of(
      "sketch",
      {MemoryPlan::block<T>("S A of the leaves", leaves.count * n, sketch_rows(n)),
       MemoryPlan::any_of(
           "rows and their QR",
           {MemoryPlan::block<T>("rows", leaves.count * n, leaves.chunk),
            MemoryPlan::all_of("pivoted QR of S A",
                               {MemoryPlan::block<T>("S A", sketch_rows(n), n),
                                MemoryPlan::block<T>("tau", n), pivoted_qr_memory<T>(n)})})});
}

template <Scalar T>
Index sketch_factor(const Execution& execution, const TallRows<T>& a, const RowLeaves& leaves,
                    std::uint64_t seed, MatrixView<T> r1, std::span<Index> pivots,
                    Workspace& work) {
  using R = Real<T>;
  constexpr Index parts = ComplexScalar<T> ? 2 : 1;
  const Index n = a.cols(), height = sketch_rows(n), size = n * height;
  const Workspace::Frame frame(work);
  // 1. B transposed, so that a row of A and what it is added to are contiguous.
  const std::span<T> sums = work.take<T>(leaves.count * size);
  {
    const Workspace::Frame rows_frame(work);
    const std::span<T> rows = work.take<T>(leaves.count * n * leaves.chunk);
    std::fill(sums.begin(), sums.end(), T{});
    // The chunk is packed with its rows as columns.
    leaves.for_each_chunk(execution, [&](Index leaf, Index first, Index count) {
      const MatrixView<T> chunk(rows.data() + leaf * n * leaves.chunk, n, count);
      a.pack(first, chunk.transposed());
      T* const sum = sums.data() + leaf * size;
      for (Index i = 0; i < count; ++i) {
        std::uint64_t bits = 0;
        for (Index copy = 0; copy < copies; ++copy) {
          // Thirty-two bits for each copy: thirty-one choose the row, one the sign.
          bits = copy % 2 == 0
                     ? random_bits(seed, static_cast<std::uint64_t>((first + i) * copies + copy))
                     : bits >> 32U;
          const auto to =
              static_cast<Index>((bits & 0x7fffffffU) * static_cast<std::uint64_t>(height) >> 31U);
          const R sign = (bits & 0x80000000U) != 0 ? R(-0.5) : R(0.5);
          add_scaled<R>(reinterpret_cast<const R*>(chunk.col(i)),
                        reinterpret_cast<R*>(sum + to * n), parts * n, sign);
        }
      }
    });
    sum_leaves<T>(sums, size, leaves.count);
  }
  // 2.
  const MatrixView<T> b(work.take<T>(size).data(), height, n);
  for (Index i = 0; i < height; ++i) {
    for (Index j = 0; j < n; ++j) {
      b(i, j) = sums[static_cast<std::size_t>(i * n + j)];
    }
  }
  pivoted_qr<T>(execution, b, pivots, work.take<T>(n), work);
  const double tolerance =
      noise * std::sqrt(static_cast<double>(n)) * double{epsilon<T>} * std::abs(b(0, 0));
  Index rank = 0;
  while ((rank < n) && (double{std::abs(b(rank, rank))} > tolerance)) {
    ++rank;
  }
  // 3.
  bool is_finite = true;
  for (Index j = 0; j < n; ++j) {
    is_finite &= std::all_of(b.col(j), b.col(j) + j + 1,
                             [](const T& entry) { return std::isfinite(std::abs(entry)); });
    const Index length = std::min(j + 1, rank);
    std::copy_n(b.col(j), length, r1.col(j));
    std::fill(r1.col(j) + length, r1.col(j) + n, T{});
  }
  return is_finite ? rank : 0;
}

#define ECKART_INSTANTIATE(T)                                                             \
  template MemoryPlan sketch_memory<T>(Index, const RowLeaves&);                          \
  template Index sketch_factor<T>(const Execution&, const TallRows<T>&, const RowLeaves&, \
                                  std::uint64_t, MatrixView<T>, std::span<Index>, Workspace&);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)
#undef ECKART_INSTANTIATE

}  // namespace eckart::dense
