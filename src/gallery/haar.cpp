#include "gallery/haar.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace eckart::gallery {
namespace {

// v = x + phi ||x|| e_1 with x normal, scaled to v^H v = 2, so that H = I - v v^H; sign = -phi, the
// first entry of D.
template <Scalar W>
struct Reflector {
  std::vector<W> v;
  W sign{};
};

template <Scalar W>
Reflector<W> random_reflector(Index length, const Random& random) {
  Reflector<W> h;
  h.v.resize(static_cast<std::size_t>(length));
  fill_normal(MatrixView<W>(h.v.data(), length, 1), random);
  double norm = 0;
  for (const W& x : h.v) {
    norm += std::norm(x);
  }
  norm = std::sqrt(norm);
  const double first = std::abs(h.v[0]);
  h.sign = first == 0 ? W{-1} : -h.v[0] / first;
  h.v[0] -= h.sign * norm;
  // v^H v = 2 norm (norm + |x_1|).
  const double scale = std::sqrt(norm * (norm + first));
  for (W& x : h.v) {
    x /= scale;
  }
  return h;
}

// a <- (I - v v^H) a, column by column.
template <Scalar W>
void reflect_rows(MatrixView<W> a, const std::vector<W>& v) {
  for (Index j = 0; j < a.cols(); ++j) {
    W dot{};
    for (Index i = 0; i < a.rows(); ++i) {
      dot += conjugate(v[static_cast<std::size_t>(i)]) * a(i, j);
    }
    for (Index i = 0; i < a.rows(); ++i) {
      a(i, j) -= v[static_cast<std::size_t>(i)] * dot;
    }
  }
}

// product <- product + a v, for columns of a matrix and their entries of v.
template <Scalar W>
void add_product(MatrixView<const W> a, const W* v, W* product) {
  for (Index j = 0; j < a.cols(); ++j) {
    for (Index i = 0; i < a.rows(); ++i) {
      product[i] += a(i, j) * v[j];
    }
  }
}

// a <- a - product v^H, the same.
template <Scalar W>
void subtract_product(MatrixView<W> a, const W* v, const W* product) {
  for (Index j = 0; j < a.cols(); ++j) {
    for (Index i = 0; i < a.rows(); ++i) {
      a(i, j) -= product[i] * conjugate(v[j]);
    }
  }
}

// a <- a (I - v v^H), column by column.
template <Scalar W>
void reflect_columns(MatrixView<W> a, const std::vector<W>& v) {
  std::vector<W> product(static_cast<std::size_t>(a.rows()));
  add_product<W>(a, v.data(), product.data());
  subtract_product<W>(a, v.data(), product.data());
}

// Entries of a block of columns that one thread makes.
constexpr Index piece_entries = Index{1} << 16;
// Rows that one thread multiplies.
constexpr Index strip = 4096;

}  // namespace

template <Scalar W>
void rotate_randomly(MatrixView<W> a, const Random& random, Index reflectors) {
  const Index m = a.rows(), n = a.cols();
  if (a.empty()) {
    return;
  }
  const auto stream = [&random](Index k) { return random.stream(static_cast<std::uint64_t>(k)); };
  if (reflectors > 0) {
    for (Index k = 0; k < reflectors; ++k) {
      reflect_rows(a, random_reflector<W>(m, stream(2 * k)).v);
      reflect_columns(a, random_reflector<W>(n, stream(2 * k + 1)).v);
    }
    return;
  }
  for (Index i = std::min(m, n) - 1; i >= 0; --i) {
    const Reflector<W> left = random_reflector<W>(m - i, stream(2 * i));
    const Reflector<W> right = random_reflector<W>(n - i, stream(2 * i + 1));
    const MatrixView<W> block = a.block(i, i, m - i, n - i);
    for (Index j = 0; j < block.cols(); ++j) {
      block(0, j) *= left.sign;
    }
    reflect_rows(block, left.v);
    for (Index j = 0; j < block.rows(); ++j) {
      block(j, 0) *= conjugate(right.sign);
    }
    reflect_columns(block, right.v);
  }
}

template <Scalar W>
ReflectedDiagonal<W>::ReflectedDiagonal(const Execution& execution, std::vector<double> s, Index m,
                                        Index n, const Random& random, Index reflectors,
                                        Index width)
    : s_(std::move(s)) {
  if (m == 0 || n == 0) {
    return;
  }
  for (Index k = 0; k < reflectors; ++k) {
    left_.push_back(random_reflector<W>(m, random.stream(static_cast<std::uint64_t>(2 * k))).v);
    right_.push_back(
        random_reflector<W>(n, random.stream(static_cast<std::uint64_t>(2 * k + 1))).v);
  }
  width = std::clamp<Index>(width, 1, n);
  const Index piece = std::max<Index>(1, piece_entries / m);
  Matrix<W> block = Matrix<W>::uninitialized(m, left_.empty() ? 0 : width);
  for (std::size_t k = 0; k < left_.size(); ++k) {
    std::vector<W> product(static_cast<std::size_t>(m));
    for (Index first = 0; first < n; first += width) {
      const Index cols = std::min(width, n - first);
      parallel_for(execution, (cols + piece - 1) / piece, [&](Index p) {
        const MatrixView<W> own =
            block.view().columns(p * piece, std::min(piece, cols - p * piece));
        std::fill_n(own.data(), m * own.cols(), W{});
        fill(first + p * piece, own, k, true);
      });
      parallel_for(execution, (m + strip - 1) / strip, [&](Index p) {
        const Index rows = std::min(strip, m - p * strip);
        add_product<W>(block.view().block(p * strip, 0, rows, cols), right_[k].data() + first,
                       product.data() + p * strip);
      });
    }
    products_.push_back(std::move(product));
  }
}

template <Scalar W>
void ReflectedDiagonal<W>::fill(Index first, MatrixView<W> columns) const {
  fill(first, columns, left_.size(), false);
}

template <Scalar W>
void ReflectedDiagonal<W>::fill(Index first, MatrixView<W> columns, std::size_t pairs,
                                bool half) const {
  const Index last = std::min(first + columns.cols(), static_cast<Index>(s_.size()));
  for (Index j = first; j < last; ++j) {
    columns(j, j - first) = s_[static_cast<std::size_t>(j)];
  }
  for (std::size_t k = 0; k < pairs; ++k) {
    reflect_rows(columns, left_[k]);
    subtract_product<W>(columns, right_[k].data() + first, products_[k].data());
  }
  if (half) {
    reflect_rows(columns, left_[pairs]);
  }
}

template class ReflectedDiagonal<double>;
template class ReflectedDiagonal<std::complex<double>>;
template void rotate_randomly(MatrixView<double>, const Random&, Index);
template void rotate_randomly(MatrixView<std::complex<double>>, const Random&, Index);

}  // namespace eckart::gallery
