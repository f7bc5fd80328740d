#pragma once

// The singular value decomposition of a dense matrix:  A = U diag(s) Vh
//
//   A    m x n
//   U    m x k thin, m x m full;  columns are orthonormal: the left singular vectors
//   s    k = min(m, n) singular values, s[0] >= s[1] >= ... >= 0
//   Vh   k x n thin, n x n full;  rows are orthonormal: the conjugated right singular vectors
//
// Every matrix has one, so every matrix gets one: any shape, empty ones included; entries from
// denormal to near overflow. NaN and infinity are errors that name the first bad entry. What is
// returned was audited before it was returned, and `report` says what was done and what the audit
// found.
//
// Sign rule (frozen): in each right singular vector the entry of largest modulus is real and
// positive, the first one on ties (moduli that differ by less than 1024 eps, relatively, are tied).
// Vectors that complete a basis (full) have no partner on the other side and follow the rule on
// their own.
//
// Results are the same, bit for bit, for any number of threads on one machine, as long as Eckart
// decides how many threads its BLAS uses (`eckart info` says whether it does).

#include <cstdint>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include <eckart/execution.hpp>
#include <eckart/matrix.hpp>
#include <eckart/types.hpp>
#include <eckart/workspace.hpp>

namespace eckart {

enum class Vectors { none, thin, full };

/// Which rung of the ladder computes.
/// `automatic` decomposes a matrix of at most 16 x 8 or 8 x 16 by one-sided Jacobi, and otherwise climbs:
/// divide and conquer, then QR iteration, then one-sided Jacobi, the next one when the audit of the one
/// before fails. A named driver is used alone first; Jacobi stands behind it all the same. `lapack` is the reference: the BLAS
/// library's own reduction, divide and conquer and back-transformation under our audit, also of the triangular factor of a tall
/// matrix.
/// Values alone: dqds (Fernando and Parlett 1994) stands in the place of QR iteration and of `lapack`, and comes first for small
/// matrices, where it is faster. Divide and conquer gives every value to n eps sigma_1; dqds and QR iteration give also the small
/// values of the bidiagonal matrix to relative accuracy. The reduction to that matrix has changed them by n eps sigma_1 before, so
/// the difference counts for matrices that are given bidiagonal.
enum class Driver { automatic, divide_and_conquer, qr_iteration, jacobi, lapack };

/// "divide and conquer", "QR iteration", "one-sided Jacobi", "LAPACK", "automatic".
[[nodiscard]] const char* to_string(Driver driver) noexcept;

/// How a matrix becomes bidiagonal: in one stage, half of whose arithmetic goes at the speed of memory, or in two, through a band,
/// almost all in matrix products, at the price of a second back-transformation. `automatic` takes what was measured to be
/// faster for the size, the type, and the vectors wanted.
enum class Stages { automatic, one, two };

/// How results are judged. Figures are ratios to rounding: 1 means max(m, n) * eps relative to
/// sigma_1 (residual), or (vector length) * eps (orthogonality). LAPACK's own test threshold is 50.
struct AuditOptions {
  double threshold = 10;  // a figure above it fails the rung
  int probes = 10;        // random vectors; see AuditReport::fooled for what they cannot see
  int rejected = 0;       // the first so many results fail whatever they are: a test of the ladder
};

struct SvdOptions {
  Vectors u = Vectors::thin;
  Vectors v = Vectors::thin;
  Index leading =
      0;  // 0: all vectors; k: the first k columns of U and rows of Vh alone (thin or none), with all values
  int threads = 0;  // 0: as many as the process may use
  Driver driver = Driver::automatic;
  std::stop_token stop = {};
  ProgressSink progress = {};
  std::uint64_t seed = 0x45636b617274;  // of the audit's probes
  AuditOptions audit = {};
  // Through a triangular factor when m >= qr_first * n (Chan 1982). Equal times were measured at 5, 3.7 and 3.2 for n = 64, 300
  // and 700, with vectors and without.
  double qr_first = 3.5;
  // Columns that one stage reduces between two updates of the rest of the matrix; 0: as measured.
  Index panel = 0;
  Stages stages = Stages::automatic;
  Index band = 0;  // width of the band between two stages; 0: as measured
};

/// What the audit of one result found.
///
/// Residual and orthogonality are seen through `probes` random vectors x: the figure is the largest ||E x||, where E is the
/// error matrix, over its unit of rounding. The entries of x are independent and uniform with variance 1, so ||E x|| is at
/// least ||E||_2 |<v, x>| with v a unit vector, and the density of <v, x> is nowhere above sqrt(1/6): a section of the cube has
/// at most sqrt(2) times the area of a face (K. Ball, Cube slicing in R^n, Proc. AMS 97, 1986; for complex types, sections of
/// codimension 2, at most twice). So a factor whose ||E||_2 is t times the accepted figure passes with probability at most
/// (sqrt(2/3) / t)^probes, for complex types (pi/3 / t^2)^probes. `fooled` is that bound for t = 8: 1.2e-10 for 10 real probes.
/// Matrices with no more columns than probes are tried with the unit vectors instead: then nothing can hide, and `fooled` is 0.
///
/// Where not all of U is formed (see src/dense/audit/chain_audit.hpp) the residual is taken along the chain from A through its
/// bidiagonal form B to the vectors, link by link: A = Q B P^H, B = U_B S V_B^H, V = P V_B, U = Q U_B. Values without vectors:
/// the first link, and Sturm counts of B, which prove that each value is one of B's within the threshold. Whatever the
/// threshold, an error above 2^-7 fails.
struct AuditReport {
  double residual = 0;         // ||A - U S Vh|| / (sigma_1 max(m,n) eps)
  double orthogonality_u = 0;  // ||I - U^H U|| / (m eps); 0 when U was not computed
  double orthogonality_v = 0;  // ||I - Vh Vh^H|| / (n eps); 0 when Vh was not computed
  double norm = 0;             // | ||A||_F - ||s||_2 | / (||A||_F max(m,n) eps)
  bool sorted = true;          // s finite, non-negative and non-increasing
  bool counts_agree = true;    // values alone: no Sturm count contradicts a value
  double fooled = 0;           // bound on the probability that a wrong factor passed, see above
  bool passed = false;
};

/// One rung that was tried: what computed, what the audit said, why it failed.
struct Attempt {
  Driver driver = Driver::automatic;
  bool converged = true;  // the method itself reported success
  AuditReport audit;
  std::string failure;  // empty when it passed
};

struct StageTime {
  std::string stage;  // "scale", "qr", "bidiagonalize", "divide and conquer", ...
  double seconds = 0;
};

struct SvdReport {
  Index rows = 0, cols = 0;
  Driver driver = Driver::automatic;  // the rung whose result is returned
  std::vector<Attempt> attempts;      // in order; the last one passed
  AuditReport audit;                  // of the result returned
  int scale_exponent = 0;   // A was multiplied by 2^scale_exponent before, s divided by it after
  bool transposed = false;  // a wide matrix was decomposed through its conjugate transpose
  bool qr_first = false;    // a tall matrix was first reduced to its triangular factor
  // "Cholesky QR", "Cholesky QR twice", "sketched Cholesky QR" or "Householder QR as a tree"; empty without.
  std::string qr_method;
  bool two_stage = false;  // it became bidiagonal through a band
  std::vector<StageTime> stages;
  double seconds = 0;
  bool values_alone = false;          // neither U nor V was asked for
  std::uint64_t workspace_bytes = 0;  // taken at most at one time, besides input and result
  int threads = 1;

