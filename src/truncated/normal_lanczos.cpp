#include "truncated/normal_lanczos.hpp"

#include <algorithm>
#include <cmath>

#include <eckart/svd.hpp>

#include "blas/gemm.hpp"
#include "blas/lapack.hpp"
#include "dense/columns.hpp"
#include "dense/scale.hpp"
#include "truncated/orthogonalize.hpp"

namespace eckart::truncated {
namespace {

// Errors of A^H A v, and of T's values, in units of eps s_1^2: n does not enter, as roundings go in all directions.
constexpr double errors = 8;
// A V of products that were rotated with V no more often than this is as good as one of a new product; each rotation adds a rounding.
constexpr int most_rotations = 16;
// Rows that are turned at a time.
constexpr Index strip_of_turning = 512;

}  // namespace

// z <- A^H A x, and A x into y, which may be without columns. The first one needs the scale, and in one pass takes it from one vector.
template <Scalar T>
void NormalLanczos<T>::normal_product(MatrixView<const T> x, MatrixView<T> y, MatrixView<T> z) {
  if (!this->size_.one_pass) {
    const Workspace::Frame frame(this->work_);
    const MatrixView<T> own =
        y.cols() > 0 ? y : dense::take_matrix<T>(this->work_, this->size_.m, x.cols());
    this->apply(x, own);
    this->apply_adjoint(own, z);
    return;
  }
  if (!this->is_scaled_) {
    Matrix<T> one = Matrix<T>::uninitialized(this->size_.m, 1);
    this->apply(x.columns(0, 1), one.view());
  }
  this->apply_and_back(x, y, z);
}

// 2.
template <Scalar T>
void NormalLanczos<T>::step() {
  const Workspace::Frame frame(this->work_);
  const Index b = this->size_.block, p = this->p_;
  const MatrixView<T> v_next = this->v_.columns(p + b, b);
  normal_product(this->v_.columns(p, b),
                 this->size_.keeps_image ? this->u_.columns(p, b) : MatrixView<T>(), v_next);
  const MatrixView<T> c = this->h_.block(0, p, p + b, b);
  static_cast<void>(orthogonalize<T>(this->execution_, this->v_.columns(0, p + b), v_next, c,
                                     this->s_, this->negligible(this->size_.n), this->fresh(),
                                     this->work_, std::min(this->coupled_, p + b)));
  for (Index l = 0; l < b; ++l) {
    for (Index j = 0; j < p; ++j) {
      this->h_(p + l, j) = conjugate(c(j, l));
    }
    for (Index j = 0; j <= l; ++j) {
      const T mean = (c(p + j, l) + conjugate(c(p + l, j))) / R{2};
      c(p + j, l) = mean;
      c(p + l, j) = conjugate(mean);
    }
  }
  this->note_coupling(p);
  this->p_ += b;
}

// A V of the first k vectors.
template <Scalar T>
Matrix<T> NormalLanczos<T>::image(Index k) {
  if (this->size_.keeps_image) {
    return Matrix<T>(MatrixView<const T>(this->u_.columns(0, k)));
  }
  Matrix<T> u = Matrix<T>::uninitialized(this->size_.m, k);
  const Index strip = 4 * this->size_.block;
  for (Index first = 0; first < k; first += strip) {
    const Index count = std::min(strip, k - first);
    this->apply(this->v_.columns(first, count), u.view().columns(first, count));
  }
  return u;
}

// R with W^H W = R^H R; nothing where the columns of W are far from orthogonal, which Ritz vectors that converged are not.
template <Scalar T>
std::optional<Matrix<T>> NormalLanczos<T>::triangle_of(MatrixView<const T> w) const {
  const Index k = w.cols();
  Matrix<T> r = gram<T>(this->execution_, w);
  std::vector<R> lengths;
  for (Index j = 0; j < k; ++j) {
    lengths.push_back(std::sqrt(real_part(r(j, j))));
  }
  if (!blas::potrf<T>(r.view())) {
    return std::nullopt;
  }
  for (Index j = 0; j < k; ++j) {
    if (!(real_part(r(j, j)) >= R(0.5) * lengths[static_cast<std::size_t>(j)])) {
      return std::nullopt;
    }
    std::fill(r.view().col(j) + j + 1, r.view().col(j) + k, T{});
  }
  return r;
}

// 7. W <- W B, and ||W z_i - s_i (W B)_i||.
template <Scalar T>
std::vector<double> NormalLanczos<T>::turn(MatrixView<T> w, MatrixView<const T> by,
                                           MatrixView<const T> z, std::span<const R> s) const {
  const Index k = w.cols(), strips = (w.rows() + strip_of_turning - 1) / strip_of_turning;
  const Execution alone{.threads = 1, .stop = {}, .progress = {}};
  Matrix<double> parts(k, strips);
  parallel_for(this->execution_, strips, [&](Index piece) {
    const Index first = piece * strip_of_turning,
                rows = std::min(strip_of_turning, w.rows() - first);
    const MatrixView<T> own = w.block(first, 0, rows, k);
    Matrix<T> u = Matrix<T>::uninitialized(rows, k), image = Matrix<T>::uninitialized(rows, k);
    blas::gemm<T>(alone, blas::Op::none, blas::Op::none, T(1), own, by, T(0), u.view());
    blas::gemm<T>(alone, blas::Op::none, blas::Op::none, T(1), own, z, T(0), image.view());
    for (Index j = 0; j < k; ++j) {
      const auto at = static_cast<std::size_t>(j);
      for (Index i = 0; i < rows; ++i) {
        parts(j, piece) += double{std::norm(image(i, j) - s[at] * u(i, j))};
      }
    }
    dense::copy_columns(u.view(), own);
  });
  std::vector<double> squares(s.size());
  for (Index piece = 0; piece < strips; ++piece) {
    for (Index j = 0; j < k; ++j) {
      squares[static_cast<std::size_t>(j)] += parts(j, piece);
    }
  }
  std::ranges::transform(squares, squares.begin(), [](double x) { return std::sqrt(x); });
  return squares;
}

// 7. U = W (R^-1 P) at once where that is as good as Q P.
template <Scalar T>
Triplets<T> NormalLanczos<T>::triplets(Index k) {
  this->restart(k);
  Matrix<T> u = image(k), z = Matrix<T>::uninitialized(k, k), by = Matrix<T>::uninitialized(k, k);
  const std::optional<Matrix<T>> triangle = triangle_of(u);
  Matrix<T> r = triangle ? *triangle : Matrix<T>::uninitialized(k, k);
  if (!triangle) {
    Matrix<T> none(0, k);
    Workspace work(orthogonalize_memory<T>(0, k));
    static_cast<void>(orthogonalize<T>(this->execution_, u.view().columns(0, 0), u.view(),
                                       none.view(), r.view(), R{}, this->fresh(), work));
  }
  const Svd<T> d = svd<T>(r, {.threads = this->execution_.threads, .stop = this->execution_.stop});
  if (triangle) {
    Matrix<T> inverse = Matrix<T>::identity(k, k);
    blas::trsm<T>(blas::Side::right, blas::Op::none, r, inverse.view());
    blas::gemm<T>(this->execution_, blas::Op::none, blas::Op::none, T(1), inverse, d.U, T(0),
                  by.view());
  }
  for (Index j = 0; j < k; ++j) {
    for (Index i = 0; i < k; ++i) {
      z(i, j) = conjugate(d.Vh(j, i));
    }
  }
  std::vector<double> image_residuals;
  if (triangle && (!this->size_.keeps_image || this->rotations_ <= most_rotations)) {
    image_residuals = turn(u.view(), by, z, d.s);
  } else {
    this->rotate(u.view(), triangle ? by : d.U);
  }
  this->rotate(this->v_.columns(0, k), z);
  return {std::move(u), d.s, Matrix<T>(MatrixView<const T>(this->v_.columns(0, k))),
          std::move(image_residuals)};
}

template <Scalar T>
double NormalLanczos<T>::rounding(Index i) const noexcept {
  const double first = double{this->values()[0]};
  return errors * double{epsilon<T>} * first * first / double{this->unit(i)};
}

template <Scalar T>
Real<T> NormalLanczos<T>::value_at_least(Index i) const noexcept {
  const R value = this->values()[static_cast<std::size_t>(i)], first = this->values()[0];
  return std::sqrt(std::max(value * value - R(errors) * epsilon<T> * first * first, R{}));
}

// A^H A v - s^2 v.
template <Scalar T>
void NormalLanczos<T>::residual_vectors(Index first, MatrixView<T> f) {
  normal_product(this->v_.columns(first, f.cols()), MatrixView<T>(), f);
  for (Index j = 0; j < f.cols(); ++j) {
    const R s = this->values()[static_cast<std::size_t>(first + j)];
    for (Index i = 0; i < f.rows(); ++i) {
      f(i, j) -= s * s * this->v_(i, first + j);
    }
  }
}

// A^H A V c - V T c; and A V c - (A V) c, where that is kept.
template <Scalar T>
double NormalLanczos<T>::deviation(MatrixView<const T> c) {
  const Index p = this->p_;
  Matrix<T> x = Matrix<T>::uninitialized(this->size_.n, 1),
            z = Matrix<T>::uninitialized(this->size_.n, 1), coefficients(p, 1);
  blas::gemm<T>(this->execution_, blas::Op::none, blas::Op::none, T(1), this->v_.columns(0, p), c,
                T(0), x.view());
  Matrix<T> y = Matrix<T>::uninitialized(this->u_.rows(), this->u_.rows() > 0 ? 1 : 0);
  normal_product(x, y.view(), z.view());
  double image = 0;
  if (!y.empty()) {
    blas::gemm<T>(this->execution_, blas::Op::none, blas::Op::none, T(-1), this->u_.columns(0, p),
                  c, T(1), y.view());
    image = dense::frobenius_norm<T>(this->execution_, y);
  }
  blas::gemm<T>(this->execution_, blas::Op::none, blas::Op::none, T(1), this->h_.block(0, 0, p, p),
                c, T(0), coefficients.view());
  return std::hypot(image * std::sqrt(double{this->largest()}),
                    this->deviation(z.view(), c, coefficients));
}

template class NormalLanczos<float>;
template class NormalLanczos<double>;
template class NormalLanczos<std::complex<float>>;
template class NormalLanczos<std::complex<double>>;

}  // namespace eckart::truncated
