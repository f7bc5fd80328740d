#include "operators/sparse_factors.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <ranges>
#include <vector>

// Nothing under another licence than the MPL, and no threads but ours.
#define EIGEN_MPL2_ONLY
#define EIGEN_DONT_PARALLELIZE
#include <Eigen/OrderingMethods>
#include <Eigen/SparseLU>

#include "core/if_memory_lasts.hpp"
#include "core/times.hpp"

namespace eckart {
namespace {

using Place = std::int64_t;
template <Scalar T>
using Columns = Eigen::SparseMatrix<T, Eigen::ColMajor, Place>;
template <Scalar T>
using Block = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic>;

/// The diagonal is kept as pivot where it is no smaller than this share of the largest entry.
constexpr double pivot_threshold = 0.1;
/// A^H A of more products than this is not formed.
constexpr double most_products = 2e8;
/// Of a product, where no two are of one entry: half of them are of the lower triangle, which is held with its places in vectors that have
/// grown, and twice more, with its mirror image, while it is ordered.
template <Scalar W>
constexpr double bytes_of_product = 42 + sizeof(W);

/// f(row, column, value) for every entry of 2^exponent A.
template <Scalar T, class F>
void for_each_entry(const SparseMatrix<T>& a, int exponent, const F& f) {
  const auto scaled = [exponent](T x) {
    if constexpr (ComplexScalar<T>) {
      return T(std::ldexp(x.real(), exponent), std::ldexp(x.imag(), exponent));
    } else {
      return std::ldexp(x, exponent);
    }
  };
  std::visit(
      [&](const auto& columns) {
        for (Index i = 0; i < a.rows(); ++i) {
          for (Index k = a.pointers()[static_cast<std::size_t>(i)];
               k < a.pointers()[static_cast<std::size_t>(i + 1)]; ++k) {
            const auto at = static_cast<std::size_t>(k);
            f(i, Index{columns[at]}, scaled(a.values()[at]));
          }
        }
      },
      a.columns());
}

template <Scalar T>
using Entries = std::vector<Eigen::Triplet<T, Place>>;

template <Scalar T>
Columns<T> assembled(Index rows, Index cols, const Entries<T>& entries) {
  Columns<T> s(rows, cols);
  s.setFromTriplets(entries.begin(), entries.end());
  s.makeCompressed();
  return s;
}

/// LU of a square matrix of double precision, whatever the precision of A.
template <class W>
struct LuFactors {
  // Its solve() and adjoint() do not change it, but are not const.
  mutable Eigen::SparseLU<Columns<W>, Eigen::COLAMDOrdering<Place>> lu;
  Index rows = 0, entries = 0;

  static std::shared_ptr<const LuFactors> of(Index rows, const Entries<W>& entries) {
    const Columns<W> s = assembled<W>(rows, rows, entries);
    auto factors = std::make_shared<LuFactors>();
    factors->lu.setPivotThreshold(pivot_threshold);
    factors->lu.analyzePattern(s);
    factors->lu.factorize(s);
    if (factors->lu.info() != Eigen::Success) {
      return nullptr;
    }
    factors->rows = rows;
    factors->entries = factors->lu.nnzL() + factors->lu.nnzU();
    return factors;
  }

