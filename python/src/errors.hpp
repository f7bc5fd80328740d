#pragma once

// The engine's errors as Python exceptions: an eckart::Error becomes the class of eckart/_errors.py for its ErrorKind, with the
// engine's message.

namespace eckart::python {

void translate_errors();

}  // namespace eckart::python
