// One list of fields, for both ways. A number is a 1 x 1 array of doubles, which holds whole numbers up to 2^53; 64 bits are two halves;
// what is absent or empty has no member.

#include <cmath>
#include <concepts>
#include <list>
#include <map>
#include <utility>
#include <vector>

#include <eckart/checkpoint_file.hpp>
#include <eckart/error.hpp>
#include <eckart/io.hpp>

#include "stream_files/npz_members.hpp"

namespace eckart::io {
namespace {

constexpr double version = 2;
constexpr const char* version_name = "eckart_truncated";
constexpr double largest_whole = 0x1p53, half = 0x1p32;

template <class State, class F>
void for_each_field(State& s, F&& f) {
  f("rows", s.rows);
  f("cols", s.cols);
  f("frobenius_norm", s.frobenius_norm);
  f("found", s.found);
  f("products", s.products);
  f("adjoint", s.adjoint);
  f("two_sided", s.two_sided);
  f("block", s.block);
  f("basis", s.basis);
  f("V", s.V);
  f("U", s.U);
  f("H", s.H);
  f("S", s.S);
  f("given_up", s.given_up);
  f("values", s.values);
  f("residuals", s.residuals);
  f("in_hand", s.in_hand);
  f("coupled", s.coupled);
  f("uncoupled", s.uncoupled);
  f("scaled", s.scaled);
  f("exponent", s.exponent);
  f("seed", s.seed);
  f("streams", s.streams);
  f("target", s.target);
  f("restarts", s.restarts);
  f("looked_at", s.looked_at);
  f("next_look", s.next_look);
  f("to_look", s.to_look);
  f("to_renew", s.to_renew);
  f("verifying", s.verifying);
  f("verified", s.verified);
  f("work", s.work);
  f("excess", s.excess);
}

/// Views of a state's fields; the numbers among them are kept here.
class Members {
 public:
  void operator()(const char* name, Index x) { add(name, {static_cast<double>(x)}); }
  void operator()(const char* name, bool x) { add(name, {x ? 1.0 : 0.0}); }
  void operator()(const char* name, double x) { add(name, {x}); }
  void operator()(const char* name, const std::optional<double>& x) {
    if (x) {
      add(name, {*x});
    }
  }
  void operator()(const char* name, std::uint64_t bits) {
    add(name, {static_cast<double>(bits >> 32U), static_cast<double>(bits & 0xFFFFFFFFU)});
  }
  template <RealScalar R>
  void operator()(const char* name, const std::vector<R>& x) {
    if (!x.empty()) {
      arrays_.push_back(
          {name, MatrixView<const R>(x.data(), static_cast<Index>(x.size()), 1), false});
    }
  }
  template <Scalar T>
  void operator()(const char* name, const Matrix<T>& a) {
    if (!a.empty()) {
      arrays_.push_back({name, a.view(), false});
    }
  }
  [[nodiscard]] const std::vector<NamedArray>& arrays() const noexcept { return arrays_; }

 private:
  void add(const char* name, const std::vector<double>& numbers) {
    const auto count = static_cast<Index>(numbers.size());
    const Matrix<double>& row = numbers_.emplace_back(
        MatrixView<const double>(numbers.data(), 1, count, Layout::row_major));
    arrays_.push_back({name, row.view(), false});
  }

  std::list<Matrix<double>> numbers_;
  std::vector<NamedArray> arrays_;
};

/// The fields of a state out of the members of a file.
class Fields {
 public:
  Fields(const Input& input, std::map<std::string, AnyMatrix> members)
      : input_(input), members_(std::move(members)) {}

  void operator()(const char* name, Index& x) const { x = whole(name); }
  void operator()(const char* name, bool& x) const { x = whole(name) != 0; }
  void operator()(const char* name, double& x) const { x = number(name); }
  void operator()(const char* name, std::optional<double>& x) const {
    if (members_.contains(name)) {
      x = number(name);
    }
  }
  void operator()(const char* name, std::uint64_t& bits) const {
    const Matrix<double>& halves = matrix<double>(name, 1, 2);
    bits = 0;
    for (Index i = 0; i < 2; ++i) {
      const double x = halves(0, i);
      require(x >= 0 && x < half && x == std::floor(x), name, "is no pair of 32-bit numbers");
      bits = bits << 32U | static_cast<std::uint64_t>(x);
    }
  }
  template <RealScalar R>
  void operator()(const char* name, std::vector<R>& x) const {
    if (members_.contains(name)) {
      const Matrix<R>& column = matrix<R>(name, any, 1);
      x.assign(column.data(), column.data() + column.rows());
    }
  }
  template <Scalar T>
  void operator()(const char* name, Matrix<T>& a) const {
    if (members_.contains(name)) {
      a = Matrix<T>(MatrixView<const T>(matrix<T>(name, any, any).view()));
    }
  }

  [[nodiscard]] double number(const char* name) const {
    const double x = matrix<double>(name, 1, 1)(0, 0);
    require(std::isfinite(x), name, "is not finite");
    return x;
  }

 private:
  static constexpr Index any = -1;

  [[noreturn]] void fail(const char* name, const char* what) const {
    throw FormatError(input_.name() + ": member " + name + " of the iteration's state " + what);
  }
  void require(bool holds, const char* name, const char* what) const {
    if (!holds) {
      fail(name, what);
    }
  }
  template <Scalar T>
  [[nodiscard]] const Matrix<T>& matrix(const char* name, Index rows, Index cols) const {
    const auto at = members_.find(name);
    require(at != members_.end(), name, "is missing: this is none that Eckart saved");
    const auto* const a = std::get_if<Matrix<T>>(&at->second);
    require(a != nullptr, name,
            "is of another type: the matrix that it was made of has entries of "
            "another type");
    require((rows == any || a->rows() == rows) && (cols == any || a->cols() == cols), name,
            "has another shape");
    return *a;
  }
  [[nodiscard]] Index whole(const char* name) const {
    const double x = number(name);
    require(x == std::floor(x) && std::abs(x) <= largest_whole, name, "is no whole number");
    return static_cast<Index>(x);
  }

  const Input& input_;
  std::map<std::string, AnyMatrix> members_;
};

}  // namespace

template <Scalar T>
void save_checkpoint(const std::string& path, const TruncatedState<T>& state) {
  Members members;
  members(version_name, version);
  for_each_field(state, members);
  write_arrays(path, members.arrays(),
               {.format = Format::npz, .column_names = {}, .compress = false});
}

template <Scalar T>
TruncatedState<T> load_checkpoint(const std::string& path) {
  const Input input = Input::open(path);
  std::map<std::string, AnyMatrix> members;
  for_each_member(input, [&](const std::string& name, auto& a, MemberStream&) {
    members.insert_or_assign(name, std::move(a));
  });
  const Fields fields(input, std::move(members));
  if (fields.number(version_name) != version) {
    throw FormatError(input.name() + ": the state is one of another version of Eckart");
  }
  TruncatedState<T> state;
  for_each_field(state, fields);
  return state;
}

#define ECKART_INSTANTIATE(T)                                                     \
  template void save_checkpoint<T>(const std::string&, const TruncatedState<T>&); \
  template TruncatedState<T> load_checkpoint<T>(const std::string&);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)

}  // namespace eckart::io
