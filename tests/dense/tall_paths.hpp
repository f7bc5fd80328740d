#pragma once

// The paths of the tall QR decomposition, each taken by its thresholds on a small matrix.

#include "dense/tall/tall_qr.hpp"

namespace eckart::dense {

enum class Path { automatic, twice, sketched, tree };
inline constexpr Path every_path[] = {Path::automatic, Path::twice, Path::sketched, Path::tree};

inline TallOptions options_for(Path path) {
  TallOptions options;
  options.chunk = 64;  // many chunks and leaves on small matrices
  options.tree_block = 96;
  if (path != Path::automatic) {
    options.once_condition = 0;
  }
  if (path == Path::sketched || path == Path::tree) {
    options.twice_condition = 0;
  }
  if (path == Path::tree) {
    options.passes = 0;
  }
  return options;
}

}  // namespace eckart::dense
