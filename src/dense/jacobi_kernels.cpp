#include "dense/jacobi_kernels.hpp"

// One function, several instruction sets. The thread sanitizer starts after the loader has made its
// choice, so under it (and where the loader cannot choose) only the base version is built.
#if defined(__x86_64__) && defined(__gnu_linux__) && !defined(__SANITIZE_THREAD__)
#define ECKART_FOR_EACH_PROCESSOR __attribute__((target_clones("avx512f", "fma", "default")))
#else
#define ECKART_FOR_EACH_PROCESSOR
#endif

namespace eckart::dense::kernels {
namespace {

constexpr Index pack_bytes = 32;

template <class R>
using Pack __attribute__((vector_size(pack_bytes), may_alias)) = R;

template <class R>
constexpr Index lanes = pack_bytes / static_cast<Index>(sizeof(R));

template <class R>
[[gnu::always_inline]] inline const Pack<R>* packs(const R* x) noexcept {
  return reinterpret_cast<const Pack<R>*>(x);
}

template <class R>
[[gnu::always_inline]] inline Pack<R>* packs(R* x) noexcept {
  return reinterpret_cast<Pack<R>*>(x);
}

template <class R>
[[gnu::always_inline]] inline R sum_of_lanes(const Pack<R>& v) noexcept {
  R sum = 0;
  for (Index l = 0; l < lanes<R>; ++l) {
    sum += v[l];
  }
  return sum;
}

// The padding makes the number of packs even, for float and for double.
static_assert(column_multiple % (2 * lanes<float>) == 0 &&
              column_multiple % (2 * lanes<double>) == 0);

template <class R>
[[gnu::always_inline]] inline R dot_body(const R* x, const R* y, Index length) noexcept {
  const Pack<R>* const px = packs(x);
  const Pack<R>* const py = packs(y);
  const Index count = length / lanes<R>;
  Pack<R> s0{}, s1{}, s2{}, s3{};
  Index i = 0;
  for (; i + 3 < count; i += 4) {
    s0 += px[i] * py[i];
    s1 += px[i + 1] * py[i + 1];
    s2 += px[i + 2] * py[i + 2];
    s3 += px[i + 3] * py[i + 3];
  }
  if (i < count) {
    s0 += px[i] * py[i];
    s1 += px[i + 1] * py[i + 1];
  }
  s0 += s1;
  s2 += s3;
  s0 += s2;
  return sum_of_lanes<R>(s0);
}

template <class R>
[[gnu::always_inline]] inline std::complex<R> dot_planar_body(const R* x, const R* y,
                                                              Index length) noexcept {
  const Pack<R>* const xr = packs(x);
  const Pack<R>* const xi = packs(x + length);
  const Pack<R>* const yr = packs(y);
  const Pack<R>* const yi = packs(y + length);
  const Index count = length / lanes<R>;
  Pack<R> re0{}, re1{}, im0{}, im1{};
  for (Index i = 0; i < count; ++i) {
    re0 += xr[i] * yr[i];
    re1 += xi[i] * yi[i];
    im0 += xr[i] * yi[i];
    im1 += xi[i] * yr[i];
  }
  re0 += re1;
  im0 -= im1;
  return {sum_of_lanes<R>(re0), sum_of_lanes<R>(im0)};
}

template <class R>
[[gnu::always_inline]] inline R rotate_body(R* x, R* y, Index length,
                                            const PlaneRotation<R>& r) noexcept {
  Pack<R>* const px = packs(x);
  Pack<R>* const py = packs(y);
  const Index count = length / lanes<R>;
  const R kappa = r.kappa, alpha = r.alpha, beta = r.beta;
  Pack<R> square0{}, square1{};
  for (Index i = 0; i < count; i += 2) {
    const Pack<R> x0 = px[i], y0 = py[i], x1 = px[i + 1], y1 = py[i + 1];
    px[i] = x0 + (kappa * x0 + alpha * y0);
    px[i + 1] = x1 + (kappa * x1 + alpha * y1);
    const Pack<R> z0 = y0 + (kappa * y0 - beta * x0);
    const Pack<R> z1 = y1 + (kappa * y1 - beta * x1);
    py[i] = z0;
    py[i + 1] = z1;
    square0 += z0 * z0;
    square1 += z1 * z1;
  }
  square0 += square1;
  return sum_of_lanes<R>(square0);
}

template <class R>
[[gnu::always_inline]] inline R rotate_body(R* x, R* y, Index length,
                                            const PlaneRotation<std::complex<R>>& r) noexcept {
  Pack<R>* const pxr = packs(x);
  Pack<R>* const pxi = packs(x + length);
  Pack<R>* const pyr = packs(y);
  Pack<R>* const pyi = packs(y + length);
  const Index count = length / lanes<R>;
  const R kappa = r.kappa;
  const R ar = r.alpha.real(), ai = r.alpha.imag(), br = r.beta.real(), bi = r.beta.imag();
  Pack<R> square0{}, square1{};
  for (Index i = 0; i < count; ++i) {
    const Pack<R> xr = pxr[i], xi = pxi[i], yr = pyr[i], yi = pyi[i];
    pxr[i] = xr + (kappa * xr + ar * yr - ai * yi);
    pxi[i] = xi + (kappa * xi + ar * yi + ai * yr);
    const Pack<R> zr = yr + (kappa * yr - br * xr + bi * xi);
    const Pack<R> zi = yi + (kappa * yi - br * xi - bi * xr);
    pyr[i] = zr;
    pyi[i] = zi;
    square0 += zr * zr;
    square1 += zi * zi;
  }
  square0 += square1;
  return sum_of_lanes<R>(square0);
}

}  // namespace

ECKART_FOR_EACH_PROCESSOR
float dot(const float* x, const float* y, Index length) noexcept {
  return dot_body(x, y, length);
}

ECKART_FOR_EACH_PROCESSOR
double dot(const double* x, const double* y, Index length) noexcept {
  return dot_body(x, y, length);
}

ECKART_FOR_EACH_PROCESSOR
std::complex<float> dot_planar(const float* x, const float* y, Index length) noexcept {
  return dot_planar_body(x, y, length);
}

ECKART_FOR_EACH_PROCESSOR
std::complex<double> dot_planar(const double* x, const double* y, Index length) noexcept {
  return dot_planar_body(x, y, length);
}

ECKART_FOR_EACH_PROCESSOR
float rotate(float* x, float* y, Index length, const PlaneRotation<float>& r) noexcept {
  return rotate_body(x, y, length, r);
}

ECKART_FOR_EACH_PROCESSOR
double rotate(double* x, double* y, Index length, const PlaneRotation<double>& r) noexcept {
  return rotate_body(x, y, length, r);
}

ECKART_FOR_EACH_PROCESSOR
float rotate(float* x, float* y, Index length,
             const PlaneRotation<std::complex<float>>& r) noexcept {
  return rotate_body(x, y, length, r);
}

ECKART_FOR_EACH_PROCESSOR
double rotate(double* x, double* y, Index length,
              const PlaneRotation<std::complex<double>>& r) noexcept {
  return rotate_body(x, y, length, r);
}

}  // namespace eckart::dense::kernels
