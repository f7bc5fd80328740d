#include "report/json.hpp"

#include <limits>

#include <gtest/gtest.h>

#include "report/sample.hpp"

namespace eckart::report {
namespace {

using nlohmann::ordered_json;

TEST(Json, HasTheFieldsOfItsSchemaInOrder) {
  const ordered_json json = to_json(testing::sample(4, 3, {3, 2, 1}));
  std::vector<std::string> keys;
  for (const auto& [key, value] : json.items()) {
    keys.push_back(key);
  }
  EXPECT_EQ(keys, (std::vector<std::string>{"schema",
                                            "file",
                                            "shape",
                                            "dtype",
                                            "values",
                                            "kept",
                                            "rank",
                                            "rank_threshold",
                                            "rank_near_threshold",
                                            "condition",
                                            "energy_rank",
                                            "residual",
                                            "orthogonality_u",
                                            "orthogonality_v",
                                            "path",
                                            "threads",
                                            "seconds",
                                            "stages",
                                            "attempts",
                                            "audit",
                                            "workspace_bytes"}));
  EXPECT_EQ(json["schema"], "eckart.svd/1");
  EXPECT_EQ(json["shape"], ordered_json({4, 3}));
  EXPECT_EQ(json["values"], ordered_json({3.0, 2.0, 1.0}));
  EXPECT_EQ(json["kept"], 3);
  EXPECT_EQ(json["rank"], 3);
  EXPECT_EQ(json["condition"], 3.0);
  EXPECT_EQ(json["energy_rank"]["0.9"], 2);
  EXPECT_EQ(json["residual"], 0.021);
  EXPECT_EQ(json["stages"][1], ordered_json({{"stage", "bidiagonalize"}, {"seconds", 0.081}}));
  EXPECT_EQ(json["attempts"][0]["failure"], nullptr);
  EXPECT_EQ(json["audit"]["threshold"], 10.0);
  EXPECT_EQ(json["audit"]["counts_agree"], nullptr) << "the factors were tested instead";
  EXPECT_EQ(json["audit"]["passed"], true);
}

TEST(Json, BringsBackTheSameNumbers) {
  const std::vector<double> values = {1e300,
                                      1.0 / 3,
                                      0.1,
                                      std::numeric_limits<double>::min(),
                                      std::numeric_limits<double>::denorm_min(),
                                      0};
  const ordered_json back = ordered_json::parse(to_text(to_json(testing::sample(6, 6, values))));
  EXPECT_EQ(back["values"].get<std::vector<double>>(), values);
}

TEST(Json, SaysNullForWhatIsNotThere) {
  SpectrumReport r = testing::sample(2, 2, {1, 0});
  r.file.clear();
  r.has_u = false;
  ordered_json json = to_json(r);
  EXPECT_EQ(json["file"], nullptr);
  EXPECT_EQ(json["condition"], nullptr) << "of a singular matrix";
  EXPECT_EQ(json["orthogonality_u"], nullptr);
  EXPECT_EQ(json["attempts"][0]["audit"]["orthogonality_u"], nullptr);
  EXPECT_EQ(json["residual"], 0.021) << "one factor is enough";
  r.has_v = false;
  r.audit.norm = std::numeric_limits<double>::quiet_NaN();
  json = to_json(r);
  EXPECT_EQ(json["residual"], 0.021) << "of the reduction, for values alone";
  EXPECT_EQ(json["audit"]["counts_agree"], true) << "of values alone";
  EXPECT_EQ(json["audit"]["norm"], nullptr);
  EXPECT_TRUE(ordered_json::accept(to_text(json)));
}

TEST(Json, TakesEmptyMatricesAndFileNamesThatAreNotText) {
  SpectrumReport r = testing::sample(0, 5, {});
  r.file = "caf\xE9\n\"quoted\".npy";
  const std::string text = to_text(to_json(r), -1);
  EXPECT_EQ(text.find('\n'), std::string::npos);
  const ordered_json back = ordered_json::parse(text);
  EXPECT_EQ(back["file"], "caf\xEF\xBF\xBD\n\"quoted\".npy");
  EXPECT_TRUE(back["values"].is_array());
  EXPECT_TRUE(back["values"].empty());
  EXPECT_EQ(back["condition"], nullptr);
  EXPECT_EQ(back["energy_rank"]["0.99"], 0);
}

TEST(Json,
     ShapeOfASquareIsAnArray) {  // {2, 2} must not be read as a pair, nor [["a", 1]] as an object
  EXPECT_EQ(to_json(testing::sample(2, 2, {1, 1}))["shape"].dump(), "[2,2]");
}

}  // namespace
}  // namespace eckart::report
