#include "blas/lapack.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "blas/fortran.hpp"
#include "blas/threads.hpp"

namespace eckart::blas {
namespace {

// The leading dimension, which LAPACK wants to be at least the number of rows even where no entry
// is touched.
template <class T>
BlasInt leading(MatrixView<T> a, const char* what) {
  return narrow(std::max<Index>({a.cols() <= 1 ? a.rows() : a.col_stride(), a.rows(), 1}), what);
}

// A negative info means that this room passed a wrong argument: a defect of Eckart, reported as
// one.
void require_valid(BlasInt info, const char* routine) {
  if (info < 0) {
    throw NumericalError(std::string(routine) + " refused its argument " + std::to_string(-info) +
                         "; this is a defect of Eckart, please report it");
  }
}

template <class T>
Index queried(T size) {
  return std::max<Index>(1, static_cast<Index>(real_part(size)));
}

constexpr BlasInt query = -1;

// Real routines know no adjoint, complex ones no plain transpose that is of use here.
template <Scalar T>
char letter_of(Op op) {
  return op == Op::none ? 'N' : (ComplexScalar<T> ? 'C' : 'T');
}

// The common form of unmqr and unmlq.
template <Scalar T, class Routine>
void apply_q(Routine routine, const char* name, Side side, Op op, ConstView<T> reflectors,
             std::span<const T> tau, MatrixView<T> c, std::span<T> work) {
  if (c.empty()) {
    return;
  }
  const BlasInt m = narrow(c.rows(), "m"), n = narrow(c.cols(), "n"), ldc = leading(c, "ldc");
  const BlasInt k = narrow(static_cast<Index>(tau.size()), "k"), lda = leading(reflectors, "lda");
  const BlasInt lwork = narrow(static_cast<Index>(work.size()), "lwork");
  const char side_letter = static_cast<char>(side);
  const char op_letter = letter_of<T>(op);
  BlasInt info = 0;
  const OneThread scope;
  routine(&side_letter, &op_letter, &m, &n, &k, reflectors.data(), &lda, tau.data(), c.data(), &ldc,
          work.data(), &lwork, &info, 1, 1);
  require_valid(info, name);
}

}  // namespace

namespace {

template <Scalar T>
void rank_k(Op op, Index n, Index k, ConstView<T> a, Real<T> beta, MatrixView<T> c) {
  const BlasInt cn = narrow(n, "n"), ck = narrow(k, "k");
  const BlasInt lda = leading(a, "lda"), ldc = leading(c, "ldc");
  const char op_letter = letter_of<T>(op);
  const Real<T> one = 1;
  const OneThread scope;
  Routines<T>::herk("U", &op_letter, &cn, &ck, &one, a.data(), &lda, &beta, c.data(), &ldc, 1, 1);
}

}  // namespace

template <Scalar T>
void herk(ConstView<T> a, Real<T> beta, MatrixView<T> c) {
  rank_k<T>(Op::adjoint, a.cols(), a.rows(), a, beta, c);
}

template <Scalar T>
void herk_of_rows(ConstView<T> a, Real<T> beta, MatrixView<T> c) {
  rank_k<T>(Op::none, a.rows(), a.cols(), a, beta, c);
}

template <Scalar T>
void trsm(Side side, Op op, ConstView<T> r, MatrixView<T> b) {
  if (b.empty()) {
    return;
  }
  const BlasInt m = narrow(b.rows(), "m"), n = narrow(b.cols(), "n");
  const BlasInt ldr = leading(r, "ldr"), ldb = leading(b, "ldb");
  const char side_letter = static_cast<char>(side), op_letter = letter_of<T>(op);
  const T one{1};
  const OneThread scope;
  Routines<T>::trsm(&side_letter, "U", &op_letter, "N", &m, &n, &one, r.data(), &ldr, b.data(),
                    &ldb, 1, 1, 1, 1);
}

template <Scalar T>
bool potrf(MatrixView<T> g) {
  const BlasInt n = narrow(g.rows(), "n"), ldg = leading(g, "ldg");
  BlasInt info = 0;
  const OneThread scope;
  Routines<T>::potrf("U", &n, g.data(), &ldg, &info, 1);
  require_valid(info, "potrf");
  return info == 0;
}

template <Scalar T>
void geqrf(MatrixView<T> a, std::span<T> tau, std::span<T> work) {
  const BlasInt m = narrow(a.rows(), "m"), n = narrow(a.cols(), "n"), lda = leading(a, "lda");
  const BlasInt lwork = narrow(static_cast<Index>(work.size()), "lwork");
  BlasInt info = 0;
  const OneThread scope;
  Routines<T>::geqrf(&m, &n, a.data(), &lda, tau.data(), work.data(), &lwork, &info);
  require_valid(info, "geqrf");
}

template <Scalar T>
Index geqrf_work(Index rows, Index cols) {
  const BlasInt m = narrow(rows, "m"), n = narrow(cols, "n"), lda = std::max<BlasInt>(m, 1);
  BlasInt info = 0;
  T size{}, nothing{};
  Routines<T>::geqrf(&m, &n, &nothing, &lda, &nothing, &size, &query, &info);
  return queried(size);
}

template <Scalar T>
Index laqps(MatrixView<T> a, Index done, std::span<Index> pivots, std::span<T> tau,
            std::span<Real<T>> partial_norms, std::span<Real<T>> norms, std::span<T> auxiliary,
            MatrixView<T> f) {
  const BlasInt m = narrow(a.rows(), "m"), n = narrow(a.cols(), "n"), lda = leading(a, "lda");
  const BlasInt offset = narrow(done, "done"), block = narrow(f.cols(), "block");
  const BlasInt ldf = leading(f, "ldf");
  std::vector<BlasInt> columns(pivots.size());
  std::transform(pivots.begin(), pivots.end(), columns.begin(),
                 [](Index column) { return narrow(column, "column"); });
  BlasInt factored = 0;
  const OneThread scope;
  Routines<T>::laqps(&m, &n, &offset, &block, &factored, a.data(), &lda, columns.data(), tau.data(),
                     partial_norms.data(), norms.data(), auxiliary.data(), f.data(), &ldf);
  std::copy(columns.begin(), columns.end(), pivots.begin());
  return factored;
}

template <Scalar T>
void unmqr(Side side, Op op, ConstView<T> reflectors, std::span<const T> tau, MatrixView<T> c,
           std::span<T> work) {
  apply_q<T>(Routines<T>::unmqr, "unmqr", side, op, reflectors, tau, c, work);
}

template <Scalar T>
void unmlq(Side side, Op op, ConstView<T> reflectors, std::span<const T> tau, MatrixView<T> c,
           std::span<T> work) {
  apply_q<T>(Routines<T>::unmlq, "unmlq", side, op, reflectors, tau, c, work);
}

template <Scalar T>
Index apply_q_work(Index m, Index n) {
  // LAPACK's bound: blocks of at most 64 reflectors, a strip of C a block wide, and a triangular
  // factor of 65 x 64.
  constexpr Index widest_block = 64;
  return std::max<Index>({m, n, 1}) * widest_block + (widest_block + 1) * widest_block;
}

template <Scalar T>
void larft(ConstView<T> reflectors, std::span<const T> tau, MatrixView<T> t) {
  const BlasInt m = narrow(reflectors.rows(), "m"), k = narrow(static_cast<Index>(tau.size()), "k");
  const BlasInt ldv = leading(reflectors, "ldv"), ldt = leading(t, "ldt");
  const OneThread scope;
  Routines<T>::larft("F", "C", &m, &k, reflectors.data(), &ldv, tau.data(), t.data(), &ldt, 1, 1);
}

template <Scalar T>
void larfb(Op op, ConstView<T> reflectors, ConstView<T> t, MatrixView<T> c, std::span<T> work) {
  if (c.empty()) {
    return;
  }
  const BlasInt m = narrow(c.rows(), "m"), n = narrow(c.cols(), "n"), k = narrow(t.cols(), "k");
  const BlasInt ldv = leading(reflectors, "ldv"), ldt = leading(t, "ldt"), ldc = leading(c, "ldc");
  const char op_letter = letter_of<T>(op);
  const OneThread scope;
  Routines<T>::larfb("L", &op_letter, "F", "C", &m, &n, &k, reflectors.data(), &ldv, t.data(), &ldt,
                     c.data(), &ldc, work.data(), &n, 1, 1, 1, 1);
}

template <Scalar T>
void labrd(MatrixView<T> a, Index count, std::span<Real<T>> d, std::span<Real<T>> e,
           std::span<T> tau_q, std::span<T> tau_p, MatrixView<T> x, MatrixView<T> y) {
  const BlasInt m = narrow(a.rows(), "m"), n = narrow(a.cols(), "n"), nb = narrow(count, "nb");
  const BlasInt lda = leading(a, "lda"), ldx = leading(x, "ldx"), ldy = leading(y, "ldy");
  const OneThread scope;
  Routines<T>::labrd(&m, &n, &nb, a.data(), &lda, d.data(), e.data(), tau_q.data(), tau_p.data(),
                     x.data(), &ldx, y.data(), &ldy);
}

template <Scalar T>
void gebd2(MatrixView<T> a, std::span<Real<T>> d, std::span<Real<T>> e, std::span<T> tau_q,
           std::span<T> tau_p, std::span<T> work) {
  const BlasInt m = narrow(a.rows(), "m"), n = narrow(a.cols(), "n"), lda = leading(a, "lda");
  BlasInt info = 0;
  const OneThread scope;
  Routines<T>::gebd2(&m, &n, a.data(), &lda, d.data(), e.data(), tau_q.data(), tau_p.data(),
                     work.data(), &info);
  require_valid(info, "gebd2");
}

template <RealScalar T>
bool bdsdc(std::span<T> d, std::span<T> e, MatrixView<T> u, MatrixView<T> vt, std::span<T> work) {
  const BlasInt n = narrow(static_cast<Index>(d.size()), "n"), ldu = leading(u, "ldu"),
                ldvt = leading(vt, "ldvt");
  // The routine indexes its workspace with these integers.
  static_cast<void>(narrow(static_cast<Index>(work.size()), "workspace of divide and conquer"));
  std::vector<BlasInt> integers(8 * d.size());
  BlasInt info = 0, unused_integer = 0;
  T unused{};
  const OneThread scope;
  if constexpr (std::same_as<T, float>) {
    ECKART_BLAS_NAME(sbdsdc)("U", "I", &n, d.data(), e.data(), u.data(), &ldu, vt.data(), &ldvt,
                             &unused, &unused_integer, work.data(), integers.data(), &info, 1, 1);
  } else {
    ECKART_BLAS_NAME(dbdsdc)("U", "I", &n, d.data(), e.data(), u.data(), &ldu, vt.data(), &ldvt,
                             &unused, &unused_integer, work.data(), integers.data(), &info, 1, 1);
  }
  return info == 0;
}

template <Scalar T>
bool bdsqr(std::span<Real<T>> d, std::span<Real<T>> e, MatrixView<T> u, MatrixView<T> vt,
           std::span<Real<T>> work) {
  const BlasInt n = narrow(static_cast<Index>(d.size()), "n"), none = 0, one = 1;
  const BlasInt columns_vt = narrow(vt.cols(), "ncvt"), rows_u = narrow(u.rows(), "nru");
  const BlasInt ldvt = leading(vt, "ldvt"), ldu = leading(u, "ldu");
  BlasInt info = 0;
  T unused{};
  const OneThread scope;
  Routines<T>::bdsqr("U", &n, &columns_vt, &rows_u, &none, d.data(), e.data(), vt.data(), &ldvt,
                     u.data(), &ldu, &unused, &one, work.data(), &info, 1);
  return info == 0;
}

template bool bdsdc<float>(std::span<float>, std::span<float>, MatrixView<float>, MatrixView<float>,
                           std::span<float>);
template bool bdsdc<double>(std::span<double>, std::span<double>, MatrixView<double>,
                            MatrixView<double>, std::span<double>);

#define ECKART_INSTANTIATE(T)                                                                      \
  template void herk<T>(ConstView<T>, Real<T>, MatrixView<T>);                                     \
  template void herk_of_rows<T>(ConstView<T>, Real<T>, MatrixView<T>);                             \
  template void trsm<T>(Side, Op, ConstView<T>, MatrixView<T>);                                    \
  template bool potrf<T>(MatrixView<T>);                                                           \
  template void geqrf<T>(MatrixView<T>, std::span<T>, std::span<T>);                               \
  template Index geqrf_work<T>(Index, Index);                                                      \
  template Index laqps<T>(MatrixView<T>, Index, std::span<Index>, std::span<T>,                    \
                          std::span<Real<T>>, std::span<Real<T>>, std::span<T>, MatrixView<T>);    \
  template void unmqr<T>(Side, Op, ConstView<T>, std::span<const T>, MatrixView<T>, std::span<T>); \
  template void unmlq<T>(Side, Op, ConstView<T>, std::span<const T>, MatrixView<T>, std::span<T>); \
  template Index apply_q_work<T>(Index, Index);                                                    \
  template void larft<T>(ConstView<T>, std::span<const T>, MatrixView<T>);                         \
  template void larfb<T>(Op, ConstView<T>, ConstView<T>, MatrixView<T>, std::span<T>);             \
  template void labrd<T>(MatrixView<T>, Index, std::span<Real<T>>, std::span<Real<T>>,             \
                         std::span<T>, std::span<T>, MatrixView<T>, MatrixView<T>);                \
  template void gebd2<T>(MatrixView<T>, std::span<Real<T>>, std::span<Real<T>>, std::span<T>,      \
                         std::span<T>, std::span<T>);                                              \
  template bool bdsqr<T>(std::span<Real<T>>, std::span<Real<T>>, MatrixView<T>, MatrixView<T>,     \
                         std::span<Real<T>>);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)

}  // namespace eckart::blas
