// How an incremental decomposition begins: from zeros, from a matrix, from another decomposition; and how much memory it takes.

#include <cmath>

#include <eckart/error.hpp>
#include <eckart/incremental_svd.hpp>

#include "core/sums.hpp"
#include "streams/incremental_inner.hpp"
#include "streams/rounding.hpp"

namespace eckart {
namespace {

using streams::ErrorLedger;
using streams::Wide;

// Changes that are gathered at the least and at the most, as measured: fewer cost small decompositions, more cost their cubes.
constexpr Index least_block = 16, most_block = 128;

template <Scalar T>
Matrix<Wide<T>> widened(MatrixView<const T> a) {
  auto wide = Matrix<Wide<T>>::uninitialized(a.rows(), a.cols(), Layout::row_major);
  streams::widen_rows<T>(a, wide.view());
  return wide;
}

template <Scalar T>
std::vector<double> widened(const std::vector<Real<T>>& s) {
  return {s.begin(), s.end()};
}

double norm_of(const std::vector<double>& s, std::size_t first) {
  core::SumOfSquares squares;
  for (std::size_t i = first; i < s.size(); ++i) {
    squares.add(s[i]);
  }
  return squares.norm();
}

/// What the triplets beyond `rank` of an m x n matrix are.
ErrorLedger left_out(const std::vector<double>& s, Index rank, Index m, Index n) {
  ErrorLedger errors;
  const auto first = static_cast<std::size_t>(rank);
  if (rank > 0 && first < s.size()) {
    errors.leave_out({norm_of(s, first), s[first]}, false, false, m, n);
  }
  return errors;
}

/// ||A - U S V^H||_F for a matrix whose norm is known. With A v_i = s_i u_i + r_i and orthonormal vectors,
///   ||A - U S V^H||_F^2 = ||A||_F^2 - sum s_i^2 - 2 Re sum s_i u_i^H r_i,
/// and what U and V lack of being orthonormal adds its share.
template <Scalar T>
double bound_of(const TruncatedSvd<T>& svd) {
  const double norm = *svd.report.frobenius_norm, eps = double{epsilon<T>};
  if (norm == 0) {
    return 0;
  }
  double rest = 1;
  for (std::size_t i = 0; i < svd.s.size(); ++i) {
    const double share = static_cast<double>(svd.s[i]) / norm;
    rest += 2 * share * (svd.report.residuals[i] / norm) - share * share;
  }
  const auto m = static_cast<double>(svd.report.rows), n = static_cast<double>(svd.report.cols);
  const double rounding =
      eps * (svd.report.orthogonality_u * m + svd.report.orthogonality_v * n + 32);
  return norm * std::sqrt(std::max(0.0, rest) + rounding);
}

template <Scalar T>
void require_vectors(const Matrix<T>& u, const Matrix<T>& vh, Index m, Index n, std::size_t k,
                     const IncrementalOptions& options) {
  const auto count = static_cast<Index>(k);
  const bool good = (options.u == Vectors::none || (u.rows() == m && u.cols() >= count)) &&
                    (options.v == Vectors::none || (vh.cols() == n && vh.rows() >= count));
  if (!good) {
    throw InvalidArgument(
        "the decomposition lacks vectors that shall be kept; ask it for them, or leave them out "
        "with "
        "IncrementalOptions::u or v");
  }
}

}  // namespace

namespace streams {

IncrementalOptions completed(IncrementalOptions options) {
  if (options.rank < 0 || options.block < 0 || options.threads < 0) {
    throw InvalidArgument("rank, block and threads are 0, for the usual, or positive");
  }
  if (!(options.tolerance >= 0 && options.tolerance < 1)) {
    throw InvalidArgument("tolerance is " + std::to_string(options.tolerance) +
                          ", not within [0, 1)");
  }
  if (options.u == Vectors::full || options.v == Vectors::full ||
      (options.u == Vectors::none && options.v == Vectors::none)) {
    throw InvalidArgument("u and v are thin or none, and one of them is thin");
  }
  if (options.block == 0) {
    options.block = std::clamp(options.rank, least_block, most_block);
  }
  return options;
}

}  // namespace streams

template <Scalar T>
IncrementalSvd<T>::Inner::Inner(Index m, Index n, const IncrementalOptions& given)
    : options(streams::completed(given)) {
  if (m < 0 || n < 0) {
    throw InvalidArgument("a matrix of " + std::to_string(m) + " x " + std::to_string(n));
  }
  factors.u = streams::RotatedBasis<W>(m, options.u != Vectors::none);
  factors.v = streams::RotatedBasis<W>(n, options.v != Vectors::none);
}

template <Scalar T>
IncrementalSvd<T>::Inner::Inner(MatrixView<const W> u, std::vector<double> s,
                                MatrixView<const W> vh, Index m, Index n, const ErrorLedger& errors,
                                const IncrementalOptions& given)
    : Inner(m, n, given) {
  const auto nonzero = static_cast<Index>(
      std::find_if(s.begin(), s.end(), [](double x) { return !(x > 0); }) - s.begin());
  const Index r = options.rank == 0 ? nonzero : std::min(options.rank, nonzero);
  s.resize(static_cast<std::size_t>(r));
  const auto begin = [r](streams::RotatedBasis<W>& z, MatrixView<const W> columns,
                         bool conjugated) {
    Matrix<W> own(z.rows(), r);
    for (Index j = 0; z.kept() && j < r; ++j) {
      for (Index i = 0; i < z.rows(); ++i) {
        own(i, j) = conjugated ? conjugate(columns(i, j)) : columns(i, j);
      }
    }
    if (z.kept()) {
      z = streams::RotatedBasis<W>(std::move(own));
    } else {
      z = streams::RotatedBasis<W>::shape(z.rows(), r);
    }
  };
  begin(factors.u, u, false);
  begin(factors.v, vh.transposed(), true);
  factors.s = std::move(s);
  factors.errors = errors;
  factors.fit_scale(execution(), terms);
  factors.straighten(execution(), rule());
}

template <Scalar T>
IncrementalSvd<T>::IncrementalSvd(Index rows, Index cols, const IncrementalOptions& options)
    : inner_(std::make_unique<Inner>(rows, cols, options)) {}

template <Scalar T>
IncrementalSvd<T>::IncrementalSvd(MatrixView<const T> a, const IncrementalOptions& options) {
  const IncrementalOptions how = streams::completed(options);
  const Svd<W> d = svd<W>(
      widened<T>(a).view(),
      {.u = how.u, .v = how.v, .leading = how.rank, .threads = how.threads, .stop = how.stop});
  ErrorLedger errors = left_out(d.s, how.rank, a.rows(), a.cols());
  if (!d.s.empty()) {
    errors.rounding =
        std::sqrt(static_cast<double>(d.s.size())) * streams::rounding_of(d.report, d.s[0]);
  }
  inner_ = std::make_unique<Inner>(d.U.view(), d.s, d.Vh.view(), a.rows(), a.cols(), errors, how);
}

template <Scalar T>
IncrementalSvd<T>::IncrementalSvd(const Svd<T>& svd, const IncrementalOptions& options) {
  const IncrementalOptions how = streams::completed(options);
  const Index m = svd.report.rows, n = svd.report.cols;
  const Index k = how.rank == 0 ? static_cast<Index>(svd.s.size())
                                : std::min(how.rank, static_cast<Index>(svd.s.size()));
  require_vectors(svd.U, svd.Vh, m, n, static_cast<std::size_t>(k), how);
  const std::vector<double> s = widened<T>(svd.s);
  ErrorLedger errors = left_out(s, how.rank, m, n);
  if (!s.empty()) {
    // Of the type of its entries, and with the rounding of its vectors, which are not orthonormal to better.
    const double share = double{epsilon<T>} / epsilon<double>;
    errors.rounding =
        std::sqrt(static_cast<double>(s.size())) * share * streams::rounding_of(svd.report, s[0]);
  }
  inner_ = std::make_unique<Inner>(widened<T>(svd.U.view()).view(), s,
                                   widened<T>(svd.Vh.view()).view(), m, n, errors, how);
}

template <Scalar T>
IncrementalSvd<T>::IncrementalSvd(const TruncatedSvd<T>& svd, const IncrementalOptions& options) {
  const IncrementalOptions how = streams::completed(options);
  if (!svd.report.frobenius_norm) {
    throw InvalidArgument(
        "the operator did not know its Frobenius norm, so nothing bounds what its leading triplets "
        "leave out");
  }
  const Index m = svd.report.rows, n = svd.report.cols;
  require_vectors(svd.U, svd.Vh, m, n, svd.s.size(), how);
  const std::vector<double> s = widened<T>(svd.s);
  ErrorLedger errors = left_out(s, how.rank, m, n);
  // Of what the triplets leave out nothing is known but its norm.
  const double bound = bound_of(svd);
  errors.add_past({bound, bound}, m, n);
  inner_ = std::make_unique<Inner>(widened<T>(svd.U.view()).view(), s,
                                   widened<T>(svd.Vh.view()).view(), m, n, errors, how);
}

template <Scalar T>
MemoryPlan IncrementalSvd<T>::memory(Index rows, Index cols, const IncrementalOptions& options) {
  const IncrementalOptions how = streams::completed(options);
  const Index shorter = std::min(rows, cols);
  const Index r = how.rank == 0 ? shorter : std::min(how.rank, shorter), t = r + how.block;
  const bool with_u = how.u != Vectors::none, with_v = how.v != Vectors::none;
  const Index m = with_u ? rows : 0, n = with_v ? cols : 0;
  return MemoryPlan::all_of(
      "incremental decomposition",
      {MemoryPlan::block<W>("left vectors", m, r), MemoryPlan::block<W>("right vectors", n, r),
       // Once, and once in the copy that an update is made on.
       MemoryPlan::block<W>("changes that wait", 2 * (m + n), how.block),
       MemoryPlan::block<W>("vectors and new directions", m + n, t),
       MemoryPlan::block<W>("new vectors", m + n, r),
       MemoryPlan::block<W>("coefficients and small matrices", 6 * t, t),
       svd_memory<W>(t, t, {.u = how.u, .v = how.v, .leading = r, .threads = how.threads})});
}

#define ECKART_INSTANTIATE(T)                                                                    \
  template IncrementalSvd<T>::IncrementalSvd(Index, Index, const IncrementalOptions&);           \
  template IncrementalSvd<T>::IncrementalSvd(MatrixView<const T>, const IncrementalOptions&);    \
  template IncrementalSvd<T>::IncrementalSvd(const Svd<T>&, const IncrementalOptions&);          \
  template IncrementalSvd<T>::IncrementalSvd(const TruncatedSvd<T>&, const IncrementalOptions&); \
  template IncrementalSvd<T>::Inner::Inner(Index, Index, const IncrementalOptions&);             \
  template MemoryPlan IncrementalSvd<T>::memory(Index, Index, const IncrementalOptions&);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)

}  // namespace eckart
