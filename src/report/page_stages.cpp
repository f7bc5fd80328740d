// How the result was computed: the path through the ladder, and the share of the time that each
// stage took.

#include <algorithm>

#include <fmt/format.h>

#include "report/page_parts.hpp"
#include "report/page_sections.hpp"
#include "report/text.hpp"

namespace eckart::report::page {

namespace {

/// "a -> b", escaped, with real arrows.
std::string with_arrows(std::string text) {
  constexpr std::string_view ascii = "-&gt;";
  for (std::size_t at = text.find(ascii); at != std::string::npos; at = text.find(ascii, at)) {
    text.replace(at, ascii.size(), "→");
  }
  return text;
}

}  // namespace

std::string stages(const SpectrumReport& r) {
  std::string rows;
  for (const StageTime& stage : r.stages) {
    const double share = r.seconds > 0 ? std::clamp(stage.seconds / r.seconds, 0.0, 1.0) : 0;
    rows += fmt::format(
        "<tr><td class=\"words\">{}</td><td>{}</td><td>{}</td><td class=\"share\"><i "
        "style=\"width:{:.2f}%\"></i></td></tr>\n",
        escape_markup(stage.stage), format_seconds(stage.seconds, true), format_percent(share),
        100 * share);
  }
  if (rows.empty() && r.path.empty()) {
    return "";
  }
  const std::string table =
      rows.empty() ? ""
                   : "<div class=\"values scroll\"><table class=\"stages\"><thead><tr><th "
                     "class=\"words\">Stage</th><th>Time</th><th>Share"
                     "</th><th class=\"share\"></th></tr></thead><tbody>\n" +
                         rows + "</tbody></table></div>";
  return section(
      "How it was computed",
      fmt::format("{}{} in all, on {}, with {} of working memory.",
                  r.path.empty() ? "" : with_arrows(escape_markup(r.path)) + ". ",
                  format_seconds(r.seconds, true), counted(r.threads, "thread", "threads"),
                  format_bytes(r.workspace_bytes)),
      table);
}

}  // namespace eckart::report::page
