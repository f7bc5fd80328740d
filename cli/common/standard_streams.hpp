#pragma once

namespace eckart::cli {

/// Gives standard streams that the caller has closed (eckart ... >&-) a descriptor that refuses to be read or written, so that
/// no file opened later takes their number and is written over. Call first.
void hold_standard_streams();

}  // namespace eckart::cli
