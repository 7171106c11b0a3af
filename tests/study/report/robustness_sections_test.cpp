// Claims, subgroups, order of reading, missing readings, automation bias and checklists on the page.
#include <cmath>
#include <nlohmann/json.hpp>

#include "example.h"
#include "study/report/report_html.h"
#include "study/report/sections.h"
#include "tests/support/catch.h"

namespace rationale::study {
namespace {

using Json = nlohmann::ordered_json;

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

Json ok(double estimate, double half, double p) {
  return {{"status", "ok"}, {"estimate", estimate}, {"se", half / 2}, {"df", 4.5}, {"t", 1.0}, {"p", p},
          {"lower", estimate - half}, {"upper", estimate + half}};
}

Json no(const char* reason) { return {{"status", "not_estimable"}, {"code", "too_few_cases"}, {"reason", reason}}; }

ReportInput whole() {
  ReportInput input = test::many_readers(4);
  Json& r = input.results;
  r["estimand"] = {{"population", "normal cases & readers <like> these"}, {"summary", "difference"}};
  r["declared"] = {{"alpha", 0.05}, {"rule", "nothing is confirmed without the primary claim"},
                   {"primary", {{"id", "primary"}, {"metric", "fpr"}, {"aim", "superiority"}, {"status", "ok"}, {"estimate", -0.04}, {"p", 0.01}, {"met", true}}},
                   {"secondary", Json::array({{{"id", "s"}, {"metric", "sensitivity"}, {"aim", "noninferiority"}, {"status", "ok"}, {"estimate", 0.01}, {"p", 0.2}, {"order", 1}, {"is_reached", true}, {"met", false}},
                                              {{"id", "t"}, {"metric", "time"}, {"aim", "two_sided"}, {"status", "ok"}, {"estimate", 0.071}, {"p", 0.02}, {"p_adjusted", 0.04}, {"is_reached", false}, {"met", false}}})}};
  r["subgroups"]["view"] = {{"column", "view"}, {"metric", "fpr"}, {"is_declared", true}, {"min_cases", 20}};
  r["subgroups"]["view"]["levels"] = {{"AP", {{"n_cases", 60}, {"RRRC", ok(-0.05, 0.08, 0.2)}, {"FRRC", ok(-0.05, 0.05, 0.05)}, {"interaction", ok(0.02, 0.1, 0.7)}}},
                                      {"PA <&>", {{"n_cases", 7}, {"status", "not_estimable"}, {"code", "too_few_cases"}, {"reason", "7 cases, fewer than 20"}}}};
  r["order_effects"]["fpr"] = {{"period", {{"RRRC", ok(0.01, 0.04, 0.6)}}}, {"carry_over", ok(0.002, 0.03, 0.9)}, {"days_since_last", no("no column")}};
  r["order_effects"]["sensitivity"] = {{"period", {{"period2", ok(0.01, 0.04, 0.6)}, {"period3", ok(0.02, 0.04, 0.3)}}}};  // three periods
  r["order_effects"]["days_since_last"] = {{"status", "ok"}, {"n", 10}, {"min", 28.2}, {"median", 30.0}, {"max", 41.9}};
  r["missing"] = {{"n", 3}, {"fpr", {{"n", 3}, {"bounds", {{"best", ok(-0.08, 0.05, 0.01)}, {"worst", ok(0.01, 0.05, 0.7)}}},
                                     {"tipping_point", {{"tips", true}, {"second_arm_rate", 0.4}, {"first_arm_rate", 0.6}}}}}};
  const Json rate{{"status", "ok"}, {"n", 17}, {"of", 97}, {"rate", 0.175}, {"se", 0.04}, {"lower", 0.1}, {"upper", 0.27}};
  r["switch"]["all"]["rates"] = {{"beneficial", rate}, {"away_from_right_ai", rate}, {"away_from_wrong_ai", no("none")}};
  r["automation_bias"] = {{"commission", rate}, {"omission", no("there was no such pair")}, {"flag", true},
                          {"reasons", Json::array({{{"code", "x"}, {"text", "more false positives where the AI was wrong"}, {"difference", 0.03}, {"interval_leaves_out_0", false}}})},
                          {"heatmap_use", {{"status", "ok"}, {"readers", {{"R1", {{"n_readings", 10}, {"share_with_heatmap_on", 0.9}, {"mean_on_s", 12.0}, {"mean_toggles", 0.5}}}}}}}};
  return input;
}

}  // namespace

TEST_CASE("the page says what was claimed and what came of it", "[study][report]") {
  const std::string text = test::text_of(plan_section(whole()));
  CHECK(has(text, "met"));
  CHECK(has(text, "not met"));
  CHECK(has(text, "not reached"));
  CHECK(has(text, "non-inferiority"));
  CHECK(has(text, "logarithm of the reading time"));
  CHECK(has(text, "0.040 (Holm)"));
  CHECK(has(plan_section(whole()), "readers &lt;like&gt; these"));
  CHECK(plan_section(test::many_readers(3)).empty());
}

TEST_CASE("the page shows what could have moved the result", "[study][report]") {
  const std::string html = declared_subgroups_section(whole()) + robustness_section(whole()), text = test::text_of(html);
  CHECK_FALSE(has(robustness_section(whole()), "Subgroups"));  // those that were declared stand apart
  CHECK(has(text, "Subgroups, as declared"));
  CHECK(has(text, "AP (60)"));
  CHECK(has(text, "7 cases, fewer than 20"));
  CHECK(has(text, "28.2 to 41.9"));
  CHECK(has(text, "Sensitivity, period3 against the first"));
  CHECK(has(text, "3 readings are missing"));
  CHECK(has(text, "40.0"));
  CHECK(has(text, "17 of 97"));
  CHECK(has(text, "Warning"));
  CHECK(has(text, "Use of the heatmap"));
  CHECK_FALSE(has(html, "PA <&>"));
  const std::string none = robustness_section(test::many_readers(3));
  CHECK_FALSE(has(none, "Subgroups"));
}

TEST_CASE("the checklists stand on the page with what is left to the author", "[study][report]") {
  const std::string text = test::text_of(checklists_section(whole()));
  for (const char* name : {"STARD-AI", "CONSORT-AI", "DECIDE-AI", "CLIX-M"}) CHECK(has(text, name));
  CHECK(has(text, "author to state"));
  CHECK(has(text, "a warning is printed"));
  CHECK(has(report_html(whole()), "CLIX-M"));
}

TEST_CASE("parts of an area, of confidence and of time are printed in their units", "[study][report]") {
  ReportInput input = whole();
  Json& view = input.results["subgroups"]["view"];
  view["levels"].erase("PA <&>");
  view["metric"] = "auc";
  std::string text = declared_subgroups_section(input);
  CHECK(has(text, "area under the curve \u00d7 100"));
  CHECK(has(text, "against all other cases: +2.0 (\u22128.0 to +12.0)"));
  Json& level = view["levels"]["AP"];
  level["paired_t_over_readers"] = ok(std::log(1.1), std::log(1.2), 0.3);
  level["interaction"] = ok(std::log(1.25), std::log(1.1), 0.3);
  level.erase("RRRC");
  level.erase("FRRC");
  view["metric"] = "time";
  text = declared_subgroups_section(input);
  CHECK(has(text, "reading time, % of the first arm"));
  CHECK(has(text, "+10.0"));
  CHECK(has(text, "against all other cases: +25.0 %"));
  view["metric"] = "confidence";
  level["paired_t_over_readers"] = ok(2.5, 3, 0.3);
  text = declared_subgroups_section(input);
  CHECK(has(text, "points of 100"));
  CHECK(has(text, "+2.5"));
}

}  // namespace rationale::study
