#include "common/any_matrix.hpp"

#include <string>

namespace eckart::cli {
namespace {

template <Scalar To, Scalar From>
To convert_entry(const From& x, Index row, Index col) {
  if constexpr (ComplexScalar<To>) {
    if constexpr (ComplexScalar<From>) {
      return To(static_cast<Real<To>>(x.real()), static_cast<Real<To>>(x.imag()));
    } else {
      return To(static_cast<Real<To>>(x));
    }
  } else if constexpr (ComplexScalar<From>) {
    if (x.imag() != 0) {
      throw InvalidArgument("entry (" + std::to_string(row) + ", " + std::to_string(col) +
                            ") is complex and cannot become real");
    }
    return static_cast<To>(x.real());
  } else {
    return static_cast<To>(x);
  }
}

template <Scalar To, Scalar From>
Matrix<To> convert(const Matrix<From>& a) {
  auto out = Matrix<To>::uninitialized(a.rows(), a.cols(), a.layout());
  for (Index j = 0; j < a.cols(); ++j) {
    for (Index i = 0; i < a.rows(); ++i) {
      out(i, j) = convert_entry<To>(a(i, j), i, j);
    }
  }
  return out;
}

bool is_complex(ElementType type) noexcept {
  return type == ElementType::complex64 || type == ElementType::complex128;
}
bool is_double(ElementType type) noexcept {
  return type == ElementType::float64 || type == ElementType::complex128;
}

constexpr std::pair<const char*, ElementType> names[] = {
    {type_name<float>(), ElementType::float32},
    {type_name<double>(), ElementType::float64},
    {type_name<std::complex<float>>(), ElementType::complex64},
    {type_name<std::complex<double>>(), ElementType::complex128},
};

}  // namespace

ElementType element_type_of(const std::string& computed_type) noexcept {
  for (const auto& [name, type] : names) {
    if (computed_type == name) {
      return type;
    }
  }
  return ElementType::automatic;
}

ElementType element_type_of(const io::AnyMatrix& a) noexcept {
  return names[a.index()].second;
}

const char* to_string(ElementType type) noexcept {
  for (const auto& [name, named] : names) {
    if (named == type) {
      return name;
    }
  }
  return type_name<double>();
}

ElementType common_type(ElementType a, ElementType b) noexcept {
  const bool doubles = is_double(a) || is_double(b);
  if (is_complex(a) || is_complex(b)) {
    return doubles ? ElementType::complex128 : ElementType::complex64;
  }
  return doubles ? ElementType::float64 : ElementType::float32;
}

io::AnyMatrix converted(io::AnyMatrix a, ElementType type) {
  if (type == ElementType::automatic || type == element_type_of(a)) {
    return a;
  }
  return with_type(type, [&]<Scalar To>() {
    return std::visit([](const auto& from) { return io::AnyMatrix(convert<To>(from)); }, a);
  });
}

}  // namespace eckart::cli
