// eckart_sketch_bench: what SinglePassSketch costs an entry, for rows short and long, in one call, with one thread; entry by entry; and its
// result.

#include <chrono>
#include <cstdio>
#include <vector>

#include <eckart/random.hpp>
#include <eckart/single_pass_sketch.hpp>

namespace {

using eckart::Index;

struct Case {
  Index rows, cols, rank;
};
constexpr Case cases[] = {
    {4096, 100, 10}, {4096, 100, 50}, {1000, 10'000, 10}, {1000, 10'000, 50}, {64, 1'000'000, 10}};

template <class Body>
double seconds(const Body& body) {
  const auto start = std::chrono::steady_clock::now();
  body();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

int main() {
  std::puts("rows x columns, k: ns an entry by rows; one by one; result, ms");
  for (const auto& [m, n, k] : cases) {
    eckart::Matrix<double> a(m, n, eckart::Layout::row_major);
    eckart::fill_uniform<double>(a.view(), eckart::Random(1));
    eckart::SinglePassSketch<double> sketch(m, n, {.rank = k, .threads = 1});
    sketch.add_rows(0, a.view().block(0, 0, 1, n));  // the columns' test vectors, once
    const auto entries = static_cast<double>(m) * static_cast<double>(n);
    const double by_rows = seconds([&] { sketch.add_rows(0, a.view()); });
    std::vector<eckart::SketchEntry<double>> list;
    for (Index p = 0; p < 100'000; ++p) {
      list.push_back({p / 100 % m, p * 37 % n, 1.0});
    }
    const double one_by_one =
        seconds([&] { sketch.add_entries(list); }) / static_cast<double>(list.size());
    const double result = seconds([&] { static_cast<void>(sketch.result(k)); });
    std::printf("%7lld x %-7lld %3lld: %6.1f %6.0f %8.1f\n", static_cast<long long>(m),
                static_cast<long long>(n), static_cast<long long>(k), 1e9 * by_rows / entries,
                1e9 * one_by_one, 1e3 * result);
  }
}
