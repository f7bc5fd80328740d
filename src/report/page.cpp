// The HTML page of a decomposition.
//
// The page is built section by section, top to bottom; each section is a file of its own, and one
// whose data is absent is left out. Every sentence is made from the figures beside it, and every
// text from outside passes through escape_markup.

#include <fmt/format.h>

#include "report/page_sections.hpp"
#include "report/page_style.hpp"
#include "report/spectrum_report.hpp"
#include "report/text.hpp"

namespace eckart::report {

namespace {

std::string headline_name(const SpectrumReport& r) {
  if (!r.title.empty()) {
    return r.title;
  }
  const std::string name = r.file.substr(r.file.find_last_of('/') + 1);
  return name.empty() || name == "-"
             ? fmt::format("A {} × {} matrix", format_count(r.rows), format_count(r.cols))
             : name;
}

}  // namespace

std::string to_html(const SpectrumReport& r) {
  const std::string name = escape_markup(headline_name(r));
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
  html += fmt::format("<p class=\"lead\">{}</p>\n", page::lead(r));
  if (!r.file.empty() && r.file != headline_name(r)) {
    html += fmt::format("<p class=\"note\"><bdi>{}</bdi></p>\n", escape_markup(r.file));
  }
  html += page::facts(r) + "</header>\n";
  for (const auto& section : {page::approximations, page::spectrum, page::energy, page::vectors,
                              page::values, page::audit, page::stages}) {
    html += section(r);
  }
  html += fmt::format(
      "</main>\n<footer>Made by Eckart. This page is one file: it needs no network and asks for "
      "nothing.</footer>\n<script>\n{}</script>\n"
      "</body>\n</html>\n",
      page_script());
  return html;
}

}  // namespace eckart::report
