// What every consumer of the library builds: a decomposition through the public headers, and its answer by hand.

#include <cmath>
#include <cstdio>

#include <eckart/matrix.hpp>
#include <eckart/svd.hpp>

int main() {
  // [3 0; 4 5] has the singular values sqrt(45) and sqrt(5): A^T A = [25 20; 20 25] has the eigenvalues 45 and 5.
  eckart::Matrix<double> a(2, 2);
  a(0, 0) = 3;
  a(1, 0) = 4;
  a(1, 1) = 5;
  const auto [u, s, vh, report] = eckart::svd(a);
  std::printf("%.15g %.15g\n", s[0], s[1]);
  const bool right =
      std::abs(s[0] - std::sqrt(45.0)) < 1e-14 && std::abs(s[1] - std::sqrt(5.0)) < 1e-14;
  return right && report.audit.passed ? 0 : 1;
}
