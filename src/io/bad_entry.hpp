#pragma once

#include <string>

#include <eckart/error.hpp>
#include <eckart/types.hpp>

namespace eckart::io {

/// An error about an entry of a file, in the same words whatever the file: "NAME: line 4, column 3: row 3, column 2 of the matrix
/// (counted from 1) is NaN; ...". `place` may be empty; `row` and `column` are counted from 0.
[[nodiscard]] Error bad_entry(const std::string& name, const std::string& place, Index row,
                              Index column, const std::string& value);

}  // namespace eckart::io
