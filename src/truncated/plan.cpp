// The two steps of plan.hpp. Flops, readings of A and memory follow from the sizes; the shares of a product's rate below were fitted to
// runs of bench/truncated and of `eckart svd -k` on dense and sparse matrices of 300 to 200,000 rows, one thread.

#include "truncated/plan.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <eckart/error.hpp>

#include "truncated/krylov_space.hpp"
#include "truncated/stopping.hpp"

namespace eckart::truncated {
namespace {

// Triplets looked for first when the rules do not name their number.
constexpr Index first_target = 16;
// Vectors at a time where the caller does not say: usually; for so many triplets of a matrix that is read in order, or of one that is
// hardly read at all; at the most, where a reading of A is waited for.
constexpr Index usual_block = 8, small_block = 4, smallest_block = 2, few_triplets = 32,
                largest_block = 32;
// Iteration stops with this in hand, since what it found is measured again.
constexpr double in_hand = 0.5;

// Shares of a matrix product's rate: products of A with a block; orthogonalisation of a block against a basis, which waits for
// memory; the parts of a dense decomposition that find the values, half of which are matrix-vector products, and the vectors.
constexpr double share_of_applying = 0.45, share_of_orthogonalising = 0.4, share_of_values = 0.3,
                 share_of_vectors = 0.8;
// Flops that a product does while a byte of A is read.
constexpr double flops_of_a_byte = 8;
// Vectors on either side, in bases; and projected problems solved, of so many p^3 flops at the rate of a dense decomposition.
constexpr double bases = 1.5, solutions = 4, flops_of_solution = 20;
// Mean dimension of the basis that is orthogonalised against, in bases.
constexpr double mean_basis = 0.75;

// As many vectors as are multiplied both ways while A is read: more of them make fewer steps, fewer find few triplets with less
// arithmetic. Of a dense matrix, four take little longer than the reading (blas/few_vectors.hpp). The entries of a sparse one bring
// indices, and fetch vectors from anywhere: eight. What computes far more than it reads, as an FFT does, gains nothing from vectors
// beyond the two that share a transform. Many triplets want eight all the same, for the products of the orthogonalisation. So measured
// for n = 300 to 3000, k = 5 to 100, and all four types.
template <Scalar T>
Index most_block(const OperatorCost& cost, Index target) {
  constexpr double flops_of_an_entry = ComplexScalar<T> ? 8 : 2, nothing = 0.25;
  const double read_as_dense = cost.flops / flops_of_an_entry * sizeof(T);
  const Index least = target > few_triplets || cost.bytes > read_as_dense ? usual_block
                      : cost.bytes > nothing * read_as_dense              ? small_block
                                                                          : smallest_block;
  const double meanwhile = cost.flops > 0 ? cost.reading / (2 * cost.flops) : 0;
  return static_cast<Index>(
      std::clamp(meanwhile, static_cast<double>(least), double{largest_block}));
}

Index smaller_side(Index m, Index n) {
  return std::min(m, n);
}

std::string as_factor(double x) {
  const std::string text = std::to_string(x);
  return text.substr(0, x < 10 ? 4 : text.find('.'));
}

std::string in_units(std::uint64_t bytes) {
  const auto x = static_cast<double>(bytes);
  constexpr double kib = 1024, mib = kib * 1024, gib = mib * 1024;
  return x >= gib   ? as_factor(x / gib) + " GiB"
         : x >= mib ? as_factor(x / mib) + " MiB"
                    : as_factor(x / kib) + " KiB";
}

// Marks what needs more memory than is allowed.
MethodEstimate within(MethodEstimate e, std::uint64_t max_memory) {
  if (e.obstacle.empty() && max_memory > 0 && e.memory.bytes() > max_memory) {
    e.obstacle = "it needs " + in_units(e.memory.bytes()) + " of memory, " + in_units(max_memory) +
                 " are allowed";
  }
  return e;
}

template <Scalar T>
MethodEstimate lanczos_within(Index target, const Operator<T>& a, const Truncation& rule,
                              const IterationOptions& options, std::uint64_t max_memory) {
  MethodEstimate e;
  e.method = TruncatedMethod::lanczos;
  const Index n = smaller_side(a.rows(), a.cols());
  const KrylovSize size = size_for<T>(target, a, options);
  // What a caller asks for may be any number.
  const Index vectors =
      size.basis + std::min(size.block, std::numeric_limits<Index>::max() - size.basis);
  if (vectors > n) {
    e.obstacle = std::to_string(target) + " triplets with blocks of " + std::to_string(size.block) +
                 " vectors need " + std::to_string(vectors) +
                 " vectors, more than min(m, n) = " + std::to_string(n);
    return e;
  }
  try {
    require_decidable(rule, true, double{epsilon<T>});
  } catch (const InvalidArgument& lost) {
    // A share of ||A||_F that every value but no iteration can tell.
    const std::string text = lost.what();
    e.obstacle = text.substr(text.find(": ") + 2);  // without the name of the function
    return e;
  }
  const auto b = static_cast<double>(size.block), p = static_cast<double>(size.basis),
             k = static_cast<double>(target);
  const double side = bases * p;  // vectors on either side
  const double readings = (size.one_pass ? 1 : 2) * side / b;
  const double real_products = ComplexScalar<T> ? 4 : 1;
  // One side alone, where that is enough, is orthogonalised alone.
  const auto orthogonalised = static_cast<double>(size.two_sided ? size.m + size.n : size.n);
  const double orthogonalising = real_products * 8 * orthogonalised * mean_basis * p * side;
  const double solving = real_products * solutions * flops_of_solution * p * p * p;
  const OperatorCost cost = a.cost();
  e.vectors = 2 * (side + k);
  e.passes = readings + 2;
  e.flops = e.vectors * cost.flops + orthogonalising + solving;
  e.product_flops = std::max(e.vectors * cost.flops / share_of_applying,
                             e.passes * (cost.bytes * flops_of_a_byte + cost.reading)) +
                    orthogonalising / share_of_orthogonalising + solving;
  KrylovSize both = size;  // what iteration begins anew with where one side is not enough
  both.two_sided = true;
  both.one_pass = false;
  e.memory = MemoryPlan::all_of(
      "block Lanczos",
      {MemoryPlan::any_of("one side or both", {krylov_memory<T>(size), krylov_memory<T>(both)}),
       MemoryPlan::block<T>("U", a.rows(), target), MemoryPlan::block<T>("V", a.cols(), target),
       MemoryPlan::block<T>("Vh", a.cols(), target)});
  return within(std::move(e), max_memory);
}

template <Scalar T>
MethodEstimate dense_within(const Operator<T>& a, const Truncation& rule,
                            const TruncatedOptions& options) {
  MethodEstimate e;
  e.method = TruncatedMethod::dense;
  const Index m = a.rows(), n = a.cols(), count = smaller_side(m, n);
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
  return within(std::move(e), options.max_memory);
}

// Step 2.
void choose(TruncatedPlan& plan, TruncatedMethod wanted) {
  // What lacks memory alone comes before what cannot be done at all.
  const auto obstruction = [](const MethodEstimate& e) {
    return e.obstacle.empty() ? 0 : e.memory.bytes() > 0 ? 1 : 2;
  };
  const auto faster = [&](const MethodEstimate& a, const MethodEstimate& b) {
    return obstruction(a) != obstruction(b) ? obstruction(a) < obstruction(b)
                                            : a.product_flops < b.product_flops;
  };
  if (wanted != TruncatedMethod::automatic) {
    plan.method = wanted;
    plan.reason = "it was asked for";
    return;
  }
  std::vector<MethodEstimate> sorted = plan.estimates;
  std::stable_sort(sorted.begin(), sorted.end(), faster);
  plan.method = sorted[0].method;
  const MethodEstimate& other = sorted[1];
  plan.reason = other.obstacle.empty()
                    ? "estimated " + as_factor(other.product_flops / sorted[0].product_flops) +
                          " times as fast as " + to_string(other.method)
                    : std::string(to_string(other.method)) + " cannot: " + other.obstacle;
}

}  // namespace

bool is_rank_alone(const Truncation& rule) noexcept {
  return rule.rank && !rule.energy && !rule.relative_frobenius && !rule.relative_spectral &&
         !rule.absolute_frobenius && !rule.absolute_spectral;
}

SvdOptions dense_options(const Truncation& rule, const TruncatedOptions& options) {
  return {.leading = is_rank_alone(rule) ? *rule.rank : 0,
          .threads = options.threads,
          .stop = options.stop,
          .progress = options.progress,
          .seed = options.seed};
}

template <Scalar T>
IterationOptions iteration_options(const Operator<T>& a, const Truncation& rule,
                                   const TruncatedOptions& options) {
  if (options.block < 0 || options.basis < 0 || options.restarts < 0) {
    throw InvalidArgument("truncated_svd: block, basis and restarts are not negative");
  }
  if (!(options.tolerance >= 0 && options.tolerance < 1)) {
    throw InvalidArgument("truncated_svd: the tolerance is relative to a value, so below 1");
  }
  const Index n = smaller_side(a.rows(), a.cols());
  const Index most = std::min(n, rule.rank.value_or(n));
  const Index target = is_rank_alone(rule) ? most : std::min(most, first_target);
  const double tolerance =
      options.tolerance > 0 ? options.tolerance : std::sqrt(double{epsilon<T>});
  return {.target = target,
          .most = most,
          .largest = most,
          .block = options.block > 0
                       ? options.block
                       : std::clamp<Index>(n / 16, 1, most_block<T>(a.cost(), target)),
          .basis = options.basis,
          .tolerance = in_hand * tolerance,
          .restarts = options.restarts,
          .seed = options.seed,
          .frobenius_norm = std::nullopt};
}

template <Scalar T>
Index largest_target(const Operator<T>& a, const Truncation& rule, const TruncatedOptions& options,
                     const IterationOptions& iteration) {
  const MethodEstimate dense = dense_within<T>(a, rule, options);
  const bool may_give_up = options.method == TruncatedMethod::automatic && dense.obstacle.empty();
  Index target = iteration.target;
  while (target < iteration.most) {
    const Index more = std::min(iteration.most, 2 * target);
    const MethodEstimate e = lanczos_within<T>(more, a, rule, iteration, options.max_memory);
    if (!e.obstacle.empty() || (may_give_up && e.product_flops > dense.product_flops)) {
      break;
    }
    target = more;
  }
  return target;
}

}  // namespace eckart::truncated

