#include <fstream>

#include <gtest/gtest.h>

#include "report/markup.hpp"
#include "report/sample.hpp"
#include "report/spectrum_report.hpp"

namespace eckart::report {
namespace {

using testing::charts_of;
using testing::markup_fault;
using testing::occurrences;

SpectrumReport table_sample() {
  SpectrumReport r = testing::sample(1000, 8, testing::geometric(8, 320, 0.3));
  r.file = "data/penguins.csv";
  r.column_names = {"bill length", "bill depth", "flipper", "mass",
                    "year",        "island",     "sex",     "species"};
  for (Index i = 0; i < 3; ++i) {
    r.vectors.push_back({testing::cosine(1000, i), testing::cosine(8, i)});
  }
  return r;
}

TEST(Page, WritesSamplesToLookAt) {
  // The samples stay in the build folder, beside the test; a browser shows them.
  SpectrumReport fallen = testing::sample(700, 700, testing::geometric(700, 1e300, 0.139));
  fallen.attempts.insert(fallen.attempts.begin(),
                         {"divide and conquer", false, {}, "residual 4.1e+07 exceeds 10"});
  const std::pair<const char*, SpectrumReport> samples[] = {
      {"sample_image.html", testing::image_sample()},
      {"sample_table.html", table_sample()},
      {"sample_decades.html", fallen},
      {"sample_zero.html", testing::sample(5, 5, {0, 0, 0, 0, 0})},
      {"sample_empty.html", testing::sample(0, 5, {})}};
  for (const auto& [name, report] : samples) {
    std::ofstream file(name, std::ios::binary);
    file << to_html(report);
    EXPECT_TRUE(file.flush().good()) << name;
  }
}

TEST(Page, ShowsAllOfAnImage) {
  const std::string page = to_html(testing::image_sample());
  for (const char* heading : {"Approximations", "Spectrum", "Energy", "First singular vectors",
                              "Values", "Audit", "How it was computed"}) {
    EXPECT_EQ(occurrences(page, std::string("<h2>") + heading + "</h2>"), 1U) << heading;
  }
  EXPECT_EQ(occurrences(page, "<img"), 8U) << "the original and seven approximations";
  EXPECT_EQ(occurrences(page, "src=\"data:image/png;base64,iVBORw0KGgo"), 8U);
  EXPECT_EQ(occurrences(page, "type=\"range\" min=\"0\" max=\"6\""), 1U);
  EXPECT_EQ(charts_of(page).size(), 3U + 4 * 3U)
      << "spectrum twice, energy; u, v and layer of four triplets";
  EXPECT_NE(page.find("harbour.png</bdi></h1>"), std::string::npos);
  EXPECT_NE(page.find("Energy kept</dt><dd>32.76 %"), std::string::npos)
      << "1 - 0.82^2 of the whole in the first triplet";
}

TEST(Page, MakesNoRequests) {
  for (const SpectrumReport& report : {testing::image_sample(), table_sample()}) {
    const std::string page = to_html(report);
    EXPECT_NE(page.find("default-src 'none'"), std::string::npos);
    for (const char* outside :
         {"http:", "https:", "<link", "@import", "url(h", "url(\"", "src=\"/", "fetch("}) {
      EXPECT_EQ(occurrences(page, outside), 0U) << outside;
    }
    EXPECT_EQ(occurrences(page, "src="), occurrences(page, "src=\"data:"));
  }
}

TEST(Page, EveryChartIsWellFormed) {
  const SpectrumReport samples[] = {
      testing::image_sample(),
      table_sample(),
      testing::sample(700, 700, testing::geometric(700, 1e300, 0.139)),
      testing::sample(5, 5, {0, 0, 0, 0, 0}),
      testing::sample(5, 5, {2, 1, 0, 0, 0}),
      testing::sample(3, 3, {5e-324, 5e-324, 0}),
      testing::sample(3, 3, {1.7e308, 1.7e308, 1.7e308}),
      testing::sample(1, 1, {3}),
      testing::sample(0, 5, {})};
  for (const SpectrumReport& report : samples) {
    const std::string page = to_html(report);
    for (const std::string& chart : charts_of(page)) {
      EXPECT_EQ(markup_fault(chart), "") << report.values.size();
    }
    for (const char* broken : {"nan ", ">nan", "-nan", "\"nan", "inf<", "inf "}) {
      EXPECT_EQ(occurrences(page, broken), 0U)
          << broken << " with " << report.values.size() << " values";
    }
    EXPECT_EQ(occurrences(page, "<section>"), occurrences(page, "</section>"));
    EXPECT_EQ(occurrences(page, "<figure"), occurrences(page, "</figure>"));
  }
}

TEST(Page, EscapesAllTextFromOutside) {
  SpectrumReport r = table_sample();
  const std::string evil = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>";
  r.file = r.title = r.dtype = r.path = evil;
  r.stages[0].stage = r.column_names[0] = evil;
  r.attempts.push_back({evil, false, {}, evil});
  for (const std::string& title : {evil, std::string()}) {
    r.title = title;
    const std::string page = to_html(r);
    EXPECT_EQ(occurrences(page, "<script>"), 1U) << "its own";
    EXPECT_EQ(occurrences(page, "<img"), 0U);
    EXPECT_GE(occurrences(page, "&lt;script&gt;"), 5U);
  }
}

TEST(Page, NamesAMatrixWithoutAFile) {
  SpectrumReport r = testing::sample(4, 3, {3, 2, 1});
  for (const char* file : {"", "-"}) {
    r.file = file;
    EXPECT_NE(to_html(r).find("<h1><bdi>A 4 × 3 matrix</bdi></h1>"), std::string::npos);
  }
  r.title = "Third run";
  EXPECT_NE(to_html(r).find("<h1><bdi>Third run</bdi></h1>"), std::string::npos);
}

TEST(Page, SaysInWordsWhatTheFiguresSay) {
  SpectrumReport r = testing::sample(6, 4, {4, 2, 1, 0});
  std::string page = to_html(r);
  EXPECT_NE(page.find("Its numerical rank is 3 of 4."), std::string::npos);
  EXPECT_NE(page.find("The smallest value is zero: the matrix is singular."), std::string::npos);
  EXPECT_NE(page.find("1 value is exactly zero"), std::string::npos);
  EXPECT_EQ(occurrences(page, "counted as zero"), 1U);

  page = to_html(testing::sample(6, 4, {4, 2, 1, 0.5}));
  EXPECT_NE(page.find("Its numerical rank is 4, which is full."), std::string::npos);
  EXPECT_EQ(occurrences(page, "counted as zero"), 0U);

  EXPECT_NE(to_html(testing::sample(5, 5, {0, 0, 0, 0, 0})).find("All its entries are zero"),
            std::string::npos);
  EXPECT_NE(to_html(testing::sample(0, 5, {})).find("It is empty"), std::string::npos);
}

TEST(Page, NeverClaimsAPassThatWasNot) {
  SpectrumReport r = testing::sample(4, 3, {3, 2, 1});
  r.audit.residual = 1234;
  r.audit.passed = false;
  const std::string page = to_html(r);
  EXPECT_NE(page.find("did not pass"), std::string::npos);
  EXPECT_NE(page.find("<span class=\"bad\">1.23 × 10<sup>3</sup></span>"), std::string::npos);
  EXPECT_EQ(occurrences(page, "Passed."), 0U);
}

TEST(Page, DoesNotShowFiguresOfFactorsThatWereNotComputed) {
  SpectrumReport r = testing::sample(4, 3, {3, 2, 1});
  r.has_u = r.has_v = false;
  const std::string page = to_html(r);
  EXPECT_EQ(occurrences(page, "not computed"), 2U) << "orthogonality of U and of V";
}

TEST(Page, DoesNotGrowWithTheMatrix) {
  SpectrumReport r = testing::sample(200'000, 100'000, testing::geometric(100'000, 1, 0.9999));
  r.vectors.push_back({testing::cosine(200'000, 40), testing::cosine(100'000, 30)});
  const std::string page = to_html(r);
  EXPECT_LT(page.size(), 700'000U);
  EXPECT_NE(page.find("98,000 further values are left out"), std::string::npos);
}

TEST(Page, SaysWhichTripletsWereKept) {
  SpectrumReport r = testing::sample(4, 3, {3, 2, 1});
  r.kept = 2;
  EXPECT_NE(to_html(r).find("The first 2 triplets were kept"), std::string::npos);
}

TEST(Page, TakesVectorsOfAnyLengthAndImagesThatAreNone) {
  SpectrumReport r = testing::sample(3, 2, {2, 1});
  r.vectors = {
      {{}, {}}, {{1, 0, 0}, {}}, {{}, {1}}, {{std::numeric_limits<double>::quiet_NaN()}, {0}}};
  r.original_png = {1, 2, 3};
  r.approximations = {{0, {}}, {99, {0}}};
  r.column_names = {"only one name"};
  const std::string page = to_html(r);
  for (const std::string& chart : charts_of(page)) {
    EXPECT_EQ(markup_fault(chart), "");
  }
  EXPECT_EQ(occurrences(page, "<h3>Triplet 1"), 0U);
  EXPECT_EQ(occurrences(page, "<h3>Triplet 2"), 1U);
}

TEST(Page, ComplexVectorsAreShownByModulus) {
  SpectrumReport r = testing::sample(3, 2, {2, 1});
  r.vectors = {{{0.6, 0.8, 0}, {1, 0}}};
  r.vectors_are_moduli = true;
  EXPECT_NE(to_html(r).find("|u<sub>1</sub>|, over the rows"), std::string::npos);
}

}  // namespace
}  // namespace eckart::report
