// The approximations of an image: all of them stand in the page, and a slider shows one at a time
// beside the original. Without scripts, and on paper, they are a gallery.

#include <algorithm>
#include <cstdint>
#include <numeric>

#include <fmt/format.h>

#include <eckart/low_rank.hpp>

#include "report/page_parts.hpp"
#include "report/page_sections.hpp"
#include "report/text.hpp"

namespace eckart::report::page {

namespace {

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

}  // namespace

std::string approximations(const SpectrumReport& r) {
  if (r.approximations.empty()) {
    return "";
  }
  const std::vector<double> errors = relative_low_rank_errors(spectrum_of(r));
  std::string gallery;
  for (const Approximation& a : r.approximations) {
    // All values kept leave nothing out, and more than all no less.
    const double error = errors[std::min(static_cast<std::size_t>(a.k), errors.size() - 1)];
    const double storage = low_rank_storage(r.rows, r.cols, a.k);
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

}  // namespace eckart::report::page
