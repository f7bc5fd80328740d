// Which method where not the largest values are wanted, and what each would take.
//
// How full the factors of a sparse matrix become is known when they are ordered, and not from sizes: the estimate says ten times the entries
// of A, which holds for grids of a few thousand to a million points within a factor of three, and for what is full already.

#include <algorithm>
#include <cmath>
#include <string>

#include <eckart/error.hpp>

#include "truncated/estimates.hpp"
#include "truncated/plan.hpp"

namespace eckart::truncated {
namespace {

// Shares of a product's rate: QR, triangular solves with a few vectors, which wait for memory, sparse factors and solves.
constexpr double share_of_qr = 0.6, share_of_triangle = 0.1, share_of_sparse = 0.08;
// Vectors that an inverse is applied to for each triplet, and at the least.
constexpr double solves_of_a_triplet = 6, solves_at_least = 60;
constexpr double fill_of_a_factor = 10;
// Products alone: so many times as many vectors as the largest triplets take. It may be far more.
constexpr double patience = 20;

void rule_out(MethodEstimate& e, Obstacle obstacle, std::string why) {
  e.obstacle = obstacle;
  e.obstacle_text = std::move(why);
}

}  // namespace

template <Scalar T>
MethodEstimate estimate_shift_invert(Index target, const Operator<T>& a,
                                     const TruncatedOptions& options) {
  MethodEstimate e;
  e.method = TruncatedMethod::shift_invert;
  const bool smallest = options.which == Which::smallest || options.target == 0;
  const auto m = static_cast<double>(std::max(a.rows(), a.cols())),
             n = static_cast<double>(std::min(a.rows(), a.cols())), k = static_cast<double>(target);
  const double work = ComplexScalar<T> ? 4 : 1,
               solves = 2 * (solves_at_least + solves_of_a_triplet * k);
  const double entries = a.cost().flops / (2 * work);
  std::uint64_t factors = 0;
  e.vectors = 8 * k + 20;
  e.passes = 8;
  if (smallest && a.inverse()) {
    const double one = a.inverse()->cost().flops;
    e.flops = solves * one;
    e.product_flops = e.flops / share_of_triangle;
  } else if (a.storage() == Storage::sparse) {
    const double full = n * (n + 1) / 2, factor = std::min(full, fill_of_a_factor * entries);
    const double factoring = 4 * work * factor * factor / std::max(n, 1.0),
                 solving = 4 * work * factor * solves;
    e.flops = factoring + solving;
    e.product_flops = e.flops / share_of_sparse;
    factors = static_cast<std::uint64_t>(2 * factor) * (sizeof(T) + sizeof(Index));
  } else if (smallest) {
    const double factoring = work * (2 * m * n * n - 2 * n * n * n / 3),
                 solving = work * n * n * solves;
    e.flops = factoring + solving;
    e.product_flops = factoring / share_of_qr + solving / share_of_triangle;
    factors = static_cast<std::uint64_t>(m * n) * sizeof(T);
    if (a.storage() == Storage::none) {
      e.vectors += n;
      e.passes += n / static_cast<double>(unit_strip);
      const std::uint64_t most = options.max_memory > 0 ? options.max_memory : most_to_write_out;
      if (2 * factors > most) {
        rule_out(e, Obstacle::unfit,
                 "there is no inverse of it, and it is too large to be written out");
        return e;
      }
    }
  } else {
    rule_out(e, Obstacle::unfit,
             "values nearest to a number are found that way of a sparse matrix alone");
    return e;
  }
  e.flops += e.vectors * a.cost().flops;
  e.product_flops += e.vectors * a.cost().flops;
  const Index side = std::min(a.rows(), a.cols());
  e.memory = MemoryPlan::all_of(
      "shift and invert",
      {MemoryPlan::block<std::byte>("factors", static_cast<Index>(factors)),
       MemoryPlan::block<T>("Krylov space", side, std::min(side, 4 * target + 128)),
       MemoryPlan::block<T>("U, twice", a.rows(), 2 * target + 2),
       MemoryPlan::block<T>("V, four times", a.cols(), 4 * target + 4)});
  return within_memory(std::move(e), options.max_memory);
}

template <Scalar T>
MethodEstimate estimate_folded(Index target, const Operator<T>& a,
                               const TruncatedOptions& options) {
  MethodEstimate e;
  e.method = TruncatedMethod::lanczos;
  if (options.which == Which::nearest && options.target > 0) {
    rule_out(e, Obstacle::unfit, "values nearest to a number are not found from products alone");
    return e;
  }
  const Index n = std::min(a.rows(), a.cols());
  e.vectors = patience * 4 * static_cast<double>(target + 16);
  e.passes = e.vectors / 8;
  e.flops =
      e.vectors * (a.cost().flops + 8 * static_cast<double>(n) * static_cast<double>(target + 16));
  e.product_flops = e.flops / share_of_triangle;
  e.memory = MemoryPlan::all_of(
      "products alone", {MemoryPlan::block<T>("Krylov space", n, std::min(n, 4 * target + 128)),
                         MemoryPlan::block<T>("U", a.rows(), 2 * target + 2),
                         MemoryPlan::block<T>("V", a.cols(), 4 * target + 4)});
  return within_memory(std::move(e), options.max_memory);
}

template <Scalar T>
TruncatedPlan plan_inner(const Operator<T>& a, const Truncation& rule,
                         const TruncatedOptions& options) {
  if (!is_rank_alone(rule)) {
    throw InvalidArgument(
        "truncated_svd: the smallest values, and those nearest to a number, are asked for by "
        "rank(k) "
        "alone");
  }
  if (options.which == Which::nearest && !(options.target >= 0 && std::isfinite(options.target))) {
    throw InvalidArgument(
        "truncated_svd: singular values are near to a number that is not negative");
  }
  if (options.method == TruncatedMethod::randomized) {
    throw InvalidArgument("truncated_svd: the randomized method is for the largest values");
  }
  const IterationOptions iteration = iteration_options(a, rule, options);
  TruncatedPlan plan = plan_of(iteration);
  if (iteration.target == 0) {
    return plan;
  }
  MethodEstimate dense = estimate_dense<T>(a, rank(std::min(a.rows(), a.cols())), options);
  if (a.storage() != Storage::dense && options.max_memory == 0 &&
      options.method != TruncatedMethod::dense && dense.memory.bytes() > 4 * most_to_write_out) {
    rule_out(dense, Obstacle::memory, "it is too large to be written out where no memory is named");
  }
  plan.estimates = {estimate_shift_invert<T>(iteration.target, a, options), dense,
                    estimate_folded<T>(iteration.target, a, options)};
  const MethodEstimate &inverted = plan.estimates[0], &whole = plan.estimates[1];
  if (options.method != TruncatedMethod::automatic) {
    plan.method = options.method;
    plan.reason = "it was asked for";
  } else if (!is_possible(inverted) && !is_possible(whole)) {
    plan.is_only_way = true;
    // What takes the least names what is missing.
    plan.method =
        plan.estimates[2].obstacle == Obstacle::unfit ? whole.method : TruncatedMethod::lanczos;
    plan.reason = std::string(to_string(inverted.method)) + " cannot: " + inverted.obstacle_text;
  } else if (!is_possible(inverted) || !is_possible(whole)) {
    const MethodEstimate &one = is_possible(inverted) ? inverted : whole,
                         &other = is_possible(inverted) ? whole : inverted;
    plan.is_only_way = true;
    plan.method = one.method;
    plan.reason = std::string(to_string(other.method)) + " cannot: " + other.obstacle_text;
  } else {
    const bool first = inverted.product_flops < whole.product_flops;
    const MethodEstimate &one = first ? inverted : whole, &other = first ? whole : inverted;
    plan.method = one.method;
    plan.reason = "estimated " + as_factor(other.product_flops / one.product_flops) +
                  " times as fast as " + to_string(other.method);
  }
  return plan;
}

#define ECKART_INSTANTIATE(T)                                                                     \
  template MethodEstimate estimate_shift_invert<T>(Index, const Operator<T>&,                     \
                                                   const TruncatedOptions&);                      \
  template MethodEstimate estimate_folded<T>(Index, const Operator<T>&, const TruncatedOptions&); \
  template TruncatedPlan plan_inner<T>(const Operator<T>&, const Truncation&,                     \
                                       const TruncatedOptions&);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)

}  // namespace eckart::truncated
