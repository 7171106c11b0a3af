// What the report reads from results.json: numbers, verdicts, and nothing that is not finite.
#include "study/report/estimate.h"

#include <limits>

#include "study/report/fill_results.h"
#include "tests/support/catch.h"

namespace rationale::study {

using Json = nlohmann::ordered_json;

TEST_CASE("an estimate is its numbers, a null df is the normal distribution", "[study][report]") {
  const Json block =
      Json::parse(R"({"estimate": -0.05, "se": 0.02, "df": null, "z": -2.5, "p": 0.012,
                                     "lower": -0.09, "upper": -0.01})");
  const PrintedEstimate estimate = estimate_of(&block);
  CHECK(estimate.is_estimable);
  CHECK(estimate.value == Approx(-0.05));
  CHECK_FALSE(estimate.df);
  CHECK_FALSE(estimate.has_zero_inside());
}

TEST_CASE("a verdict keeps its code and the value that is known", "[study][report]") {
  const Json block = Json::parse(
      R"({"status": "not_estimable", "code": "one_reader", "reason": "one reader", "estimate": 0.04})");
  const PrintedEstimate estimate = estimate_of(&block);
  CHECK_FALSE(estimate.is_estimable);
  CHECK(estimate.code == "one_reader");
  CHECK(estimate.value == Approx(0.04));
  CHECK(short_reason(estimate) == "one reader");
}

TEST_CASE("what is not a finite number counts as absent", "[study][report]") {
  Json block = {{"estimate", 0.1}, {"lower", 0.0}, {"upper", 0.2}, {"p", 0.5}};
  CHECK(estimate_of(&block).is_estimable);
  block["upper"] = std::numeric_limits<double>::infinity();
  CHECK_FALSE(estimate_of(&block).is_estimable);
  block["upper"] = "0.2";
  CHECK_FALSE(estimate_of(&block).is_estimable);
  CHECK(estimate_of(nullptr).code == "not_reported");
}

TEST_CASE("the primary result stands before the full tables", "[study][report]") {
  Json results;
  results["fpr"]["OR_unbiased"]["RRRC"]["differences"]["visible - hidden"] = {
      {"estimate", 0.1}, {"lower", 0.0}, {"upper", 0.2}, {"p", 0.5}};
  ReportFacts facts;
  CHECK(metric_result(results, "fpr", facts, {}).rrrc.p == Approx(0.5));
  results["fpr"]["RRRC"] = {{"estimate", 0.1}, {"lower", 0.0}, {"upper", 0.2}, {"p", 0.25}};
  CHECK(metric_result(results, "fpr", facts, {}).rrrc.p == Approx(0.25));
}

TEST_CASE("a metric without a threshold is not estimable in every analysis", "[study][report]") {
  const Json results = Json::parse(
      R"({"fpr": {"status": "not_estimable", "code": "no_threshold", "reason": "no positive column"}})");
  const MetricResult metric = metric_result(results, "fpr", ReportFacts{}, {"R1"});
  CHECK(metric.rrrc.code == "no_threshold");
  CHECK(metric.frrc.code == "no_threshold");
  CHECK(metric.rrfc.reason == "no positive column");
}

TEST_CASE("switches of both halves add up to their pairs", "[study][report]") {
  // statistics.md, section 14: 17 of 97 and 108 of 177.
  const Json results = Json::parse(R"({"switch": {"all": {
    "ai_right": {"n": 780, "correct_to_wrong": 50, "wrong_to_correct": 108, "opportunities_wrong_unaided": 177},
    "ai_wrong": {"n": 120, "correct_to_wrong": 17, "wrong_to_correct": 14, "opportunities_correct_unaided": 97}}}})");
  AiResult ai;
  fill_switches(results, ai);
  REQUIRE(ai.ai_right);
  REQUIRE(ai.ai_wrong);
  CHECK(ai.ai_right->right_right == 553);
  CHECK(ai.ai_right->wrong_wrong == 69);
  CHECK(ai.ai_wrong->right_right == 80);
  CHECK(ai.ai_wrong->wrong_wrong == 9);
}

}  // namespace rationale::study
