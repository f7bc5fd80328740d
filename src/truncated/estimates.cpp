// Flops, readings of A and memory follow from the sizes; the shares of a product's rate below were fitted to runs of bench/truncated and
// of `eckart svd -k` on dense and sparse matrices of 300 to 200,000 rows, one thread.

#include "truncated/estimates.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "truncated/krylov_space.hpp"
#include "truncated/plan.hpp"
#include "truncated/range_finder.hpp"
#include "truncated/stopping.hpp"

namespace eckart::truncated {
namespace {

// Shares of a matrix product's rate: products of A with a block; orthogonalisation of a block against a basis, which waits for
// memory; the parts of a dense decomposition that find the values, half of which are matrix-vector products, and the vectors.
constexpr double share_of_applying = 0.45, share_of_orthogonalising = 0.4, share_of_values = 0.3,
                 share_of_vectors = 0.8;
// Flops that a product does while a byte of A is read.
constexpr double flops_of_a_byte = 8;
// Vectors on either side, in bases; and projected problems solved, of so many p^3 flops at the rate of a dense decomposition.
constexpr double bases = 1.5, solutions = 4, flops_of_solution = 20;
// The randomized method: looks at the projected problem; how far the basis grows for a digit of the residual beyond the one that its
// first look stands for.
constexpr double looks = 2, few_digits = 0.1, growth_of_a_digit = 0.2;
// Mean dimension of the basis that is orthogonalised against, in bases.
constexpr double mean_basis = 0.75;

std::string in_units(std::uint64_t bytes) {
  const auto x = static_cast<double>(bytes);
  constexpr double kib = 1024, mib = kib * 1024, gib = mib * 1024;
  return x >= gib   ? as_factor(x / gib) + " GiB"
         : x >= mib ? as_factor(x / mib) + " MiB"
                    : as_factor(x / kib) + " KiB";
}

void rule_out(MethodEstimate& e, std::string why) {
  e.obstacle = Obstacle::unfit;
  e.obstacle_text = std::move(why);
}

// Vectors that a space needs without restart, for residuals of this tolerance where values fall slowly.
Index expected_basis(Index target, const IterationOptions& options) {
  const double digits = std::max(std::log10(few_digits / options.tolerance), 0.0);
  const auto wanted = static_cast<Index>(static_cast<double>(first_basis(target, options.block)) *
                                         (1 + growth_of_a_digit * digits));
  return std::max(wanted / options.block, Index{1}) * options.block;
}

}  // namespace

MethodEstimate within_memory(MethodEstimate e, std::uint64_t max_memory) {
  if (is_possible(e) && max_memory > 0 && e.memory.bytes() > max_memory) {
    e.obstacle = Obstacle::memory;
    e.obstacle_text = "it needs " + in_units(e.memory.bytes()) + " of memory, " +
                      in_units(max_memory) + " are allowed";
  }
  return e;
}

std::string as_factor(double x) {
  const std::string text = std::to_string(x);
  return text.substr(0, x < 10 ? 4 : text.find('.'));
}

template <Scalar T>
MethodEstimate estimate_lanczos(Index target, const Operator<T>& a, const Truncation& rule,
                                const IterationOptions& options, std::uint64_t max_memory,
                                bool norm_is_known) {
  MethodEstimate e;
  e.method = TruncatedMethod::lanczos;
  // A share of ||A||_F that every value but no iteration can tell.
  if (std::string lost = lost_in_rounding(rule, double{epsilon<T>}); !lost.empty()) {
    rule_out(e, std::move(lost));
    return e;
  }
  const Index n = std::min(a.rows(), a.cols());
  const KrylovSize size = size_for<T>(target, a, options);
  // What a caller asks for may be any number.
  const Index vectors =
      size.basis + std::min(size.block, std::numeric_limits<Index>::max() - size.basis);
  if (vectors > n) {
    rule_out(e, std::to_string(target) + " triplets with blocks of " + std::to_string(size.block) +
                    " vectors need " + std::to_string(vectors) +
                    " vectors, more than min(m, n) = " + std::to_string(n));
    return e;
  }
  if (needs_norm(rule) && !norm_is_known) {
    rule_out(e,
             "energies and Frobenius errors need ||A||_F, which is not known here; use "
             "rank(k), a spectral error, or the randomized method");
    return e;
  }
  const auto b = static_cast<double>(size.block), p = static_cast<double>(size.basis),
             k = static_cast<double>(target);
  // Vectors on either side: at a loose tolerance it may well do without restarts.
  const double side =
      options.tolerance >= in_hand * loose
          ? std::min(bases * p, static_cast<double>(expected_basis(target, options)))
          : bases * p;
  const double solved = std::min(p, side);  // dimension of the projected problem
  const double readings = (size.one_pass ? 1 : 2) * side / b;
  const double real_products = ComplexScalar<T> ? 4 : 1;
  // One side alone, where that is enough, is orthogonalised alone.
  const auto orthogonalised = static_cast<double>(size.two_sided ? size.m + size.n : size.n);
  const double orthogonalising = real_products * 8 * orthogonalised * mean_basis * solved * side;
  const double solving = real_products * solutions * flops_of_solution * solved * solved * solved;
  const OperatorCost cost = a.cost();
  e.vectors = 2 * (side + k) - (size.keeps_image ? k : 0);
  e.passes = readings + (size.keeps_image ? 1 : 2);
  e.flops = e.vectors * cost.flops + orthogonalising + solving;
  e.product_flops = std::max(e.vectors * cost.flops / share_of_applying,
                             e.passes * (cost.bytes * flops_of_a_byte + cost.reading)) +
                    orthogonalising / share_of_orthogonalising + solving;
  KrylovSize both = size;  // what iteration begins anew with where one side is not enough
  both.two_sided = true;
  both.one_pass = false;
  both.keeps_image = false;
  e.memory = MemoryPlan::all_of(
      "block Lanczos",
      {MemoryPlan::any_of("one side or both", {krylov_memory<T>(size), krylov_memory<T>(both)}),
       MemoryPlan::block<T>("U", a.rows(), target), MemoryPlan::block<T>("V", a.cols(), target),
       MemoryPlan::block<T>("Vh", a.cols(), target)});
  return within_memory(std::move(e), max_memory);
}

template <Scalar T>
MemoryPlan range_memory(Index basis, const Operator<T>& a, const IterationOptions& options) {
  const KrylovSize size = range_size<T>(basis, a, options);
  KrylovSize before = size;
  before.basis = 2 * basis / 3;
  KrylovSize both = size;
  both.two_sided = true;
  both.one_pass = false;
  both.keeps_image = false;
  KrylovSize both_before = both;
  both_before.basis = before.basis;
  return MemoryPlan::any_of(
      "one side or both",
      {MemoryPlan::all_of("one", {krylov_memory<T>(size), krylov_memory<T>(before)}),
       MemoryPlan::all_of("both", {krylov_memory<T>(both), krylov_memory<T>(both_before)})});
}

template <Scalar T>
MethodEstimate estimate_range(const Operator<T>& a, const Truncation& rule,
                              const TruncatedOptions& options, const IterationOptions& iteration,
                              bool may_be_dense, bool norm_is_known) {
  MethodEstimate e;
  e.method = TruncatedMethod::randomized;
  if (std::string lost = lost_in_rounding(rule, double{epsilon<T>}); !lost.empty()) {
    rule_out(e, std::move(lost));
    return e;
  }
  const Index n = std::min(a.rows(), a.cols()), target = iteration.target;
  const Index largest = largest_basis(n, iteration, may_be_dense ? false : true);
  if (largest < target || largest < iteration.block) {
    rule_out(e, std::to_string(target) + " triplets with blocks of " +
                    std::to_string(iteration.block) + " vectors need more than the " +
                    std::to_string(largest) + " vectors that a random basis may have here");
    return e;
  }
  const Index basis = std::min(largest, expected_basis(target, iteration));
  const KrylovSize size = range_size<T>(basis, a, iteration);
  const auto b = static_cast<double>(size.block), p = static_cast<double>(basis),
             k = static_cast<double>(target), q = norm_is_known ? 0.0 : double{probes};
  const double real_products = ComplexScalar<T> ? 4 : 1;
  const auto orthogonalised = static_cast<double>(size.two_sided ? size.m + size.n : size.n);
  const double orthogonalising = real_products * 2 * orthogonalised * p * p;
  const double solving = real_products * looks * flops_of_solution * p * p * p;
  const OperatorCost cost = a.cost();
  e.vectors = 2 * (p + k + q) - (size.keeps_image ? k : 0);
  e.passes = (size.one_pass ? 1 : 2) * p / b + (q > 0 ? 2 : 0) + (size.keeps_image ? 1 : 2);
  e.flops = e.vectors * cost.flops + orthogonalising + solving;
  e.product_flops = std::max(e.vectors * cost.flops / share_of_applying,
                             e.passes * (cost.bytes * flops_of_a_byte + cost.reading)) +
                    orthogonalising / share_of_orthogonalising + solving;
  e.memory = MemoryPlan::all_of(
      "randomized",
      {range_memory<T>(room_for(basis, iteration.block, largest), a, iteration),
       probe_memory<T>(size.m, size.n, probes), MemoryPlan::block<T>("U", a.rows(), target),
       MemoryPlan::block<T>("V", a.cols(), target), MemoryPlan::block<T>("Vh", a.cols(), target)});
  return within_memory(std::move(e), options.max_memory);
}

template <Scalar T>
MethodEstimate estimate_dense(const Operator<T>& a, const Truncation& rule,
                              const TruncatedOptions& options) {
  MethodEstimate e;
  e.method = TruncatedMethod::dense;
  const Index m = a.rows(), n = a.cols(), count = std::min(m, n);
  const SvdOptions with_vectors = dense_options(rule, options);
  SvdOptions values_alone = with_vectors;
  values_alone.u = Vectors::none;
  values_alone.v = Vectors::none;
  const double of_values = svd_flops<T>(m, n, values_alone),
               of_vectors = svd_flops<T>(m, n, with_vectors) - of_values;
  const Index k = with_vectors.leading > 0 ? std::min(with_vectors.leading, count) : count;
  e.vectors = static_cast<double>(n + 2 * k);
  e.passes = e.vectors / static_cast<double>(unit_strip);
  e.flops = e.vectors * a.cost().flops + of_values + of_vectors;
  e.product_flops =
      e.vectors * a.cost().flops + of_values / share_of_values + of_vectors / share_of_vectors;
  e.memory = MemoryPlan::all_of(
      "dense decomposition",
      {MemoryPlan::block<T>("A written out", m, n), MemoryPlan::block<T>("U", m, k),
       MemoryPlan::block<T>("Vh", k, n),
       MemoryPlan::any_of("one at a time",
                          {svd_memory<T>(m, n, with_vectors), MemoryPlan::block<T>("V", n, k)})});
  return within_memory(std::move(e), options.max_memory);
}

#define ECKART_INSTANTIATE(T)                                                                 \
  template MethodEstimate estimate_lanczos<T>(Index, const Operator<T>&, const Truncation&,   \
                                              const IterationOptions&, std::uint64_t, bool);  \
  template MemoryPlan range_memory<T>(Index, const Operator<T>&, const IterationOptions&);    \
  template MethodEstimate estimate_range<T>(const Operator<T>&, const Truncation&,            \
                                            const TruncatedOptions&, const IterationOptions&, \
                                            bool, bool);                                      \
  template MethodEstimate estimate_dense<T>(const Operator<T>&, const Truncation&,            \
                                            const TruncatedOptions&);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)

}  // namespace eckart::truncated
