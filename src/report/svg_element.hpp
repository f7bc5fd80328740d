#pragma once

// The <svg> element that holds a picture: its head, its style sheet, its coordinates.

#include <string>
#include <string_view>

#include "report/svg.hpp"

namespace eckart::report::svg {

/// A coordinate with a tenth of a unit, without trailing zeros and without "-0".
[[nodiscard]] std::string number(double x);

/// The start tag with title and description; one that stands alone brings its style sheet.
[[nodiscard]] std::string open(std::string_view css, const std::string& id,
                               const std::string& title, const std::string& description,
                               double width, double height, Setting setting);

}  // namespace eckart::report::svg
