#pragma once

// The style sheet and the few lines of script of the HTML page.
//
// One colour table, written twice by page_style(): once for light and once for dark, the latter
// both under prefers-color-scheme and under the choice of the page's button. Sizes are in rem, so
// that the reader's own font size rules. Without scripts everything is still there: the
// approximations stand as a gallery, and so they do on paper.

#include <string>
#include <string_view>

namespace eckart::report {

[[nodiscard]] std::string page_style();
[[nodiscard]] std::string_view page_script();

}  // namespace eckart::report
