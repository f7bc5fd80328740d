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

/// What stands above the sections. Lead and facts are HTML, name and file text.
struct Frame {
  std::string name;  // the headline
  std::string file;  // below it, where it says more
  std::string lead;
  std::string facts;
};

/// The whole page round its sections.
[[nodiscard]] std::string document(const Frame& frame, const std::string& sections);

/// The file's name without its folders; of no file the shape.
[[nodiscard]] std::string headline_name(const std::string& file, Index rows, Index cols);

/// One of the figures at the top: a name, a value, a remark.
[[nodiscard]] std::string fact(std::string_view name, const std::string& value,
                               const std::string& remark);

/// They as a list.
[[nodiscard]] std::string fact_list(const std::string& facts);

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
