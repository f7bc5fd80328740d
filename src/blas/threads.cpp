#include "blas/threads.hpp"

#include <mutex>

#include <dlfcn.h>

#include "eckart_blas_config.h"

namespace eckart::blas {
namespace {

constexpr bool is_private = ECKART_BLAS_IS_PRIVATE == 1;

using SetLocal = int (*)(int);
using SetGlobal = void (*)(int);

template <class Function>
Function find(void* library, const char* symbol) noexcept {
  return reinterpret_cast<Function>(dlsym(library, symbol));
}

SetLocal mkl_set_local() noexcept {
  static const auto function =
      is_private ? nullptr : find<SetLocal>(RTLD_DEFAULT, "MKL_Set_Num_Threads_Local");
  return function;
}

// Runs once, before the first call into the library of our own. It is asked for by its own name, so
// that another OpenBLAS in the process, whose symbols are spelled the same, is not found in its
// place.
bool make_private_library_serial() noexcept {
  void* library = dlopen("libeckart_openblas64.so", RTLD_LAZY | RTLD_NOLOAD);
  if (library == nullptr) {
    return false;
  }
  const auto set = find<SetGlobal>(library, "scipy_openblas_set_num_threads64_");
  if (set != nullptr) {
    set(1);
  }
  dlclose(library);
  return set != nullptr;
}

bool private_library_is_serial() noexcept {
  static const bool serial = make_private_library_serial();
  return serial;
}

// Of calls into a library that decides about its threads itself. Debian 12's OpenBLAS 0.3.21 gives wrong results now and then when
// several threads are in its LAPACK at once: a completed basis was far from orthonormal, as the audit found.
std::recursive_mutex& turn() noexcept {
  static std::recursive_mutex mutex;
  return mutex;
}

}  // namespace

OneThread::OneThread() noexcept {
  if constexpr (is_private) {
    private_library_is_serial();
  } else if (const auto set = mkl_set_local()) {
    previous_ = set(1);
  } else {
    turn().lock();
  }
}

OneThread::~OneThread() {
  if constexpr (!is_private) {
    if (const auto set = mkl_set_local()) {
      set(previous_);
    } else {
      turn().unlock();
    }
  }
}

bool controls_threads() noexcept {
  return is_private ? private_library_is_serial() : mkl_set_local() != nullptr;
}

}  // namespace eckart::blas
