#pragma once

// A matrix that is seen once, in linear updates of any kind and order, and its leading singular triplets at the end.
//
//   A        m x n, never held
//   X = Upsilon A       r' x n   co-range sketch         Y = A Omega^T       m x r'   range sketch
//   Z = Phi A Psi^T     s x s    core sketch             W = Theta A         q x n    test sketch
//
// All four are linear in A, so rows, columns, single entries, low-rank changes, forgetting and sums of sketches are the same few
// additions. Upsilon, Omega, Phi and Psi are sparse sign matrices, `sparsity` entries a column; Theta is Gaussian. Each of their columns is
// a function of the seed and its number alone: nothing is stored, and sketches of the same seed made on several machines add up.
//
// result(): Y = Q R, X^H = P R', C = (Phi Q)^+ Z ((conj(Psi) P)^+)^H, and A ~ Q C P^H, truncated. Method: Tropp, Yurtsever, Udell, Cevher,
// Streaming low-rank matrix approximation with an application to scientific simulation, SIAM J. Sci. Comput. 41(4), 2019, sections 2
// to 6. For Gaussian matrices they prove, with alpha = 1 for real and 0 for complex entries, and tau_j = ||A - A_j||_F the best error,
//
//   E ||A - Q C P^H||_F^2  <=  (s - alpha) / (s - r' - alpha)  min_{j < r' - alpha} (r' + j - alpha) / (r' - j - alpha) tau_j^2
//
// and truncated to rank k the error is no more than tau_k and twice the root of that. With r' = 4 k + alpha and s = 2 r' + alpha, the usual
// sizes, the factor is 2 (5 k) / (3 k) = 10 / 3 at j = k. For the sparse matrices used here the same is observed (tests); what a result states does
// not rest on it, but on Theta, which no other sketch knows of: the error is measured, and bounded with a chosen probability
// (src/truncated/probes.hpp), for every A that was not made with knowledge of the seed.
//
// What it is not: as accurate as a second look. Where values fall slowly, the error is near that of the best rank-k approximation
// within a factor of 1.3 to 3, and single values are as far off as `at_least` and `at_most` say. Frequent directions bound every error
// in advance, for rows alone; IncrementalSvd follows changes too, with more digits, where they are taken in one after the other.
//
// Cost of an entry of a dense update: 4 sparsity + q additions (about 48), whatever r' and s; of a single entry sparsity^2 more. A result:
// 4 (m + n) r'^2 flops and 20 s r'^2. Memory: memory(), about (m + n) r' + s^2 + q n numbers, of which m r' is the one that grows with rows.

#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <stop_token>
#include <type_traits>
#include <vector>

#include <eckart/matrix.hpp>
#include <eckart/stream_state.hpp>
#include <eckart/workspace.hpp>

namespace eckart {

/// r' and s.
struct SketchSizes {
  Index range = 0, core = 0;
};

/// r' = 4 rank + alpha and no less than 16, s = 2 r' + alpha. Throws InvalidArgument for a rank below 1 or above 2^20.
template <Scalar T>
[[nodiscard]] SketchSizes sketch_sizes(Index rank);

/// The largest r' for which the sketches of an m x n matrix take no more than so many bytes with s = 2 r' + alpha, and for s what is left
/// then; r' is no more than min(m, n) where that is 8 at least. Throws OutOfMemory where not even r' = 16, or min(m, n), fits.
template <Scalar T>
[[nodiscard]] SketchSizes sketch_sizes_within(std::uint64_t bytes, Index rows, Index cols,
                                              Index probes = 16);

struct SketchOptions {
  // Triplets that will be wanted: it decides the sizes where these are 0.
  Index rank = 10;
  // r' and s; 0: sketch_sizes(). More of them, smaller errors. core >= range.
  Index range = 0, core = 0;
  // q, rows of the test sketch: more of them, closer estimates (a relative spread of 1 / sqrt(2 q) of a norm at the most).
  Index probes = 16;
  std::uint64_t seed = 0x45636b617274;
  int threads = 0;
  std::stop_token stop = {};
};

template <Scalar T>
struct SketchEntry {
  Index row = 0, col = 0;
  T value = {};
};

/// All intervals and bounds hold at once but with the probability `failure_probability`, and but for `rounding`, which they include.
template <Scalar T>
struct SketchedSvd {
  Matrix<T> U;             // m x k, column-major
  std::vector<Real<T>> s;  // k values, descending
  Matrix<T> Vh;            // k x n, row-major
  // sigma_i(A) lies in [at_least[i], at_most[i]] (Weyl).
  std::vector<double> at_least, at_most;
  // ||A - U diag(s) Vh||_F: estimated, and bounded; its 2-norm.
  double left_out = 0, left_out_at_least = 0, left_out_at_most = 0, spectral_at_most = 0;
  // ||A||_F: estimated, and bounded; known to rounding where nothing was added twice at a place, as when rows or columns came in order.
  double frobenius_norm = 0, norm_at_least = 0, norm_at_most = 0;
  // For j = 0 ... r' (less for smaller matrices): errors[j] estimates ||A - A'_j||_F, A'_j of rank j truncated from the same sketches; the
  // best error there is at that rank, ||A - A_j||_F, lies in [tail_at_least[j], tail_at_most[j]]. A scree plot.
  std::vector<double> errors, tail_at_least, tail_at_most;
  double failure_probability = 0;
  // What rounding of the sketches may have added, by the model of independent rounding errors (Higham, Mary, SIAM J. Sci. Comput. 41(5),
  // 2019): it is counted for all that ever came, whether it is there still or not.
  double rounding = 0;
  Index rows = 0, cols = 0;
};

/// T is the type of the entries; sketches are kept and computed in double, or complex<double>.
///
/// A call that throws (InvalidArgument; NonFinite, with the position in the whole matrix for rows, columns and entries, in x or in y for a
/// change; OutOfMemory; Cancelled) leaves everything as it was. No bit depends on threads, nor on how rows, or columns, that come in
/// order are cut into calls; the order itself changes rounding alone, and whether ||A||_F is known.
template <Scalar T>
class SinglePassSketch {
 public:
  using W = std::conditional_t<ComplexScalar<T>, std::complex<double>, double>;

