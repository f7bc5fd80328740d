#include "truncated/orthogonalize.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <vector>

#include "blas/block_product.hpp"
#include "blas/gemm.hpp"
#include "blas/lapack.hpp"
#include "blas/normal_product.hpp"
#include "dense/columns.hpp"

namespace eckart::truncated {
namespace {

using blas::Op;

// Rounds of Gram-Schmidt; the third is needed when W lies in Z up to rounding.
constexpr int most_rounds = 5;
// What keeps this share of its length in a round is orthogonal to rounding.
constexpr double enough_of_block = 0.5;

// Cholesky QR keeps what stands out by this share of a column's length: the Gram matrix squares it.
template <Scalar T>
Real<T> independent() noexcept {
  return 16 * std::sqrt(epsilon<T>);
}

// Of a block that stays in the second level of the cache, twice, beside as many columns of the basis: 256 KiB.
template <Scalar T>
constexpr Index entries_in_cache = (Index{1} << 18) / static_cast<Index>(sizeof(T));

// X^H X: pieces of so many rows at the least, whose number depends on the shape alone; and rows whose columns stay in the cache.
constexpr Index rows_of_piece = 8192, most_pieces = 16, rows_in_cache = 1024;

template <Scalar T>
class Orthogonalizer {
  using R = Real<T>;

 public:
  Orthogonalizer(const Execution& execution, MatrixView<const T> z, MatrixView<T> w,
                 const Random& random, Workspace& work)
      : execution_(execution),
        z_(z),
        w_(w),
        random_(random),
        c_(dense::take_matrix<T>(work, z.cols(), w.cols())),
        r_(dense::take_matrix<T>(work, w.cols(), w.cols())),
        product_(dense::take_matrix<T>(work, w.cols(), w.cols())),
        column_(dense::take_matrix<T>(work, std::max<Index>(z.cols(), w.cols()), 1)),
        lengths_(dense::take_matrix<T>(work, w.cols(), 1)) {}

  Index run(MatrixView<T> c, MatrixView<T> r, R negligible, Index coupled) {
    for (Index j = 0; j < c.cols(); ++j) {
      std::fill_n(c.col(j), c.rows(), T{});
    }
    dense::set_identity(r);
    // 0.
    if (coupled > 0) {
      project(z_.cols() - coupled, c);
    }
    bool may_be_last = coupled > 0 || z_.cols() == 0;
    for (int round = 0; round < most_rounds; ++round) {
      measure();
      project(0, c_);
      if (!cholesky_qr(negligible)) {
        one_by_one(negligible);
      }
      accumulate(c, r);
      if (may_be_last && kept_their_lengths()) {
        break;
      }
      may_be_last = true;
      negligible = 64 * epsilon<T>;  // columns have length 1 from now on
    }
    return replaced_;
  }

 private:
  void measure() {
    for (Index j = 0; j < w_.cols(); ++j) {
      lengths_(j, 0) = norm(w_.columns(j, 1));
    }
  }

  static void negate(MatrixView<T> a) {
    for (Index j = 0; j < a.cols(); ++j) {
      std::transform(a.col(j), a.col(j) + a.rows(), a.col(j), std::negate<T>{});
    }
  }

  // 1, against the columns of Z from `first` on: both products in one reading of Z where that is in the cache meanwhile.
  void project(Index first, MatrixView<T> c) {
    const MatrixView<const T> z = z_.columns(first, z_.cols() - first);
    const MatrixView<T> own = c.block(first, 0, z.cols(), c.cols());
    if (z.cols() == 0) {
      return;
    }
    if (RealScalar<T> && w_.rows() * w_.cols() <= entries_in_cache<T>) {
      const Index size = blas::normal_product_work<T>(z.rows(), z.cols());
      Workspace work(MemoryPlan::block<T>("both products", size));
      blas::normal_product<T>(execution_, R(-1), z, w_, own, w_, work.take<T>(size), true);
    } else {
      blas::block_product<T>(execution_, Op::adjoint, z, w_, false, own);
      negate(own);
      blas::block_product<T>(execution_, Op::none, z, own, true, w_);
    }
    negate(own);
  }

