#pragma once

// Frequent directions: the leading right singular vectors of a matrix that comes row by row, in a fixed amount of memory, with bounds
// that hold for every input and every order of its rows.
//
//   A  m x n, m unknown and never held       B  l x n, the sketch
//
//   0 <= A^H A - B^H B <= Delta I,           Delta = sum of all shrinkages, known
//
// Therefore (Weyl)  sigma_i(B)^2 <= sigma_i(A)^2 <= sigma_i(B)^2 + Delta  for every i, and Delta <= ||A - A_k||_F^2 / (l + 1 - k) for
// every k <= l: what is left of A beside its leading k directions, spread over the rows of the sketch that are not needed for them.
// With l >= n nothing is ever shrunk, Delta = 0, and the sketch is the triangular factor of A, so to speak: exact to rounding.
//
// Method: Liberty, Simple and deterministic matrix sketching, KDD 2013; Ghashami, Liberty, Phillips and Woodruff, SIAM J. Comput.
// 45(5), 2016 (sections 2 and 3: the proof, and the buffer). src/streams/frequent_directions.cpp has the steps. The values reported are
// those of Luo, Chen, Zhang, Li and Zhang, Robust frequent directions, JMLR 20, 2019: sqrt(sigma_i(B)^2 + Delta / 2), the middle of the
// interval of squares, whose error is half as large at the most.
//
// Cost a row: about 4 n^2 flops where n is below 8 l, at the speed of matrix products; else about 16 l n. Memory: memory().

#include <memory>
#include <stop_token>
#include <type_traits>
#include <vector>

#include <eckart/matrix.hpp>
#include <eckart/stream_state.hpp>
#include <eckart/workspace.hpp>

namespace eckart {

struct FrequentDirectionsOptions {
  // Rows of the sketch, l; 0: n, up to 256. More rows, smaller bounds.
  Index sketch_rows = 0;
  // Rows that are gathered before the sketch is made anew; 0: as measured. Results depend on it, within the bounds.
  Index block = 0;
  int threads = 0;
  std::stop_token stop = {};
};

template <Scalar T>
struct DirectionsOfRows {
  // k values, descending: the middles of the intervals below (of their squares), and within them, so in double like these.
  std::vector<double> s;
  Matrix<T> Vh;  // k x n, row-major: the right singular vectors of the sketch
  // sigma_i(A) lies in [at_least[i], at_most[i]], rounding included. That is certain but for the rounding itself, which random vectors
  // measure in every small decomposition: they miss it with a probability below 1e-10 each (AuditReport::fooled).
  std::vector<double> at_least, at_most;
  // sqrt(Delta), and what rounding may have added: ||A - A'||_2 <= rounding for a matrix A' that the inequalities hold for exactly.
  double shrinkage = 0, rounding = 0;
  double frobenius_norm = 0;  // ||A||_F
  // ||A - A V V^H|| lies between: of all that the k vectors leave out, in the Frobenius and the spectral norm.
  double left_out_at_least = 0, left_out_at_most = 0;
  double spectral_at_least = 0, spectral_at_most = 0;
  Index rows = 0;
};

/// T is the type of the rows; the sketch is kept and computed in double, or complex<double>.
template <Scalar T>
class FrequentDirections {
 public:
  using W = std::conditional_t<ComplexScalar<T>, std::complex<double>, double>;

  /// Throws InvalidArgument for cols < 1 or negative options.
  explicit FrequentDirections(Index cols, const FrequentDirectionsOptions& options = {});

  /// Goes on from a state as if there had been no stop: the same rows give the same bits. Threads and stop token are those of
  /// `options`, the rest is the state's. Throws InvalidArgument for a state that makes no sense.
  explicit FrequentDirections(const StreamState& state,
                              const FrequentDirectionsOptions& options = {});

  /// Takes b x n rows. How a stream is cut into calls makes no difference to any bit of the results.
  /// Throws NonFinite with the row counted from the beginning of the stream; nothing is taken then. Cancelled: rows() tells how many
  /// rows were taken before, and the stream can go on or be saved.
  void append(MatrixView<const T> rows);

  /// Takes all that another sketch has taken (same n, else InvalidArgument): bounds are added, so sketches of parts of a matrix, made
  /// on several machines, become one of the whole. Cancelled: nothing has changed.
  void merge(const FrequentDirections& other);

  /// The k leading directions so far (fewer where the sketch has fewer rows); the stream can go on. O((l + block) n^2) flops. The stop
  /// token of the options ends the taking of rows alone; `stop` is that of this call, which then throws Cancelled.
  [[nodiscard]] DirectionsOfRows<T> result(Index k, const std::stop_token& stop = {}) const;

  [[nodiscard]] StreamState state() const;

  [[nodiscard]] Index rows() const noexcept;
  [[nodiscard]] Index cols() const noexcept;
  [[nodiscard]] Index sketch_rows() const noexcept;
  [[nodiscard]] Index block() const noexcept;
  /// The rows that the sketch consists of: B, and those that wait for its next shrinkage.
  [[nodiscard]] MatrixView<const W> sketch() const noexcept;

  /// What a stream of n columns takes: the sketch with its rows that wait, and the workspace of their decomposition. With k > 0 also
  /// what result(k) takes beside them, or state(), which is never needed at the same time.
  [[nodiscard]] static MemoryPlan memory(Index cols, const FrequentDirectionsOptions& options = {},
                                         Index k = 0);
  /// The same for a stream that goes on from a state; the state itself is no part of it, but no more than what state() would take.
  [[nodiscard]] static MemoryPlan memory(const StreamState& state, Index k = 0);

  FrequentDirections(FrequentDirections&&) noexcept;
  FrequentDirections& operator=(FrequentDirections&&) noexcept;
  ~FrequentDirections();

 private:
  struct Inner;
  std::unique_ptr<Inner> inner_;
};

}  // namespace eckart
