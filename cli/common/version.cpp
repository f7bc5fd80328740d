#include "common/version.hpp"

#include <eckart/execution.hpp>

#include "blas/info.hpp"
#include "blas/peak.hpp"

namespace eckart::cli {

std::string version() {
  return ECKART_VERSION;
}

std::string blas_text() {
  const blas::Info info = blas::info();
  // Libraries tell their build options behind name and number, which `eckart info --json` shows.
  const std::size_t number = info.version.find(' ');
  const std::string name = info.version.substr(
      0, info.version.find(' ', number == std::string::npos ? number : number + 1));
  return (name.empty() ? info.choice : name) +
         (info.kernel.empty() ? std::string() : ", kernel " + info.kernel) + ", " +
         std::to_string(info.integer_bits) + "-bit integers" +
         (info.is_private ? ", private copy" : ", shared");
}

std::string version_text() {
  return "eckart " + version() + "\nBLAS     " + blas_text() + "\nthreads  " +
         std::to_string(Execution{}.thread_count()) + "\nSIMD     " + blas::simd_name() + "\n";
}

}  // namespace eckart::cli