  // 2. false: nothing done.
  bool cholesky_qr(R negligible) {
    const Index b = w_.cols();
    blas::gemm<T>(execution_, Op::adjoint, Op::none, T(1), w_, w_, T(0), r_);
    for (Index j = 0; j < b; ++j) {
      const R length = std::sqrt(real_part(r_(j, j)));
      if (!(length > negligible)) {
        return false;
      }
      column_(j, 0) = length;
    }
    if (!blas::potrf<T>(r_)) {
      return false;
    }
    for (Index j = 0; j < b; ++j) {
      if (real_part(r_(j, j)) < independent<T>() * real_part(column_(j, 0))) {
        return false;
      }
      std::fill(r_.col(j) + j + 1, r_.col(j) + b, T{});
    }
    blas::trsm<T>(blas::Side::right, Op::none, r_, w_);
    return true;
  }

  // 2, for columns that depend on one another.
  void one_by_one(R negligible) {
    const Index b = w_.cols();
    for (Index j = 0; j < b; ++j) {
      std::fill_n(r_.col(j), b, T{});
      R length = sweep(j, true);
      if (length > negligible) {
        r_(j, j) = length;
      } else {
        ++replaced_;
        replace(j);
      }
    }
  }

  // Column j minus its part in Z and in the columns before; `record`: into C and R. Returns what is left, normalised.
  R sweep(Index j, bool record) {
    const MatrixView<T> w = w_.columns(j, 1);
    R before = norm(w), after = before;
    constexpr R enough = R(0.7);
    for (int round = 0; round < most_rounds; ++round) {
      subtract_part(z_, w, record ? c_.columns(j, 1) : MatrixView<T>());
      subtract_part(w_.columns(0, j), w, record ? r_.columns(j, 1) : MatrixView<T>());
      after = norm(w);
      if (!(after < enough * before)) {
        break;
      }
      before = after;
    }
    if (after > 0) {
      for (Index i = 0; i < w.rows(); ++i) {
        w(i, 0) /= after;
      }
    }
    return after;
  }

  // w minus its part in a basis, whose coefficients are added to `record` unless that is empty.
  void subtract_part(MatrixView<const T> basis, MatrixView<T> w, MatrixView<T> record) {
    if (basis.cols() == 0) {
      return;
    }
    const MatrixView<T> part = column_.top_rows(basis.cols());
    blas::gemm<T>(execution_, Op::adjoint, Op::none, T(1), basis, w, T(0), part);
    blas::gemm<T>(execution_, Op::none, Op::none, T(-1), basis, part, T(1), w);
    for (Index i = 0; !record.empty() && i < basis.cols(); ++i) {
      record(i, 0) += part(i, 0);
    }
  }

  // Any direction orthogonal to what is there already.
  void replace(Index j) {
    constexpr int attempts = 3;
    for (int attempt = 0; attempt < attempts; ++attempt) {
      const Index stream = attempts * replaced_ + attempt;
      fill_uniform<T>(w_.columns(j, 1), random_.stream(static_cast<std::uint64_t>(stream)));
      if (sweep(j, false) > epsilon<T> * static_cast<R>(w_.rows())) {
        return;
      }
    }
  }

  // Sums side by side: one would wait for each addition.
  R norm(MatrixView<const T> x) const {
    constexpr Index sums = 8;
    const T* const entries = x.col(0);
    const Index whole = x.rows() / sums * sums;
    R part[sums] = {};
    for (Index i = 0; i < whole; i += sums) {
      for (Index l = 0; l < sums; ++l) {
        part[l] += std::norm(entries[i + l]);
      }
    }
    R sum = std::accumulate(part, part + sums, R{});
    for (Index i = whole; i < x.rows(); ++i) {
      sum += std::norm(entries[i]);
    }
    return std::sqrt(sum);
  }

