#include "truncated/residuals.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <eckart/error.hpp>

#include "dense/scale.hpp"
#include "truncated/orthogonalize.hpp"
#include "truncated/power.hpp"

namespace eckart::truncated {
namespace {

// ||y - s x||: squares in the type's own precision, a few thousand of them before a sum in double; where they leave the type's range, or
// the result is not a number, anew with the largest difference taken out.
template <Scalar T>
double distance(const T* y, Real<T> s, const T* x, Index count) {
  using R = Real<T>;
  constexpr Index sums = 8;  // side by side
  constexpr Index piece = 512 * sums;
  const Index whole = count / sums * sums;
  double plain = 0;
  for (Index first = 0; first < whole; first += piece) {
    R part[sums] = {};
    for (Index i = first; i < std::min(first + piece, whole); i += sums) {
      for (Index l = 0; l < sums; ++l) {
        const T difference = y[i + l] - s * x[i + l];
        part[l] += std::norm(difference);
      }
    }
    for (const R sum : part) {
      plain += double{sum};
    }
  }
  for (Index i = whole; i < count; ++i) {
    plain += double{std::norm(y[i] - s * x[i])};
  }
  constexpr double least = double{std::numeric_limits<R>::min()} / double{epsilon<R>};
  if (plain > least && std::isfinite(plain)) {
    return std::sqrt(plain);
  }
  double largest = 0, sum = 0;
  bool finite = true;
  const auto difference = [&](Index i) { return double{std::abs(y[i] - s * x[i])}; };
  for (Index i = 0; i < count; ++i) {
    finite = finite && std::isfinite(difference(i));
    largest = std::max(largest, difference(i));
  }
  if (!finite) {
    throw Error(ErrorKind::non_finite,
                "a product with the singular vectors has NaN or infinity; an operator must give "
                "finite products of unit vectors");
  }
  for (Index i = 0; largest > 0 && i < count; ++i) {
    const double ratio = difference(i) / largest;
    sum += ratio * ratio;
  }
  return largest * std::sqrt(sum);
}

}  // namespace

template <Scalar T>
Residuals residuals(const Execution& execution, const Operator<T>& a, MatrixView<const T> u,
                    std::span<const Real<T>> s, MatrixView<const T> v, const KnownResiduals& known,
                    Index strip) {
  Residuals result{std::vector<double>(s.size()), std::vector<double>(s.size())};
  const auto k = static_cast<Index>(s.size());
  const int power =
      s.empty() ? 0 : power_for_vectors<Real<T>>(dense::scale_exponent<Real<T>>(s.front()));
  const bool wants_av = known.lengths.empty() || known.of_adjoint,
             wants_ahu = known.lengths.empty() || !known.of_adjoint;
  Matrix<T> av = Matrix<T>::uninitialized(wants_av ? a.rows() : 0, std::min(strip, k)),
            ahu = Matrix<T>::uninitialized(wants_ahu ? a.cols() : 0, std::min(strip, k));
  for (Index first = 0; first < k; first += strip) {
    execution.check_stop();
    const Index count = std::min(strip, k - first);
    const auto measure = [&](MatrixView<const T> some_v, MatrixView<const T> some_u) {
      const MatrixView<T> some_av = av.view().columns(0, count),
                          some_ahu = ahu.view().columns(0, count);
      wants_av&& wants_ahu ? a.apply_both(execution, some_v, some_av, some_u, some_ahu)
      : wants_av           ? a.apply(execution, some_v, some_av)
                           : a.apply_adjoint(execution, some_u, some_ahu);
      for (Index j = 0; j < count; ++j) {
        const auto i = static_cast<std::size_t>(first + j);
        const auto length = [&](bool is_wanted, MatrixView<const T> product,
                                MatrixView<const T> x) {
          return is_wanted
                     ? std::ldexp(distance<T>(product.col(j), s[i], x.col(j), x.rows()), -power)
                     : known.lengths[i];
        };
        const double right = length(wants_av, some_av, some_u),
                     left = length(wants_ahu, some_ahu, some_v);
        result.both[i] = std::hypot(right, left);
        result.smaller[i] = std::min(right, left);
      }
    };
    with_power<T>(execution, v.columns(first, count), power, [&](MatrixView<const T> some_v) {
      with_power<T>(execution, u.columns(first, count), power,
                    [&](MatrixView<const T> some_u) { measure(some_v, some_u); });
    });
  }
  return result;
}

template <Scalar T>
double orthogonality(const Execution& execution, MatrixView<const T> x) {
  if (x.empty()) {
    return 0;
  }
  Matrix<T> defect = gram<T>(execution, x);
  for (Index j = 0; j < x.cols(); ++j) {
    defect(j, j) -= T{1};
  }
  return dense::frobenius_norm<T>(execution, defect.view()) /
         (static_cast<double>(x.rows()) * double{epsilon<T>});
}

#define ECKART_INSTANTIATE(T)                                                                \
  template Residuals residuals<T>(const Execution&, const Operator<T>&, MatrixView<const T>, \
                                  std::span<const Real<T>>, MatrixView<const T>,             \
                                  const KnownResiduals&, Index);                             \
  template double orthogonality<T>(const Execution&, MatrixView<const T>);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)

}  // namespace eckart::truncated
