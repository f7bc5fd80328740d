#include "report/page_parts.hpp"

#include <cmath>
#include <numeric>

#include <fmt/format.h>

#include "report/text.hpp"

namespace eckart::report::page {

namespace {

/// "1.23e-05" as 1.23 x 10 with a raised -5; plain numbers stay plain.
std::string with_raised_power(const std::string& text) {
  const std::size_t e = text.find('e');
  if (e == std::string::npos) {
    return text;
  }
  const int power = std::stoi(text.substr(e + 1));
  return fmt::format("{} × 10<sup>{}{}</sup>", text.substr(0, e), power < 0 ? "−" : "",
                     std::abs(power));
}

}  // namespace

std::string html_number(double value, int digits) {
  return std::isinf(value) ? "∞" : with_raised_power(format_number(value, digits));
}

std::string html_padded(double value, int digits) {
  return with_raised_power(format_padded(value, digits));
}

std::string fact(std::string_view name, const std::string& value, const std::string& remark) {
  return fmt::format("<div><dt>{}</dt><dd>{}<small>{}</small></dd></div>\n", name, value, remark);
}

std::string fact_list(const std::string& facts) {
  return "<dl class=\"facts\">\n" + facts + "</dl>\n";
}

std::string section(std::string_view heading, std::string_view introduction,
                    const std::string& body) {
  return fmt::format("<section>\n<h2>{}</h2>\n<p class=\"intro\">{}</p>\n{}\n</section>\n", heading,
                     introduction, body);
}

std::string figure(const svg::Chart& chart, std::string_view heading, std::string_view caption) {
  return fmt::format("<figure>{}{}{}</figure>\n",
                     heading.empty() ? "" : fmt::format("<h3>{}</h3>", heading), svg::render(chart),
                     caption.empty() ? "" : fmt::format("<p class=\"caption\">{}</p>", caption));
}

std::string judged(bool good, const std::string& text) {
  return fmt::format("<span class=\"{}\">{}</span>", good ? "good" : "bad", text);
}

std::vector<double> indices(std::size_t count) {
  std::vector<double> x(count);
  std::iota(x.begin(), x.end(), 1.0);
  return x;
}

Index value_count(const SpectrumReport& r) {
  return static_cast<Index>(r.values.size());
}

bool is_zero(const SpectrumReport& r) {
  return r.values.empty() || !(r.values.front() > 0);
}

}  // namespace eckart::report::page
