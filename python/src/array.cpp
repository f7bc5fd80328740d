#include "array.hpp"

#include <utility>

namespace eckart::python {

Array::Array(nb::handle array, Access access) {
  const int flags = access == Access::write ? PyBUF_RECORDS : PyBUF_RECORDS_RO;
  if (PyObject_GetBuffer(array.ptr(), &buffer_, flags) != 0) {
    buffer_ = {};
    throw nb::python_error();
  }
  const std::string_view format = buffer_.format == nullptr ? "B" : buffer_.format;
  if (format == "f") {
    type_ = Type::f4;
  } else if (format == "d") {
    type_ = Type::f8;
  } else if (format == "Zf") {
    type_ = Type::c8;
  } else if (format == "Zd") {
    type_ = Type::c16;
  } else {
    release();
    throw nb::type_error(
        "eckart: the engine computes in float32, float64, complex64 and complex128");
  }
}

Array Array::place_of(nb::handle array, Type type) {
  Array place;
  if (array.is_none()) {
    return place;
  }
  if (PyObject_GetBuffer(array.ptr(), &place.buffer_, PyBUF_STRIDED) != 0) {
    place.buffer_ = {};
    throw nb::python_error();
  }
  place.type_ = type;
  const auto size = place.with_type([]<class T>() { return sizeof(T); });
  if (place.buffer_.itemsize != static_cast<Py_ssize_t>(size)) {
    throw nb::type_error("eckart: a place for results has entries of another size than the matrix");
  }
  return place;
}

Array Array::place(nb::handle array, const Array& like) {
  return place_of(array, like.type_);
}

Array Array::real_place(nb::handle array, const Array& like) {
  const bool single = like.type_ == Type::f4 || like.type_ == Type::c8;
  return place_of(array, single ? Type::f4 : Type::f8);
}

Array::Array(Array&& other) noexcept
    : buffer_(std::exchange(other.buffer_, Py_buffer{})), type_(other.type_) {}

Array& Array::operator=(Array&& other) noexcept {
  std::swap(buffer_, other.buffer_);
  std::swap(type_, other.type_);
  return *this;
}

Array::~Array() {
  release();
}

void Array::release() noexcept {
  if (buffer_.obj != nullptr) {
    PyBuffer_Release(&buffer_);
    buffer_ = {};
  }
}

Index Array::stack(int inner) const noexcept {
  Index count = 1;
  for (int d = 0; d < buffer_.ndim - inner; ++d) {
    count *= buffer_.shape[d];
  }
  return count;
}

// The leading indices of matrix i are the digits of i, the last one changing fastest.
void* Array::entry(Index i, int inner) const noexcept {
  Index offset = 0;
  for (int d = buffer_.ndim - inner - 1; d >= 0; --d) {
    offset += (i % buffer_.shape[d]) * buffer_.strides[d];
    i /= buffer_.shape[d];
  }
  return static_cast<char*>(buffer_.buf) + offset;
}

}  // namespace eckart::python
