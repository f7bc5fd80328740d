#pragma once

// A BLAS and LAPACK loaded at run time: a peer. Nothing of it is linked, so MKL, OpenBLAS and the engine's own library live
// side by side in one process, each with its own threads.

#include <cstdint>
#include <string>

#include <eckart/matrix.hpp>

#include "decomposition.hpp"

namespace eckart::bench {

class LapackLibrary {
 public:
  /// Loads the library at `path`: the wheel scipy-openblas64 (names scipy_dgesdd_64_, 64-bit integers) or MKL's mkl_rt (dgesdd_,
  /// 32-bit). Throws Error when it has neither.
  explicit LapackLibrary(const std::string& path);

  [[nodiscard]] const std::string& name() const {
    return name_;
  }  // "OpenBLAS 0.3.34", "MKL 2026.0"

  void set_threads(int threads) const;

  /// gesdd, divide and conquer; job 'S' (thin) or 'N' (values alone). The matrix is overwritten, as LAPACK does.
  template <Scalar T>
  void gesdd(MatrixView<T> a, bool vectors, Decomposition<T>& result) const;

  /// C <- A^H B, all column-major.
  template <Scalar T>
  void gemm(MatrixView<const T> a, MatrixView<const T> b, MatrixView<T> c) const;

 private:
  [[nodiscard]] void* symbol(const std::string& routine) const;
  template <Scalar T, class Int>
  void call_gesdd(MatrixView<T> a, bool vectors, Decomposition<T>& result) const;
  template <Scalar T, class Int>
  void call_gemm(MatrixView<const T> a, MatrixView<const T> b, MatrixView<T> c) const;

  void* handle_ = nullptr;
  std::string name_, prefix_, suffix_;
  bool is_ilp64_ = false;
  void (*set_threads_)(int) = nullptr;
};

}  // namespace eckart::bench