  /// Zeros, m x n; sizes may grow. Throws InvalidArgument for negative sizes and for options that make no sense.
  SinglePassSketch(Index rows, Index cols, const SketchOptions& options = {});
  /// Goes on from a state as if there had been no stop: the same updates give the same bits. Threads and stop token are those of
  /// `options`, the rest is the state's. Throws InvalidArgument for a state that makes no sense.
  explicit SinglePassSketch(const StreamState& state, const SketchOptions& options = {});

  /// b x n, added to rows first, first + 1, ..., which must be there. Added, not put: a row that comes twice counts twice.
  void add_rows(Index first, MatrixView<const T> rows);
  /// m x b, added to columns first, first + 1, ...
  void add_columns(Index first, MatrixView<const T> columns);
  /// A gets b rows, or columns, more.
  void append_rows(MatrixView<const T> rows);
  void append_columns(MatrixView<const T> columns);
  /// value is added at (row, col); places may be named again and again. Fastest where the same row comes several times running.
  void add_entries(std::span<const SketchEntry<T>> entries);
  /// A <- A + X Y^H; x m x c, y n x c. O((m + n) c (r' + s)) flops.
  void change(MatrixView<const T> x, MatrixView<const T> y);
  /// A <- factor A, factor > 0 and finite, in no time: before every append, exponential forgetting.
  void scale(double factor);
  /// A <- A + that of another sketch of the same seed and sizes, else InvalidArgument. Where its matrix is smaller, or larger, the
  /// other one is taken as bordered by zeros. Of rows that several machines have, each adds its own at their places in the whole,
  /// grow() and add_rows(first, ...): what each of them appends begins at row 0, and would be added up.
  void merge(const SinglePassSketch& other);
  /// Borders A by zeros. Throws InvalidArgument for sizes below those of A.
  void grow(Index rows, Index cols);

  /// The k leading triplets of the reconstruction, fewer where r' or the matrix has fewer. In each right singular vector the largest
  /// entry is real and positive. Throws OutOfRange where a value exceeds T; Cancelled when `stop` says so, which is this call's own.
  [[nodiscard]] SketchedSvd<T> result(Index k, double failure_probability = 1e-6,
                                      const std::stop_token& stop = {}) const;

  [[nodiscard]] StreamState state() const;

  [[nodiscard]] Index rows() const noexcept;
  [[nodiscard]] Index cols() const noexcept;
  [[nodiscard]] SketchSizes sizes() const noexcept;
  [[nodiscard]] Index probes() const noexcept;
  [[nodiscard]] std::uint64_t seed() const noexcept;

  /// What an m x n matrix takes while updates come (rows or columns; b of them at a time beside it), and with k > 0 also result(k), or
  /// state(), which is never needed at the same time.
  [[nodiscard]] static MemoryPlan memory(Index rows, Index cols, const SketchOptions& options = {},
                                         Index k = 0);

  SinglePassSketch(const SinglePassSketch& other);
  SinglePassSketch(SinglePassSketch&&) noexcept;
  SinglePassSketch& operator=(const SinglePassSketch& other);
  SinglePassSketch& operator=(SinglePassSketch&&) noexcept;
  ~SinglePassSketch();

 private:
  struct Inner;
  [[nodiscard]] static MemoryPlan result_memory(Index rows, Index cols,
                                                const SketchOptions& options, Index k);
  std::unique_ptr<Inner> inner_;
};

}  // namespace eckart
