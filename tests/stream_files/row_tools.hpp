#pragma once

// What the tests of rows from files share.

#include <string>
#include <vector>

#include <eckart/gallery.hpp>
#include <eckart/stream_files.hpp>

namespace eckart::io {

inline std::string bytes_of_rows(const Matrix<double>& row_major) {
  return {reinterpret_cast<const char*>(row_major.data()),
          static_cast<std::size_t>(row_major.rows() * row_major.cols()) * sizeof(double)};
}

/// m x n normal numbers, row-major.
inline Matrix<double> sample(Index m, Index n) {
  return Matrix<double>(
      generate<double>("normal " + std::to_string(m) + "x" + std::to_string(n) + " seed=3").view(),
      Layout::row_major);
}

/// The entries of the next rows, as doubles.
inline std::vector<double> next_of(RowReader& reader) {
  std::vector<double> entries;
  const Rows rows = reader.next();
  std::visit(
      [&](const auto& view) {
        for (Index i = 0; i < view.rows(); ++i) {
          for (Index j = 0; j < view.cols(); ++j) {
            entries.push_back(double{std::real(view(i, j))});
          }
        }
      },
      rows.view);
  return entries;
}

/// All rows of a reader.
inline std::vector<double> all_of(RowReader& reader) {
  std::vector<double> all;
  for (;;) {
    const std::vector<double> some = next_of(reader);
    if (some.empty()) {
      return all;
    }
    all.insert(all.end(), some.begin(), some.end());
  }
}

}  // namespace eckart::io
