#pragma once

// LAPACK's factorisations, typed, on views, with 64-bit sizes. All matrices are column-major;
// `work` is memory of the caller, at least as long as the function's _work() says. Every call runs
// on the calling thread alone.

#include <span>

#include <eckart/matrix.hpp>

#include "blas/gemm.hpp"

namespace eckart::blas {

enum class Side : char { left = 'L', right = 'R' };

/// The upper triangle of C <- A^H A + beta C. a: k x n.
template <Scalar T>
void herk(ConstView<T> a, Real<T> beta, MatrixView<T> c);
/// The upper triangle of C <- A A^H + beta C. a: n x k.
template <Scalar T>
void herk_of_rows(ConstView<T> a, Real<T> beta, MatrixView<T> c);

/// B <- op(R)^-1 B, or B op(R)^-1 from the right. r: upper triangular; nothing below its diagonal is read.
template <Scalar T>
void trsm(Side side, Op op, ConstView<T> r, MatrixView<T> b);

/// The upper triangular R of G = R^H R in place of the upper triangle of G, which alone is read.
/// Returns false when a leading block of G is not positive definite.
template <Scalar T>
[[nodiscard]] bool potrf(MatrixView<T> g);

/// A = Q R (Householder). a: m x n; R overwrites its upper triangle, the reflectors the rest; tau:
/// min(m, n).
template <Scalar T>
void geqrf(MatrixView<T> a, std::span<T> tau, std::span<T> work);
template <Scalar T>
[[nodiscard]] Index geqrf_work(Index m, Index n);

/// A panel of QR with column pivoting, the inner part of LAPACK's geqp3. Of a (m x n), whose first
/// `done` rows are finished, it factors up to f.cols() columns, updates the others, and returns how
/// many it did: at least one, fewer than f.cols() where a norm has to be computed anew. pivots, tau
/// and the norms belong to the columns of a: pivots are swapped with them, `partial_norms` are those
/// of the rows from `done` on, `norms` what those were when last computed. Memory: auxiliary
/// f.cols(), f n x f.cols(); the wrapper allocates n integers.
template <Scalar T>
[[nodiscard]] Index laqps(MatrixView<T> a, Index done, std::span<Index> pivots, std::span<T> tau,
                          std::span<Real<T>> partial_norms, std::span<Real<T>> norms,
                          std::span<T> auxiliary, MatrixView<T> f);

/// C <- op(Q) C or C op(Q), Q from geqrf: `reflectors` holds tau.size() columns. op is none or
/// adjoint.
template <Scalar T>
void unmqr(Side side, Op op, ConstView<T> reflectors, std::span<const T> tau, MatrixView<T> c,
           std::span<T> work);
/// Enough for unmqr and unmlq on a C of m x n.
template <Scalar T>
[[nodiscard]] Index apply_q_work(Index m, Index n);

/// C <- op(Q) C or C op(Q), Q from reflectors that stand in the rows of `reflectors`, tau.size() of them.
template <Scalar T>
void unmlq(Side side, Op op, ConstView<T> reflectors, std::span<const T> tau, MatrixView<T> c,
           std::span<T> work);

/// The triangular factor t (k x k) of the block reflector I - V T V^H whose k columns stand in
/// `reflectors`, unit lower.
template <Scalar T>
void larft(ConstView<T> reflectors, std::span<const T> tau, MatrixView<T> t);

/// C <- (I - V op(T) V^H) C for such a block. work: c.cols() * k.
template <Scalar T>
void larfb(Op op, ConstView<T> reflectors, ConstView<T> t, MatrixView<T> c, std::span<T> work);

/// Reduces the first `count` columns and rows of a (m x n, m >= n) to upper bidiagonal form and
/// returns x (m x count) and y (n x count) with which the rest is to be updated: A22 - V2 Y2^H - X2
/// U2^H. d, e, tau_q, tau_p: `count` each.
template <Scalar T>
void labrd(MatrixView<T> a, Index count, std::span<Real<T>> d, std::span<Real<T>> e,
           std::span<T> tau_q, std::span<T> tau_p, MatrixView<T> x, MatrixView<T> y);

/// Reduces all of a (m x n, m >= n) column by column. d, tau_q, tau_p: n; e: n - 1. work: max(m,
/// n).
template <Scalar T>
void gebd2(MatrixView<T> a, std::span<Real<T>> d, std::span<Real<T>> e, std::span<T> tau_q,
           std::span<T> tau_p, std::span<T> work);

/// Divide and conquer on the upper bidiagonal matrix B(d, e) = U diag(d) Vt; u and vt are n x n.
/// Returns false when it did not converge. work: 3 n^2 + 4 n; the wrapper allocates 8 n integers.
template <RealScalar T>
[[nodiscard]] bool bdsdc(std::span<T> d, std::span<T> e, MatrixView<T> u, MatrixView<T> vt,
                         std::span<T> work);

/// Implicit QR iteration on the upper bidiagonal B(d, e): vt <- Q' vt and u <- u Q. Empty views:
/// not wanted; both empty: the values by dqds. Returns false when it did not converge. work: 4 n.
template <Scalar T>
[[nodiscard]] bool bdsqr(std::span<Real<T>> d, std::span<Real<T>> e, MatrixView<T> u,
                         MatrixView<T> vt, std::span<Real<T>> work);

}  // namespace eckart::blas
