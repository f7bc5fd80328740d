// eckart_truncated_bench A: reads a matrix of doubles once, dense from A.npy, sparse from an A.npz of SciPy's, then answers requests,
// one a line:
//
//   K TOLERANCE THREADS VALUES.npy      the K leading triplets; the values go to the file
//
// with a line of JSON: seconds, products, restarts, converged, largest residual relative to its value. bench/truncated/truncated.py
// asks it in turn with SciPy and scikit-learn.

#include <algorithm>
#include <iostream>
#include <string>

#include <fmt/format.h>

#include <eckart/io.hpp>
#include <eckart/truncated_svd.hpp>

namespace {

void serve(const eckart::Operator<double>& a) {
  eckart::Index k = 0;
  double tolerance = 0;
  int threads = 1;
  std::string values;
  while (std::cin >> k >> tolerance >> threads >> values) {
    const auto d = eckart::truncated_svd<double>(a, eckart::rank(k),
                                                 {.tolerance = tolerance, .threads = threads});
    double residual = 0;
    for (std::size_t i = 0; i < d.s.size(); ++i) {
      residual = std::max(residual, d.report.residuals[i] / d.s[i]);
    }
    eckart::io::write_matrix(values, eckart::MatrixView<const double>(d.s.data(), k, 1));
    std::cout
        << fmt::format(
               R"({{"seconds": {}, "products": {}, "restarts": {}, "converged": {}, "residual": {}}})",
               d.report.seconds, d.report.products, d.report.restarts, d.report.converged, residual)
        << std::endl;
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: eckart_truncated_bench A.npy|A.npz\n";
    return 2;
  }
  if (eckart::io::format_of_path(argv[1]) == eckart::io::Format::npz) {
    const eckart::io::SparseFile file = eckart::io::read_sparse(argv[1]);
    const auto& t = std::get<eckart::io::Triplets<double>>(file.triplets);
    serve(eckart::SparseOperator<double>(
        eckart::SparseMatrix<double>::from_triplets(t.rows, t.cols, t.row, t.col, t.value)));
  } else {
    const eckart::io::MatrixFile file = eckart::io::read_matrix(argv[1]);
    serve(eckart::DenseOperator(std::get<eckart::Matrix<double>>(file.matrix)));
  }
}
