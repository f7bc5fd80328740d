// eckart_hankel_bench SERIES.npy: reads a series of doubles once, then answers requests about the Hankel matrix of its windows of half
// its length, one a line:
//
//   K BLOCK THREADS VALUES.npy      the K leading triplets, BLOCK vectors at a time (0: the default); the values go to the file
//
// with a line: seconds, and milliseconds of a product with 8 vectors. bench/operators/hankel.py asks it in turn with SciPy.

#include <chrono>
#include <iostream>
#include <string>

#include <eckart/io.hpp>
#include <eckart/random.hpp>
#include <eckart/truncated_svd.hpp>

namespace {

using eckart::Index;
using eckart::Matrix;
using eckart::MatrixView;

double product_milliseconds(const eckart::Operator<double>& a, int threads) {
  const eckart::Execution execution{.threads = threads, .stop = {}, .progress = {}};
  Matrix<double> x(a.cols(), 8), y(a.rows(), 8);
  eckart::fill_normal(x.view(), eckart::Random(1));
  const auto start = std::chrono::steady_clock::now();
  a.apply(execution, x, y.view());
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start)
      .count();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: eckart_hankel_bench SERIES.npy\n";
    return 2;
  }
  const eckart::io::MatrixFile file = eckart::io::read_matrix(argv[1]);
  const auto& series = std::get<Matrix<double>>(file.matrix);
  const Index length = series.rows() * series.cols();
  const auto a =
      eckart::hankel(std::span<const double>(series.data(), series.data() + length), length / 2);
  Index k = 0, block = 0;
  int threads = 1;
  std::string values;
  while (std::cin >> k >> block >> threads >> values) {
    const auto top =
        eckart::truncated_svd(a, eckart::rank(k), {.block = block, .threads = threads});
    eckart::io::write_matrix(values, MatrixView<const double>(top.s.data(), k, 1));
    std::cout << top.report.seconds << ' ' << product_milliseconds(a, threads) << std::endl;
  }
}