  [[nodiscard]] Block<W> solve(const Block<W>& x, bool adjoint) const {
    return adjoint ? Block<W>(lu.adjoint().solve(x)) : Block<W>(lu.solve(x));
  }
};

}  // namespace

template <Scalar T>
struct SparseLu<T>::Factors {
  std::shared_ptr<const LuFactors<Wide<T>>> of;
};

template <Scalar T>
template <class F>
std::optional<SparseLu<T>> SparseLu<T>::factored(Index rows, const F& entries) {
  const auto factors = if_memory_lasts([&] { return LuFactors<Wide<T>>::of(rows, entries()); });
  return factors ? std::optional(SparseLu(std::make_shared<const Factors>(Factors{factors})))
                 : std::nullopt;
}

template <Scalar T>
std::optional<SparseLu<T>> SparseLu<T>::of(const SparseMatrix<T>& a, int exponent) {
  using W = Wide<T>;
  return factored(a.rows(), [&] {
    Entries<W> entries;
    entries.reserve(static_cast<std::size_t>(a.entries()));
    for_each_entry(a, exponent, [&](Index i, Index j, T x) { entries.emplace_back(i, j, W(x)); });
    return entries;
  });
}

template <Scalar T>
std::optional<SparseLu<T>> SparseLu<T>::of_augmented(const SparseMatrix<T>& a, int exponent,
                                                     double alpha, double beta) {
  using W = Wide<T>;
  const Index m = a.rows(), n = a.cols();
  return factored(m + n, [&] {
    Entries<W> entries;
    entries.reserve(static_cast<std::size_t>(2 * a.entries() + m + n));
    for (Index i = 0; i < m; ++i) {
      entries.emplace_back(i, i, W(-alpha));
    }
    for (Index j = 0; j < n; ++j) {
      entries.emplace_back(m + j, m + j, W(-beta));
    }
    for_each_entry(a, exponent, [&](Index i, Index j, T x) {
      entries.emplace_back(i, m + j, W(x));
      entries.emplace_back(m + j, i, W(conjugate(x)));
    });
    return entries;
  });
}

template <Scalar T>
void SparseLu<T>::solve(MatrixView<const T> x, MatrixView<T> y, bool adjoint) const {
  using W = Wide<T>;
  Block<W> from(x.rows(), x.cols());
  for (Index j = 0; j < x.cols(); ++j) {
    std::transform(x.col(j), x.col(j) + x.rows(), from.col(j).data(), [](T v) { return W(v); });
  }
  const Block<W> to = factors_->of->solve(from, adjoint);
  for (Index j = 0; j < y.cols(); ++j) {
    std::transform(to.col(j).data(), to.col(j).data() + y.rows(), y.col(j),
                   [](W v) { return static_cast<T>(v); });
  }
}

template <Scalar T>
Index SparseLu<T>::rows() const noexcept {
  return factors_->of->rows;
}

template <Scalar T>
Index SparseLu<T>::entries() const noexcept {
  return factors_->of->entries;
}

template <Scalar T>
std::uint64_t SparseLu<T>::bytes() const noexcept {
  return static_cast<std::uint64_t>(entries()) * (sizeof(Wide<T>) + sizeof(Place));
}

template <Scalar T>
SparseMatrix<Wide<T>> in_double(const SparseMatrix<T>& a, int exponent) {
  std::vector<Wide<T>> values;
  values.reserve(static_cast<std::size_t>(a.entries()));
  for_each_entry(a, exponent, [&](Index, Index, T x) { values.emplace_back(x); });
  return std::visit(
      [&](const auto& columns) {
        return SparseMatrix<Wide<T>>::from_csr(
            a.rows(), a.cols(), std::vector<Index>(a.pointers().begin(), a.pointers().end()),
            columns, std::move(values));
      },
      a.columns());
}

template <Scalar T>
struct NormalCount<T>::Impl {
  using W = Wide<T>;
  std::shared_ptr<const Supernodes> shape;
  LowerEntries<W> normal;
  double formed = 0;         // error of A^H A as it was formed, in the 2-norm
  double product_error = 0;  // of A v and A^H u

  Impl(const Execution& execution, const SparseMatrix<W>& a) {
    const SparseMatrix<W> columns = a.adjoint();
    multiply(a, columns);
    execution.check_stop();
    std::vector<Index> place = places_of_least_degree(a.cols());
    execution.check_stop();
    shape = std::make_shared<const Supernodes>(
        supernodes_of(a.cols(), std::move(place), normal.places));
    const double row_norm = longest_sum(a), column_norm = longest_sum(columns),
                 longest = longest_row(columns);
    formed = rounding_of(longest) * column_norm * row_norm;
    // || |A| || is no larger than the root of both.
    product_error = rounding_of(std::max(longest, longest_row(a))) /
                    std::numeric_limits<double>::epsilon() * double{epsilon<T>} *
                    std::sqrt(column_norm * row_norm);
  }

  // The lower triangle of A^H A, column by column.
  void multiply(const SparseMatrix<W>& a, const SparseMatrix<W>& columns) {
    const Index n = a.cols();
    std::vector<Index> mark(static_cast<std::size_t>(n), -1);
    std::vector<W> sum(mark.size());
    normal.diagonal.resize(mark.size());
    std::visit(
        [&](const auto& column_of, const auto& row_of) {
          for (Index j = 0; j < n; ++j) {
            for (const std::size_t p : entries_of(columns, j)) {
              const W a_ij = conjugate(columns.values()[p]);
              for (const std::size_t q : entries_of(a, Index{row_of[p]})) {
                const Index l = column_of[q];
                const W product = times(a_ij, conjugate(a.values()[q]));
                if (l == j) {
                  normal.diagonal[static_cast<std::size_t>(j)] += std::real(product);
                } else if (l > j) {
                  if (mark[static_cast<std::size_t>(l)] != j) {
                    mark[static_cast<std::size_t>(l)] = j;
                    sum[static_cast<std::size_t>(l)] = 0;
                    normal.places.row.push_back(l);
                    normal.places.col.push_back(j);
                  }
                  sum[static_cast<std::size_t>(l)] += product;
                }
              }
            }
            for (std::size_t k = normal.values.size(); k < normal.places.row.size(); ++k) {
              normal.values.push_back(sum[static_cast<std::size_t>(normal.places.row[k])]);
            }
          }
        },
        a.columns(), columns.columns());
  }

