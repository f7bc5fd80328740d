#pragma once

// What the sections of the page are made of: headings, figures, numbers with raised powers.
//
// Every part returns finished HTML. Headings, captions and bodies are HTML already and are not
// escaped; text from outside goes through escape_markup where it enters.

#include <string>
#include <string_view>
#include <vector>

#include "report/spectrum_report.hpp"
#include "report/svg.hpp"

namespace eckart::report::page {

/// `digits` significant digits, with powers of ten as 1.23 x 10 and a raised -5.
[[nodiscard]] std::string html_number(double value, int digits = 4);

/// With trailing zeros, for columns of numbers.
[[nodiscard]] std::string html_padded(double value, int digits);

/// A section with its heading and the sentence below it.
[[nodiscard]] std::string section(std::string_view heading, std::string_view introduction,
                                  const std::string& body);

/// A chart; heading and caption may be empty.
[[nodiscard]] std::string figure(const svg::Chart& chart, std::string_view heading,
                                 std::string_view caption);

/// Text in the colour of what is right, or of what is wrong.
[[nodiscard]] std::string judged(bool good, const std::string& text);

/// 1, 2, ..., count: the abscissae of values and entries.
[[nodiscard]] std::vector<double> indices(std::size_t count);

[[nodiscard]] Index value_count(const SpectrumReport& r);

/// No value is positive, or there is none.
[[nodiscard]] bool is_zero(const SpectrumReport& r);

}  // namespace eckart::report::page
