#include "gallery/haar.hpp"

#include <algorithm>
#include <cstdint>

namespace eckart::gallery {
namespace {

// v = x + phi ||x|| e_1 with x normal, scaled to v^H v = 2, so that H = I - v v^H; sign = -phi, the
// first entry of D.
template <Scalar W>
struct Reflector {
  std::vector<W> v;
  W sign;
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

// a <- a (I - v v^H), column by column.
template <Scalar W>
void reflect_columns(MatrixView<W> a, const std::vector<W>& v) {
  std::vector<W> product(static_cast<std::size_t>(a.rows()));
  for (Index j = 0; j < a.cols(); ++j) {
    for (Index i = 0; i < a.rows(); ++i) {
      product[static_cast<std::size_t>(i)] += a(i, j) * v[static_cast<std::size_t>(j)];
    }
  }
  for (Index j = 0; j < a.cols(); ++j) {
    for (Index i = 0; i < a.rows(); ++i) {
      a(i, j) -= product[static_cast<std::size_t>(i)] * conjugate(v[static_cast<std::size_t>(j)]);
    }
  }
}

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

template void rotate_randomly(MatrixView<double>, const Random&, Index);
template void rotate_randomly(MatrixView<std::complex<double>>, const Random&, Index);

}  // namespace eckart::gallery
