#include "blas/info.hpp"

#include <array>

#include <dlfcn.h>

#include "blas/fortran.hpp"
#include "blas/gemm.hpp"
#include "blas/threads.hpp"

namespace eckart::blas {
namespace {

// The function `symbol` of the library at `path`, if it has one.
template <class Function>
Function find_in(const std::string& path, const char* symbol) {
  void* library = dlopen(path.c_str(), RTLD_LAZY | RTLD_NOLOAD);
  if (library == nullptr) {
    return nullptr;
  }
  const auto function = reinterpret_cast<Function>(dlsym(library, symbol));
  dlclose(library);
  return function;
}

using Text = const char* (*)();

// The first of several spellings that the library has.
template <std::size_t n>
std::string ask(const std::string& path, const std::array<const char*, n>& symbols) {
  for (const char* symbol : symbols) {
    if (const auto text = find_in<Text>(path, symbol)) {
      return text();
    }
  }
  return {};
}

std::string mkl_version(const std::string& path) {
  const auto get = find_in<void (*)(char*, int)>(path, "MKL_Get_Version_String");
  if (get == nullptr) {
    return {};
  }
  std::array<char, 256> text{};
  get(text.data(), static_cast<int>(text.size()));
  std::string version(text.data());
  version.erase(version.find_last_not_of(' ') + 1);
  return version;
}

template <Scalar T>
bool product_is_right() {
  // Entries are small integers, so every partial sum is exact in every type.
  constexpr Index m = 67, n = 45, k = 131;
  Matrix<T> a(m, k), b(k, n), c(m, n);
  const auto entry = [](Index i, Index j) { return static_cast<Real<T>>((7 * i + 5 * j) % 9 - 4); };
  for (Index l = 0; l < k; ++l) {
    for (Index i = 0; i < m; ++i) {
      a(i, l) = T(entry(i, l));
    }
    for (Index j = 0; j < n; ++j) {
      b(l, j) = T(entry(l, 3 * j + 1));
    }
  }
  gemm<T>(Op::none, Op::none, T(1), a, b, T(0), c.view());
  for (Index j = 0; j < n; ++j) {
    for (Index i = 0; i < m; ++i) {
      Real<T> sum = 0;
      for (Index l = 0; l < k; ++l) {
        sum += entry(i, l) * entry(l, 3 * j + 1);
      }
      if (c(i, j) != T(sum)) {
        return false;
      }
    }
  }
  return true;
}

}  // namespace

Info info() {
  Info result;
  result.choice = ECKART_BLAS_CHOICE;
  result.integer_bits = ECKART_BLAS_INTEGER;
  result.is_private = ECKART_BLAS_IS_PRIVATE == 1;
  result.controls_threads = controls_threads();
  Dl_info where{};
  if (dladdr(reinterpret_cast<void*>(Routines<double>::gemm), &where) != 0 &&
      where.dli_fname != nullptr) {
    result.library = where.dli_fname;
  }
  result.version =
      ask(result.library, std::array{"scipy_openblas_get_config64_", "openblas_get_config64_",
                                     "openblas_get_config", "bli_info_get_version_str"});
  if (result.version.empty()) {
    result.version = mkl_version(result.library);
  }
  result.kernel =
      ask(result.library, std::array{"scipy_openblas_get_corename64_", "openblas_get_corename64_",
                                     "openblas_get_corename"});
  return result;
}

bool self_test() {
  return product_is_right<float>() && product_is_right<double>() &&
         product_is_right<std::complex<float>>() && product_is_right<std::complex<double>>();
}

}  // namespace eckart::blas
