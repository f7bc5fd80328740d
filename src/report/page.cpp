// The HTML page: its frame, and the page of a whole decomposition.
//
// The page is built section by section, top to bottom; each section is a file of its own, and one
// whose data is absent is left out. Every sentence is made from the figures beside it, and every
// text from outside passes through escape_markup.

#include <fmt/format.h>

#include "report/page_parts.hpp"
#include "report/page_sections.hpp"
#include "report/page_style.hpp"
#include "report/spectrum_report.hpp"
#include "report/text.hpp"

namespace eckart::report {

std::string page::headline_name(const std::string& file, Index rows, Index cols) {
  const std::string name = file.substr(file.find_last_of('/') + 1);
  return name.empty() || name == "-"
             ? fmt::format("A {} × {} matrix", format_count(rows), format_count(cols))
             : name;
}

std::string page::document(const Frame& frame, const std::string& sections) {
  const std::string name = escape_markup(frame.name);
  std::string html = fmt::format(
      R"(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>{} · Eckart</title>
<style>
{}</style>
</head>
<body>
<div class="top"><span class="eyebrow"><b>Eckart</b> · singular value decomposition</span><button id="theme" hidden></button></div>
<main>
<header>
<h1><bdi>{}</bdi></h1>
)",
      name, page_style(), name);
  html += fmt::format("<p class=\"lead\">{}</p>\n", frame.lead);
  if (!frame.file.empty() && frame.file != frame.name) {
    html += fmt::format("<p class=\"note\"><bdi>{}</bdi></p>\n", escape_markup(frame.file));
  }
  html += frame.facts + "</header>\n" + sections;
  html += fmt::format(
      "</main>\n<footer>Made by Eckart. This page is one file: it needs no network and asks for "
      "nothing.</footer>\n<script>\n{}</script>\n"
      "</body>\n</html>\n",
      page_script());
  return html;
}

std::string to_html(const SpectrumReport& r) {
  std::string sections;
  for (const auto& section : {page::approximations, page::spectrum, page::energy, page::vectors,
                              page::values, page::audit, page::stages}) {
    sections += section(r);
  }
  return page::document(
      {.name = r.title.empty() ? page::headline_name(r.file, r.rows, r.cols) : r.title,
       .file = r.file,
       .lead = page::lead(r),
       .facts = page::facts(r)},
      sections);
}

}  // namespace eckart::report