  // C <- C + C' R,  R <- R' R.
  void accumulate(MatrixView<T> c, MatrixView<T> r) {
    if (c.rows() > 0) {
      blas::gemm<T>(execution_, Op::none, Op::none, T(1), c_, r, T(1), c);
    }
    blas::gemm<T>(execution_, Op::none, Op::none, T(1), r_, r, T(0), product_);
    dense::copy_columns(product_, r);
  }

  // 3.
  bool kept_their_lengths() const {
    for (Index j = 0; j < r_.cols(); ++j) {
      if (!(real_part(r_(j, j)) >= R(enough_of_block) * real_part(lengths_(j, 0)))) {
        return false;
      }
    }
    return true;
  }

  const Execution& execution_;
  MatrixView<const T> z_;
  MatrixView<T> w_;
  const Random& random_;
  MatrixView<T> c_, r_, product_, column_, lengths_;
  Index replaced_ = 0;
};

}  // namespace

template <Scalar T>
Index orthogonalize(const Execution& execution, MatrixView<const T> z, MatrixView<T> w,
                    MatrixView<T> c, MatrixView<T> r, Real<T> negligible, const Random& random,
                    Workspace& work, Index coupled) {
  const Workspace::Frame frame(work);
  return Orthogonalizer<T>(execution, z, w, random, work).run(c, r, negligible, coupled);
}

template <Scalar T>
MemoryPlan orthogonalize_memory(Index p, Index b) {
  return MemoryPlan::all_of(
      "Gram-Schmidt",
      {MemoryPlan::block<T>("C of a round", p, b), MemoryPlan::block<T>("R", b, b),
       MemoryPlan::block<T>("R R", b, b), MemoryPlan::block<T>("a column", std::max(p, b)),
       MemoryPlan::block<T>("lengths", b)});
}

template <Scalar T>
void make_orthonormal(const Execution& execution, MatrixView<T> x, const Random& random) {
  Matrix<T> none(0, x.cols()), r = Matrix<T>::uninitialized(x.cols(), x.cols());
  Workspace work(orthogonalize_memory<T>(0, x.cols()));
  static_cast<void>(orthogonalize<T>(execution, x.columns(0, 0), x, none.view(), r.view(),
                                     Real<T>{}, random, work));
}

template <Scalar T>
Matrix<T> gram(const Execution& execution, MatrixView<const T> x) {
  const Index k = x.cols(), pieces = std::clamp<Index>(x.rows() / rows_of_piece, 1, most_pieces);
  const Execution alone{.threads = 1, .stop = {}, .progress = {}};
  std::vector<Matrix<T>> parts;
  for (Index piece = 0; piece < pieces; ++piece) {
    parts.emplace_back(k, k);
  }
  parallel_for(execution, pieces, [&](Index piece) {
    const Index last = x.rows() * (piece + 1) / pieces;
    const MatrixView<T> sum = parts[static_cast<std::size_t>(piece)].view();
    for (Index row = x.rows() * piece / pieces; row < last; row += rows_in_cache) {
      const MatrixView<const T> own = x.block(row, 0, std::min(rows_in_cache, last - row), k);
      blas::gemm<T>(alone, Op::adjoint, Op::none, T(1), own, own, T(1), sum);
    }
  });
  for (Index piece = 1; piece < pieces; ++piece) {
    for (Index j = 0; j < k; ++j) {
      for (Index i = 0; i < k; ++i) {
        parts[0](i, j) += parts[static_cast<std::size_t>(piece)](i, j);
      }
    }
  }
  return std::move(parts[0]);
}

#define ECKART_INSTANTIATE(T)                                                           \
  template Index orthogonalize<T>(const Execution&, MatrixView<const T>, MatrixView<T>, \
                                  MatrixView<T>, MatrixView<T>, Real<T>, const Random&, \
                                  Workspace&, Index);                                   \
  template Matrix<T> gram<T>(const Execution&, MatrixView<const T>);                    \
  template void make_orthonormal<T>(const Execution&, MatrixView<T>, const Random&);    \
  template MemoryPlan orthogonalize_memory<T>(Index, Index);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)

}  // namespace eckart::truncated
