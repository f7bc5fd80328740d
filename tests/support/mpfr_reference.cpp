#include "support/mpfr_reference.hpp"

#include <algorithm>
#include <functional>
#include <stdexcept>
#include <utility>

#include <mpfr.h>

namespace eckart::testing {
namespace {

// A number of `bits` bits.
class Big {
 public:
  explicit Big(int bits, double value = 0) {
    mpfr_init2(number_, bits);
    mpfr_set_d(number_, value, MPFR_RNDN);
  }
  Big(const Big& other) {
    mpfr_init2(number_, mpfr_get_prec(other.number_));
    mpfr_set(number_, other.number_, MPFR_RNDN);
  }
  Big& operator=(const Big& other) {
    mpfr_set(number_, other.number_, MPFR_RNDN);
    return *this;
  }
  ~Big() { mpfr_clear(number_); }

  operator mpfr_ptr() { return number_; }
  operator mpfr_srcptr() const { return number_; }
  [[nodiscard]] double to_double() const { return mpfr_get_d(number_, MPFR_RNDN); }

 private:
  mpfr_t number_;
};

using Column = std::vector<Big>;

// sum <- x^T y.
void dot(Big& sum, const Column& x, const Column& y) {
  mpfr_set_zero(sum, 1);
  for (std::size_t i = 0; i < x.size(); ++i) {
    mpfr_fma(sum, x[i], y[i], sum, MPFR_RNDN);
  }
}

// The columns of a real matrix, made orthogonal in place.
class Jacobi {
 public:
  Jacobi(std::vector<Column> columns, int bits)
      : columns_(std::move(columns)),
        square_(columns_.size(), Big(bits)),
        peak_(columns_.size(), Big(bits)),
        tolerance_square_(bits, 1),
        g_(bits),
        t_(bits),
        c_(bits),
        s_(bits),
        u_(bits),
        bits_(bits) {
    mpfr_div_2si(tolerance_square_, tolerance_square_, 2L * (bits - spare_bits), MPFR_RNDN);
    for (std::size_t j = 0; j < columns_.size(); ++j) {
      dot(square_[j], columns_[j], columns_[j]);
      peak_[j] = square_[j];
    }
  }

  // Norms of the orthogonal columns, descending.
  [[nodiscard]] std::vector<double> singular_values() {
    constexpr int max_sweeps = 100;
    int sweeps = 0;
    while (sweep()) {
      if (++sweeps == max_sweeps) {
        throw std::runtime_error("the reference did not converge in 100 sweeps");
      }
    }
    std::vector<double> values;
    for (std::size_t j = 0; j < columns_.size(); ++j) {
      mpfr_sqrt(u_, square_[j], MPFR_RNDN);
      values.push_back(u_.to_double());
    }
    std::sort(values.begin(), values.end(), std::greater<>());
    return values;
  }

 private:
  // Bits that rounding may spoil before two columns count as orthogonal.
  static constexpr int spare_bits = 16;

  // Rotates all pairs, the longest column left at p; returns whether one pair was not yet orthogonal.
  // A sweep that rotates nothing finds the columns sorted, so it moves none and sees every pair.
  bool sweep() {
    bool rotated = false;
    for (std::size_t p = 0; p < columns_.size(); ++p) {
      for (std::size_t q = p + 1; q < columns_.size(); ++q) {
        put_longer_first(p, q);
      }
      for (std::size_t q = p + 1; q < columns_.size(); ++q) {
        put_longer_first(p, q);
        rotated = rotate(p, q) || rotated;
      }
    }
    return rotated;
  }

  void put_longer_first(std::size_t p, std::size_t q) {
    if (mpfr_less_p(square_[p], square_[q])) {
      std::swap(columns_[p], columns_[q]);
      mpfr_swap(square_[p], square_[q]);
      mpfr_swap(peak_[p], peak_[q]);
    }
  }

