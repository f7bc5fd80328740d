#pragma once

// The steps of a dense decomposition, A = U diag(s) Vh for any finite matrix.
//
// A wide matrix is decomposed through its conjugate transpose, so from step 3 on the matrix is tall, A = L diag(s) R^H, with
// vectors as columns (problem.hpp).
//
//   1. norm pass: max |a_ij|; NaN and infinity are named; a zero or empty matrix is answered at once
//   2. scaled copy: max |a_ij| in [1/2, 1)                                                    scale.hpp
//   3. witness: A X for random probes X, taken before A is overwritten                        audit.hpp
//   4. the ladder: a rung computes, the audit judges, the next rung climbs on                 ladder.hpp
//        a matrix with m >= qr_first * n goes through its triangular factor:
//        4a. A = Q T, in place of steps 2 and 3: A is read where it stands, in rows            tall_qr.hpp
//        4b. the ladder on T:  T = L_T diag(s) R^H
//        4c. L = Q L_T, with the audit of A
//   5. a basis is completed where the caller wants it full; the sign rule                     sign_rule.hpp
//   6. results go to their places; s is scaled back

#include <span>

#include <eckart/svd.hpp>

namespace eckart::dense {

/// The matrix and the places of the results, of shapes that svd_arguments.hpp has checked.
template <Scalar T>
struct Request {
  MatrixView<const T> a;
  MatrixView<T> overwritable;  // `a` where it may be overwritten, else empty
  std::span<Real<T>> s;
  MatrixView<T> u, vh;
};

/// `work` holds at least steps_plan() (svd_plan.hpp); `report` may hold the attempt of the small matrices' Jacobi.
template <Scalar T>
SvdReport take_steps(const Request<T>& of, Workspace& work, const SvdOptions& options,
                     SvdReport report);

}  // namespace eckart::dense
