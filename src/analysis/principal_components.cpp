// The steps:
//
// 1. The scale 2^e that keeps squares in range: looked for only where G without one is not a matrix of normal numbers.
// 2. covariance: G of the deviations (deviations.hpp), svd(G): its singular values are its eigenvalues, since it is positive semidefinite.
//    A column that never changes makes a value that is zero, and has all digits: a table with such columns is no reason for 4.
// 3. digits of every value asked for; enough of them, or no choice: done.
// 4. direct, tall: R of A - 1 mu^T in place, audited as R alone of svd() is; svd(R).
//    direct, otherwise, or where the audit is not passed: the deviations are written out and decomposed by svd().

#include <algorithm>
#include <chrono>
#include <cmath>
#include <string>
#include <type_traits>

#include <eckart/error.hpp>
#include <eckart/principal_components.hpp>
#include <eckart/svd.hpp>

#include "analysis/deviations.hpp"
#include "dense/audit/audit.hpp"
#include "dense/columns.hpp"
#include "dense/scale.hpp"
#include "dense/tall/tall_qr.hpp"

namespace eckart {
namespace {

// A Gram matrix whose trace lies outside has lost something to overflow or underflow.
constexpr double least_trace = 1e-270, largest_trace = 1e300;

// Errors of sums of many rows do not fall below this many eps for few columns.
constexpr double least_error = 32;

template <Scalar T>
class Principal {
  using R = Real<T>;
  using W = analysis::Wide<T>;

 public:
  Principal(MatrixView<const T> a, const PrincipalOptions& options)
      : a_(a), options_(options), m_(a.rows()), n_(a.cols()), k_(std::min(m_, n_)) {
    execution_.threads = options.threads;
    execution_.stop = options.stop;
    execution_.progress = options.progress;
  }

  PrincipalComponents<T> run() {
    const auto start = std::chrono::steady_clock::now();
    if (options_.method == PrincipalMethod::direct) {
      find_means_alone();
      decompose_directly("it was asked for");
    } else {
      decompose_covariance();
      if (options_.method == PrincipalMethod::automatic && !has_digits()) {
        decompose_directly("the covariance leaves fewer digits than asked for");
      }
    }
    found_.seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return std::move(found_);
  }

 private:
  // 1. and the first half of 2.
  void find_gram() {
    g_ = Matrix<W>::uninitialized(n_, n_);
    wide_means_.resize(static_cast<std::size_t>(n_));
    execution_.step("covariance", 0);
    analysis::gram_of_deviations<T>(execution_, a_, 0, options_.centre, wide_means_, g_.view());
    double trace = 0;
    for (Index j = 0; j < n_; ++j) {
      trace += real_part(g_(j, j));
    }
    if (!(trace > least_trace && trace < largest_trace)) {
      const auto largest = static_cast<double>(dense::max_modulus<T>(execution_, a_));
      exponent_ = dense::scale_exponent(largest);
      analysis::gram_of_deviations<T>(execution_, a_, exponent_, options_.centre, wide_means_,
                                      g_.view());
    }
    take_means();
  }

  // The means of a matrix scaled by 2^exponent_.
  void take_means() {
    scaled_means_.resize(wide_means_.size());
    found_.means.resize(wide_means_.size());
    for (std::size_t j = 0; j < wide_means_.size(); ++j) {
      scaled_means_[j] = T(wide_means_[j]);
      found_.means[j] = T(scaled(wide_means_[j], -exponent_));
    }
  }

  static W scaled(W x, int exponent) {
    if constexpr (ComplexScalar<W>) {
      return {std::ldexp(x.real(), exponent), std::ldexp(x.imag(), exponent)};
    } else {
      return std::ldexp(x, exponent);
    }
  }

  // Of a matrix with entries near 1, so that nothing overflows later.
  void find_means_alone() {
    exponent_ = dense::scale_exponent(static_cast<double>(dense::max_modulus<T>(execution_, a_)));
    wide_means_.resize(static_cast<std::size_t>(n_));
    analysis::gram_of_deviations<T>(execution_, a_, exponent_, options_.centre, wide_means_, {});
    take_means();
  }

