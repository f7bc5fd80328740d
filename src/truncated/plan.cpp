#include "truncated/plan.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <type_traits>
#include <vector>

#include <eckart/error.hpp>

#include "truncated/estimates.hpp"
#include "truncated/range_finder.hpp"
#include "truncated/stopping.hpp"

namespace eckart::truncated {
namespace {

// Triplets looked for first when the rules do not name their number.
constexpr Index first_target = 16;
// Vectors at a time where the caller does not say: usually; of a matrix that is read in order, or of one that is hardly read at all, for
// so many triplets; at the most, where a reading of A is waited for.
constexpr Index usual_block = 8, small_block = 4, smallest_block = 2, few_triplets = 50,
                largest_block = 32;
// Of the randomized method where nothing else is asked for: values are then right to two or three
// digits where they fall slowly, less where they are nearly repeated.
constexpr double tolerance_of_few_digits = 0.05;
// As many vectors as are multiplied both ways while A is read: more of them make fewer steps, fewer find few triplets with less
// arithmetic. Of a dense matrix, four take little longer than the reading (blas/few_vectors.hpp). The entries of a sparse one bring
// indices, and fetch vectors from anywhere: eight. What computes far more than it reads, as an FFT does, gains nothing from vectors
// beyond the two that share a transform. Many triplets want eight all the same, for the products of the orthogonalisation, and of both
// sides where one gives way; but not of a dense matrix in double precision, where four share a reading there and back and seldom give
// way: of i^-0.8, n = 3000, k = 100, 200, 400, four take 0.27, 0.59 and 1.4 s where eight take 0.30, 0.62 and 2.0 s. For a few
// digits eight are faster there, too: k = 200 at the error of randomized_svd takes 0.78 s with four and 0.42 s with eight.
template <Scalar T>
Index most_block(const OperatorCost& cost, Index target, bool few_digits) {
  constexpr double flops_of_an_entry = ComplexScalar<T> ? 8 : 2, nothing = 0.25;
  const double read_as_dense = cost.flops / flops_of_an_entry * sizeof(T);
  const bool is_read = cost.bytes > nothing * read_as_dense,
             is_few =
                 target <= few_triplets || (is_read && std::is_same_v<T, double> && !few_digits);
  const Index least = !is_few || cost.bytes > read_as_dense ? usual_block
                      : is_read                             ? small_block
                                                            : smallest_block;
  const double meanwhile = cost.flops > 0 ? cost.reading / (2 * cost.flops) : 0;
  return static_cast<Index>(
      std::clamp(meanwhile, static_cast<double>(least), double{largest_block}));
}

Index smaller_side(Index m, Index n) {
  return std::min(m, n);
}

// Step 2. `joins`: the randomized method is one of those to choose from. `replaces`: the dense one stands in for it where the basis
// would be too large.
void choose(TruncatedPlan& plan, TruncatedMethod wanted, bool joins, bool replaces) {
  const MethodEstimate *const dense = plan.estimate(TruncatedMethod::dense),
                              *const range = plan.estimate(TruncatedMethod::randomized);
  if (wanted == TruncatedMethod::randomized && replaces && range->obstacle == Obstacle::unfit &&
      is_possible(*dense)) {
    plan.method = TruncatedMethod::dense;
    plan.is_only_way = true;
    plan.reason = std::string(to_string(wanted)) + " cannot: " + range->obstacle_text;
    return;
  }
  if (wanted != TruncatedMethod::automatic) {
    plan.method = wanted;
    plan.reason = "it was asked for";
    return;
  }
  std::vector<MethodEstimate> sorted;
  std::ranges::copy_if(plan.estimates, std::back_inserter(sorted), [&](const MethodEstimate& e) {
    return joins || e.method != TruncatedMethod::randomized;
  });
  // What lacks memory alone comes before what cannot be done at all.
  std::ranges::stable_sort(sorted, [](const MethodEstimate& a, const MethodEstimate& b) {
    return a.obstacle != b.obstacle ? a.obstacle < b.obstacle : a.product_flops < b.product_flops;
  });
  plan.method = sorted[0].method;
  const MethodEstimate& other = sorted[1];
  plan.is_only_way = !is_possible(other);
  plan.reason = plan.is_only_way
                    ? std::string(to_string(other.method)) + " cannot: " + other.obstacle_text
                    : "estimated " + as_factor(other.product_flops / sorted[0].product_flops) +
                          " times as fast as " + to_string(other.method);
}

}  // namespace

bool is_rank_alone(const Truncation& rule) noexcept {
  return rule.rank && !rule.energy && !rule.relative_frobenius && !rule.relative_spectral &&
         !rule.absolute_frobenius && !rule.absolute_spectral && !rule.noise && !rule.unknown_noise;
}

SvdOptions dense_options(const Truncation& rule, const TruncatedOptions& options) {
  return {.leading = is_rank_alone(rule) && options.which == Which::largest ? *rule.rank : 0,
          .threads = options.threads,
          .stop = options.stop,
          .progress = options.progress,
          .seed = options.seed};
}

template <Scalar T>
double tolerance_of(const TruncatedOptions& options) {
  return options.tolerance > 0                           ? options.tolerance
         : options.method == TruncatedMethod::randomized ? tolerance_of_few_digits
                                                         : std::sqrt(double{epsilon<T>});
}

template <Scalar T>
IterationOptions iteration_options(const Operator<T>& a, const Truncation& rule,
                                   const TruncatedOptions& options) {
  if (options.block < 0 || options.basis < 0 || options.restarts < 0) {
    throw InvalidArgument("truncated_svd: block, basis and restarts are not negative");
  }
  if (!(options.failure_probability > 0 && options.failure_probability < 1)) {
    throw InvalidArgument("truncated_svd: a probability of failure lies between 0 and 1");
  }
  if (!(options.tolerance >= 0 && options.tolerance < 1)) {
    throw InvalidArgument("truncated_svd: the tolerance is relative to a value, so below 1");
  }
  const Index n = smaller_side(a.rows(), a.cols());
  const Index most = std::min(n, rule.rank.value_or(n));
  const Index target = is_rank_alone(rule) ? most : std::min(most, first_target);
  const bool few_digits =
      options.method == TruncatedMethod::randomized || options.tolerance >= loose;
  IterationOptions iteration{
      .target = target,
      .most = most,
      .largest = most,
      .block = options.block > 0
                   ? options.block
                   : std::clamp<Index>(n / 16, 1, most_block<T>(a.cost(), target, few_digits)),
      .basis = options.basis,
      .tolerance = in_hand * tolerance_of<T>(options),
      .restarts = options.restarts,
      .seed = options.seed,
      .frobenius_norm = std::nullopt};
  // What saves a product with each triplet is not worth a method.
  iteration.keeps_image =
      options.max_memory == 0 || target == 0 ||
      is_possible(estimate_lanczos<T>(target, a, rule, iteration, options.max_memory, true));
  return iteration;
}

TruncatedPlan plan_of(const IterationOptions& iteration) {
  TruncatedPlan plan;
  plan.target = iteration.target;
  plan.most = iteration.most;
  plan.block = iteration.block;
  if (iteration.target == 0) {
    plan.method = TruncatedMethod::dense;
    plan.reason = "there is nothing to find";
  }
  return plan;
}

template <Scalar T>
Index largest_target(const Operator<T>& a, const Truncation& rule, const TruncatedOptions& options,
                     const IterationOptions& iteration) {
  const MethodEstimate dense = estimate_dense<T>(a, rule, options);
  const bool may_give_up = options.method == TruncatedMethod::automatic && is_possible(dense);
  Index target = iteration.target;
  while (target < iteration.most) {
    const Index more = std::min(iteration.most, 2 * target);
    const MethodEstimate e =
        estimate_lanczos<T>(more, a, rule, iteration, options.max_memory, true);
    if (!is_possible(e) || (may_give_up && e.product_flops > dense.product_flops)) {
      break;
    }
    target = more;
  }
  return target;
}

template <Scalar T>
Index largest_range(const Operator<T>& a, const TruncatedOptions& options,
                    const IterationOptions& iteration, bool may_be_dense) {
  const Index b = iteration.block;
  Index basis = largest_basis(smaller_side(a.rows(), a.cols()), iteration, !may_be_dense);
  while (options.max_memory > 0 && basis > b &&
         range_memory<T>(basis, a, iteration).bytes() > options.max_memory) {
    basis = basis * 3 / 4 / b * b;
  }
  return std::max(basis, b);
}

template <Scalar T>
TruncatedPlan plan_for(const Operator<T>& a, const Truncation& rule,
                       const TruncatedOptions& options, bool norm_is_known) {
  if (options.which != Which::largest) {
    return plan_inner<T>(a, rule, options);
  }
  const IterationOptions iteration = iteration_options(a, rule, options);
  if (options.method == TruncatedMethod::shift_invert) {
    throw InvalidArgument(
        "truncated_svd: shift and invert is for the smallest values, or those nearest to a number");
  }
  TruncatedPlan plan = plan_of(iteration);
  if (iteration.target == 0) {
    return plan;
  }
  const MethodEstimate dense = estimate_dense<T>(a, rule, options);
  plan.estimates = {
      estimate_lanczos<T>(iteration.target, a, rule, iteration, options.max_memory,
                          norm_is_known),  // 1
      estimate_range<T>(a, rule, options, iteration, is_possible(dense), norm_is_known), dense};
  const bool joins = (needs_norm(rule) && !norm_is_known) || options.tolerance >= loose;
  const bool is_decidable = lost_in_rounding(rule, double{epsilon<T>}).empty();
  choose(plan, options.method, joins, is_decidable);  // 2
  const bool is_range = plan.method == TruncatedMethod::randomized;
  const KrylovSize size = size_for<T>(iteration.target, a, iteration);
  plan.basis = is_range && is_possible(*plan.estimate(plan.method))
                   ? first_basis(iteration.target, iteration.block)
                   : size.basis;
  return plan;
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
  return truncated::plan_for<T>(a, rule, options, a.knows_norm());
}

#define ECKART_INSTANTIATE(T)                                                             \
  template Index truncated::largest_target<T>(const Operator<T>&, const Truncation&,      \
                                              const TruncatedOptions&,                    \
                                              const truncated::IterationOptions&);        \
  template double truncated::tolerance_of<T>(const TruncatedOptions&);                    \
  template Index truncated::largest_range<T>(const Operator<T>&, const TruncatedOptions&, \
                                             const truncated::IterationOptions&, bool);   \
  template TruncatedPlan truncated::plan_for<T>(const Operator<T>&, const Truncation&,    \
                                                const TruncatedOptions&, bool);           \
  template truncated::IterationOptions truncated::iteration_options<T>(                   \
      const Operator<T>&, const Truncation&, const TruncatedOptions&);                    \
  template TruncatedPlan plan_truncated_svd<T>(const Operator<T>&, const Truncation&,     \
                                               const TruncatedOptions&);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)

}  // namespace eckart
