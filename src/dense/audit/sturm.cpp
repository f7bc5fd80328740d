#include "dense/audit/sturm.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <limits>

namespace eckart::dense {
namespace {

// A smaller pivot stands for an eigenvalue at the shift; it counts as negative, as if the shift were larger by as much.
constexpr double tiny_pivot = std::numeric_limits<double>::min();

// Shifts that go through the recurrence side by side: enough independent divisions to hide the latency of each.
constexpr std::size_t group = 32;
using Group = std::array<double, group>;

// Values that a thread takes at a time; a multiple of half a group.
constexpr Index piece = 128;

// values_at_least[l] = #{sigma >= shift[l]}, shift[l] > 0, for all shifts of a group.
template <RealScalar R>
struct Count {
  template <int bytes>
  [[gnu::always_inline]] static void run(const R* d, const R* e, Index n, const double* shift,
                                         double* values_at_least) noexcept {
    using P = Pack<double, bytes>;
    constexpr std::size_t width = std::size_t{lanes<double, bytes>}, packs = group / width;
    const P zero{}, one = zero + 1.0, lowest = zero - tiny_pivot;
    P minus_shift[packs], pivot[packs], negative[packs];
    for (std::size_t k = 0; k < packs; ++k) {
      minus_shift[k] = -load<bytes>(shift + k * width);
      pivot[k] = minus_shift[k] < lowest ? minus_shift[k] : lowest;
      negative[k] = one;
    }
    const auto eliminate = [&](double b) __attribute__((always_inline)) {
      const P square = zero + b * b;
#pragma GCC unroll 16
      for (std::size_t k = 0; k < packs; ++k) {
        const P next = minus_shift[k] - square / pivot[k];
        const P modulus = next < zero ? -next : next;
        pivot[k] = modulus < -lowest ? lowest : next;
        negative[k] += pivot[k] < zero ? one : zero;
      }
    };
    for (Index i = 0; i + 1 < n; ++i) {
      eliminate(double{d[i]});
      eliminate(double{e[i]});
    }
    eliminate(double{d[n - 1]});
    for (std::size_t k = 0; k < packs; ++k) {
      store(values_at_least + k * width, static_cast<double>(2 * n) - negative[k]);
    }
  }
};

}  // namespace

template <RealScalar R>
bool values_agree_with_counts(const Execution& execution, std::span<const R> d,
                              std::span<const R> e, std::span<const R> s, double tolerance,
                              Processor processor) {
  const auto count =
      compiled<Count<R>, void(const R*, const R*, Index, const double*, double*)>(processor);
  const auto n = static_cast<Index>(d.size()), wanted = static_cast<Index>(s.size());
  // Half a group of values at a time: each is tried from above and from below.
  constexpr Index half = group / 2;
  const auto half_agrees = [&](Index first) {
    alignas(64) Group shifts{}, at_least{};
    for (Index l = 0; l < half; ++l) {
      const auto at = static_cast<std::size_t>(l);
      const double value = double{s[static_cast<std::size_t>(std::min(first + l, wanted - 1))]};
      shifts[at] = value + tolerance;
      shifts[half + at] = value - tolerance;
    }
    count(d.data(), e.data(), n, shifts.data(), at_least.data());
    for (Index l = 0; l < std::min(half, wanted - first); ++l) {
      const auto at = static_cast<std::size_t>(l);
      const auto i = static_cast<double>(first + l);
      const bool too_many_above = at_least[at] > i;
      const bool too_few_below = shifts[half + at] > 0 && at_least[half + at] <= i;
      if (too_many_above || too_few_below) {
        return false;
      }
    }
    return true;
  };
  std::atomic<bool> agree{true};
  parallel_for(execution, (wanted + piece - 1) / piece, [&](Index i) {
    const Index end = std::min((i + 1) * piece, wanted);
    for (Index first = i * piece; first < end && agree; first += half) {
      if (!half_agrees(first)) {
        agree = false;
      }
    }
  });
  return agree;
}

template bool values_agree_with_counts(const Execution&, std::span<const float>,
                                       std::span<const float>, std::span<const float>, double,
                                       Processor);
template bool values_agree_with_counts(const Execution&, std::span<const double>,
                                       std::span<const double>, std::span<const double>, double,
                                       Processor);

}  // namespace eckart::dense