  void decompose_covariance() {
    find_gram();
    SvdOptions options = inner_options();
    options.u = Vectors::none;
    const Svd<W> d = svd<W>(g_.view(), options);
    std::vector<double> values(static_cast<std::size_t>(k_));
    for (std::size_t i = 0; i < values.size(); ++i) {
      values[i] = std::sqrt(std::max(d.s[i], 0.0));
    }
    take_values(values);
    found_.Vh = Matrix<T>::uninitialized(k_, n_, Layout::row_major);
    for (Index i = 0; i < k_; ++i) {
      for (Index j = 0; j < n_; ++j) {
        found_.Vh(i, j) = T(d.Vh(i, j));
      }
    }
    found_.method = PrincipalMethod::covariance;
    found_.reason = options_.method == PrincipalMethod::covariance
                        ? "it was asked for"
                        : "it leaves the digits asked for";
    const double unit = error_unit<double>();
    state_digits(values, [unit](double ratio) { return unit / 2 * ratio * ratio; });
    for (Index i = std::max<Index>(0, n_ - unchanging_columns()); i < k_; ++i) {
      found_.s[static_cast<std::size_t>(i)] = 0;
      found_.digits[static_cast<std::size_t>(i)] = most_digits();
    }
  }

  // Those whose deviations are zero, and not only their squares.
  Index unchanging_columns() const {
    Index count = 0;
    for (Index j = 0; j < n_; ++j) {
      if (real_part(g_(j, j)) != 0) {
        continue;
      }
      const T value = options_.centre ? a_(0, j) : T{};
      Index same = 0;
      while (same < m_ && a_(same, j) == value) {
        ++same;
      }
      count += same == m_ ? 1 : 0;
    }
    return count;
  }

  // 3.
  bool has_digits() const {
    Index wanted = options_.components > 0 ? std::min(options_.components, k_) : k_;
    if (options_.energy > 0) {
      double all = 0, so_far = 0;
      for (const R s : found_.s) {
        all += double{s} * double{s};
      }
      for (wanted = 0; wanted < k_ && so_far <= options_.energy * all; ++wanted) {
        const double s = found_.s[static_cast<std::size_t>(wanted)];
        so_far += s * s;
      }
    }
    const double digits = options_.digits > 0 ? options_.digits : most_digits() / 2;
    return std::all_of(found_.digits.begin(), found_.digits.begin() + wanted,
                       [digits](double there) { return there >= digits; });
  }

  // 4.
  void decompose_directly(const char* reason) {
    found_.method = PrincipalMethod::direct;
    found_.reason = reason;
    if (static_cast<double>(m_) < SvdOptions{}.qr_first * static_cast<double>(n_) || !in_place()) {
      written_out();
    }
    const double unit = error_unit<R>();
    state_digits(scaled_values_, [unit](double ratio) { return unit * ratio; });
  }

  bool in_place() {
    dense::TallOptions tall;
    tall.seed = options_.seed;
    const AuditOptions audit;
    const Index p = dense::probe_count(n_, audit);
    Workspace work(dense::tall_memory<T>(m_, n_, 0, p, tall));
    Matrix<T> x = Matrix<T>::uninitialized(n_, p), r = Matrix<T>::uninitialized(n_, n_);
    dense::fill_probes<T>(x.view(), options_.seed);
    if constexpr (std::is_same_v<
                      T,
                      W>) {  // what the covariance found, of the same scale and means, saves a pass
      tall.gram_given = !g_.empty();
      dense::copy_columns(g_.view(), r.view().columns(0, g_.cols()));
    }
    const dense::TallRows<T> rows = {.given = a_,
                                     .exponent = exponent_,
                                     .means = options_.centre ? scaled_means_.data() : nullptr};
    const dense::TallQr<T> qr =
        dense::tall_factor<T>(execution_, rows, {}, r.view(), x.view(), tall, work);
    SvdOptions options = inner_options();
    options.u = Vectors::none;
    Svd<T> d = svd<T>(r.view(), options);
    const double unit = static_cast<double>(m_) * double{epsilon<T>} * static_cast<double>(d.s[0]);
    if (!(qr.link <= audit.threshold * unit)) {
      return false;
    }
    take_values(d.s);
    found_.Vh = std::move(d.Vh);
    return true;
  }