  // Approximate minimum degree, which counts the diagonal.
  [[nodiscard]] std::vector<Index> places_of_least_degree(Index n) const {
    const auto with_diagonal = normal.values.size() + static_cast<std::size_t>(n);
    std::vector<Index> begin{0}, rows;
    rows.reserve(with_diagonal);
    for (std::size_t k = 0; static_cast<Index>(begin.size()) <= n;
         begin.push_back(static_cast<Index>(rows.size()))) {
      const Index j = static_cast<Index>(begin.size()) - 1;
      rows.push_back(j);
      for (; k < normal.values.size() && normal.places.col[k] == j; ++k) {
        rows.push_back(normal.places.row[k]);
      }
    }
    const std::vector<double> ones(with_diagonal, 1);
    const Eigen::Map<const Columns<double>> lower(n, n, begin.back(), begin.data(), rows.data(),
                                                  ones.data());
    Eigen::PermutationMatrix<Eigen::Dynamic, Eigen::Dynamic, Place> order;
    Eigen::AMDOrdering<Place>()(lower.selfadjointView<Eigen::Lower>(), order);
    std::vector<Index> place(static_cast<std::size_t>(n));
    for (Index j = 0; j < n; ++j) {
      place[static_cast<std::size_t>(order.indices()[j])] = j;
    }
    return place;
  }

  static auto entries_of(const SparseMatrix<W>& a, Index row) {
    const auto at = [&](Index i) {
      return static_cast<std::size_t>(a.pointers()[static_cast<std::size_t>(i)]);
    };
    return std::views::iota(at(row), at(row + 1));
  }
  static double longest_row(const SparseMatrix<W>& a) {
    Index longest = 0;
    for (Index i = 0; i < a.rows(); ++i) {
      longest = std::max(longest, static_cast<Index>(entries_of(a, i).size()));
    }
    return static_cast<double>(longest);
  }
  // ||A||_inf
  static double longest_sum(const SparseMatrix<W>& a) {
    double longest = 0;
    for (Index i = 0; i < a.rows(); ++i) {
      double sum = 0;
      for (const std::size_t k : entries_of(a, i)) {
        sum += std::abs(a.values()[k]);
      }
      longest = std::max(longest, sum);
    }
    return longest;
  }

  // gamma of a sum of so many products, complex ones counted twice.
  static double rounding_of(double length) {
    return (ComplexScalar<T> ? 4 : 1) * (length + 3) * std::numeric_limits<double>::epsilon();
  }
};

template <Scalar T>
NormalCount<T>::NormalCount(const SparseMatrix<T>& a, int exponent, std::uint64_t most_bytes,
                            const Execution& execution) {
  double products = 0;
  for (Index i = 0; i < a.rows(); ++i) {
    const auto length = static_cast<double>(a.pointers()[static_cast<std::size_t>(i + 1)] -
                                            a.pointers()[static_cast<std::size_t>(i)]);
    products += length * length;
  }
  using W = Wide<T>;
  const auto n = static_cast<double>(a.cols());
  const double bytes = std::min(products, n * n) * bytes_of_product<W>;
  if (products > most_products || bytes > static_cast<double>(most_bytes)) {
    return;
  }
  // Where that does not fit, R would not either.
  impl_ = if_memory_lasts(
      [&] { return std::make_shared<const Impl>(execution, in_double(a, exponent)); });
}

template <Scalar T>
Index NormalCount<T>::fill() const noexcept {
  return impl_->shape->fill;
}

template <Scalar T>
double NormalCount<T>::multiplications() const noexcept {
  return impl_->shape->multiplications;
}

template <Scalar T>
std::uint64_t NormalCount<T>::factor_bytes() const noexcept {
  return static_cast<std::uint64_t>(impl_->shape->values.back()) * sizeof(Wide<T>);
}

template <Scalar T>
std::uint64_t NormalCount<T>::bytes() const noexcept {
  const auto& [places, values, diagonal] = impl_->normal;
  return values.size() * (sizeof(Wide<T>) + 2 * sizeof(Index)) + diagonal.size() * sizeof(double) +
         (impl_->shape->columns.size() + 2 * impl_->shape->place.size()) * sizeof(Index);
}

template <Scalar T>
std::optional<SignedCholesky<Wide<T>>> NormalCount<T>::factored(const Execution& execution,
                                                                double y) const {
  return if_memory_lasts([&] {
    SignedCholesky<Wide<T>> factors(impl_->shape);
    return factors.factor(execution, impl_->normal, y) ? std::optional(std::move(factors))
                                                       : std::nullopt;
  });
}

template <Scalar T>
std::optional<CountBelow> NormalCount<T>::below(const Execution& execution, double y) const {
  const std::optional<SignedCholesky<Wide<T>>> factors = factored(execution, y);
  if (!factors) {
    return std::nullopt;
  }
  const auto [growth, longest] = factors->growth();
  const CountBelow count{.below = factors->negative(),
                         .error = impl_->formed + Impl::rounding_of(longest) * growth +
                                  2 * std::numeric_limits<double>::epsilon() * y};
  return std::isfinite(count.error) ? std::optional(count) : std::nullopt;
}

template <Scalar T>
double NormalCount<T>::product_error() const noexcept {
  return impl_->product_error;
}

#define ECKART_INSTANTIATE(T)    \
  template class SparseLu<T>;    \
  template class NormalCount<T>; \
  template SparseMatrix<Wide<T>> in_double<T>(const SparseMatrix<T>&, int);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)

}  // namespace eckart
