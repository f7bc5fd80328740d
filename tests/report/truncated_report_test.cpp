// What is said of a truncated decomposition: what is known, and nothing of what nobody computed.

#include "report/truncated_report.hpp"

#include <gtest/gtest.h>

#include <eckart/gallery.hpp>

namespace eckart::report {
namespace {

TruncatedFacts facts_of(Index k, const TruncatedOptions& options = {}) {
  const Matrix<double> a = generate<double>("svd_geo 90x60 cond=1e3");
  TruncatedOptions chosen = options;
  chosen.method = TruncatedMethod::lanczos;
  chosen.block = 4;
  TruncatedFacts facts = from_truncated(truncated_svd(a, rank(k), chosen));
  facts.file = "a <b>.npy";
  facts.dtype = "float64";
  return facts;
}

TEST(TruncatedReport, EveryValueHasItsResidualInEveryForm) {
  const TruncatedFacts facts = facts_of(5);
  ASSERT_EQ(facts.values.size(), 5U);
  ASSERT_EQ(facts.report.residuals.size(), 5U);
  const auto json = to_json(facts);
  EXPECT_EQ(json["schema"], truncated_schema);
  EXPECT_EQ(json["residuals"].size(), json["values"].size());
  EXPECT_EQ(json["bound_by"], "rank");
  EXPECT_TRUE(json["shortfall"].is_null());
  EXPECT_TRUE(json["converged"]);
  const std::string text = summary(facts, {.width = 100, .unicode = false});
  EXPECT_NE(text.find("residual"), std::string::npos);
  EXPECT_NE(text.find("all small enough"), std::string::npos) << text;
  EXPECT_EQ(text.find("rank "), std::string::npos) << "a rank of what was not computed:\n" << text;
}

TEST(TruncatedReport, EnergiesAreThoseOfTheWholeMatrix) {
  const TruncatedFacts facts = facts_of(5);
  const std::vector<double> energy = energy_up_to(facts);
  ASSERT_EQ(energy.size(), 5U);
  EXPECT_LT(energy.back(), 1);
  const double left = *facts.report.left_out / *facts.report.frobenius_norm;
  EXPECT_NEAR(1 - energy.back(), left * left, 1e-12);
}

TEST(TruncatedReport, WhatIsNotKnownIsNotSaid) {
  TruncatedFacts facts = facts_of(5);
  facts.report.frobenius_norm.reset();
  facts.report.left_out.reset();
  facts.report.norm_at_most.reset();
  facts.report.left_out_at_most.reset();
  facts.report.next_at_most.reset();
  facts.report.next_value = 0;
  EXPECT_TRUE(energy_up_to(facts).empty());
  const auto json = to_json(facts);
  for (const char* field : {"frobenius_norm", "left_out", "energy", "next_at_most"}) {
    EXPECT_TRUE(json[field].is_null()) << field;
  }
  EXPECT_NE(summary(facts, {.width = 90}).find("unknown"), std::string::npos);
  EXPECT_NE(to_html(facts).find("unknown"), std::string::npos);
}

// Of a norm that was estimated.
TEST(TruncatedReport, ABoundThatMayBeWrongSaysHowProbably) {
  TruncatedFacts facts = facts_of(5);
  EXPECT_EQ(doubt_in_words(facts), "");
  facts.report.frobenius_norm.reset();
  facts.report.left_out.reset();
  facts.report.left_out_at_most = 0.125;
  facts.report.failure_probability = 1e-6;
  EXPECT_EQ(to_json(facts)["failure_probability"], 1e-6);
  EXPECT_EQ(to_json(facts)["left_out_at_most"], 0.125);
  const std::string text = summary(facts, {.width = 120});
  EXPECT_NE(text.find("at most 0.125, but with probability 1e-06"), std::string::npos) << text;
  EXPECT_NE(to_html(facts).find("but with probability"), std::string::npos);
}

TEST(TruncatedReport, AShortfallStandsAtTheTop) {
  const TruncatedFacts facts = facts_of(5, {.tolerance = 1e-13, .basis = 20, .restarts = 0});
  ASSERT_FALSE(facts.report.converged);
  EXPECT_EQ(bound_in_words(facts), "no rule was decided");
  EXPECT_NE(to_html(facts).find("Not what was asked for"), std::string::npos);
  EXPECT_NE(summary(facts, {.width = 100}).find("shortfall"), std::string::npos);
}

TEST(TruncatedReport, ThePageIsWellFormedAndEscapesItsFile) {
  for (const Index k : {Index{1}, Index{5}}) {
    const std::string page = to_html(facts_of(k));
    EXPECT_EQ(page.find("<b>.npy"), std::string::npos);
    EXPECT_NE(page.find("a &lt;b&gt;.npy"), std::string::npos);
    EXPECT_EQ(page.find("nan"), std::string::npos);
  }
}

TEST(TruncatedReport, NoTripletAtAll) {
  const TruncatedFacts facts = facts_of(0);
  EXPECT_TRUE(to_json(facts)["values"].empty());
  EXPECT_NE(summary(facts, {.width = 80}).find("0 of 60"), std::string::npos);
  EXPECT_NE(to_html(facts).find("0 of 60"), std::string::npos);
}

TEST(TruncatedReport, FitsEveryWidth) {
  const TruncatedFacts facts = facts_of(12);
  for (const int width : {1, 20, 40, 79, 200}) {
    EXPECT_FALSE(summary(facts, {.width = width}).empty());
  }
}

}  // namespace
}  // namespace eckart::report
