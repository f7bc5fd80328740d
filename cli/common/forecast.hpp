#pragma once

// What a verb that decomposes is going to take: its memory plan, checked before anything is allocated, and its flops, which
// --dry-run prints with the time that they may need.
//
// The plan of a verb is   input + factors + workspace of the SVD + what the verb makes of them.
//
// The estimate divides the flops by the rate of the matrix product, measured in the moment, times the share of that rate that
// each part of an SVD reaches. It is right within a factor of about two from 1000 x 1000 on; below that all is soon done.

#include <functional>

#include <eckart/svd.hpp>

#include "common/any_matrix.hpp"
#include "common/console.hpp"
#include "common/exit_code.hpp"
#include "common/matrix_input.hpp"
#include "common/memory_limit.hpp"
#include "common/outcome.hpp"

namespace eckart::cli {

/// Which vectors a verb needs, and the entries of what it makes of them.
struct Needs {
  Vectors u = Vectors::thin;
  Vectors v = Vectors::thin;
  Index result_entries = 0;
  const char* result = "result";
};

/// Memory and flops of decomposing an m x n matrix for a verb.
struct Forecast {
  MemoryPlan memory;
  double flops_of_values = 0;  // the part of `flops` that finds the values
  double flops = 0;
};
template <Scalar T>
[[nodiscard]] Forecast forecast(Index m, Index n, const Needs& needs, const SvdOptions& options);

/// --dry-run: describes the input and prints plan, flops and time for `needs(rows, cols)`; computes nothing.
ExitCode show_forecast(const Console& console, const InputOptions& input,
                       const NumericalOptions& numerical, const OutputOptions& output,
                       const std::function<Needs(Index, Index)>& needs);

}  // namespace eckart::cli