  bool rotate(std::size_t p, std::size_t q) {
    Column& x = columns_[p];
    Column& y = columns_[q];
    dot(g_, x, y);
    mpfr_mul(u_, square_[p], square_[q], MPFR_RNDN);
    mpfr_mul(u_, u_, tolerance_square_, MPFR_RNDN);
    mpfr_sqr(t_, g_, MPFR_RNDN);
    if (mpfr_lessequal_p(t_, u_)) {
      return false;
    }
    // t = 2 g / (d + sqrt(d^2 + 4 g^2)) with d = ||x||^2 - ||y||^2 >= 0.
    mpfr_sub(u_, square_[p], square_[q], MPFR_RNDN);
    mpfr_mul_2ui(g_, g_, 1, MPFR_RNDN);
    mpfr_hypot(t_, u_, g_, MPFR_RNDN);
    mpfr_add(t_, t_, u_, MPFR_RNDN);
    mpfr_div(t_, g_, t_, MPFR_RNDN);
    mpfr_sqr(c_, t_, MPFR_RNDN);
    mpfr_add_ui(c_, c_, 1, MPFR_RNDN);
    mpfr_rec_sqrt(c_, c_, MPFR_RNDN);
    mpfr_mul(s_, t_, c_, MPFR_RNDN);
    for (std::size_t i = 0; i < x.size(); ++i) {
      mpfr_mul(u_, s_, y[i], MPFR_RNDN);
      mpfr_mul(g_, s_, x[i], MPFR_RNDN);
      mpfr_fma(x[i], c_, x[i], u_, MPFR_RNDN);
      mpfr_fms(y[i], c_, y[i], g_, MPFR_RNDN);
    }
    dot(square_[p], x, x);
    dot(square_[q], y, y);
    mpfr_max(peak_[p], peak_[p], square_[p], MPFR_RNDN);
    // A column that has lost all its bits is 0: without this a rank-deficient matrix never ends.
    mpfr_mul(u_, peak_[q], tolerance_square_, MPFR_RNDN);
    if (mpfr_lessequal_p(square_[q], u_)) {
      std::fill(y.begin(), y.end(), Big(bits_));
      mpfr_set_zero(square_[q], 1);
    }
    return true;
  }

  std::vector<Column> columns_;
  std::vector<Big> square_, peak_;
  Big tolerance_square_, g_, t_, c_, s_, u_;
  int bits_;
};

template <Scalar T>
bool is_real(MatrixView<const T> a) {
  for (Index j = 0; j < a.cols(); ++j) {
    for (Index i = 0; i < a.rows(); ++i) {
      if (std::imag(a(i, j)) != 0) {
        return false;
      }
    }
  }
  return true;
}

}  // namespace

template <Scalar T>
std::vector<double> reference_singular_values(MatrixView<const T> a, int bits) {
  if (a.rows() < a.cols()) {
    return reference_singular_values<T>(a.transposed(), bits);
  }
  const Index copies = is_real<T>(a) ? 1 : 2;
  const auto rows = static_cast<std::size_t>(copies * a.rows());
  std::vector<Column> columns(static_cast<std::size_t>(copies * a.cols()), Column(rows, Big(bits)));
  for (Index j = 0; j < a.cols(); ++j) {
    for (Index i = 0; i < a.rows(); ++i) {
      const auto set = [&](Index row, Index column, Real<T> value) {
        mpfr_set_d(columns[static_cast<std::size_t>(column)][static_cast<std::size_t>(row)],
                   static_cast<double>(value), MPFR_RNDN);
      };
      set(i, j, real_part(a(i, j)));
      if (copies == 2) {
        set(i + a.rows(), j + a.cols(), real_part(a(i, j)));
        set(i + a.rows(), j, std::imag(a(i, j)));
        set(i, j + a.cols(), -std::imag(a(i, j)));
      }
    }
  }
  const std::vector<double> all = Jacobi(std::move(columns), bits).singular_values();
  std::vector<double> values;
  for (std::size_t k = 0; k < all.size(); k += static_cast<std::size_t>(copies)) {
    values.push_back(all[k]);
  }
  return values;
}

template std::vector<double> reference_singular_values(MatrixView<const float>, int);
template std::vector<double> reference_singular_values(MatrixView<const double>, int);
template std::vector<double> reference_singular_values(MatrixView<const std::complex<float>>, int);
template std::vector<double> reference_singular_values(MatrixView<const std::complex<double>>, int);

}  // namespace eckart::testing
