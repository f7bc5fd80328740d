// eckart_incremental_bench [COLUMNS LENGTH RANK]: what IncrementalSvd costs a column that is appended, and an update of rank one, for
// several blocks, one call each or one call for all; bench/streams/incremental.py has the same with NumPy.
//
// The columns are those of a table of 4096 normal ones with scales 1 / (1 + i), again and again with other signs.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include <eckart/incremental_svd.hpp>
#include <eckart/random.hpp>

namespace {

using eckart::IncrementalOptions;
using eckart::IncrementalSvd;
using eckart::Index;
using eckart::Matrix;

constexpr Index table_columns = 4096;

Matrix<double> table(Index length) {
  Matrix<double> a(length, table_columns);
  eckart::fill_normal<double>(a.view(), eckart::Random(1));
  for (Index j = 0; j < table_columns; ++j) {
    for (Index i = 0; i < length; ++i) {
      a(i, j) /= static_cast<double>(1 + i);
    }
  }
  return a;
}

template <class Run>
double seconds(const Run& run) {
  const auto start = std::chrono::steady_clock::now();
  run();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

void append(const Matrix<double>& a, Index count, const IncrementalOptions& options, Index piece,
            const char* what) {
  IncrementalSvd<double> s(a.rows(), 0, options);
  const double time = seconds([&] {
    for (Index done = 0; done < count;) {
      const Index first = done % a.cols();
      const Index now = std::min({piece, count - done, a.cols() - first});
      s.append_columns(a.view().columns(first, now));
      done += now;
    }
    s.flush();
  });
  const auto d = s.result();
  const auto figures = s.orthogonality();
  std::printf(
      "%-34s block %4lld  %7.2f s  %7.2f us a column  left out %.6g  rounding %.1e  "
      "orthogonality %.2f %.2f\n",
      what, static_cast<long long>(s.block()), time, 1e6 * time / static_cast<double>(count),
      d.left_out_at_most, d.rounding, figures.u, figures.v);
}

void change(const Matrix<double>& x, Index count, const IncrementalOptions& options) {
  IncrementalSvd<double> s(x.rows(), x.rows(), options);
  const double time = seconds([&] {
    for (Index done = 0; done < count; ++done) {
      s.change(x.view().columns(done % 2048, 1), x.view().columns(2048 + done % 2047, 1));
    }
    s.flush();
  });
  const auto figures = s.orthogonality();
  std::printf("%-34s block %4lld  %7.2f s  %7.2f us a change  orthogonality %.2f %.2f\n",
              "changes of rank one", static_cast<long long>(s.block()), time,
              1e6 * time / static_cast<double>(count), figures.u, figures.v);
}

}  // namespace

int main(int argc, char** argv) {
  const Index columns = argc > 1 ? std::atoll(argv[1]) : 100'000;
  const Index length = argc > 2 ? std::atoll(argv[2]) : 1000;
  const Index rank = argc > 3 ? std::atoll(argv[3]) : 20;
  const Matrix<double> a = table(length);
  std::printf("%lld columns of length %lld, rank %lld, one thread\n",
              static_cast<long long>(columns), static_cast<long long>(length),
              static_cast<long long>(rank));
  for (const Index block : {Index{0}, rank / 2, rank, 2 * rank, 4 * rank, 8 * rank}) {
    const IncrementalOptions options{.rank = rank, .block = block, .threads = 1};
    append(a, columns, options, 1, "one by one");
    if (block == 0) {
      append(a, columns, options, 1000, "1000 in a call");
      IncrementalOptions left = options;
      left.v = eckart::Vectors::none;
      append(a, columns, left, 1, "one by one, U and s alone");
    }
    change(a, columns / 10, options);
  }
  return 0;
}
