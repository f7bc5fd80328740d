#include "dense/jacobi/jacobi_kernels.hpp"

namespace eckart::dense {
namespace {

template <class R, int bytes>
[[gnu::always_inline]] inline R dot_real(const R* x, const R* y, Index length) noexcept {
  using P = Pack<R, bytes>;
  const auto* const px = reinterpret_cast<const P*>(x);
  const auto* const py = reinterpret_cast<const P*>(y);
  const Index count = length / lanes<R, bytes>;
  P s0{}, s1{}, s2{}, s3{};
  Index i = 0;
  for (; i + 3 < count; i += 4) {
    s0 += px[i] * py[i];
    s1 += px[i + 1] * py[i + 1];
    s2 += px[i + 2] * py[i + 2];
    s3 += px[i + 3] * py[i + 3];
  }
  for (; i < count; ++i) {
    s0 += px[i] * py[i];
  }
  s0 += s1;
  s2 += s3;
  s0 += s2;
  return sum_of_lanes<R, bytes>(s0);
}

template <Scalar T, int bytes>
[[gnu::always_inline]] inline T dot_body(const Real<T>* x, const Real<T>* y,
                                         Index length) noexcept {
  using R = Real<T>;
  if constexpr (ComplexScalar<T>) {
    using P = Pack<R, bytes>;
    const auto* const xr = reinterpret_cast<const P*>(x);
    const auto* const xi = reinterpret_cast<const P*>(x + length);
    const auto* const yr = reinterpret_cast<const P*>(y);
    const auto* const yi = reinterpret_cast<const P*>(y + length);
    const Index count = length / lanes<R, bytes>;
    P re0{}, re1{}, im0{}, im1{};
    for (Index i = 0; i < count; ++i) {
      re0 += xr[i] * yr[i];
      re1 += xi[i] * yi[i];
      im0 += xr[i] * yi[i];
      im1 += xi[i] * yr[i];
    }
    re0 += re1;
    im0 -= im1;
    return {sum_of_lanes<R, bytes>(re0), sum_of_lanes<R, bytes>(im0)};
  } else {
    return dot_real<R, bytes>(x, y, length);
  }
}

template <Scalar T, int bytes>
[[gnu::always_inline]] inline Real<T> rotate_body(Real<T>* x, Real<T>* y, Index length,
                                                  const PlaneRotation<T>& r) noexcept {
  using R = Real<T>;
  using P = Pack<R, bytes>;
  const Index count = length / lanes<R, bytes>;
  P square0{}, square1{};
  if constexpr (ComplexScalar<T>) {
    auto* const pxr = reinterpret_cast<P*>(x);
    auto* const pxi = reinterpret_cast<P*>(x + length);
    auto* const pyr = reinterpret_cast<P*>(y);
    auto* const pyi = reinterpret_cast<P*>(y + length);
    const R ar = r.alpha.real(), ai = r.alpha.imag(), har = r.h * ar, hai = r.h * ai;
    const R br = r.beta.real(), bi = r.beta.imag(), hbr = r.h * br, hbi = r.h * bi;
    for (Index i = 0; i < count; ++i) {
      const P xr = pxr[i], xi = pxi[i], yr = pyr[i], yi = pyi[i];
      const P ur = yr - hbr * xr + hbi * xi;
      const P ui = yi - hbr * xi - hbi * xr;
      const P vr = xr + har * yr - hai * yi;
      const P vi = xi + har * yi + hai * yr;
      pxr[i] = xr + ar * ur - ai * ui;
      pxi[i] = xi + ar * ui + ai * ur;
      const P zr = yr - br * vr + bi * vi;
      const P zi = yi - br * vi - bi * vr;
      pyr[i] = zr;
      pyi[i] = zi;
      square0 += zr * zr;
      square1 += zi * zi;
    }
  } else {
    auto* const px = reinterpret_cast<P*>(x);
    auto* const py = reinterpret_cast<P*>(y);
    const R alpha = r.alpha, beta = r.beta, h_alpha = r.h * alpha, h_beta = r.h * beta;
    const auto step = [&](Index i, P& square) __attribute__((always_inline)) {
      const P xi = px[i], yi = py[i];
      px[i] = xi + alpha * (yi - h_beta * xi);
      const P z = yi - beta * (xi + h_alpha * yi);
      py[i] = z;
      square += z * z;
    };
    Index i = 0;
    for (; i + 1 < count; i += 2) {
      step(i, square0);
      step(i + 1, square1);
    }
    if (i < count) {
      step(i, square0);
    }
  }
  square0 += square1;
  return sum_of_lanes<R, bytes>(square0);
}

template <Scalar T>
struct Dot {
  template <int bytes>
  [[gnu::always_inline]] static T run(const Real<T>* x, const Real<T>* y, Index length) noexcept {
    return dot_body<T, bytes>(x, y, length);
  }
};

template <Scalar T>
struct Square {
  template <int bytes>
  [[gnu::always_inline]] static Real<T> run(const Real<T>* x, Index length) noexcept {
    return dot_real<Real<T>, bytes>(x, x, column_reals<T>(length));
  }
};

template <Scalar T>
struct Rotate {
  template <int bytes>
  [[gnu::always_inline]] static Real<T> run(Real<T>* x, Real<T>* y, Index length,
                                            const PlaneRotation<T>& r) noexcept {
    return rotate_body<T, bytes>(x, y, length, r);
  }
};

}  // namespace

template <Scalar T>
JacobiKernels<T> jacobi_kernels(Processor processor) noexcept {
  using R = Real<T>;
  return {compiled<Dot<T>, T(const R*, const R*, Index)>(processor),
          compiled<Square<T>, R(const R*, Index)>(processor),
          compiled<Rotate<T>, R(R*, R*, Index, const PlaneRotation<T>&)>(processor)};
}

template JacobiKernels<float> jacobi_kernels(Processor) noexcept;
template JacobiKernels<double> jacobi_kernels(Processor) noexcept;
template JacobiKernels<std::complex<float>> jacobi_kernels(Processor) noexcept;
template JacobiKernels<std::complex<double>> jacobi_kernels(Processor) noexcept;

}  // namespace eckart::dense
