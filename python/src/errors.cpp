#include "errors.hpp"

#include <exception>

#include <nanobind/nanobind.h>

#include <eckart/svd_batch.hpp>

namespace eckart::python {
namespace {

namespace nb = nanobind;

const char* class_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::invalid_argument:
      return "ArgumentError";
    case ErrorKind::non_finite:
      return "NonFiniteError";
    case ErrorKind::size_limit:
      return "SizeLimitError";
    case ErrorKind::out_of_memory:
      return "OutOfMemoryError";
    case ErrorKind::out_of_range:
      return "OutOfRangeError";
    case ErrorKind::cancelled:
      return "CancelledError";
    case ErrorKind::unreadable:
      return "FileError";
    case ErrorKind::malformed:
      return "FormatError";
    default:
      return "NumericalError";
  }
}

void raise(const Error& error) {
  nb::object type = nb::module_::import_("eckart._errors").attr(class_of(error.kind()));
  nb::object instance = type(error.what());
  if (const auto* where = dynamic_cast<const NonFinite*>(&error)) {
    instance.attr("row") = where->row();
    instance.attr("column") = where->column();
    if (const auto* in_stack = dynamic_cast<const NonFiniteInBatch*>(where)) {
      instance.attr("matrix") = in_stack->matrix();
    }
  }
  PyErr_SetObject(type.ptr(), instance.ptr());
}

}  // namespace

void translate_errors() {
  nb::register_exception_translator([](const std::exception_ptr& thrown, void*) {
    try {
      std::rethrow_exception(thrown);
    } catch (const Error& error) {
      raise(error);
    }
  });
}

}  // namespace eckart::python
