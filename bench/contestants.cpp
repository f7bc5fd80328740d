#include "contestants.hpp"

#include <Eigen/Core>
#include <Eigen/SVD>
#include <dlfcn.h>

#include <eckart/error.hpp>
#include <eckart/svd.hpp>

namespace eckart::bench {
namespace {

// Eigen's methods take minutes beyond these sizes.
constexpr Index largest_for_eigen = 1024;
constexpr Index largest_for_eigen_jacobi = 256;

using EigenMatrix = Eigen::MatrixXd;

Matrix<double> from_eigen(const EigenMatrix& a) {
  return Matrix<double>(as_view(a));
}

template <class Solver>
void run_eigen(MatrixView<double> a, const Problem& problem, Decomposition<double>& result) {
  const Eigen::Map<EigenMatrix> input(a.data(), a.rows(), a.cols());
  constexpr int thin = Eigen::ComputeThinU | Eigen::ComputeThinV;
  const Solver solver(input, problem.vectors ? thin : 0);
  result.s.assign(solver.singularValues().begin(), solver.singularValues().end());
  if (problem.vectors) {
    result.u = from_eigen(solver.matrixU());
    result.vh = from_eigen(solver.matrixV().adjoint());
  }
}

// As LAPACK does it: over its matrix, into memory of the result that earlier runs have touched, with a workspace taken anew.
template <Scalar T>
void run_eckart(Driver driver, MatrixView<T> a, const Problem& problem, Decomposition<T>& result) {
  SvdOptions options;
  options.u = options.v = problem.vectors ? Vectors::thin : Vectors::none;
  options.threads = problem.threads;
  options.driver = driver;
  const Index k = std::min(a.rows(), a.cols());
  result.s.resize(static_cast<std::size_t>(k));
  if (problem.vectors && result.u.empty()) {
    result.u = Matrix<T>::uninitialized(a.rows(), k);
    result.vh = Matrix<T>::uninitialized(k, a.cols(), Layout::row_major);
  }
  Workspace work(svd_overwrite_memory(a, options));
  static_cast<void>(
      svd_overwrite_into(a, std::span(result.s), result.u.view(), result.vh.view(), work, options));
}

void run_faer(Peers::FaerSvd faer, MatrixView<double> a, const Problem& problem,
              Decomposition<double>& result) {
  const Index k = std::min(a.rows(), a.cols());
  result.s.resize(static_cast<std::size_t>(k));
  Matrix<double> v;
  if (problem.vectors) {
    result.u = Matrix<double>::uninitialized(a.rows(), k);
    v = Matrix<double>::uninitialized(a.cols(), k);
  }
  const int status = faer(static_cast<std::size_t>(a.rows()), static_cast<std::size_t>(a.cols()),
                          a.data(), result.s.data(), result.u.data(), v.data(), problem.vectors,
                          static_cast<std::size_t>(problem.threads));
  if (status != 0) {
    throw NumericalError("faer did not converge");
  }
  if (problem.vectors) {
    result.vh = Matrix<double>(MatrixView<const double>(v.view().transposed()));
  }
}

}  // namespace

Peers load_peers(const std::vector<std::string>& lapack, const std::string& faer) {
  Peers peers;
  for (const std::string& path : lapack) {
    peers.lapack.push_back(std::make_shared<LapackLibrary>(path));
  }
  if (!faer.empty()) {
    void* library = dlopen(faer.c_str(), RTLD_NOW | RTLD_LOCAL);
    peers.faer = library == nullptr
                     ? nullptr
                     : reinterpret_cast<Peers::FaerSvd>(dlsym(library, "eckart_faer_svd"));
    if (peers.faer == nullptr) {
      throw FileError(faer + ": " + dlerror());
    }
  }
  return peers;
}

template <Scalar T>
std::vector<Contestant<T>> contestants(const Peers& peers, const Problem& problem) {
  std::vector<Contestant<T>> all;
  const auto add_eckart = [&](const char* name, Driver driver, Index largest) {
    all.push_back({name,
                   [driver](MatrixView<T> a, const Problem& p, Decomposition<T>& result) {
                     run_eckart<T>(driver, a, p, result);
                   },
                   largest});
  };
  add_eckart("Eckart", Driver::automatic, 0);
  add_eckart("Eckart Jacobi", Driver::jacobi, largest_for_eigen_jacobi);
  for (const auto& library : peers.lapack) {
    all.push_back({library->name(),
                   [library](MatrixView<T> a, const Problem& p, Decomposition<T>& result) {
                     library->set_threads(p.threads);
                     library->gesdd<T>(a, p.vectors, result);
                   },
                   0});
  }
  if constexpr (std::same_as<T, double>) {
    if (peers.faer != nullptr) {
      all.push_back(
          {"faer 0.24",
           [faer = peers.faer](MatrixView<double> a, const Problem& p,
                               Decomposition<double>& result) { run_faer(faer, a, p, result); },
           0});
    }
  }
  // Eigen's decompositions know no threads, and take minutes to compile: one type stands for all.
  if constexpr (std::same_as<T, double>) {
    if (problem.threads == 1) {
      const std::string eigen = "Eigen " + std::to_string(EIGEN_WORLD_VERSION) + "." +
                                std::to_string(EIGEN_MAJOR_VERSION) + "." +
                                std::to_string(EIGEN_MINOR_VERSION);
      all.push_back({eigen + " BDCSVD", run_eigen<Eigen::BDCSVD<EigenMatrix>>, largest_for_eigen});
      all.push_back({eigen + " JacobiSVD", run_eigen<Eigen::JacobiSVD<EigenMatrix>>,
                     largest_for_eigen_jacobi});
    }
  }
  std::erase_if(all, [&](const Contestant<T>& c) {
    return c.largest > 0 && std::max(problem.m, problem.n) > c.largest;
  });
  return all;
}

template std::vector<Contestant<float>> contestants(const Peers&, const Problem&);
template std::vector<Contestant<double>> contestants(const Peers&, const Problem&);
template std::vector<Contestant<std::complex<float>>> contestants(const Peers&, const Problem&);
template std::vector<Contestant<std::complex<double>>> contestants(const Peers&, const Problem&);

}  // namespace eckart::bench
