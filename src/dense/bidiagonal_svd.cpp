#include "dense/bidiagonal_svd.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "blas/lapack.hpp"

namespace eckart::dense {
namespace {

template <Scalar T>
void set_identity(MatrixView<T> a) {
  for (Index j = 0; j < a.cols(); ++j) {
    std::fill_n(a.col(j), a.rows(), T{});
    a(j, j) = T{1};
  }
}

template <Scalar T>
bool divide_and_conquer(std::span<Real<T>> s, std::span<Real<T>> e, MatrixView<T> u,
                        MatrixView<T> vt, Workspace& work) {
  using R = Real<T>;
  const Index n = static_cast<Index>(s.size());
  const std::span<R> scratch = work.take<R>(3 * n * n + 4 * n);
  if constexpr (RealScalar<T>) {
    return blas::bdsdc<R>(s, e, u, vt, scratch);
  } else {
    const MatrixView<R> real_u(work.take<R>(n * n).data(), n, n);
    const MatrixView<R> real_vt(work.take<R>(n * n).data(), n, n);
    const bool converged = blas::bdsdc<R>(s, e, real_u, real_vt, scratch);
    for (Index j = 0; j < n; ++j) {
      std::copy_n(real_u.col(j), n, u.col(j));
      std::copy_n(real_vt.col(j), n, vt.col(j));
    }
    return converged;
  }
}

template <Scalar T>
bool qr_iteration(std::span<Real<T>> s, std::span<Real<T>> e, MatrixView<T> u, MatrixView<T> vt,
                  Workspace& work) {
  set_identity(u);
  set_identity(vt);
  return blas::bdsqr<T>(s, e, u, vt, work.take<Real<T>>(4 * static_cast<Index>(s.size())));
}

}  // namespace

template <Scalar T>
MemoryPlan bidiagonal_svd_memory(Index n, bool vectors) {
  using R = Real<T>;
  const MemoryPlan qr = MemoryPlan::block<R>("QR iteration", 4 * n);
  if (!vectors) {
    return qr;
  }
  const Index real_rows = ComplexScalar<T> ? n : 0;
  return MemoryPlan::any_of(
      "bidiagonal SVD",
      {MemoryPlan::all_of("divide and conquer", {MemoryPlan::block<R>("scratch", 3 * n + 4, n),
                                                 MemoryPlan::block<R>("real U", real_rows, n),
                                                 MemoryPlan::block<R>("real Vt", real_rows, n)}),
       qr});
}

template <Scalar T>
bool bidiagonal_svd(Driver driver, std::span<Real<T>> s, std::span<Real<T>> e, MatrixView<T> u,
                    MatrixView<T> vt, Workspace& work) {
  const Workspace::Frame frame(work);
  const bool vectors = !u.empty();
  return driver == Driver::divide_and_conquer && vectors ? divide_and_conquer<T>(s, e, u, vt, work)
                                                         : qr_iteration<T>(s, e, u, vt, work);
}

template <RealScalar R>
bool values_agree_with_counts(std::span<const R> d, std::span<const R> e, std::span<const R> s,
                              double tolerance) {
  // Eight shifts go through the recurrence side by side, so that the compiler can use vector division.
  constexpr std::size_t lanes = 8;
  // A smaller pivot stands for an eigenvalue at the shift; it counts as negative, as if the shift were larger by as much.
  constexpr double tiny_pivot = std::numeric_limits<double>::min();
  const std::size_t n = s.size();

  // values_at_least[l] = #{sigma >= shift[l]}, shift[l] > 0.
  const auto count = [&](const std::array<double, lanes>& shift) {
    std::array<double, lanes> pivot{};
    std::array<int, lanes> negative{};
    const auto eliminate = [&](double b) {
      const double square = b * b;
      for (std::size_t l = 0; l < lanes; ++l) {
        const double next = -shift[l] - square / pivot[l];
        pivot[l] = std::abs(next) < tiny_pivot ? -tiny_pivot : next;
        negative[l] += pivot[l] < 0 ? 1 : 0;
      }
    };
    for (std::size_t l = 0; l < lanes; ++l) {
      pivot[l] = std::min(-shift[l], -tiny_pivot);
      negative[l] = 1;
    }
    for (std::size_t k = 0; k < n; ++k) {
      eliminate(double{d[k]});
      if (k + 1 < n) {
        eliminate(double{e[k]});
      }
    }
    std::array<std::size_t, lanes> values_at_least{};
    for (std::size_t l = 0; l < lanes; ++l) {
      values_at_least[l] = 2 * n - static_cast<std::size_t>(negative[l]);
    }
    return values_at_least;
  };

  for (std::size_t first = 0; first < n; first += lanes) {
    std::array<double, lanes> above{}, below{};
    for (std::size_t l = 0; l < lanes; ++l) {
      const double value = double{s[std::min(first + l, n - 1)]};
      above[l] = value + tolerance;
      below[l] = value - tolerance;
    }
    const auto at_least_above = count(above);
    const auto at_least_below = count(below);
    for (std::size_t l = 0; l < lanes && first + l < n; ++l) {
      const std::size_t i = first + l;
      if (at_least_above[l] > i || (below[l] > 0 && at_least_below[l] <= i)) {
        return false;
      }
    }
  }
  return true;
}

template bool values_agree_with_counts(std::span<const float>, std::span<const float>,
                                       std::span<const float>, double);
template bool values_agree_with_counts(std::span<const double>, std::span<const double>,
                                       std::span<const double>, double);

#define ECKART_INSTANTIATE(T)                                                                    \
  template MemoryPlan bidiagonal_svd_memory<T>(Index, bool);                                     \
  template bool bidiagonal_svd<T>(Driver, std::span<Real<T>>, std::span<Real<T>>, MatrixView<T>, \
                                  MatrixView<T>, Workspace&);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)

}  // namespace eckart::dense
