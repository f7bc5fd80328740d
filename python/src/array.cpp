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

Array Array::optional(nb::handle array, Access access) {
  return array.is_none() ? Array() : Array(array, access);
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
