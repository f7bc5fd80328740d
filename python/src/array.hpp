#pragma once

// How arrays come into the engine: a window on the memory of a NumPy array, through the buffer protocol.
//
// The modules in eckart/ turn whatever the user gave into an array of one of the engine's four types, aligned and in the
// machine's byte order (eckart/_interchange.py); strides may be any multiple of the entry's size, negative and zero ones
// included. Nothing is copied here. The last two dimensions are a matrix, those before them a stack of matrices. Results are
// written into arrays that the modules allocated, so that `out=` is the ordinary case and the engine allocates no Python object.

#include <complex>
#include <span>
#include <string_view>

#include <nanobind/nanobind.h>

#include <eckart/matrix.hpp>
#include <eckart/types.hpp>

namespace eckart::python {

namespace nb = nanobind;

enum class Access { read, write };

/// An array that is held for as long as this lives. Made and destroyed with the interpreter's lock held.
class Array {
 public:
  Array() = default;
  /// Throws nanobind's Python errors: BufferError where the memory cannot be had, TypeError for another type than the four.
  Array(nb::handle array, Access access);
  /// A place for results of the same type as `like`, or of the real type under it; None becomes an array that is_none(). The
  /// modules made it, so its size is checked and its format is not asked for: NumPy takes longer to write that than to give the
  /// memory.
  static Array place(nb::handle array, const Array& like);
  static Array real_place(nb::handle array, const Array& like);
  Array(Array&& other) noexcept;
  Array& operator=(Array&& other) noexcept;
  ~Array();

  [[nodiscard]] bool is_none() const noexcept { return buffer_.obj == nullptr; }
  [[nodiscard]] int dims() const noexcept { return buffer_.ndim; }
  /// Extent of a dimension, counted from the last: 0 the columns, 1 the rows.
  [[nodiscard]] Index from_last(int i) const noexcept {
    return buffer_.shape[buffer_.ndim - 1 - i];
  }
  /// The number of matrices: the product of the extents before the last `inner` ones.
  [[nodiscard]] Index stack(int inner = 2) const noexcept;

  /// Calls body.template operator()<T>() with the array's entry type.
  template <class Body>
  decltype(auto) with_type(const Body& body) const {
    switch (type_) {
      case Type::f4:
        return body.template operator()<float>();
      case Type::f8:
        return body.template operator()<double>();
      case Type::c8:
        return body.template operator()<std::complex<float>>();
      default:
        return body.template operator()<std::complex<double>>();
    }
  }
  template <class T>
  [[nodiscard]] bool holds() const noexcept {
    return with_type([]<class U>() { return std::is_same_v<T, U>; });
  }

  /// Matrix i of the stack; an empty view of None. The type must be the array's.
  template <class T>
  [[nodiscard]] MatrixView<T> matrix(Index i) const {
    if (is_none()) {
      return {};
    }
    require<T>();
    constexpr auto size = static_cast<Index>(sizeof(T));
    return {static_cast<T*>(entry(i, 2)), from_last(1), from_last(0), stride(1) / size,
            stride(0) / size};
  }
  /// Row i of the stack of rows that an array of values is; its last dimension must lie in one piece.
  template <class T>
  [[nodiscard]] std::span<T> vector(Index i) const {
    require<T>();
    if (from_last(0) > 1 && stride(0) != static_cast<Index>(sizeof(T))) {
      throw nb::buffer_error(
          "eckart: an array for singular values must be contiguous along its last axis");
    }
    return {static_cast<T*>(entry(i, 1)), static_cast<std::size_t>(from_last(0))};
  }

 private:
  enum class Type { f4, f8, c8, c16 };

  static Array place_of(nb::handle array, Type type);
  [[nodiscard]] Index stride(int from_the_last) const noexcept {
    return buffer_.strides[buffer_.ndim - 1 - from_the_last];
  }
  [[nodiscard]] void* entry(Index i, int inner) const noexcept;
  template <class T>
  void require() const {
    if (!holds<T>()) {
      throw nb::type_error("eckart: the arrays of one call must have matching types");
    }
  }
  void release() noexcept;

  Py_buffer buffer_ = {};
  Type type_ = Type::f8;
};

}  // namespace eckart::python
