#pragma once

// Singular value decompositions of a stack of matrices of one shape:  A_i = U_i diag(s_i) Vh_i.
//
// Each result is that of svd(A_i) alone, bit for bit, for any number of threads, audited like it. What a stack saves: matrices of at
// most 16 x 8 (or 8 x 16) are decomposed as many at once as a vector of the processor has doubles (src/dense/small/small_svd.hpp),
// there is one report for all, and small matrices are shared over the threads, where a lone one has no use for a second thread.
// Matrices of some milliseconds each come in turn, each with all threads.

#include <array>
#include <functional>
#include <span>

#include <eckart/error.hpp>
#include <eckart/svd.hpp>

namespace eckart {

/// NaN or infinity in a stack: in the first such matrix, counted from 0, as svd() would name it there.
class NonFiniteInBatch : public NonFinite {
 public:
  NonFiniteInBatch(const NonFinite& error, Index matrix) : NonFinite(error), matrix_(matrix) {}
  [[nodiscard]] Index matrix() const noexcept { return matrix_; }

 private:
  Index matrix_;
};

/// A stack of matrices in memory: entry (i, j) of matrix l at data[l * matrix_stride + i * row_stride + j * col_stride].
template <Scalar T>
struct MatrixStack {
  const T* data = nullptr;
  Index matrices = 0, rows = 0, cols = 0;
  Index matrix_stride = 0, row_stride = 0, col_stride = 0;

  /// Row-major matrices one after the other, as NumPy has them.
  MatrixStack(const T* entries, Index count, Index m, Index n)
      : data(entries),
        matrices(count),
        rows(m),
        cols(n),
        matrix_stride(m * n),
        row_stride(n),
        col_stride(1) {}

  [[nodiscard]] MatrixView<const T> operator[](Index l) const noexcept {
    return {data + l * matrix_stride, rows, cols, row_stride, col_stride};
  }
};

/// One matrix of a stack, and the places for its results as in svd_into().
template <Scalar T>
struct SvdPlace {
  MatrixView<const T> a;
  std::span<Real<T>> s;
  MatrixView<T> u = {}, vh = {};
};

/// What was done with a stack.
struct BatchReport {
  Index matrices = 0;
  AuditReport audit;                    // the worst figures of all
  std::array<Index, 5> by_driver = {};  // how many results each Driver gave
  Index climbed = 0;                    // how many needed more than one rung
  double seconds = 0;                   // summed over the threads
  SvdReport last;                       // of the last matrix

  void add(SvdReport&& report);
  void add(const BatchReport& later);
};

template <Scalar T>
struct SvdBatch {
  Index matrices = 0;
  Matrix<T> all_u;        // the U_i side by side
  Matrix<Real<T>> all_s;  // the s_i as columns
  Matrix<T> all_vh;       // the Vh_i below one another
  BatchReport report;

  [[nodiscard]] MatrixView<const T> U(Index i) const noexcept {
    const Index k = all_u.cols() / std::max<Index>(matrices, 1);
    return all_u.view().columns(i * k, k);
  }
  [[nodiscard]] std::span<const Real<T>> s(Index i) const noexcept {
    return {all_s.data() + i * all_s.rows(), static_cast<std::size_t>(all_s.rows())};
  }
  [[nodiscard]] MatrixView<const T> Vh(Index i) const noexcept {
    const Index k = all_vh.rows() / std::max<Index>(matrices, 1);
    return all_vh.view().block(i * k, 0, k, all_vh.cols());
  }
};

/// Decomposes every matrix of the stack. Throws what svd() throws, of the first matrix that has a fault; NonFiniteInBatch names it.
template <Scalar T>
[[nodiscard]] SvdBatch<T> svd_batch(const MatrixStack<T>& stack, const SvdOptions& options = {});

/// The expert's form: matrix i and its results stand where place(i) says, all of one shape. `place` is called from several threads,
/// once or twice for a matrix. After an exception the contents of all places are undefined. options.progress is not called.
template <Scalar T>
BatchReport svd_batch_into(Index count, const std::function<SvdPlace<T>(Index)>& place,
                           const SvdOptions& options = {});

/// How a stack is shared over threads, for other work on each of its matrices: calls body(first, last, threads) for ranges that
/// make up [0, count), where `threads` is how many each matrix has. `flops` are those of one matrix. An exception is thrown again:
/// the first in the order of the matrices, whatever came first in time.
void share_stack(const Execution& execution, Index count, double flops,
                 const std::function<void(Index, Index, int)>& body);

}  // namespace eckart
