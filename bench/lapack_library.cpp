#include "lapack_library.hpp"

#include <array>
#include <regex>

#include <dlfcn.h>

#include <eckart/error.hpp>

namespace eckart::bench {
namespace {

template <class T>
constexpr char letter = 'd';
template <>
constexpr char letter<float> = 's';
template <>
constexpr char letter<std::complex<float>> = 'c';
template <>
constexpr char letter<std::complex<double>> = 'z';

std::string first_match(const std::string& text, const char* pattern) {
  std::smatch match;
  return std::regex_search(text, match, std::regex(pattern)) ? match[1].str() : "";
}

}  // namespace

LapackLibrary::LapackLibrary(const std::string& path)
    : handle_(dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL)) {
  if (handle_ == nullptr) {
    throw FileError(path + ": " + dlerror());
  }
  if (dlsym(handle_, "scipy_dgesdd_64_") != nullptr) {
    prefix_ = "scipy_";
    suffix_ = "_64_";
    is_ilp64_ = true;
    const auto config =
        reinterpret_cast<const char* (*)()>(dlsym(handle_, "scipy_openblas_get_config64_"));
    name_ = "OpenBLAS " + first_match(config(), "OpenBLAS ([0-9.]+[0-9])");
    set_threads_ =
        reinterpret_cast<void (*)(int)>(dlsym(handle_, "scipy_openblas_set_num_threads64_"));
  } else if (dlsym(handle_, "mkl_serv_get_max_threads") != nullptr ||
             dlsym(handle_, "MKL_Set_Num_Threads") != nullptr) {
    suffix_ = "_";
    std::array<char, 256> text{};
    reinterpret_cast<void (*)(char*, int)>(dlsym(handle_, "MKL_Get_Version_String"))(text.data(),
                                                                                     256);
    name_ = "MKL " + first_match(text.data(), "Version ([0-9.]+[0-9])");
    set_threads_ = reinterpret_cast<void (*)(int)>(dlsym(handle_, "MKL_Set_Num_Threads"));
  } else {
    throw FileError(path + ": neither the wheel's OpenBLAS nor MKL");
  }
}

void LapackLibrary::set_threads(int threads) const {
  set_threads_(threads);
}

void* LapackLibrary::symbol(const std::string& routine) const {
  void* found = dlsym(handle_, (prefix_ + routine + suffix_).c_str());
  if (found == nullptr) {
    throw FileError(name_ + " has no " + routine);
  }
  return found;
}

template <Scalar T, class Int>
void LapackLibrary::call_gesdd(MatrixView<T> a, bool vectors, Decomposition<T>& result) const {
  using R = Real<T>;
  const Int m = static_cast<Int>(a.rows()), n = static_cast<Int>(a.cols()), k = std::min(m, n),
            one = 1;
  const char job = vectors ? 'S' : 'N';
  std::vector<Int> integers(8 * static_cast<std::size_t>(k));
  std::vector<R> reals;
  if constexpr (ComplexScalar<T>) {
    const auto small = static_cast<std::size_t>(k),
               large = static_cast<std::size_t>(std::max(m, n));
    reals.resize(vectors ? std::max(5 * small * small + 5 * small,
                                    2 * large * small + 2 * small * small + small)
                         : 7 * small);
  }
  result.s.resize(static_cast<std::size_t>(k));
  if (vectors && result.u.empty()) {
    result.u = Matrix<T>::uninitialized(m, k);
    result.vh = Matrix<T>::uninitialized(k, n);
  }
  const Int ldu = vectors ? m : one, ldvt = vectors ? k : one;
  Int lwork = -1, info = 0;
  T size{};
  const auto call = [&](T* work) {
    if constexpr (ComplexScalar<T>) {
      using Routine =
          void (*)(const char*, const Int*, const Int*, T*, const Int*, R*, T*, const Int*, T*,
                   const Int*, T*, const Int*, R*, Int*, Int*, std::size_t);
      static const std::string name = std::string(1, letter<T>) + "gesdd";
      reinterpret_cast<Routine>(symbol(name))(&job, &m, &n, a.data(), &m, result.s.data(),
                                              result.u.data(), &ldu, result.vh.data(), &ldvt, work,
                                              &lwork, reals.data(), integers.data(), &info, 1);
    } else {
      using Routine = void (*)(const char*, const Int*, const Int*, T*, const Int*, T*, T*,
                               const Int*, T*, const Int*, T*, const Int*, Int*, Int*, std::size_t);
      static const std::string name = std::string(1, letter<T>) + "gesdd";
      reinterpret_cast<Routine>(symbol(name))(&job, &m, &n, a.data(), &m, result.s.data(),
                                              result.u.data(), &ldu, result.vh.data(), &ldvt, work,
                                              &lwork, integers.data(), &info, 1);
    }
  };
  call(&size);
  lwork = static_cast<Int>(real_part(size));
  const Matrix<T> work = Matrix<T>::uninitialized(lwork, 1);
  call(const_cast<T*>(work.data()));
  if (info != 0) {
    throw NumericalError(name_ + ": gesdd returned info = " + std::to_string(info));
  }
}

template <Scalar T, class Int>
void LapackLibrary::call_gemm(MatrixView<const T> a, MatrixView<const T> b, MatrixView<T> c) const {
  using Routine = void (*)(const char*, const char*, const Int*, const Int*, const Int*, const T*,
                           const T*, const Int*, const T*, const Int*, const T*, T*, const Int*,
                           std::size_t, std::size_t);
  const Int m = static_cast<Int>(c.rows()), n = static_cast<Int>(c.cols()),
            k = static_cast<Int>(a.rows());
  const T one{1}, zero{};
  reinterpret_cast<Routine>(symbol(std::string(1, letter<T>) + "gemm"))(
      "C", "N", &m, &n, &k, &one, a.data(), &k, b.data(), &k, &zero, c.data(), &m, 1, 1);
}

template <Scalar T>
void LapackLibrary::gesdd(MatrixView<T> a, bool vectors, Decomposition<T>& result) const {
  is_ilp64_ ? call_gesdd<T, std::int64_t>(a, vectors, result)
            : call_gesdd<T, std::int32_t>(a, vectors, result);
}

template <Scalar T>
void LapackLibrary::gemm(MatrixView<const T> a, MatrixView<const T> b, MatrixView<T> c) const {
  is_ilp64_ ? call_gemm<T, std::int64_t>(a, b, c) : call_gemm<T, std::int32_t>(a, b, c);
}

#define ECKART_INSTANTIATE(T)                                                       \
  template void LapackLibrary::gesdd(MatrixView<T>, bool, Decomposition<T>&) const; \
  template void LapackLibrary::gemm(MatrixView<const T>, MatrixView<const T>, MatrixView<T>) const;
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)

}  // namespace eckart::bench
