#include "dense/bidiagonal/block_tree.hpp"

#include <cmath>

#include "dense/bidiagonal/arrow.hpp"
#include "dense/bidiagonal/bidiagonal_qr.hpp"

namespace eckart::dense {
namespace {

constexpr BidiagonalQrOptions qr_options{.relative = false};

}  // namespace

template <RealScalar R>
std::optional<int> scale_bidiagonal(std::span<const R> d, std::span<const R> e,
                                    std::span<R> scaled_d, std::span<R> scaled_e) noexcept {
  R largest = 0;
  for (const std::span<const R> part : {d, e}) {
    for (const R x : part) {
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
  std::transform(d.begin(), d.end(), scaled_d.begin(), scaled);
  std::transform(e.begin(), e.end(), scaled_e.begin(), scaled);
  return exponent;
}

Index leaf_scratch_per_row() {
  return bidiagonal_qr_scratch(1, qr_options);
}

// An extra column is first rotated into the others, from the last row to the first:
//    | d1 e1    |      the rotation of columns i and n + 1 that removes the entry of row i in column n + 1
//    |    d2 e2 |      puts one into row i - 1, and leaves the rest bidiagonal.
template <RealScalar R>
bool solve_by_qr(const Execution& execution, std::span<R> d, std::span<R> e, MatrixView<R> u,
                 MatrixView<R> v, std::span<R> scratch, const RotationKernels<R>& kernels) {
  const Index n = static_cast<Index>(d.size());
  if (v.cols() > n) {
    R outside = e.back();
    for (Index i = n - 1; i >= 0 && outside != 0; --i) {
      R& pivot = d[static_cast<std::size_t>(i)];
      const R r = std::hypot(pivot, outside), c = pivot / r, s = outside / r;
      kernels.rotate(v.col(i), v.col(n), v.rows(), c, s);
      pivot = r;
      if (i > 0) {
        R& above = e[static_cast<std::size_t>(i - 1)];
        outside = -s * above;
        above = c * above;
      }
    }
  }
  return bidiagonal_qr<R>(execution, d, e.first(d.size() - 1), u, v.columns(0, n), scratch,
                          qr_options);
}

#define ECKART_INSTANTIATE(R)                                                            \
  template std::optional<int> scale_bidiagonal(std::span<const R>, std::span<const R>,   \
                                               std::span<R>, std::span<R>) noexcept;     \
  template bool solve_by_qr(const Execution&, std::span<R>, std::span<R>, MatrixView<R>, \
                            MatrixView<R>, std::span<R>, const RotationKernels<R>&);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)

}  // namespace eckart::dense
