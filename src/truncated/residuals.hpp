#pragma once

// The last look: what the triplets that are returned are worth, from products formed anew.

#include <functional>
#include <span>
#include <vector>

#include <eckart/execution.hpp>
#include <eckart/matrix.hpp>
#include <eckart/operator.hpp>

namespace eckart::truncated {

struct Residuals {
  std::vector<double> both;     // r_i
  std::vector<double> smaller;  // of its two parts
};

/// One of the two parts of every r_i, where it is known from the product that one side was made of.
struct KnownResiduals {
  std::vector<double> lengths = {};  // ||A v_i - s_i u_i||; none where nothing is known
  bool of_adjoint = false;           // ||A^H u_i - s_i v_i|| instead
};

/// r_i = sqrt(||A v_i - s_i u_i||^2 + ||A^H u_i - s_i v_i||^2) for the columns of u (m x k) and v (n x k), in units of A. What is not known
/// comes from products, a strip of vectors at a time: memory for `strip` vectors on either side.
template <Scalar T>
[[nodiscard]] Residuals residuals(const Execution& execution, const Operator<T>& a,
                                  MatrixView<const T> u, std::span<const Real<T>> s,
                                  MatrixView<const T> v, const KnownResiduals& known = {},
                                  Index strip = 64);

/// ||I - X^H X||_F / (rows eps).
template <Scalar T>
[[nodiscard]] double orthogonality(const Execution& execution, MatrixView<const T> x);

}  // namespace eckart::truncated
