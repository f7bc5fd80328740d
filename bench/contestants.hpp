#pragma once

// Who runs in a benchmark: Eckart and its peers, all behind one function.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <eckart/matrix.hpp>

#include "decomposition.hpp"
#include "lapack_library.hpp"

namespace eckart::bench {

/// One decomposition to be timed: m x n, type T, with thin vectors or values alone.
struct Problem {
  Index m = 0, n = 0;
  bool vectors = true;
  int threads = 1;
};

template <Scalar T>
struct Contestant {
  std::string name;
  /// Decomposes `a`, which it may overwrite: every run gets a fresh copy, made outside the timing.
  std::function<void(MatrixView<T> a, const Problem&, Decomposition<T>&)> run;
  Index largest = 0;  // sizes beyond are left out, since they take minutes; 0: none
};

/// Libraries loaded at run time; empty paths are left out.
struct Peers {
  std::vector<std::shared_ptr<LapackLibrary>> lapack;
  using FaerSvd = int (*)(std::size_t, std::size_t, const double*, double*, double*, double*, bool,
                          std::size_t);
  FaerSvd faer = nullptr;
};

/// Loads the libraries named; throws FileError for one that cannot be loaded.
[[nodiscard]] Peers load_peers(const std::vector<std::string>& lapack, const std::string& faer);

/// Everyone who can solve `problem` in type T.
template <Scalar T>
[[nodiscard]] std::vector<Contestant<T>> contestants(const Peers& peers, const Problem& problem);

}  // namespace eckart::bench
