#pragma once

// The leading singular triplets of a matrix that changes:  A ~ U diag(s) Vh,  kept up to date without A
//
//   A    m x n, never held      U  m x r      s  r values, descending      Vh  r x n      r at most `rank`
//
//   append_columns, append_rows     A <- [A, C],  [A; R]
//   change                          A <- A + X Y^H, of any rank; replace_column and replace_row are such changes
//   remove_columns, remove_rows     downdating
//   forget                          A <- f A, 0 < f <= 1: before every append, exponential forgetting
//
// Changes of one kind (columns, rows, other changes) are gathered, `block` of them, and taken in by matrix products and one small
// decomposition, or as soon as another kind comes. Nobody has to know: results are those of all that came, whenever they are asked for.
//
// What is thrown away is counted. With E = A - U diag(s) Vh, result() states an upper bound of ||E||_F and ||E||_2 that holds for every
// matrix and every order of operations, and what follows from it for every singular value (Weyl). While A grows by columns alone, or by
// rows alone, it is the root of a sum of squares; such runs are added up, and forgotten with the last row or column that they left
// something out of. src/streams/incremental_svd.cpp has the steps, src/streams/error_ledger.hpp the bounds, with proofs.
//
// Method: Brand, Fast low-rank modifications of the thin singular value decomposition, Linear Algebra Appl. 415, 2006; blocks and two
// rounds of Gram-Schmidt; rotations of what grows are gathered (rotated_basis.hpp); orthogonality is watched and restored.
//
// Cost of b gathered changes, t = r + b: about 8 m b t for each side that gets new directions (two rounds of Gram-Schmidt), 2 m t r to
// rotate it, 20 t^3 for the small decomposition; for a side that grows by rows (V under append_columns) r^3 and log2(n / b) times
// 2 b r^2. Removing costs 6 m r^2. Memory: memory().
//
// A side that nobody wants is left out: with u = Vectors::none rows can be appended forever, in memory that does not grow.

#include <limits>
#include <memory>
#include <span>
#include <stop_token>
#include <type_traits>
#include <vector>

#include <eckart/matrix.hpp>
#include <eckart/stream_state.hpp>
#include <eckart/svd.hpp>
#include <eckart/truncated_svd.hpp>
#include <eckart/workspace.hpp>

namespace eckart {

struct IncrementalOptions {
  // Triplets that are kept, at the most; 0: all, and then nothing is thrown away.
  Index rank = 0;
  // Values up to tolerance * s[0] are thrown away too; in [0, 1).
  double tolerance = 0;
  // Columns, rows or changes that are gathered; 0: as measured. Results depend on it, within the bounds.
  Index block = 0;
  // thin or none. Without U no columns can be appended, without V no rows; changes need both. One of them is kept.
  Vectors u = Vectors::thin, v = Vectors::thin;
  int threads = 0;
  std::stop_token stop = {};
};

template <Scalar T>
struct UpdatedSvd {
  Matrix<T> U;             // m x k, column-major; empty where it is not kept
  std::vector<Real<T>> s;  // k values, descending
  Matrix<T> Vh;            // k x n, row-major; empty where it is not kept
  // sigma_i(A) lies in [at_least[i], at_most[i]]; rounding included.
  std::vector<double> at_least, at_most;
  // ||A - U diag(s) Vh|| is at most this, in the Frobenius and the spectral norm.
  double left_out_at_most = 0, spectral_at_most = 0;
  // Of which: a bound of what was thrown away by truncation and is still part of A, and what rounding may have added.
  double truncation = 0, rounding = 0;
  Index rows = 0, cols = 0;
};

/// T is the type of the entries; factors are kept and computed in double, or complex<double>.
///
/// A call that throws (InvalidArgument; NonFinite, with the position in the whole matrix for rows and columns, in x or in y for a
/// change; OutOfMemory; Cancelled) leaves everything as it was. How changes are cut into calls makes no difference to any bit of the
/// results, nor does the number of threads.
template <Scalar T>
class IncrementalSvd {
 public:
  using W = std::conditional_t<ComplexScalar<T>, std::complex<double>, double>;

  /// Zeros, m x n: m x 0 to append columns, 0 x n to append rows. Throws InvalidArgument for negative sizes and for options that make
  /// no sense.
  IncrementalSvd(Index rows, Index cols, const IncrementalOptions& options = {});
  /// A matrix, decomposed by svd().
  explicit IncrementalSvd(MatrixView<const T> a, const IncrementalOptions& options = {});
  /// The matrix that was decomposed. Throws InvalidArgument where vectors that shall be kept are missing; of a TruncatedSvd also where
  /// report.frobenius_norm is not known, since then nothing bounds what is missing.
  explicit IncrementalSvd(const Svd<T>& svd, const IncrementalOptions& options = {});
  explicit IncrementalSvd(const TruncatedSvd<T>& svd, const IncrementalOptions& options = {});
  /// Goes on from a state as if there had been no stop: the same changes give the same bits. Threads and stop token are those of
  /// `options`, the rest is the state's. Throws InvalidArgument for a state that makes no sense.
  explicit IncrementalSvd(const StreamState& state, const IncrementalOptions& options = {});

  /// m x b.
  void append_columns(MatrixView<const T> columns);
  /// b x n.
  void append_rows(MatrixView<const T> rows);
  /// A <- A + X Y^H; x m x b, y n x b.
  void change(MatrixView<const T> x, MatrixView<const T> y);
  /// Column j becomes `column`, m x 1. What was thrown away of the old one does not count any more, and cannot come back.
  void replace_column(Index j, MatrixView<const T> column);
  /// Row i becomes `row`, 1 x n.
  void replace_row(Index i, MatrixView<const T> row);
  /// Those behind move up. Throws InvalidArgument for an index that is not there, or named twice. The result is accurate to rounding of
  /// what was there before: small values that remain of a much larger matrix have few digits, and `rounding` says so.
  void remove_columns(std::span<const Index> indices);
  void remove_rows(std::span<const Index> indices);
  /// A <- factor A, 0 < factor <= 1.
  void forget(double factor);

  /// Takes in what is gathered. Results are right without it.
  void flush();

  /// The k leading triplets, fewer where there are fewer, of all that has come. In each right singular vector the largest entry is
  /// real and positive (in each left one where V is not kept). Throws OutOfRange where a value exceeds T.
  [[nodiscard]] UpdatedSvd<T> result(Index k = std::numeric_limits<Index>::max()) const;

  struct Orthogonality {
    double u = 0, v = 0;  // ||I - U^H U||_F / (m eps), ||I - V^H V||_F / (n eps), eps = 2^-52
  };
  /// Measured, of the vectors that are kept, without what is gathered.
  [[nodiscard]] Orthogonality orthogonality() const;

  [[nodiscard]] StreamState state() const;

  [[nodiscard]] Index rows() const noexcept;
  [[nodiscard]] Index cols() const noexcept;
  /// Columns, rows or changes that wait.
  [[nodiscard]] Index gathered() const noexcept;
  [[nodiscard]] Index block() const noexcept;

  /// What an m x n matrix takes while changes are taken in.
  [[nodiscard]] static MemoryPlan memory(Index rows, Index cols,
                                         const IncrementalOptions& options = {});

  IncrementalSvd(const IncrementalSvd& other);
  IncrementalSvd(IncrementalSvd&&) noexcept;
  IncrementalSvd& operator=(const IncrementalSvd& other);
  IncrementalSvd& operator=(IncrementalSvd&&) noexcept;
  ~IncrementalSvd();

 private:
  struct Inner;
  std::unique_ptr<Inner> inner_;
};

}  // namespace eckart
