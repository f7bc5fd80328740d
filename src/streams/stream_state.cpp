#include <algorithm>
#include <bit>
#include <cmath>

#include <eckart/error.hpp>
#include <eckart/stream_state.hpp>

#include "streams/state_parts.hpp"

namespace eckart {
namespace {

constexpr double largest_exact = 0x1p53;

[[noreturn]] void fail(const std::string& what) {
  throw InvalidArgument("the state of the stream: " + what);
}

std::string shape_text(Index rows, Index cols) {
  const auto text = [](Index n) { return n < 0 ? std::string("any") : std::to_string(n); };
  return text(rows) + " x " + text(cols);
}

template <class W>
bool all_finite(const Matrix<W>& a) {
  const Index parts = ComplexScalar<W> ? 2 : 1;
  const auto* entries = reinterpret_cast<const double*>(a.data());
  return std::all_of(entries, entries + parts * a.rows() * a.cols(),
                     [](double x) { return std::isfinite(x); });
}

/// 1 float, 2 double, 3 and 4 their complex types.
template <Scalar T>
constexpr Index type_code = (ComplexScalar<T> ? 3 : 1) + (std::same_as<Real<T>, double> ? 1 : 0);

}  // namespace

void StreamState::put(std::string name, Array array) {
  arrays_.emplace_back(std::move(name), std::move(array));
}

void StreamState::put(std::string name, double number) {
  Matrix<double> one(1, 1);
  one(0, 0) = number;
  put(std::move(name), Array(std::move(one)));
}

void StreamState::put_count(std::string name, Index count) {
  if (static_cast<double>(count) > largest_exact) {
    fail(name + " is " + std::to_string(count) + ", more than 2^53");
  }
  put(std::move(name), static_cast<double>(count));
}

void StreamState::put_bits(std::string name, std::uint64_t bits) {
  Matrix<double> halves(1, 2);
  halves(0, 0) = static_cast<double>(bits >> 32U);
  halves(0, 1) = static_cast<double>(bits & 0xFFFFFFFFU);
  put(std::move(name), Array(std::move(halves)));
}

bool StreamState::has(const std::string& name) const noexcept {
  return std::any_of(arrays_.begin(), arrays_.end(),
                     [&](const auto& a) { return a.first == name; });
}

const StreamState::Array& StreamState::find(const std::string& name) const {
  const auto at =
      std::find_if(arrays_.begin(), arrays_.end(), [&](const auto& a) { return a.first == name; });
  if (at == arrays_.end()) {
    fail("the array '" + name + "' is missing");
  }
  return at->second;
}

template <class W>
Matrix<W> StreamState::matrix(const std::string& name, Index rows, Index cols) const {
  return checked<W>(name, rows, cols);
}

template <class W>
MatrixView<const W> StreamState::view(const std::string& name, Index rows, Index cols) const {
  return checked<W>(name, rows, cols).view();
}

template <class W>
const Matrix<W>& StreamState::checked(const std::string& name, Index rows, Index cols) const {
  const auto* a = std::get_if<Matrix<W>>(&find(name));
  if (a == nullptr) {
    fail("the array '" + name + "' is " + (ComplexScalar<W> ? "real" : "complex"));
  }
  if ((rows >= 0 && a->rows() != rows) || (cols >= 0 && a->cols() != cols)) {
    fail("the array '" + name + "' has the shape " + shape_text(a->rows(), a->cols()) + ", not " +
         shape_text(rows, cols));
  }
  if (!all_finite(*a)) {
    fail("the array '" + name + "' holds NaN or infinity");
  }
  return *a;
}

double StreamState::number(const std::string& name) const {
  return matrix<double>(name, 1, 1)(0, 0);
}

Index StreamState::count(const std::string& name, Index least, Index most) const {
  const double x = number(name);
  if (!(x >= static_cast<double>(least) && x <= static_cast<double>(most)) || x != std::floor(x) ||
      std::abs(x) > largest_exact) {
    fail("'" + name + "' is " + std::to_string(x) + ", no whole number from " +
         std::to_string(least) + " to " + std::to_string(most));
  }
  return static_cast<Index>(x);
}

std::uint64_t StreamState::bits(const std::string& name) const {
  const Matrix<double> halves = matrix<double>(name, 1, 2);
  std::uint64_t bits = 0;
  for (Index i = 0; i < 2; ++i) {
    if (!(halves(0, i) >= 0 && halves(0, i) < 0x1p32) || halves(0, i) != std::floor(halves(0, i))) {
      fail("'" + name + "' is no pair of 32-bit numbers");
    }
    bits = bits << 32U | static_cast<std::uint64_t>(halves(0, i));
  }
  return bits;
}

template MatrixView<const double> StreamState::view<double>(const std::string&, Index, Index) const;
template MatrixView<const std::complex<double>> StreamState::view<std::complex<double>>(
    const std::string&, Index, Index) const;
template Matrix<double> StreamState::matrix<double>(const std::string&, Index, Index) const;
template Matrix<std::complex<double>> StreamState::matrix<std::complex<double>>(const std::string&,
                                                                                Index, Index) const;

const char* to_string(StreamKind kind) noexcept {
  switch (kind) {
    case StreamKind::frequent_directions:
      return "frequent directions";
    case StreamKind::incremental:
      return "incremental";
    case StreamKind::sketch:
      break;
  }
  return "single-pass sketch";
}

StreamKind kind_of(const StreamState& state) {
  if (!state.has("eckart_stream")) {
    fail("the array 'eckart_stream' is missing: this is none that Eckart saved");
  }
  const double version = state.number("eckart_stream");
  if (version != static_cast<double>(streams::state_version)) {
    fail("it is of version " + std::to_string(version) + "; this Eckart reads version " +
         std::to_string(streams::state_version));
  }
  return static_cast<StreamKind>(state.count("kind", 1, 3));
}

namespace streams {

template <Scalar T>
StreamState begin_state(StreamKind kind) {
  StreamState state;
  state.put_count("eckart_stream", state_version);
  state.put_count("kind", static_cast<Index>(kind));
  state.put_count("type", type_code<T>);
  return state;
}

template <Scalar T>
void require_state(const StreamState& state, StreamKind kind) {
  if (const StreamKind is = kind_of(state); is != kind) {
    fail(std::string("it belongs to the method ") + to_string(is) + ", not to " + to_string(kind));
  }
  if (const Index code = state.count("type", 1, 4); code != type_code<T>) {
    constexpr const char* names[] = {"float32", "float64", "complex64", "complex128"};
    fail(std::string("its rows are ") + names[code - 1] + ", not " + names[type_code<T> - 1]);
  }
}

void put_sum(StreamState& state, const std::string& name, const core::SumOfSquares& sum) {
  Matrix<double> parts(1, 3);
  parts(0, 0) = sum.scaled().sum();
  parts(0, 1) = sum.scaled().lost();
  parts(0, 2) = sum.exponent();
  state.put(name, std::move(parts));
}

core::SumOfSquares sum_of(const StreamState& state, const std::string& name) {
  const Matrix<double> parts = state.matrix<double>(name, 1, 3);
  const double exponent = parts(0, 2);
  if (!(std::abs(exponent) <= 1100) || exponent != std::floor(exponent) ||
      !(parts(0, 0) + parts(0, 1) >= 0)) {
    fail("'" + name + "' is no sum of squares");
  }
  return {core::CompensatedSum(parts(0, 0), parts(0, 1)), static_cast<int>(exponent)};
}

double magnitude_of(const StreamState& state, const std::string& name) {
  const double x = state.number(name);
  if (x < 0) {
    fail("'" + name + "' is negative");
  }
  return x;
}

#define ECKART_INSTANTIATE(T)                      \
  template StreamState begin_state<T>(StreamKind); \
  template void require_state<T>(const StreamState&, StreamKind);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)

}  // namespace streams
}  // namespace eckart
