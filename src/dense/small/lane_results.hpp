#pragma once

// From orthogonal columns to an audited decomposition, in every lane at once; a lane is a matrix, A W = Y with orthogonal columns.
//
//   1. s_k = ||y_k||,  L_k = y_k / s_k,  R_k = W_k; rounded to float where that is the type of the result
//   2. the sign rule on R, or on L for the transpose of a wide matrix                                     sign_rule.hpp
//   3. the audit of what will be returned:  ||A - L S R^H||_F,  ||L^H L - I||_F,  ||R^H R - I||_F,  ||A||_F
//
// Whole matrices and no probes: nothing can hide. Cost: m n^2 + (m + n) n^2 / 2 multiplications, a tenth of the sweeps.
//
// Zeros leave as +0: a rotation by nothing may turn -0 into +0, and how many of those a lane sees depends on its neighbours.

#include "dense/small/lane_sweeps.hpp"

namespace eckart::dense {

/// What a kernel works on. Packs follow one another; `lanes` doubles are a pack.
struct SmallFrame {
  Index m = 0, n = 0;            // m >= n
  bool sign_from_left = false;   // the matrix given was wide
  bool rounds = false;           // results are float
  double tie = 0;                // squares of moduli above `tie` times the largest are tied with it
  double tolerance_squared = 0;  // of orthogonality of two columns
  const double* a =
      nullptr;  // A: n columns of m packs, complex: and as many imaginary parts after each
  double* columns = nullptr;       // n columns of X above W, see lane_rotation.hpp; then L above R
  double* values = nullptr;        // n packs: s_k, not sorted
  double* residual = nullptr;      // a pack each: the norms of step 3
  double* defect_left = nullptr;   //
  double* defect_right = nullptr;  //
  double* norm = nullptr;          //
  double* converged = nullptr;     // 1 or 0
};

template <bool complex, int bytes>
struct LaneResults {
  using V = Pack<double, bytes>;

  const SmallFrame& f;
  const V* a;
  V* columns;
  V* values;

  explicit LaneResults(const SmallFrame& frame)
      : f(frame),
        a(reinterpret_cast<const V*>(frame.a)),
        columns(reinterpret_cast<V*>(frame.columns)),
        values(reinterpret_cast<V*>(frame.values)) {}

  [[gnu::always_inline]] V* column(Index k) const noexcept {
    return columns + k * small_column<complex>(f.m, f.n);
  }

  [[gnu::always_inline]] static V rounded(const V& x) noexcept {
    using Half = Pack<float, bytes / 2>;
    return __builtin_convertvector(__builtin_convertvector(x, Half), V);
  }

  [[gnu::always_inline]] static V squares(const V* x, Index count) noexcept {
    V even = {}, odd = {};
    Index i = 0;
    for (; i + 1 < count; i += 2) {
      even += x[i] * x[i];
      odd += x[i + 1] * x[i + 1];
    }
    if (i < count) {
      even += x[i] * x[i];
    }
    return even + odd;
  }

  [[gnu::always_inline]] void run() const noexcept {
    for (Index k = 0; k < f.n; ++k) {
      normalise(k);
      fix_sign(column(k) + (f.sign_from_left ? 0 : f.m), f.sign_from_left ? f.m : f.n, column(k));
      if (f.rounds) {
        round(k);
      }
    }
    store(f.residual, residual());
    store(f.defect_left, defect(0, f.m));
    store(f.defect_right, defect(f.m, f.n));
    V norm = {};
    const Index size = (complex ? 2 : 1) * f.m;
    for (Index j = 0; j < f.n; ++j) {
      norm += squares(a + j * size, size);
    }
    store(f.norm, square_root<double, bytes>(norm));
  }

 private:
  // 1.
  [[gnu::always_inline]] void normalise(Index k) const noexcept {
    V* const y = column(k);
    const Index m = f.m, plane = f.m + f.n;
    V square = squares(y, m);
    if constexpr (complex) {
      square += squares(y + plane, m);
    }
    const V length = square_root<double, bytes>(square);
    values[k] = f.rounds ? rounded(length) : length;
    const V inverse = 1 / length;
    for (Index i = 0; i < m; ++i) {
      y[i] *= inverse;
      if constexpr (complex) {
        y[plane + i] *= inverse;
      }
    }
  }

  [[gnu::always_inline]] void round(Index k) const noexcept {
    V* const y = column(k);
    for (Index i = 0; i < small_column<complex>(f.m, f.n); ++i) {
      y[i] = rounded(y[i]);
    }
  }