  /// One line for people: "transposed, Cholesky QR, two stages, divide and conquer (failed: residual 41 > 10), QR iteration
  /// (audit passed)".
  [[nodiscard]] std::string path() const;
};

/// The vectors of either side lie in one piece: U is column-major, Vh row-major.
template <Scalar T>
struct Svd {
  Matrix<T> U;
  std::vector<Real<T>> s;
  Matrix<T> Vh;
  SvdReport report;
};

/// Decomposes A, which is not modified.
///
/// Throws NonFinite (NaN or infinity in A), OutOfRange (sigma_1 exceeds the type), OutOfMemory,
/// SizeLimit, Cancelled, and NumericalError when even Jacobi fails the audit, which no known matrix
/// brings about. Cost: 9 to 13 n^3 flops for m = n and thin vectors (one or two stages), 3 to 6 m n^2 and that for m >> n;
/// memory: svd_memory().
template <Scalar T>
[[nodiscard]] Svd<T> svd(MatrixView<const T> a, const SvdOptions& options = {});

template <MatrixLike A>
[[nodiscard]] Svd<ScalarOf<A>> svd(const A& a, const SvdOptions& options = {}) {
  return svd<ScalarOf<A>>(as_view(a), options);
}

/// Singular values alone, descending; about 8/3 n^3 flops for m = n, m n^2 to 2 m n^2 for m >> n. `options.u` and `options.v`
/// are ignored.
template <Scalar T>
[[nodiscard]] std::vector<Real<T>> singular_values(MatrixView<const T> a,
                                                   const SvdOptions& options = {});

template <MatrixLike A>
[[nodiscard]] std::vector<Real<ScalarOf<A>>> singular_values(const A& a,
                                                             const SvdOptions& options = {}) {
  return singular_values<ScalarOf<A>>(as_view(a), options);
}

/// As svd(), but `a` may be overwritten with intermediate results, which saves the copy of it: m n entries. It is left alone
/// when its layout does not serve: a tall matrix serves when it is column-major, a wide one when it is row-major. So is one that
/// goes through its triangular factor (m >= qr_first * n): that is read in place anyway.
template <Scalar T>
[[nodiscard]] Svd<T> svd_overwrite(MatrixView<T> a, const SvdOptions& options = {});

/// The expert's form: writes into memory of the caller and takes its workspace from the caller.
///
/// s has min(m, n) entries; u is m x k (thin) or m x m (full), vh is k x n or n x n, with k = options.leading where that is set;
/// views are empty where the option says none. `work` holds at least svd_memory<T>(m, n, options).bytes(). Nothing else of
/// order m n is allocated when u is column-major and vh is row-major, so that vectors lie in one piece, unless the ladder has to
/// climb to Jacobi, or a tall matrix needs the tree of Householder QRs (report.workspace_bytes tells); other strides cost a
/// temporary copy. On an exception the contents of s, u and vh are undefined.
template <Scalar T>
SvdReport svd_into(MatrixView<const T> a, std::span<Real<T>> s, MatrixView<T> u, MatrixView<T> vh,
                   Workspace& work, const SvdOptions& options = {});

/// As svd_into(), but `a` may be overwritten, under the conditions of svd_overwrite(); `work` holds at least
/// svd_overwrite_memory(a, options).bytes().
template <Scalar T>
SvdReport svd_overwrite_into(MatrixView<T> a, std::span<Real<T>> s, MatrixView<T> u,
                             MatrixView<T> vh, Workspace& work, const SvdOptions& options = {});

/// The memory plan of svd_overwrite_into: that of svd_into without the copy of `a` where its layout serves. No entry is read.
template <Scalar T>
[[nodiscard]] MemoryPlan svd_overwrite_memory(MatrixView<T> a, const SvdOptions& options = {});

/// The memory plan of svd_into for an m x n matrix: nothing for one of at most 16 x 8 or 8 x 16, which takes memory of its own in
/// the rare case that the ladder has to help.
template <Scalar T>
[[nodiscard]] MemoryPlan svd_memory(Index m, Index n, const SvdOptions& options = {});

/// Real floating-point operations that the first rung takes, a tall matrix going through Cholesky QR twice, without deflation in
/// divide and conquer; for --dry-run.
template <Scalar T>
[[nodiscard]] double svd_flops(Index m, Index n, const SvdOptions& options = {});

}  // namespace eckart
