#include "dense/bidiagonal/secular_kernels.hpp"

#include <algorithm>
#include <cmath>

#include "dense/bidiagonal/secular_packs.hpp"

namespace eckart::dense {
namespace {

template <class R>
struct Weights {
  template <int bytes>
  [[gnu::always_inline]] static void run(const SecularProblem<R>& problem, Index first_pole,
                                         Index last_pole, R* weight) noexcept {
    using P = Pack<R, bytes>;
    constexpr Index width = lanes<R, bytes>;
    const Index k = problem.count;
    const R* const pole = problem.pole;
    for (Index first = first_pole; first < last_pole; first += width) {
      P d{};
      for (Index l = 0; l < width; ++l) {
        d[l] = pole[std::min(first + l, k - 1)];
      }
      P product = root<bytes>(problem, k - 1, d);
      const Index below = std::min(first, k - 1);  // roots below every pole of the group
      const Index above = std::min(first + width, k - 1);
      // Away from the group two factors share a division. Of the two roots beside a pole, which may both be near, one is here.
      Index j = 0;
      for (; j + 1 < below; j += 2) {
        product *= (root<bytes>(problem, j, d) * root<bytes>(problem, j + 1, d)) /
                   (gap<bytes>(pole[j], d) * gap<bytes>(pole[j + 1], d));
      }
      for (; j < above; ++j) {
        P divisor = gap<bytes>(pole[j], d);
        const P next = gap<bytes>(pole[j + 1], d);
        for (Index l = 0; l < width; ++l) {
          divisor[l] = j < first + l ? divisor[l] : next[l];
        }
        product *= root<bytes>(problem, j, d) / divisor;
      }
      for (; j + 2 < k; j += 2) {
        product *= (root<bytes>(problem, j, d) * root<bytes>(problem, j + 1, d)) /
                   (gap<bytes>(pole[j + 1], d) * gap<bytes>(pole[j + 2], d));
      }
      if (j + 1 < k) {
        product *= root<bytes>(problem, j, d) / gap<bytes>(pole[j + 1], d);
      }
      const P size = square_root<R, bytes>(absolute(product));
      for (Index l = 0; l < width && first + l < last_pole; ++l) {
        weight[first + l] = size[l];
      }
    }
  }

 private:
  // s_j^2 - d^2
  template <int bytes>
  [[gnu::always_inline]] static Pack<R, bytes> root(const SecularProblem<R>& problem, Index j,
                                                    const Pack<R, bytes>& d) noexcept {
    return ((problem.origin[j] - d) + problem.offset[j]) *
           (d + (problem.origin[j] + problem.offset[j]));
  }
  template <int bytes>
  [[gnu::always_inline]] static Pack<R, bytes> gap(R pole, const Pack<R, bytes>& d) noexcept {
    return (pole - d) * (pole + d);
  }
};

template <class R, bool left>
struct Column {
  template <int bytes>
  [[gnu::always_inline]] static void run(const SecularRows<R>& rows, R origin, R offset,
                                         R* column) noexcept {
    // 1. The entries, and the sum of their squares; what does not fill a vector goes one by one.
    const Index whole = rows.count / lanes<R, bytes> * lanes<R, bytes>;
    Pack<R, bytes> square{};
    fill<bytes>(rows, origin, offset, 0, whole, column, square);
    Pack<R, sizeof(R)> rest{};
    fill<sizeof(R)>(rows, origin, offset, whole, rows.count, column, rest);
    R sum = sum_of_lanes<R, bytes>(square) + rest[0];
    if constexpr (left) {
      column[rows.zero] = -1;
      sum += 1;
    }
    // 2. Their length becomes 1.
    const R factor = 1 / std::sqrt(sum);
    for (Index i = 0; i < whole; i += lanes<R, bytes>) {
      store(column + i, load<bytes>(column + i) * factor);
    }
    for (Index i = whole; i < rows.count; ++i) {
      column[i] *= factor;
    }
  }

 private:
  template <int bytes>
  [[gnu::always_inline]] static void fill(const SecularRows<R>& rows, R origin, R offset,
                                          Index first, Index last, R* column,
                                          Pack<R, bytes>& square) noexcept {
    for (Index i = first; i < last; i += lanes<R, bytes>) {
      const Pack<R, bytes> d = load<bytes>(rows.pole + i), z = load<bytes>(rows.weight + i);
      const Pack<R, bytes> distance = ((d - origin) - offset) * ((d + origin) + offset);
      const Pack<R, bytes> entry = (left ? d * z : z) / distance;
      square += entry * entry;
      store(column + i, entry);
    }
  }
};

template <class R>
struct Ends {
  template <int bytes>
  [[gnu::always_inline]] static void run(const SecularProblem<R>& problem,
                                         const SecularEnds<R>& ends, Index first_root,
                                         Index last_root) noexcept {
    using P = Pack<R, bytes>;
    constexpr Index width = lanes<R, bytes>;
    const Index k = problem.count;
    const R* const pole = problem.pole;
    for (Index first = first_root; first < last_root; first += width) {
      P origin{}, offset{};
      for (Index l = 0; l < width; ++l) {
        origin[l] = problem.origin[std::min(first + l, k - 1)];
        offset[l] = problem.offset[std::min(first + l, k - 1)];
      }
      const P s = origin + offset;
      P square{}, x{}, y{};
      for (Index j = 0; j + 1 < k; j += 2) {
        const P a = distance<R, bytes>(pole[j], origin, offset, s);
        const P b = distance<R, bytes>(pole[j + 1], origin, offset, s);
        const P both = 1 / (a * b);
        const P entry_a = ends.weight[j] * (b * both), entry_b = ends.weight[j + 1] * (a * both);
        square += entry_a * entry_a;
        square += entry_b * entry_b;
        x += ends.x[j] * entry_a;
        x += ends.x[j + 1] * entry_b;
        y += ends.y[j] * entry_a;
        y += ends.y[j + 1] * entry_b;
      }
      if (k % 2 != 0) {
        const P entry = ends.weight[k - 1] / distance<R, bytes>(pole[k - 1], origin, offset, s);
        square += entry * entry;
        x += ends.x[k - 1] * entry;
        y += ends.y[k - 1] * entry;
      }
      const P length = square_root<R, bytes>(square);
      x /= length;
      y /= length;
      for (Index l = 0; l < width && first + l < last_root; ++l) {
        ends.new_x[first + l] = x[l];
        ends.new_y[first + l] = y[l];
      }
    }
  }
};

}  // namespace

template <RealScalar R>
SecularKernels<R> secular_kernels(Processor processor) noexcept {
  const Index bytes = processor == Processor::avx512 ? 64 : processor == Processor::fma ? 32 : 16;
  return {secular_root_finder<R>(processor),
          compiled<Weights<R>, void(const SecularProblem<R>&, Index, Index, R*)>(processor),
          compiled<Column<R, true>, void(const SecularRows<R>&, R, R, R*)>(processor),
          compiled<Column<R, false>, void(const SecularRows<R>&, R, R, R*)>(processor),
          compiled<Ends<R>, void(const SecularProblem<R>&, const SecularEnds<R>&, Index, Index)>(
              processor),
          bytes / static_cast<Index>(sizeof(R))};
}

template SecularKernels<float> secular_kernels(Processor) noexcept;
template SecularKernels<double> secular_kernels(Processor) noexcept;

}  // namespace eckart::dense
