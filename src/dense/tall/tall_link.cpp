#include "dense/tall/tall_link.hpp"

#include <algorithm>

#include "blas/lapack.hpp"
#include "dense/audit/audit.hpp"
#include "dense/columns.hpp"
#include "dense/tall/row_gram.hpp"

namespace eckart::dense {
using blas::Op;

template <Scalar T>
double link_through_gram(const Execution& execution, const TallQr<T>& qr, MatrixView<const T> r,
                         MatrixView<const T> x, Workspace& work) {
  const Workspace::Frame frame(work);
  const RowLeaves& leaves = qr.leaves;
  const Index n = r.cols(), p = x.cols();
  const std::span<T> chunks = work.take<T>(leaves.count * leaves.chunk * n);
  const std::span<T> images = work.take<T>(leaves.count * leaves.chunk * p);
  const std::span<T> sums = work.take<T>(leaves.count * n * p);
  std::fill(sums.begin(), sums.end(), T{});
  leaves.for_each_chunk(execution, [&](Index leaf, Index first, Index count) {
    const MatrixView<T> chunk(chunks.data() + leaf * leaves.chunk * n, count, n);
    const MatrixView<T> image(images.data() + leaf * leaves.chunk * p, count, p);
    qr.a.pack(first, chunk);
    blas::gemm<T>(Op::none, Op::none, T(1), chunk, x, T(0), image);
    blas::gemm<T>(Op::adjoint, Op::none, T(1), chunk, image, T(1),
                  MatrixView<T>(sums.data() + leaf * n * p, n, p));
  });
  sum_leaves<T>(sums, n * p, leaves.count);
  return link_of_second_factor<T>(execution, r, r, x, MatrixView<T>(sums.data(), n, p));
}

template <Scalar T>
MemoryPlan link_through_gram_memory(Index n, Index p, const RowLeaves& leaves) {
  return MemoryPlan::all_of("link", {MemoryPlan::block<T>("chunks", leaves.count * leaves.chunk, n),
                                     MemoryPlan::block<T>("images", leaves.count * leaves.chunk, p),
                                     MemoryPlan::block<T>("A^H A X", leaves.count * n, p)});
}

template <Scalar T>
double link_of_second_factor(const Execution& execution, MatrixView<const T> r2,
                             MatrixView<const T> r, MatrixView<const T> x, MatrixView<T> image) {
  blas::trsm<T>(blas::Side::left, Op::adjoint, r2, image);
  blas::gemm<T>(execution, Op::none, Op::none, T(-1), r, x, T(1), image);
  return norm_through_probes<T>(image, x);
}

template <Scalar T>
double link_through_tree(const Execution& execution, TallQr<T>& qr, MatrixView<const T> r,
                         MatrixView<const T> x) {
  const RowLeaves& leaves = qr.leaves;
  const Index n = r.cols(), p = x.cols();
  Workspace own(
      MemoryPlan::all_of("link", {MemoryPlan::block<T>("R X", n, p),
                                  MemoryPlan::block<T>("rows", leaves.count * leaves.chunk, n),
                                  MemoryPlan::block<double>("squares", leaves.count, p)}));
  qr.extra_bytes += own.size();
  const MatrixView<T> r_x = take_matrix<T>(own, n, p);
  const std::span<T> chunks = own.take<T>(leaves.count * leaves.chunk * n);
  const std::span<double> squares = own.take<double>(leaves.count * p);
  std::fill(squares.begin(), squares.end(), 0.0);
  blas::gemm<T>(execution, Op::none, Op::none, T(1), r, x, T(0), r_x);
  tree_apply<T>(
      execution, qr.tree, r_x, leaves,
      [&](Index leaf, Index first, MatrixView<T> image) {
        const MatrixView<T> chunk(chunks.data() + leaf * leaves.chunk * n, image.rows(), n);
        qr.a.pack(first, chunk);
        blas::gemm<T>(Op::none, Op::none, T(1), chunk, x, T(-1), image);
        add_column_squares<T>(image, squares.data() + leaf * p);
      },
      qr.tree_work);
  return norm_of_columns(squares, p, leaves.count, p == n);
}

template <Scalar T>
FirstLink<T>::FirstLink(const Execution& execution, const RowLeaves& leaves, MatrixView<const T> r1,
                        MatrixView<const T> x, Workspace& work)
    : n_(r1.cols()),
      p_(x.cols()),
      leaves_(leaves.count),
      chunk_rows_(leaves.chunk),
      x_(x),
      r1_x_(take_matrix<T>(work, n_, p_)),
      of_a_(work.take<T>(leaves_ * chunk_rows_ * p_)),
      of_q1_(work.take<T>(leaves_ * chunk_rows_ * p_)),
      sums_(work.take<T>(leaves_ * n_ * p_)),
      squares_(work.take<double>(leaves_ * p_)) {
  std::fill(sums_.begin(), sums_.end(), T{});
  std::fill(squares_.begin(), squares_.end(), 0.0);
  if (p_ > 0) {
    blas::gemm<T>(execution, Op::none, Op::none, T(1), r1, x, T(0), r1_x_);
  }
}

template <Scalar T>
MemoryPlan FirstLink<T>::memory(Index n, Index p, const RowLeaves& leaves) {
  return MemoryPlan::all_of("link",
                            {MemoryPlan::block<T>("R1 X", n, p),
                             MemoryPlan::block<T>("A X", leaves.count * leaves.chunk, p),
                             MemoryPlan::block<T>("Q1 R1 X", leaves.count * leaves.chunk, p),
                             MemoryPlan::block<T>("Q1^H Q1 R1 X", leaves.count * n, p),
                             MemoryPlan::block<double>("squares", leaves.count, p)});
}

template <Scalar T>
void FirstLink<T>::see_a(Index leaf, MatrixView<const T> chunk) const {
  if (p_ > 0) {
    blas::gemm<T>(Op::none, Op::none, T(1), chunk, x_, T(0), part(of_a_, leaf, chunk.rows()));
  }
}

template <Scalar T>
void FirstLink<T>::see_q1(Index leaf, MatrixView<const T> chunk) const {
  if (p_ == 0) {
    return;
  }
  const MatrixView<T> of_a = part(of_a_, leaf, chunk.rows()),
                      of_q1 = part(of_q1_, leaf, chunk.rows());
  blas::gemm<T>(Op::none, Op::none, T(1), chunk, r1_x_, T(0), of_q1);
  blas::gemm<T>(Op::adjoint, Op::none, T(1), chunk, of_q1, T(1),
                MatrixView<T>(sums_.data() + leaf * n_ * p_, n_, p_));
  subtract_from<T>(of_q1, of_a);
  add_column_squares<T>(of_a, squares_.data() + leaf * p_);
}

template <Scalar T>
double FirstLink<T>::finish(MatrixView<T> image) const {
  sum_leaves<T>(sums_, n_ * p_, leaves_);
  copy_columns(MatrixView<T>(sums_.data(), n_, p_), image);
  return norm_of_columns(squares_, p_, leaves_, p_ == n_);
}

#define ECKART_INSTANTIATE(T)                                                                   \
  template double link_through_gram<T>(const Execution&, const TallQr<T>&, MatrixView<const T>, \
                                       MatrixView<const T>, Workspace&);                        \
  template MemoryPlan link_through_gram_memory<T>(Index, Index, const RowLeaves&);              \
  template double link_of_second_factor<T>(const Execution&, MatrixView<const T>,               \
                                           MatrixView<const T>, MatrixView<const T>,            \
                                           MatrixView<T>);                                      \
  template double link_through_tree<T>(const Execution&, TallQr<T>&, MatrixView<const T>,       \
                                       MatrixView<const T>);                                    \
  template class FirstLink<T>;
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)
#undef ECKART_INSTANTIATE

}  // namespace eckart::dense
