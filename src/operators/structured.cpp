// Toeplitz, Hankel and circulant matrices: their numbers checked and put in order for circulant_embedding.hpp, which multiplies.

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <eckart/error.hpp>
#include <eckart/structured.hpp>

#include "operators/circulant_embedding.hpp"

namespace eckart {
namespace {

// What an Operator holds: copies of it are one matrix.
template <Scalar T>
struct Structured {
  std::string name;
  std::shared_ptr<const CirculantEmbedding<T>> a;
  Index rows() const noexcept { return a->rows(); }
  Index cols() const noexcept { return a->cols(); }
  void apply(const Execution& e, MatrixView<const T> x, MatrixView<T> y) const {
    a->multiply(e, false, x, y);
  }
  void apply_adjoint(const Execution& e, MatrixView<const T> x, MatrixView<T> y) const {
    a->multiply(e, true, x, y);
  }
  std::optional<Real<T>> frobenius_norm(const Execution&) const { return a->frobenius_norm(); }
  OperatorCost cost() const {
    const auto n = static_cast<double>(a->size());
    const double transform = 5 * n * std::log2(n), passes = 8 * n;
    return {.flops = (ComplexScalar<T> ? 2 : 1) * (transform + passes),
            .bytes = 2 * n * sizeof(std::complex<Real<T>>)};
  }
  std::string description() const { return name; }
};

template <Scalar T>
Operator<T> structured(const char* name, Structure structure, Index rows, Index cols,
                       const std::vector<T>& g) {
  return Structured<T>{name,
                       std::make_shared<const CirculantEmbedding<T>>(structure, rows, cols, g)};
}

// position(k): row and column of A where x[k] stands.
template <Scalar T, class F>
void require_finite(std::span<const T> x, const F& position) {
  for (std::size_t k = 0; k < x.size(); ++k) {
    if (!is_finite(x[k])) {
      const std::pair<Index, Index> at = position(static_cast<Index>(k));
      throw NonFinite(at.first, at.second, name_of_non_finite(x[k]));
    }
  }
}

// c and r without r_0, which c's last or first number stands for.
template <Scalar T>
std::size_t length_of(std::span<const T> c, std::span<const T> r) noexcept {
  return c.empty() || r.empty() ? 0 : c.size() + r.size() - 1;
}

}  // namespace

template <Scalar T>
Operator<T> toeplitz(std::span<const T> c, std::span<const T> r) {
  require_finite(c, [](Index k) { return std::pair(k, Index{0}); });
  require_finite(r.subspan(std::min<std::size_t>(1, r.size())),
                 [](Index k) { return std::pair(Index{0}, k + 1); });
  std::vector<T> g;
  g.reserve(length_of(c, r));
  if (!c.empty() && !r.empty()) {
    g.assign(r.rbegin(), r.rend() - 1);
    g.insert(g.end(), c.begin(), c.end());
  }
  return structured("Toeplitz", Structure::toeplitz, static_cast<Index>(c.size()),
                    static_cast<Index>(r.size()), g);
}

template <Scalar T>
Operator<T> hankel(std::span<const T> c, std::span<const T> r) {
  const auto m = static_cast<Index>(c.size());
  require_finite(c, [](Index k) { return std::pair(k, Index{0}); });
  require_finite(r.subspan(std::min<std::size_t>(1, r.size())),
                 [m](Index k) { return std::pair(m - 1, k + 1); });
  std::vector<T> g;
  g.reserve(length_of(c, r));
  if (!c.empty() && !r.empty()) {
    g.assign(c.begin(), c.end());
    g.insert(g.end(), r.begin() + 1, r.end());
  }
  return structured("Hankel", Structure::hankel, m, static_cast<Index>(r.size()), g);
}

template <Scalar T>
Operator<T> hankel(std::span<const T> series, Index rows) {
  const auto length = static_cast<Index>(series.size());
  if (rows < 1 || rows > length) {
    throw InvalidArgument("hankel: " + std::to_string(rows) + " rows of a series of " +
                          std::to_string(length) + " numbers");
  }
  require_finite(series, [rows](Index k) {
    return std::pair(std::min(k, rows - 1), std::max<Index>(0, k - rows + 1));
  });
  return structured<T>("Hankel", Structure::hankel, rows, length - rows + 1,
                       {series.begin(), series.end()});
}

template <Scalar T>
Operator<T> circulant(std::span<const T> c) {
  const auto n = static_cast<Index>(c.size());
  require_finite(c, [](Index k) { return std::pair(k, Index{0}); });
  if (n >= 2 && fast_fft_size(n) == n) {
    return structured<T>("circulant", Structure::periodic, n, n, {c.begin(), c.end()});
  }
  std::vector<T> g(c.begin() + std::min<Index>(1, n), c.end());
  g.insert(g.end(), c.begin(), c.end());
  return structured("circulant", Structure::toeplitz, n, n, g);
}

#define ECKART_INSTANTIATE(T)                                               \
  template Operator<T> toeplitz<T>(std::span<const T>, std::span<const T>); \
  template Operator<T> hankel<T>(std::span<const T>, std::span<const T>);   \
  template Operator<T> hankel<T>(std::span<const T>, Index);                \
  template Operator<T> circulant<T>(std::span<const T>);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)

}  // namespace eckart