namespace eckart {

const MethodEstimate* TruncatedPlan::estimate(TruncatedMethod wanted) const noexcept {
  const auto found = std::ranges::find(estimates, wanted, &MethodEstimate::method);
  return found == estimates.end() ? nullptr : &*found;
}

template <Scalar T>
TruncatedPlan plan_truncated_svd(const Operator<T>& a, const Truncation& rule,
                                 const TruncatedOptions& options) {
  using namespace truncated;
  const IterationOptions iteration = iteration_options(a, rule, options);
  TruncatedPlan plan;
  plan.target = iteration.target;
  plan.most = iteration.most;
  if (iteration.target == 0) {
    plan.method = TruncatedMethod::dense;
    plan.reason = "there is nothing to find";
    return plan;
  }
  const KrylovSize size = size_for<T>(iteration.target, a, iteration);
  plan.block = size.block;
  plan.basis = size.basis;
  plan.estimates = {
      lanczos_within<T>(iteration.target, a, rule, iteration, options.max_memory),  // 1
      dense_within<T>(a, rule, options)};
  choose(plan, options.method);  // 2
  return plan;
}

#define ECKART_INSTANTIATE(T)                                                         \
  template Index truncated::largest_target<T>(const Operator<T>&, const Truncation&,  \
                                              const TruncatedOptions&,                \
                                              const truncated::IterationOptions&);    \
  template truncated::IterationOptions truncated::iteration_options<T>(               \
      const Operator<T>&, const Truncation&, const TruncatedOptions&);                \
  template TruncatedPlan plan_truncated_svd<T>(const Operator<T>&, const Truncation&, \
                                               const TruncatedOptions&);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)

}  // namespace eckart
