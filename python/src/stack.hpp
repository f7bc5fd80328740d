#pragma once

// A stack of matrices, decomposed one by one: small ones shared over the threads, each thread with one workspace; large ones in turn,
// each with all threads. Either way each result is that of the matrix alone, bit for bit.

#include <eckart/error.hpp>
#include <eckart/execution.hpp>
#include <eckart/svd.hpp>

#include "array.hpp"
#include "report.hpp"

namespace eckart::python {

/// The first matrix of a stack, in C order, that holds NaN or infinity.
class NonFiniteInStack : public NonFinite {
 public:
  NonFiniteInStack(const NonFinite& error, Index matrix) : NonFinite(error), matrix_(matrix) {}
  [[nodiscard]] Index matrix() const noexcept { return matrix_; }

 private:
  Index matrix_;
};

struct StackPlaces {
  const Array &a, &s, &u, &vh;
};

/// `flops` are those of one matrix. Throws NonFiniteInStack, and what svd_into() throws.
template <class T>
Report decompose_stack(const StackPlaces& x, double flops, SvdOptions options,
                       const Execution& execution);

}  // namespace eckart::python
