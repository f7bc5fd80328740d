// eckart_stream_rows ROWS COLS [SEED]: rows of doubles on standard output, as fast as a pipe takes them; what `eckart stream` is measured
// with.
//
//   row = g L,   g from a table of standard normal rows, each time with other signs and another start;  L = diag(1/(1 + j)) Q^T
//
// Drawing 10^9 normal numbers would take longer than what is measured. So a table of 4096 rows x is drawn and multiplied by L once, and
// row i of the stream is row (i + 7 [i / 4096]) mod 4096 of it, times a sign that depends on i. The covariance of the stream is that of
// the table up to the last incomplete round, and A^H A after r whole rounds is r times that of the table: known exactly.

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include <eckart/matrix.hpp>
#include <eckart/random.hpp>

int main(int argc, char** argv) {
  using eckart::Index;
  if (argc < 3) {
    std::fputs("usage: eckart_stream_rows ROWS COLS [SEED]\n", stderr);
    return 2;
  }
  constexpr Index table_rows = 4096;
  const Index rows = std::atoll(argv[1]), cols = std::atoll(argv[2]);
  const auto seed = static_cast<std::uint64_t>(argc > 3 ? std::atoll(argv[3]) : 1);
  eckart::Matrix<double> table(table_rows, cols, eckart::Layout::row_major);
  const eckart::Random random(seed);
  // A reflector is orthogonal and makes every column a mixture of all: Q = I - 2 v v^T.
  std::vector<double> v(static_cast<std::size_t>(cols), 1 / std::sqrt(static_cast<double>(cols)));
  for (Index i = 0; i < table_rows; ++i) {
    double inner = 0;
    for (Index j = 0; j < cols; ++j) {
      table(i, j) =
          random.normal(static_cast<std::uint64_t>(i * cols + j)) / static_cast<double>(1 + j);
      inner += table(i, j) * v[static_cast<std::size_t>(j)];
    }
    for (Index j = 0; j < cols; ++j) {
      table(i, j) -= 2 * inner * v[static_cast<std::size_t>(j)];
    }
  }
  std::vector<double> batch(static_cast<std::size_t>(128 * cols));
  for (Index begin = 0; begin < rows; begin += 128) {
    const Index count = std::min<Index>(128, rows - begin);
    for (Index q = 0; q < count; ++q) {
      const Index i = begin + q;
      const double sign = (i * 2654435761 >> 7 & 1) != 0 ? -1 : 1;
      const double* from = &table((i + 7 * (i / table_rows)) % table_rows, 0);
      double* to = batch.data() + q * cols;
      for (Index j = 0; j < cols; ++j) {
        to[j] = sign * from[j];
      }
    }
    if (std::fwrite(batch.data(), sizeof(double), static_cast<std::size_t>(count * cols), stdout) !=
        static_cast<std::size_t>(count * cols)) {
      return 1;
    }
  }
  return std::fflush(stdout) == 0 ? 0 : 1;
}
