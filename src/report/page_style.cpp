#include "report/page_style.hpp"

#include <fmt/format.h>

#include "report/svg.hpp"

namespace eckart::report {

namespace {

// Text on paper has a contrast of at least 4.5 : 1 in both, marks of at least 3 : 1.
constexpr std::string_view light =
    R"(color-scheme:light;--paper:#fcfbf9;--panel:#fff;--ink:#1b1f24;--ink-soft:#5a616c;--rule:#e6e3dc;
--accent:#1f5f99;--good:#2c6e3f;--bad:#a8321f;
--series-1:#1f5f99;--series-2:#b8561f;--series-3:#3f7a45;--series-4:#75509c;
--heat-low:#b8561f;--heat-zero:#f6f4ef;--heat-high:#1f5f99)";
constexpr std::string_view dark =
    R"(color-scheme:dark;--paper:#12151a;--panel:#181c22;--ink:#e9e7e2;--ink-soft:#a0a7b3;--rule:#2a2f38;
--accent:#86bbec;--good:#8fcb9b;--bad:#f0988a;
--series-1:#7ab4e8;--series-2:#e8a072;--series-3:#8fc694;--series-4:#bfa0e0;
--heat-low:#e8a072;--heat-zero:#1b2027;--heat-high:#7ab4e8)";

constexpr std::string_view layout = R"css(*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0;background:var(--paper);color:var(--ink);
font:1.0625rem/1.6 Charter,"Bitstream Charter","Sitka Text",Cambria,Georgia,serif;text-rendering:optimizeLegibility}
main,.top,footer{width:min(72rem,100% - clamp(2rem,8vw,8rem));margin-inline:auto}
button,table,dl,.caption,.eyebrow,.note,output,label,footer,.key,.stages,summary
{font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
.top{display:flex;justify-content:space-between;align-items:center;padding-block:1.5rem 0}
.eyebrow{font-size:.8125rem;letter-spacing:.02em;color:var(--ink-soft)}
.eyebrow b{color:var(--ink);font-weight:600}
button{font-size:.8125rem;line-height:1;color:var(--ink-soft);background:none;border:1px solid var(--rule);
border-radius:999px;padding:.5rem .875rem;cursor:pointer}
button:hover{color:var(--ink);border-color:var(--ink-soft)}
:focus-visible{outline:2px solid var(--accent);outline-offset:3px}
h1{font-size:clamp(1.875rem,1.2rem + 2.8vw,3.25rem);line-height:1.12;font-weight:600;letter-spacing:-.018em;
margin:clamp(2rem,6vw,4.5rem) 0 1rem;overflow-wrap:anywhere;text-wrap:balance}
h2{font-size:1.5rem;line-height:1.25;font-weight:600;letter-spacing:-.01em;margin:0 0 .5rem}
h3{font-size:1rem;line-height:1.4;font-weight:600;margin:0 0 .75rem}
p{margin:0 0 1rem;max-width:40rem}
.lead{font-size:clamp(1.125rem,1rem + .5vw,1.3125rem);line-height:1.5;max-width:44rem;margin-bottom:0}
.intro{color:var(--ink-soft);margin-bottom:1.75rem}
section{padding-block:clamp(2.5rem,5vw,4rem);border-top:1px solid var(--rule)}
header{padding-bottom:clamp(2.5rem,5vw,3.5rem)}
sup{font-size:.72em;line-height:0}
.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,17rem),1fr));gap:2rem 2.5rem;margin:2.75rem 0 0}
.facts div{border-top:2px solid var(--ink);padding-top:.75rem}
.facts dt{font-size:.8125rem;color:var(--ink-soft)}
.facts dd{margin:.125rem 0 0;font-size:1.5rem;line-height:1.3;font-weight:600;letter-spacing:-.01em;font-variant-numeric:tabular-nums}
.facts dd small{display:block;margin-top:.25rem;font-size:.8125rem;line-height:1.45;font-weight:400;letter-spacing:0;color:var(--ink-soft)}
.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,25rem),1fr));gap:2.5rem clamp(2rem,4vw,4rem)}
.pair>*{min-width:0;container-type:inline-size}
figure{margin:0}
.caption{font-size:.8125rem;line-height:1.5;color:var(--ink-soft);margin-top:.625rem;max-width:34rem}
.scroll{overflow-x:auto;-webkit-overflow-scrolling:touch}
table{border-collapse:collapse;font-size:.875rem;line-height:1.45;font-variant-numeric:tabular-nums;width:100%}
th{font-weight:500;color:var(--ink-soft);text-align:right;vertical-align:bottom;white-space:nowrap;border-bottom:1px solid var(--ink-soft)}
td{text-align:right;border-bottom:1px solid var(--rule);vertical-align:top;white-space:nowrap}
th,td{padding:.4375rem 0 .4375rem 1.5rem}
th:first-child,td:first-child{padding-left:0}
.words{text-align:left;white-space:normal}
td small{display:block;margin-top:.125rem;font-size:.8125rem;color:var(--ink-soft)}
.formula{opacity:.85}
.later{margin-top:2.5rem}
.share{width:22%;min-width:7rem;padding-left:2rem}
.share i{display:block;height:.5rem;margin-top:.4em;border-radius:2px;background:var(--series-1);min-width:1px}
.cut td{text-align:left;color:var(--ink-soft);font-style:italic;white-space:normal;border-bottom-color:var(--ink-soft)}
.values{max-width:58rem}
.dense th,.dense td{padding-block:.25rem}
details{max-width:58rem;margin-top:1.25rem}
summary{cursor:pointer;font-size:.875rem;color:var(--accent);padding-block:.5rem}
.note{font-size:.8125rem;color:var(--ink-soft);margin-top:1rem}
.good{color:var(--good)}.bad{color:var(--bad)}
.good,.bad{font-weight:600}
.triplets{display:grid;gap:2.75rem}
.triplet{display:grid;grid-template-columns:minmax(0,1fr) minmax(0,1fr);gap:1rem clamp(1.5rem,3vw,3rem);align-items:end}
.triplet.layered{grid-template-columns:minmax(0,1fr) minmax(0,1fr) minmax(7rem,13rem);align-items:start}
.triplet>h3{grid-column:1/-1;margin:0}
.triplet figure{container-type:inline-size}
.triplet .caption{margin-top:.375rem}
.heat{border-radius:3px;overflow:hidden}
.compare{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:1rem clamp(1rem,3vw,2.5rem);align-items:start}
.compare img,.gallery img{display:block;width:100%;height:auto;max-height:80vh;object-fit:contain;object-position:left top;
background:var(--rule);border-radius:3px}
img.small{image-rendering:pixelated}
.slider,.hint{display:none}
.js .hint{display:inline}
.js .slider{display:grid;grid-template-columns:auto minmax(0,1fr) 3em;gap:.75rem 1.25rem;align-items:center;margin-bottom:1.75rem}
.slider label,.slider output{font-size:.9375rem}
.slider output{font-variant-numeric:tabular-nums;font-weight:600;text-align:right}
input[type=range]{width:100%;accent-color:var(--accent);height:1.5rem;margin:0}
.gallery{display:grid;gap:1.5rem}
.js .gallery>:not(.shown){display:none}
.key{display:grid;grid-template-columns:auto 1fr;gap:.125rem 1rem;margin:.875rem 0 0;font-size:.875rem;font-variant-numeric:tabular-nums}
.key dt{color:var(--ink-soft)}.key dd{margin:0;text-align:right}
.stages td:first-child{text-align:left}
footer{font-size:.8125rem;color:var(--ink-soft);padding-block:2rem 4rem;border-top:1px solid var(--rule)}
@container(max-width:28rem){.pair .chart text{font-size:15px}}
@container(max-width:22rem){.triplet .chart text{font-size:14px}}
@media(max-width:60rem){.triplet.layered{grid-template-columns:minmax(0,1fr) minmax(0,1fr)}.triplet.layered>:last-child{max-width:16rem}}
@media(max-width:40rem){.triplet,.triplet.layered{grid-template-columns:minmax(0,1fr)}
.facts{grid-template-columns:repeat(auto-fit,minmax(min(100%,9.5rem),1fr));gap:1.5rem}
.facts dd{font-size:1.25rem}.compare{gap:.75rem}th,td{padding-left:.875rem}th{white-space:normal}.dense .ratio{display:none}.share{padding-left:1rem;min-width:5rem}
.key{grid-template-columns:1fr}.key dd{text-align:left;margin-bottom:.25rem}}
@media print{body{font-size:10pt}.pair{grid-template-columns:1fr 1fr;gap:2rem}.top button,.slider,.js .slider,.js .hint,details:not([open]){display:none}
main,.top,footer{width:100%}section,header{padding-block:1.25rem}figure,tr,.facts div{break-inside:avoid}
h2,h3{break-after:avoid}.compare{grid-template-columns:1fr}.gallery,.js .gallery{grid-template-columns:repeat(3,1fr)}
.compare>figure img{max-width:33%}.js .gallery>:not(.shown){display:block}}
)css";

}  // namespace

