// spectra_peer A: Spectra's PartialSVDSolver behind the requests of eckart_truncated_bench (truncated_bench.cpp has their form). It
// iterates on A^H A or A A^H one vector at a time; basis of max(2 k + 1, 20) vectors as its authors' R package has it, tolerance 1e-10,
// its default. Threads are Eigen's, which has none for these products. Both kinds of vectors are computed and left.

#include <algorithm>
#include <chrono>
#include <iostream>
#include <string>

#include <Eigen/SparseCore>
#include <Spectra/contrib/PartialSVDSolver.h>
#include <fmt/format.h>

#include <eckart/io.hpp>

namespace {

template <class A>
void serve(const A& a) {
  Eigen::Index k = 0;
  double tolerance = 0;
  int threads = 1;
  std::string path;
  while (std::cin >> k >> tolerance >> threads >> path) {
    const auto start = std::chrono::steady_clock::now();
    const Eigen::Index basis =
        std::min(std::min(a.rows(), a.cols()), std::max<Eigen::Index>(2 * k + 1, 20));
    Spectra::PartialSVDSolver<A> solver(a, k, basis);
    const Eigen::Index converged = solver.compute(1000, tolerance > 0 ? tolerance : 1e-10);
    const Eigen::MatrixXd u = solver.matrix_U(k), v = solver.matrix_V(k);
    const double seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    const Eigen::VectorXd values = solver.singular_values();
    eckart::io::write_matrix(path,
                             eckart::MatrixView<const double>(values.data(), values.size(), 1));
    std::cout << fmt::format(R"({{"seconds": {}, "converged": {}}})", seconds, converged == k)
              << std::endl;
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: spectra_peer A.npy|A.npz\n";
    return 2;
  }
  if (eckart::io::format_of_path(argv[1]) == eckart::io::Format::npz) {
    const eckart::io::SparseFile file = eckart::io::read_sparse(argv[1]);
    const auto& t = std::get<eckart::io::Triplets<double>>(file.triplets);
    std::vector<Eigen::Triplet<double>> entries;
    for (std::size_t i = 0; i < t.value.size(); ++i) {
      entries.emplace_back(static_cast<int>(t.row[i]), static_cast<int>(t.col[i]), t.value[i]);
    }
    Eigen::SparseMatrix<double, Eigen::RowMajor> a(t.rows, t.cols);
    a.setFromTriplets(entries.begin(), entries.end());
    serve(a);
  } else {
    const eckart::io::MatrixFile file = eckart::io::read_matrix(argv[1]);
    const auto& a = std::get<eckart::Matrix<double>>(file.matrix);
    serve(Eigen::MatrixXd(
        Eigen::Map<const Eigen::MatrixXd, 0, Eigen::Stride<Eigen::Dynamic, Eigen::Dynamic>>(
            a.view().data(), a.rows(), a.cols(), {a.view().col_stride(), a.view().row_stride()})));
  }
}
