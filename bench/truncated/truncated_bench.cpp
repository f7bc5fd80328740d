// eckart_truncated_bench auto|randomized A: reads a matrix of doubles once, dense from A.npy, sparse from an A.npz of SciPy's, then
// answers requests, one a line:
//
//   K TOLERANCE THREADS VALUES.npy      the K leading triplets; the values go to the file
//
// with a line of JSON: seconds, products, restarts, converged, largest residual relative to its value, and seconds of the stages.
// bench/truncated/truncated.py asks it in turn with SciPy and scikit-learn.

#include <algorithm>
#include <iostream>
#include <string>

#include <fmt/format.h>

#include <eckart/io.hpp>
#include <eckart/truncated_svd.hpp>

namespace {

void serve(const eckart::Operator<double>& a, eckart::TruncatedMethod method) {
  eckart::Index k = 0;
  double tolerance = 0;
  int threads = 1;
  std::string values;
  while (std::cin >> k >> tolerance >> threads >> values) {
    const auto d = eckart::truncated_svd<double>(
        a, eckart::rank(k), {.method = method, .tolerance = tolerance, .threads = threads});
    double residual = 0;
    for (std::size_t i = 0; i < d.s.size(); ++i) {
      residual = std::max(residual, d.report.residuals[i] / d.s[i]);
    }
    eckart::io::write_matrix(values, eckart::MatrixView<const double>(d.s.data(), k, 1));
    std::string stages;
    for (const auto& stage : d.report.stages) {
      stages +=
          fmt::format(R"({}"{}": {})", stages.empty() ? "" : ", ", stage.stage, stage.seconds);
    }
    std::cout
        << fmt::format(
               R"({{"seconds": {}, "products": {}, "restarts": {}, "converged": {}, "residual": {}, "stages": {{{}}}}})",
               d.report.seconds, d.report.products, d.report.restarts, d.report.converged, residual,
               stages)
        << std::endl;
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: eckart_truncated_bench auto|randomized A.npy|A.npz\n";
    return 2;
  }
  const auto method = argv[1] == std::string("randomized") ? eckart::TruncatedMethod::randomized
                                                           : eckart::TruncatedMethod::automatic;
  const std::string path = argv[2];
  if (eckart::io::format_of_path(path) == eckart::io::Format::npz) {
    const eckart::io::SparseFile file = eckart::io::read_sparse(path);
    const auto& t = std::get<eckart::io::Triplets<double>>(file.triplets);
    serve(eckart::SparseOperator<double>(
              eckart::SparseMatrix<double>::from_triplets(t.rows, t.cols, t.row, t.col, t.value)),
          method);
  } else {
    const eckart::io::MatrixFile file = eckart::io::read_matrix(path);
    serve(eckart::DenseOperator(std::get<eckart::Matrix<double>>(file.matrix)), method);
  }
}