  void written_out() {
    Matrix<T> deviations =
        Matrix<T>::uninitialized(m_, n_, m_ >= n_ ? Layout::column_major : Layout::row_major);
    dense::copy_scaled<T>(execution_, a_, deviations.view(), exponent_, false);
    parallel_for(execution_, n_, [&](Index j) {
      for (Index i = 0; i < m_; ++i) {
        deviations(i, j) -= scaled_means_[static_cast<std::size_t>(j)];
      }
    });
    SvdOptions options = inner_options();
    options.u = Vectors::none;
    Svd<T> d = svd_overwrite<T>(deviations.view(), options);
    take_values(d.s);
    found_.Vh = std::move(d.Vh);
  }

  SvdOptions inner_options() const {
    SvdOptions options;
    options.threads = options_.threads;
    options.stop = options_.stop;
    options.progress = options_.progress;
    options.seed = options_.seed;
    return options;
  }

  template <class S>
  void take_values(const std::vector<S>& scaled_values) {
    scaled_values_.assign(scaled_values.begin(), scaled_values.begin() + k_);
    found_.s.resize(static_cast<std::size_t>(k_));
    for (std::size_t i = 0; i < found_.s.size(); ++i) {
      const double s = std::ldexp(static_cast<double>(scaled_values[i]), -exponent_);
      if (!(s <= static_cast<double>(std::numeric_limits<R>::max()))) {
        throw OutOfRange("the largest singular value of the deviations exceeds the type");
      }
      found_.s[i] = static_cast<R>(s);
    }
  }

  template <class S>
  double error_unit() const {
    return std::max(least_error, static_cast<double>(n_)) * double{epsilon<S>};
  }
  static double most_digits() { return -std::log10(double{epsilon<R>}); }

  // error(s_1 / s_i), relative, and what a rounded mean adds: eps |mu| sqrt(m) across all deviations, so by its square.
  template <class S, class Error>
  void state_digits(const std::vector<S>& values, const Error& error) {
    double mean_squares = 0;
    for (const T& mean : scaled_means_) {
      mean_squares += static_cast<double>(std::norm(mean));
    }
    const double of_means = double{epsilon<R>} * std::sqrt(mean_squares * static_cast<double>(m_));
    found_.digits.resize(static_cast<std::size_t>(k_));
    for (std::size_t i = 0; i < found_.digits.size(); ++i) {
      const auto s = static_cast<double>(values[i]);
      const double by_means = of_means / s;
      found_.digits[i] = s > 0 ? std::clamp(-std::log10(error(static_cast<double>(values[0]) / s) +
                                                        by_means * by_means / 2),
                                            0.0, most_digits())
                               : 0.0;
    }
  }

  MatrixView<const T> a_;
  PrincipalOptions options_;
  Index m_, n_, k_;
  Execution execution_;
  int exponent_ = 0;
  Matrix<W> g_;
  std::vector<W> wide_means_;
  std::vector<T> scaled_means_;
  std::vector<double> scaled_values_;
  PrincipalComponents<T> found_;
};

void require(bool condition, const char* message) {
  if (!condition) {
    throw InvalidArgument(message);
  }
}

}  // namespace

const char* to_string(PrincipalMethod method) noexcept {
  switch (method) {
    case PrincipalMethod::covariance:
      return "covariance";
    case PrincipalMethod::direct:
      return "direct";
    default:
      return "automatic";
  }
}

template <Scalar T>
PrincipalComponents<T> principal_components(MatrixView<const T> a,
                                            const PrincipalOptions& options) {
  require(a.rows() > 0 && a.cols() > 0,
          "principal components need at least one row and one column");
  require(options.digits >= 0 && options.components >= 0, "negative digits or components");
  require(options.energy >= 0 && options.energy < 1, "a share of the variance is in (0, 1)");
  return Principal<T>(a, options).run();
}

#define ECKART_INSTANTIATE(T)                                                  \
  template PrincipalComponents<T> principal_components<T>(MatrixView<const T>, \
                                                          const PrincipalOptions&);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)
#undef ECKART_INSTANTIATE

}  // namespace eckart