std::string page_style() {
  return fmt::format(
      ":root{{{}}}\n@media(prefers-color-scheme:dark){{:root{{{}}}}}\n:root[data-theme=light]{{{}}}"
      "\n"
      ":root[data-theme=dark]{{{}}}\n@media print{{:root,:root[data-theme=dark]{{{}}}}}\n{}{}",
      light, dark, light, dark, light, svg::chart_rules(), layout);
}

std::string_view page_script() {
  return R"js((() => {
  const root = document.documentElement;
  root.classList.add("js");
  const button = document.getElementById("theme");
  const isDark = () => getComputedStyle(root).colorScheme === "dark";
  const name = () => { button.textContent = isDark() ? "Light" : "Dark"; };
  button.hidden = false;
  button.addEventListener("click", () => { root.dataset.theme = isDark() ? "light" : "dark"; name(); });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", name);
  name();
  const slider = document.getElementById("rank");
  if (!slider) return;
  const shown = document.getElementById("rank-shown");
  const figures = [...document.querySelectorAll(".gallery > figure")];
  const show = () => {
    figures.forEach((f, i) => f.classList.toggle("shown", i === Number(slider.value)));
    shown.textContent = slider.ariaValueText = figures[slider.value].dataset.k;
  };
  slider.addEventListener("input", show);
  show();
})();
)js";
}

}  // namespace eckart::report
