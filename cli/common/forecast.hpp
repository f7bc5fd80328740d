#pragma once

// What a verb that decomposes is going to take: its memory plan, checked before anything is allocated, and its flops, which
// --dry-run prints with the time that they may need.
//
// The plan of a verb is   input + factors + workspace of the SVD + what the verb makes of them.
//
// The estimate divides the flops by the rate of the matrix product, measured in the moment, times the share of that rate that
// each part of an SVD reaches. It is right within a factor of about two from 1000 x 1000 on; below that all is soon done.

#include <utility>
#include <vector>

#include <eckart/svd.hpp>

#include "common/any_matrix.hpp"
#include "common/console.hpp"
#include "common/exit_code.hpp"
#include "common/matrix_input.hpp"
#include "common/memory_limit.hpp"
#include "common/outcome.hpp"

namespace eckart::cli {

/// What every verb that decomposes takes from the command line; its own options derive from it.
struct DecompositionOptions {
  InputOptions input;
  OutputOptions output;
  NumericalOptions numerical;
  GeneralOptions general;
};
/// Those that follow a verb's own: --json, then how it computes and talks.
void add_decomposition_options(CLI::App& verb, DecompositionOptions& options);

/// Which vectors a verb needs, what it makes of them in memory, and what -o is to hold.
struct Needs {
  Vectors u = Vectors::thin;
  Vectors v = Vectors::thin;
  const char* result = "result";
  std::vector<std::pair<Index, Index>> results = {};  // shapes
  std::vector<io::ArrayShape> written = {};
  const char* way_out = "--dry-run shows what takes it";  // of too little memory
  Index matrices = 1;  // of the input's shape, all read at first and decomposed one after the other
};

/// Memory and flops of decomposing an m x n matrix for a verb.
struct Forecast {
  MemoryPlan memory;
  double flops_of_values = 0;  // the part of `flops` that finds the values
  double flops = 0;
};
template <Scalar T>
[[nodiscard]] Forecast forecast(Index m, Index n, const Needs& needs, const SvdOptions& options);

/// --dry-run: prints plan, flops and time for an input that is described.
ExitCode show_forecast(const Console& console, const DecompositionOptions& options,
                       const io::Description& description, const Needs& needs);

}  // namespace eckart::cli
