#pragma once

#include <string>

#include "io/csv_dialect.hpp"

namespace eckart::io {

/// Where the entry of a table stands that is in this row and column of its matrix, both counted from 0: "line 4, column 3", the column in
/// bytes from 1. Empty where the table has none. One pass over what comes before it.
[[nodiscard]] std::string csv_place_of(const Input& input, const CsvDialect& dialect, Index row,
                                       Index col);

}  // namespace eckart::io
