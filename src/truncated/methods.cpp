#include "truncated/methods.hpp"

#include <algorithm>
#include <cmath>

#include "dense/scale.hpp"
#include "operators/norm.hpp"
#include "truncated/plan.hpp"
#include "truncated/range_finder.hpp"
#include "truncated/wanted.hpp"
#include "truncated/write_out.hpp"

namespace eckart::truncated {
namespace {

template <Scalar T>
void take(Found<T>& found, const Decision& decision) {
  found.bound_by = decision.bound_by;
  found.cut = decision.cut;
}

/// The first k triplets of a space and what goes with them, in the scale of A.
template <Scalar T>
Found<T> taken_from(const Search<T>& search, KrylovSpace<T>& space, bool is_adjoint, Index k) {
  Found<T> found;
  found.workspace_bytes = space.memory();
  found.block = space.size().block;
  found.basis = space.size().basis;
  found.one_sided = !space.size().two_sided;
  if (k < space.dimension()) {
    found.next_value = std::ldexp(double{space.value_at_least(k)}, -space.exponent());
  }
  Triplets<T> triplets = search.timed("triplets", [&] { return space.triplets(k); });
  found.s = std::move(triplets.s);
  dense::scale_values<Real<T>>(found.s, -space.exponent());
  found.u = std::move(triplets.u);
  found.v = std::move(triplets.v);
  found.known_residuals = {std::move(triplets.image_residuals), is_adjoint};
  for (double& residual : found.known_residuals.lengths) {
    residual = std::ldexp(residual, -space.exponent());
  }
  if (is_adjoint) {
    found.u.swap(found.v);
  }
  return found;
}

}  // namespace

template <Scalar T>
std::optional<Found<T>> find_by_lanczos(const Search<T>& search, bool may_give_up,
                                        Index& products) {
  Iteration<T> iteration(search.execution, search.timed, search.a, search.rule, search.iteration,
                         search.checkpoints, products);
  const std::optional<Decision> decision = iteration.run();
  if (!decision && (iteration.converged() || iteration.hides_copies()) && may_give_up) {
    products += iteration.products();
    return std::nullopt;
  }
  KrylovSpace<T>& space = iteration.space();
  const Index k = decision ? decision->k : std::min(iteration.target(), space.dimension());
  Found<T> found = taken_from<T>(search, space, iteration.is_adjoint(), k);
  products += iteration.products();
  found.restarts = iteration.restarts();
  if (decision) {
    take(found, *decision);
  } else if (iteration.hides_copies()) {
    found.shortfall =
        "copies of a repeated value may be missing: no restart was left to look for them";
  } else if (iteration.converged()) {
    found.shortfall = "the rules ask for more than " + std::to_string(iteration.target()) +
                      " triplets, and Lanczos can look for no more here";
  } else {
    found.shortfall = std::to_string(iteration.restarts()) +
                      " restarts were used up before all residuals were small enough";
  }
  return found;
}

template <Scalar T>
std::optional<Found<T>> find_in_range(const Search<T>& search, bool may_give_up, Index& products) {
  RangeFinder<T> finder(search.execution, search.timed, search.a, search.rule, search.iteration,
                        search.largest_basis, search.options.failure_probability);
  const std::optional<Decision> decision = finder.run();
  if (!decision && may_give_up) {
    products += finder.products();
    return std::nullopt;
  }
  KrylovSpace<T>& space = finder.space();
  const std::optional<Decision>& last = finder.last_decision();
  const Index k = last ? last->k : std::min(search.iteration.most, space.dimension());
  const bool is_known = search.iteration.frobenius_norm.has_value();
  const Bounds bounds{.norm = finder.norm_at_most(),
                      .next = finder.next_at_most(k),
                      .failure = is_known ? 0 : search.options.failure_probability};
  Found<T> found = taken_from<T>(search, space, finder.is_adjoint(), k);
  products += finder.products();
  found.bounds = bounds;
  if (decision) {
    take(found, *scaled(decision, -space.exponent()));
  } else {
    found.shortfall = finder.shortfall();
  }
  return found;
}

template <Scalar T>
Found<T> find_in_whole(const Search<T>& search, Index& products) {
  const Execution& execution = search.execution;
  const Index m = search.a.rows(), n = search.a.cols();
  Matrix<T> a = search.timed(
      "write out", [&] { return written_out<T>(execution, search.a, false, 0, products); });
  Found<T> found;
  found.frobenius_norm = search.iteration.frobenius_norm;
  if (!found.frobenius_norm) {
    found.frobenius_norm = stated_norm_of<T>(execution, a.view());
  }
  Svd<T> d = search.timed("dense", [&] {
    return svd_overwrite<T>(a.view(), dense_options(search.rule, search.options));
  });
  found.workspace_bytes = d.report.workspace_bytes + sizeof(T) * static_cast<std::uint64_t>(m * n);
  const std::vector<double> values(d.s.begin(), d.s.end());
  // With all values there is always a decision.
  const Decision decision = decide_from_all(search.rule, m, n, values).value();
  const Index k = decision.k, first = first_wanted(values, search.options, k);
  take(found, decision);
  found.next_value = next_to(values, first, k, search.options);
  found.s.assign(d.s.begin() + first, d.s.begin() + first + k);
  found.u = Matrix<T>(MatrixView<const T>(d.U.view()).columns(first, k));
  found.v = Matrix<T>::uninitialized(n, k);
  dense::copy_scaled<T>(execution, d.Vh.view().block(first, 0, k, n).transposed(), found.v.view(),
                        0, true);
  if (search.options.which != Which::largest) {
    found.largest_value = values[0];
    found.found_by = "all values and vectors, by the dense decomposition";
    // The neighbours, each as far off as the audit lets it be.
    const double doubt = SvdOptions{}.audit.threshold * static_cast<double>(std::max(m, n)) *
                         double{epsilon<T>} * values[0];
    const Index last = first + k;
    found.certificate.from =
        last < std::min(m, n) ? values[static_cast<std::size_t>(last)] + doubt : 0;
    found.certificate.to =
        first > 0 ? values[static_cast<std::size_t>(first - 1)] - doubt : values[0] + doubt;
    found.certificate.certified = found.certificate.from < found.certificate.to;
    found.certificate.text = "all values are known, and were audited";
  }
  return found;
}

#define ECKART_INSTANTIATE(T)                                                          \
  template std::optional<Found<T>> find_by_lanczos<T>(const Search<T>&, bool, Index&); \
  template std::optional<Found<T>> find_in_range<T>(const Search<T>&, bool, Index&);   \
  template Found<T> find_in_whole<T>(const Search<T>&, Index&);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)

}  // namespace eckart::truncated
