#pragma once

// Operators as Python holds them: an engine Operator<T> of one of the four types, behind one class.
//
// What an operator reads (arrays) or calls (functions) lives as long as the operator does. An operator may be destroyed by a thread
// that does not hold the interpreter's lock, so whatever belongs to Python is let go of with the lock taken.

#include <memory>
#include <utility>
#include <variant>

#include <nanobind/nanobind.h>

#include <eckart/operator.hpp>

#include "lock.hpp"

namespace eckart::python {

namespace nb = nanobind;

using AnyOperator = std::variant<Operator<float>, Operator<double>, Operator<std::complex<float>>,
                                 Operator<std::complex<double>>>;

/// eckart._engine.Operator.
struct HeldOperator {
  AnyOperator value;
};

/// A value that belongs to Python; its last owner takes the lock to destroy it.
template <class Value>
std::shared_ptr<Value> held(Value&& value) {
  return std::shared_ptr<Value>(new Value(std::forward<Value>(value)), [](Value* p) {
    const Locked locked;
    delete p;
  });
}

}  // namespace eckart::python