  [[gnu::always_inline]] static V squared_modulus(const V* v, Index i, Index plane) noexcept {
    V sum = v[i] * v[i];
    if constexpr (complex) {
      sum += v[plane + i] * v[plane + i];
    }
    return sum;
  }

  // 2. v: the `count` entries that decide; y: the column that is multiplied by their phase.
  [[gnu::always_inline]] void fix_sign(V* v, Index count, V* y) const noexcept {
    const Index plane = f.m + f.n;
    V largest = {};
    for (Index i = 0; i < count; ++i) {
      const V x = squared_modulus(v, i, plane);
      largest = x > largest ? x : largest;
    }
    const V bound = f.tie * largest;
    V decisive = v[count - 1], decisive_imag = {}, place = V{} + static_cast<double>(count - 1);
    if constexpr (complex) {
      decisive_imag = v[plane + count - 1];
    }
    for (Index i = count - 2; i >= 0; --i) {
      const V x = squared_modulus(v, i, plane);
      decisive = x >= bound ? v[i] : decisive;
      if constexpr (complex) {
        decisive_imag = x >= bound ? v[plane + i] : decisive_imag;
        place = x >= bound ? V{} + static_cast<double>(i) : place;
      }
    }
    if constexpr (complex) {
      const V modulus =
          square_root<double, bytes>(decisive * decisive + decisive_imag * decisive_imag);
      const V c = decisive / modulus, c_imag = decisive_imag / modulus;
      for (Index i = 0; i < plane; ++i) {  // times the conjugate
        V re = y[i] * c, im = y[plane + i] * c;
        re += y[plane + i] * c_imag;
        im -= y[i] * c_imag;
        y[i] = re + 0.0;
        y[plane + i] = im + 0.0;
      }
      for (Index i = 0; i < count; ++i) {
        const V away = absolute<V>(place - static_cast<double>(i));
        v[i] = away > 0 ? v[i] : modulus;
        v[plane + i] = away > 0 ? v[plane + i] : V{};
      }
    } else {
      const V sign = decisive < 0 ? V{} - 1 : V{} + 1;
      for (Index i = 0; i < plane; ++i) {
        y[i] = y[i] * sign + 0.0;
      }
    }
  }

  // 3. Column j of A - L S R^H is a_j - sum_k L_k (s_k conj(R_jk)).
  [[gnu::always_inline]] V residual() const noexcept {
    const Index m = f.m, n = f.n, plane = m + n;
    V total = {};
    for (Index j = 0; j < n; ++j) {
      V weight[small_cols], weight_imag[small_cols];
      for (Index k = 0; k < n; ++k) {
        const V* const right = column(k) + m;
        weight[k] = values[k] * right[j];
        if constexpr (complex) {
          weight_imag[k] = values[k] * right[plane + j];
        }
      }
      const V* const given = a + j * (complex ? 2 : 1) * m;
      for (Index i = 0; i < m; ++i) {
        V e = given[i], e_imag = {};
        if constexpr (complex) {
          e_imag = given[m + i];
        }
        for (Index k = 0; k < n; ++k) {
          const V* const left = column(k);
          e -= left[i] * weight[k];
          if constexpr (complex) {
            e -= left[plane + i] * weight_imag[k];
            e_imag -= left[plane + i] * weight[k];
            e_imag += left[i] * weight_imag[k];
          }
        }
        total += e * e;
        if constexpr (complex) {
          total += e_imag * e_imag;
        }
      }
    }
    return square_root<double, bytes>(total);
  }

  // ||Q^H Q - I||_F of the `count` rows from `first` on of all columns.
  [[gnu::always_inline]] V defect(Index first, Index count) const noexcept {
    const Index plane = f.m + f.n;
    V total = {};
    for (Index j = 0; j < f.n; ++j) {
      for (Index k = 0; k <= j; ++k) {
        const auto p = LaneRotation<complex, bytes>::products(column(j) + first, column(k) + first,
                                                              count, plane);
        const V e = k == j ? p.a - 1 : p.g;
        const double times = k == j ? 1 : 2;
        total += times * (e * e);
        if constexpr (complex) {
          total += times * (k == j ? V{} : p.g_imag * p.g_imag);
        }
      }
    }
    return square_root<double, bytes>(total);
  }
};

}  // namespace eckart::dense
