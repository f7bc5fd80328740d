// The HTML page of a decomposition.
//
// The page is built section by section, top to bottom: headline and facts, approximations (images
// alone), spectrum, energy, singular vectors, values, audit, stages. A section whose data is absent
// is left out. Every sentence is made from the figures beside it, and every text from outside
// passes through escape_markup.

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include <fmt/format.h>

#include "report/page_style.hpp"
#include "report/spectrum_report.hpp"
#include "report/svg.hpp"
#include "report/text.hpp"

namespace eckart::report {

namespace {

constexpr std::size_t first_rows = 50;     // rows of the table of values that stand open
constexpr std::size_t few = 60;            // so many values are drawn as points, more as a line
constexpr std::size_t few_entries = 24;    // vectors of so many entries are drawn as bars
constexpr std::size_t energy_on_log = 30;  // from so many values on, k runs on a logarithmic axis
constexpr Index layer_cells = 48;          // longer side of the picture of a rank-one layer
constexpr std::array shares = {0.9, 0.99, 0.999};
constexpr std::array share_names = {"90 %", "99 %", "99.9 %"};

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

std::string html_number(double value, int digits = 4) {
  return std::isinf(value) ? "∞" : with_raised_power(format_number(value, digits));
}

/// With trailing zeros, for columns of numbers.
std::string html_padded(double value, int digits) {
  return with_raised_power(format_padded(value, digits));
}

/// The condition number from its logarithm, since the number itself may be beyond double.
std::string html_condition(double log10) {
  if (std::isinf(log10)) {
    return "∞";
  }
  constexpr double plain = 6;
  if (log10 < plain) {
    return html_number(std::pow(10.0, log10), 3);
  }
  const double power = std::floor(log10);
  return fmt::format("{:.3g} × 10<sup>{}</sup>", std::pow(10.0, log10 - power), power);
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

std::string image(const std::vector<std::uint8_t>& png, std::string_view alternative) {
  // The width stands in the PNG header, bytes 16 to 19; small pictures are enlarged without blur.
  constexpr std::size_t width_at = 16, header = 24;
  constexpr std::uint32_t small = 200;
  std::uint32_t width = small;
  if (png.size() >= header) {
    width = std::accumulate(png.begin() + width_at, png.begin() + width_at + 4, 0U,
                            [](std::uint32_t sum, std::uint8_t byte) { return sum << 8 | byte; });
  }
  return fmt::format(R"(<img{} alt="{}" src="data:image/png;base64,{}">)",
                     width < small ? " class=\"small\"" : "", alternative, base64(png));
}

std::vector<double> indices(std::size_t count) {
  std::vector<double> x(count);
  std::iota(x.begin(), x.end(), 1.0);
  return x;
}

std::string headline_name(const SpectrumReport& r) {
  if (!r.title.empty()) {
    return r.title;
  }
  const std::string name = r.file.substr(r.file.find_last_of('/') + 1);
  return name.empty() || name == "-"
             ? fmt::format("A {} × {} matrix", format_count(r.rows), format_count(r.cols))
             : name;
}

Index value_count(const SpectrumReport& r) {
  return static_cast<Index>(r.values.size());
}

bool is_zero(const SpectrumReport& r) {
  return r.values.empty() || !(r.values.front() > 0);
}

Index zeros(const SpectrumReport& r) {
  return std::count_if(r.values.begin(), r.values.end(), [](double s) { return !(s > 0); });
}

// ----------------------------------------------------------------------------------------------------
// headline and facts

std::string check_sentence(const SpectrumReport& r) {
  if (!r.audit.passed) {
    return "<span class=\"bad\">The result did not pass its check:</span> see the audit below.";
  }
  if (!r.has_u && !r.has_v) {
    return "The singular values were checked before they were returned.";
  }
  return fmt::format(
      "The result was checked before it was returned: its error is {} in units of rounding, where "
      "anything below {} is "
      "accepted.",
      html_number(std::max({r.audit.residual, r.audit.orthogonality_u, r.audit.orthogonality_v}),
                  2),
      html_number(r.audit_threshold));
}

std::string lead(const SpectrumReport& r) {
  std::string text = fmt::format("A {} × {} matrix of {} numbers. ", format_count(r.rows),
                                 format_count(r.cols), escape_markup(r.dtype));
  const Index count = value_count(r);
  if (count == 0) {
    return text + "It is empty, so it has no singular values.";
  }
  if (is_zero(r)) {
    text += "All its entries are zero, and so are its singular values. ";
  } else {
    text += r.rank.rank == count
                ? fmt::format("Its numerical rank is {}, which is full. ", format_count(count))
                : fmt::format("Its numerical rank is {} of {}. ", format_count(r.rank.rank),
                              format_count(count));
    text +=
        fmt::format("The first {} {} 99 % of its energy. ",
                    counted(energy_rank(r.values, 0.99), "singular triplet", "singular triplets"),
                    energy_rank(r.values, 0.99) == 1 ? "holds" : "hold");
  }
  return text + check_sentence(r);
}

std::string fact(std::string_view name, const std::string& value, const std::string& remark) {
  return fmt::format("<div><dt>{}</dt><dd>{}<small>{}</small></dd></div>\n", name, value, remark);
}

std::string rank_remark(const SpectrumReport& r) {
  if (r.rank.near_threshold == 0) {
    return "No value lies within a factor 10 of the threshold: the rank is clear-cut.";
  }
  return fmt::format("{} within a factor 10 of the threshold: the rank depends on it.",
                     counted(r.rank.near_threshold, "value lies", "values lie"));
}

std::string condition_remark(const SpectrumReport& r, double log10) {
  if (std::isinf(log10)) {
    return "The smallest value is zero: the matrix is singular.";
  }
  const bool single = r.dtype == "float32" || r.dtype == "complex64";
  const int digits = single ? 7 : 16;
  const int lost = std::min(static_cast<int>(std::lround(log10)), digits);
  return lost == 0 ? "Solving with this matrix is harmless."
         : lost == digits
             ? fmt::format("Solving with this matrix may lose all {} digits.", digits)
             : fmt::format("Solving with this matrix may lose {} of {} digits.", lost, digits);
}

std::string facts(const SpectrumReport& r) {
  std::string out;
  if (!r.values.empty()) {
    out += fact("Numerical rank",
                fmt::format("{} of {}", format_count(r.rank.rank), format_count(value_count(r))),
                rank_remark(r));
    out += fact("Largest singular value", html_number(r.values.front(), 5),
                "The spectral norm: how much the matrix stretches at most.");
    if (const auto condition = log10_condition(r.values)) {
      out += fact("Condition number", html_condition(*condition), condition_remark(r, *condition));
    }
    if (!is_zero(r)) {
      out +=
          fact("Triplets for 99 % of the energy",
               fmt::format("{} of {}", format_count(energy_rank(r.values, 0.99)),
                           format_count(value_count(r))),
               fmt::format("{} for 90 %, {} for 99.9 %.", format_count(energy_rank(r.values, 0.9)),
                           format_count(energy_rank(r.values, 0.999))));
    }
  }
  if (r.has_u || r.has_v) {
    out += fact("Residual", html_number(r.audit.residual, 3),
                "In units of rounding: how far U S Vᴴ is from the matrix.");
  }
  out += fact("Time", format_seconds(r.seconds, true),
              fmt::format("On {}.", counted(r.threads, "thread", "threads")));
  return "<dl class=\"facts\">\n" + out + "</dl>\n";
}

// -------------------------------------------------------------------------------------------------------
// approximations

std::string approximations(const SpectrumReport& r) {
  if (r.approximations.empty()) {
    return "";
  }
  std::string gallery;
  for (const Approximation& a : r.approximations) {
    const double error = relative_error(r.values, a.k);
    const double storage = storage_ratio(r.rows, r.cols, a.k);
    gallery += fmt::format(
        R"(<figure data-k="{0}">{1}<dl class="key"><dt>Rank</dt><dd>{0} of {2}</dd><dt>Energy kept</dt><dd>{3}</dd>)"
        R"(<dt>Relative error</dt><dd>{4}</dd><dt>Numbers stored</dt><dd>{5} of the original</dd></dl></figure>)"
        "\n",
        a.k, image(a.png, fmt::format("Approximation of rank {}", a.k)), value_count(r),
        format_percent(1 - error * error, 2), format_percent(error, 2), format_percent(storage));
  }
  const std::string slider = fmt::format(
      R"(<div class="slider"><label for="rank">Rank k</label><input id="rank" type="range" min="0" max="{}" value="{}" step="1">)"
      R"(<output id="rank-shown" for="rank"></output></div>)"
      "\n",
      r.approximations.size() - 1, r.approximations.size() / 2);
  const std::string original =
      r.original_png.empty()
          ? ""
          : fmt::format(
                R"(<figure>{}<dl class="key"><dt>Original</dt><dd>{} × {}</dd><dt>Numbers stored</dt><dd>{}</dd></dl></figure>)",
                image(r.original_png, "Original"), r.rows, r.cols, format_count(r.rows * r.cols));
  return section(
      "Approximations",
      "Keeping the k largest singular values and their vectors gives the best picture of rank k "
      "there is (Eckart and Young, 1936). <span class=\"hint\">Move the slider to see what each "
      "rank costs "
      "and what it loses.</span>",
      slider + "<div class=\"compare\">\n" + original + "<div class=\"gallery\">" + gallery +
          "</div></div>");
}

// ---------------------------------------------------------------------------------------------------
// spectrum and energy

svg::Chart spectrum_chart(const SpectrumReport& r, Scale scale) {
  svg::Chart chart;
  const bool log = scale == Scale::log;
  chart.id = log ? "spectrum-log" : "spectrum-linear";
  chart.title = log ? "Singular values, logarithmic" : "Singular values, linear";
  chart.description =
      r.values.empty()
          ? "There are no values."
          : fmt::format("{} from {} down to {}.", counted(value_count(r), "value", "values"),
                        format_number(r.values.front()), format_number(r.values.back()));
  const double margin = r.values.size() <= few ? 0.5 : 0;
  chart.x = {.label = "index i",
             .low = 1 - margin,
             .high = static_cast<double>(value_count(r)) + margin,
             .integer = true,
             .categories = {}};
  chart.y = {.label = "singular value", .scale = scale, .low = {}, .high = {}, .categories = {}};
  if (!log) {
    chart.y.low = 0;
  }
  const std::vector<double> x = indices(r.values.size());
  chart.series.push_back(
      {"", r.values.size() <= few ? svg::Mark::points : svg::Mark::line, x, r.values, 1});
  if (log && r.rank.threshold > 0 && r.rank.rank < value_count(r)) {
    chart.guides.push_back({svg::Guide::Across::y, r.rank.threshold, "rank threshold"});
  }
  return chart;
}

std::string spectrum(const SpectrumReport& r) {
  if (r.values.empty()) {
    return "";
  }
  const std::string introduction =
      "The singular values in descending order: how strongly the matrix acts in each direction.";
  if (is_zero(r)) {
    return section("Spectrum", introduction, "<p>All are zero: there is nothing to draw.</p>");
  }
  std::string log_caption = "A steady slope is a geometric decay; a cliff is a gap in the rank.";
  if (const Index count = zeros(r); count > 0) {
    log_caption = fmt::format("{} exactly zero and cannot stand on a logarithmic axis.",
                              counted(count, "value is", "values are"));
  }
  return section("Spectrum", introduction,
                 "<div class=\"pair\">\n" +
                     figure(spectrum_chart(r, Scale::linear), "Linear", "The leading values.") +
                     figure(spectrum_chart(r, Scale::log), "Logarithmic", log_caption) + "</div>");
}

std::string energy(const SpectrumReport& r) {
  if (is_zero(r)) {
    return "";
  }
  const bool log = r.values.size() > energy_on_log;
  svg::Chart chart;
  chart.id = "energy";
  chart.title = "Cumulative energy";
  chart.x = {.label = log ? "number of triplets k, logarithmic" : "number of triplets k",
             .scale = log ? Scale::log : Scale::linear,
             .low = log ? 1.0 : 0.0,
             .high = static_cast<double>(value_count(r)),
             .integer = true,
             .categories = {}};
  chart.y = {.label = "energy", .low = 0, .high = 1, .percent = true, .categories = {}};
  const std::vector<double> y = cumulative_energy(r.values);
  svg::Series line = {"", svg::Mark::line, indices(r.values.size()), y, 1};
  if (!log) {  // no triplets, no energy
    line.x.insert(line.x.begin(), 0);
    line.y.insert(line.y.begin(), 0);
  }
  chart.series.push_back(std::move(line));
  svg::Series marks = {"", svg::Mark::points, {}, {}, 2};
  std::string rows;
  for (std::size_t i = 0; i < shares.size(); ++i) {
    const Index k = energy_rank(r.values, shares[i]);
    const std::string name = share_names[i];
    marks.x.push_back(static_cast<double>(k));
    marks.y.push_back(y[static_cast<std::size_t>(k - 1)]);
    chart.guides.push_back(
        {svg::Guide::Across::x, static_cast<double>(k), fmt::format("{} at k = {}", name, k)});
    chart.description += fmt::format("{} of the energy at k = {}. ", name, k);
    rows += fmt::format("<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>\n", name,
                        format_count(k), format_percent(relative_error(r.values, k), 2),
                        format_percent(storage_ratio(r.rows, r.cols, k)));
  }
  chart.series.push_back(marks);
  const std::string table =
      "<div><h3>What a share of the energy costs</h3><div "
      "class=\"scroll\"><table><thead><tr><th>Energy</th><th>Triplets "
      "k</th><th>Relative error</th><th>Storage</th></tr></thead><tbody>\n" +
      rows +
      "</tbody></table></div><p class=\"caption\">The relative error is ‖A − A<sub>k</sub>‖ / ‖A‖ "
      "in the Frobenius norm. "
      "Storage compares the k (m + n + 1) numbers of the factors with the m n of the "
      "matrix.</p></div>";
  return section(
      "Energy",
      "The squares of the singular values add up to the sum of the squared entries. Each triplet "
      "carries its "
      "share; few large shares mean that a few triplets describe the matrix well.",
      "<div class=\"pair\">\n" + figure(chart, "Cumulative energy", "") + table + "</div>");
}

// ------------------------------------------------------------------------------------------------------
// singular vectors

svg::Chart vector_chart(const std::vector<double>& entries, const std::vector<std::string>& names,
                        std::string id, std::string title, int colour, bool moduli) {
  svg::Chart chart;
  chart.id = std::move(id);
  chart.title = std::move(title);
  chart.description = fmt::format("{} of a unit vector.",
                                  counted(static_cast<Index>(entries.size()), "entry", "entries"));
  chart.height = 190;
  const bool short_one = entries.size() <= few_entries;
  const auto count = static_cast<double>(entries.size());
  std::vector<double> x = indices(entries.size());
  if (short_one && names.size() == entries.size()) {
    chart.x.categories = names;
    std::for_each(x.begin(), x.end(), [](double& position) { position -= 1; });
  } else {
    chart.x.low = short_one ? 0.5 : 1;
    chart.x.high = count + (short_one ? 0.5 : 0);
    chart.x.integer = true;
  }
  if (moduli) {
    chart.y.low = 0;
  }
  if (!short_one && !moduli) {
    chart.guides.push_back({svg::Guide::Across::y, 0, ""});
  }
  chart.series.push_back(
      {"", short_one ? svg::Mark::bars : svg::Mark::line, std::move(x), entries, colour});
  return chart;
}

/// Means of consecutive blocks: `entries` reduced to `cells`.
std::vector<double> block_means(const std::vector<double>& entries, Index cells) {
  std::vector<double> means;
  const auto count = static_cast<Index>(entries.size());
  for (Index c = 0; c < cells; ++c) {
    const Index begin = c * count / cells, end = (c + 1) * count / cells;
    means.push_back(std::accumulate(entries.begin() + begin, entries.begin() + end, 0.0) /
                    static_cast<double>(end - begin));
  }
  return means;
}

/// The rank-one matrix u v^T as a small picture.
std::string layer(const VectorPair& pair, std::size_t number) {
  const auto rows = static_cast<Index>(pair.left.size()),
             cols = static_cast<Index>(pair.right.size());
  const Index longer = std::max(rows, cols);
  const auto cells = [&](Index side) {
    return longer <= layer_cells ? side : std::max<Index>(1, side * layer_cells / longer);
  };
  const std::vector<double> u = block_means(pair.left, cells(rows)),
                            v = block_means(pair.right, cells(cols));
  svg::HeatMap map;
  map.id = fmt::format("layer-{}", number);
  map.title = fmt::format("Layer {}", number);
  map.description =
      "The rank-one matrix that this triplet adds, before it is multiplied by its singular value.";
  map.rows = static_cast<Index>(u.size());
  map.cols = static_cast<Index>(v.size());
  for (const double a : u) {
    for (const double b : v) {
      map.values.push_back(a * b);
    }
  }
  return fmt::format(
      "<figure>{}<p class=\"caption\">layer u<sub>{}</sub>v<sub>{}</sub>ᵀ</p></figure>\n",
      svg::render(map), number, number);
}

std::string vectors(const SpectrumReport& r) {
  const bool layered = !r.original_png.empty() && !r.vectors_are_moduli;
  std::string body;
  for (std::size_t i = 0; i < r.vectors.size(); ++i) {
    const VectorPair& pair = r.vectors[i];
    const std::size_t number = i + 1;
    if (pair.left.empty() && pair.right.empty()) {
      continue;
    }
    const bool has_layer = layered && !pair.left.empty() && !pair.right.empty();
    body += fmt::format("<div class=\"triplet{}\">\n", has_layer ? " layered" : "");
    body += fmt::format("<h3>Triplet {}{}</h3>\n", number,
                        i < r.values.size() ? fmt::format(": σ<sub>{}</sub> = {}", number,
                                                          html_number(r.values[i], 5))
                                            : "");
    const std::string bar = r.vectors_are_moduli ? "|" : "";
    if (!pair.left.empty()) {
      body += figure(
          vector_chart(pair.left, {}, fmt::format("u-{}", number),
                       fmt::format("Left singular vector {}", number), 1, r.vectors_are_moduli),
          "", fmt::format("{0}u<sub>{1}</sub>{0}, over the rows", bar, number));
    }
    if (!pair.right.empty()) {
      body += figure(
          vector_chart(pair.right, r.column_names, fmt::format("v-{}", number),
                       fmt::format("Right singular vector {}", number), 2, r.vectors_are_moduli),
          "", fmt::format("{0}v<sub>{1}</sub>{0}, over the columns", bar, number));
    }
    body += (has_layer ? layer(pair, number) : "") + "</div>\n";
  }
  if (body.empty()) {
    return "";
  }
  return section("First singular vectors",
                 "Each singular value has a direction among the rows, u, and one among the "
                 "columns, v. The matrix is the sum of "
                 "the layers σ u vᴴ.",
                 "<div class=\"triplets\">\n" + body + "</div>");
}

// ----------------------------------------------------------------------------------------------------------------
// values

/// Rows begin ... end - 1 of the table of values.
std::string values_table(const SpectrumReport& r, std::size_t begin, std::size_t end) {
  const std::vector<double> energy = cumulative_energy(r.values);
  const std::vector<double> errors = relative_errors(r.values);
  const double largest = is_zero(r) ? 1 : r.values.front();
  std::string rows;
  for (std::size_t i = begin; i < end; ++i) {
    if (static_cast<Index>(i) == r.rank.rank) {
      rows += fmt::format(
          "<tr class=\"cut\"><td colspan=\"6\">At or below the rank threshold {}: counted as "
          "zero.</td></tr>\n",
          html_number(r.rank.threshold));
    }
    const double ratio = r.values[i] / largest;
    rows += fmt::format(
        "<tr><td>{}</td><td>{}</td><td class=\"ratio\">{}</td><td>{}</td><td "
        "class=\"ratio\">{}</td>"
        "<td class=\"share\"><i style=\"width:{:.2f}%\"></i></td></tr>\n",
        format_count(static_cast<Index>(i + 1)), html_padded(r.values[i], 8), html_padded(ratio, 3),
        format_percent(energy[i], 2), html_padded(errors[i + 1], 3), 100 * ratio * ratio);
  }
  return "<div class=\"scroll\"><table class=\"dense\"><thead><tr><th>i</th><th>σ<sub>i</sub></th>"
         "<th class=\"ratio\">σ<sub>i</sub> / σ<sub>1</sub></th><th>Energy up to i</th>"
         "<th class=\"ratio\">Error of rank i</th><th class=\"share words\">Energy of "
         "i</th></tr></thead>"
         "<tbody>\n" +
         rows + "</tbody></table></div>";
}

std::string values(const SpectrumReport& r) {
  if (r.values.empty()) {
    return "";
  }
  const std::size_t open = std::min(first_rows, r.values.size());
  const std::size_t shown = std::min(table_limit, r.values.size());
  std::string body = "<div class=\"values\">" + values_table(r, 0, open) + "</div>";
  if (shown > open) {
    body += fmt::format("\n<details><summary>Values {} to {}</summary>{}</details>", open + 1,
                        format_count(static_cast<Index>(shown)), values_table(r, open, shown));
  }
  if (shown < r.values.size()) {
    body += fmt::format(
        "\n<p class=\"note\">{} further values are left out of this page; they are in the JSON and "
        "in the npz.</p>",
        format_count(static_cast<Index>(r.values.size() - shown)));
  }
  return section("Values",
                 r.kept > 0 && r.kept < value_count(r)
                     ? fmt::format("The first {} were kept in the output; all are listed here.",
                                   counted(r.kept, "triplet", "triplets"))
                     : "All singular values; the energy of all up to each; the relative Frobenius "
                       "error that is "
                       "left when the rest is dropped.",
                 body);
}

// -----------------------------------------------------------------------------------------------------
// audit and stages

struct AuditLine {
  std::string_view name, formula;
  double value;
  bool known;
  std::string_view meaning;
};

std::string audit_row(std::string_view name, std::string_view meaning, std::string_view formula,
                      const std::string& found, const std::string& accepted) {
  return fmt::format(
      "<tr><td class=\"words\">{}<small>{}</small>{}</td><td>{}</td><td>{}</td></tr>\n", name,
      meaning, formula.empty() ? "" : fmt::format("<small class=\"formula\">{}</small>", formula),
      found, accepted);
}

std::string judged(bool good, const std::string& text) {
  return fmt::format("<span class=\"{}\">{}</span>", good ? "good" : "bad", text);
}

std::string attempts(const SpectrumReport& r) {
  if (r.attempts.size() < 2) {
    return "";
  }
  std::string rows;
  for (const AttemptFacts& attempt : r.attempts) {
    rows += fmt::format(
        "<tr><td class=\"words\">{}</td><td class=\"words\">{}</td></tr>\n",
        escape_markup(attempt.driver),
        attempt.failure.empty() ? judged(true, "passed") : escape_markup(attempt.failure));
  }
  return "<h3 class=\"later\">Methods that were tried</h3><p class=\"caption\">A method whose "
         "result fails the "
         "audit is followed by the next, more careful one.</p><div "
         "class=\"values scroll\"><table><tbody>\n" +
         rows + "</tbody></table></div>";
}

std::string audit(const SpectrumReport& r) {
  const AuditReport& a = r.audit;
  const std::array<AuditLine, 4> lines = {{
      {"Residual", "‖A − U S Vᴴ‖ / (σ<sub>1</sub> max(m, n) ε)", a.residual, true,
       r.has_u
           ? "How far the product of the factors is from the matrix."
           : "How far the matrix, its bidiagonal form and the result are from one another, link "
             "by link; U was not formed."},
      {"Orthogonality of U", "‖I − Uᴴ U‖ / (m ε)", a.orthogonality_u, r.has_u,
       "How far the left vectors are from unit length and right angles."},
      {"Orthogonality of V", "‖I − Vᴴ V‖ / (n ε)", a.orthogonality_v, r.has_v,
       "The same for the right vectors."},
      {"Norm", "|‖A‖<sub>F</sub> − ‖s‖| / (‖A‖<sub>F</sub> max(m, n) ε)", a.norm, true,
       "Whether the squares of the values add up to those of the entries."},
  }};
  const std::string accepted = "≤ " + html_number(r.audit_threshold);
  std::string rows;
  for (const AuditLine& line : lines) {
    rows +=
        audit_row(line.name, line.meaning, line.formula,
                  line.known ? judged(line.value <= r.audit_threshold, html_number(line.value, 3))
                             : "not computed",
                  accepted);
  }
  rows += audit_row("Order", "Whether the values are finite, not negative and descending.", "",
                    judged(a.sorted, a.sorted ? "yes" : "no"), "yes");
  if (!r.has_u && !r.has_v) {
    rows += audit_row("Counts",
                      "Whether counts of the eigenvalues below each value (Sturm) confirm it.", "",
                      judged(a.counts_agree, a.counts_agree ? "yes" : "no"), "yes");
  }
  if (a.fooled > 0) {
    rows += audit_row("Chance of being fooled",
                      "The probability, at most, that an error eight times the accepted one passes "
                      "the random probes.",
                      "", html_number(a.fooled, 2), "");
  }
  return section(
      "Audit",
      (a.passed ? judged(true, "Passed.") + " Every result is tested before it is returned."
                : judged(false, "Not passed.")) +
          " Figures are in units of rounding: 1 is the size that rounding alone may leave.",
      "<div class=\"values scroll\"><table><thead><tr><th "
      "class=\"words\">Figure</th><th>Found</th><th>Accepted</th>"
      "</tr></thead><tbody>\n" +
          rows + "</tbody></table></div>" + attempts(r));
}

/// "a -> b", escaped, with real arrows.
std::string with_arrows(std::string text) {
  constexpr std::string_view ascii = "-&gt;";
  for (std::size_t at = text.find(ascii); at != std::string::npos; at = text.find(ascii, at)) {
    text.replace(at, ascii.size(), "→");
  }
  return text;
}

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

}  // namespace

std::string to_html(const SpectrumReport& r) {
  const std::string name = escape_markup(headline_name(r));
  std::string page = fmt::format(
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
  page += fmt::format("<p class=\"lead\">{}</p>\n", lead(r));
  if (!r.file.empty() && r.file != headline_name(r)) {
    page += fmt::format("<p class=\"note\"><bdi>{}</bdi></p>\n", escape_markup(r.file));
  }
  page += facts(r) + "</header>\n";
  page +=
      approximations(r) + spectrum(r) + energy(r) + vectors(r) + values(r) + audit(r) + stages(r);
  page += fmt::format(
      "</main>\n<footer>Made by Eckart. This page is one file: it needs no network and asks for "
      "nothing.</footer>\n<script>\n{}</script>\n"
      "</body>\n</html>\n",
      page_script());
  return page;
}

}  // namespace eckart::report
