#pragma once

// A checker of XML's rules of form, enough for the charts: every element closed in order, attributes quoted and named once,
// only the five entities and numeric references, no stray '<' or '&'.

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace eckart::report::testing {

/// What breaks the form, with the place; empty when nothing does.
inline std::string markup_fault(std::string_view text) {
  std::vector<std::string> open;
  const auto fault = [&](const std::string& what, std::size_t at) {
    return what + " at byte " + std::to_string(at) + ": " + std::string(text.substr(at, 40));
  };
  const auto is_name = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == ':' || c == '_';
  };
  const auto entity_end = [&](std::size_t at) {
    for (const std::string_view known : {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"}) {
      if (text.substr(at, known.size()) == known) {
        return at + known.size();
      }
    }
    return std::string_view::npos;
  };
  std::size_t at = 0;
  while (at < text.size()) {
    if (text[at] == '&') {
      const std::size_t end = entity_end(at);
      if (end == std::string_view::npos) {
        return fault("unknown entity", at);
      }
      at = end;
      continue;
    }
    if (text[at] != '<') {
      ++at;
      continue;
    }
    const std::size_t start = at++;
    const bool closing = text.substr(at, 1) == "/";
    at += closing ? 1 : 0;
    const std::size_t name_start = at;
    while (at < text.size() && is_name(text[at])) {
      ++at;
    }
    const std::string name(text.substr(name_start, at - name_start));
    if (name.empty()) {
      return fault("stray <", start);
    }
    if (closing) {
      if (open.empty() || open.back() != name || text.substr(at, 1) != ">") {
        return fault("wrong end of " + name, start);
      }
      open.pop_back();
      ++at;
      continue;
    }
    std::set<std::string> attributes;
    while (at < text.size() && text[at] == ' ') {
      const std::size_t attribute_start = ++at;
      while (at < text.size() && is_name(text[at])) {
        ++at;
      }
      const std::string attribute(text.substr(attribute_start, at - attribute_start));
      if (attribute.empty() || !attributes.insert(attribute).second ||
          text.substr(at, 2) != "=\"") {
        return fault("bad attribute '" + attribute + "'", attribute_start);
      }
      for (at += 2; at < text.size() && text[at] != '"';) {
        if (text[at] == '<' || (text[at] == '&' && entity_end(at) == std::string_view::npos)) {
          return fault("bad character in " + attribute, at);
        }
        ++at;
      }
      ++at;
    }
    const bool empty = text.substr(at, 2) == "/>";
    if (!empty && text.substr(at, 1) != ">") {
      return fault("unclosed tag " + name, start);
    }
    at += empty ? 2 : 1;
    if (!empty) {
      open.push_back(name);
    }
  }
  return open.empty() ? "" : "element " + open.back() + " is not closed";
}

inline std::size_t occurrences(std::string_view text, std::string_view what) {
  std::size_t count = 0;
  for (std::size_t at = text.find(what); at != std::string_view::npos;
       at = text.find(what, at + what.size())) {
    ++count;
  }
  return count;
}

/// The <svg> elements of a page.
inline std::vector<std::string> charts_of(std::string_view page) {
  std::vector<std::string> charts;
  for (std::size_t at = page.find("<svg"); at != std::string_view::npos;
       at = page.find("<svg", at + 1)) {
    charts.emplace_back(page.substr(at, page.find("</svg>", at) + 6 - at));
  }
  return charts;
}

}  // namespace eckart::report::testing
