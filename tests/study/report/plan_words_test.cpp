// What the page says of the protocol's plan: readers, alpha, small samples, other primary end points.
#include <nlohmann/json.hpp>

#include "example.h"
#include "study/report/checklists.h"
#include "study/report/report_html.h"
#include "study/report/sections.h"
#include "study/report/words.h"
#include "study/statistics/study_results.h"
#include "tests/support/catch.h"
#include "tests/support/shared.h"

namespace rationale::study {
namespace {

using Json = nlohmann::ordered_json;

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

AnalysisPlan plan_of(const std::string& metric) {
  AnalysisPlan plan{.metric = metric};
  plan.primary = {.id = "primary", .metric = metric, .claim = metric == "confidence" ? Claim::kTwoSided : Claim::kSuperiority, .margin = {}};
  plan.secondary = {{.id = "sensitivity", .metric = "sensitivity", .claim = Claim::kNonInferiority, .margin = 0.05, .order = 1}};
  plan.replicates = 0;
  return plan;
}

/// The golden study of three readers, with a locked plan.
ReportInput planned_study(const std::filesystem::path& folder, const AnalysisPlan& plan) {
  const CsvTable table = read_csv(folder / "data/sim_cxr300_r3.csv");
  ReportFacts facts;
  facts.id = "PLANNED";
  facts.title = "A planned study";
  facts.is_locked = true;
  facts.primary = plan.metric;
  facts.margin = 0.05;
  return report_input(study_results(load_readings(table, {.arms = {}, .positive_at = {}, .columns = {"stratum"}}), plan), table, facts);
}

std::string answer_of(const ReportInput& input, const std::string& list, const std::string& topic) {
  for (const Checklist& one : checklists(input)) {
    if (one.name != list) continue;
    for (const ChecklistItem& item : one.items) {
      if (item.topic == topic) return item.answer;
    }
  }
  return {};
}

}  // namespace

TEST_CASE("a claim about these readers leads with their interval", "[study][report][plan]") {
  const auto folder = test::shared("golden/statistics", 1);
  if (!folder) return;
  AnalysisPlan plan = plan_of("fpr");
  plan.has_fixed_readers = true;
  const ReportInput input = planned_study(*folder, plan);
  const std::string head = test::text_of(head_section(input)), answers = answers_section(input);
  CHECK(has(head, "for these three readers and films like these the 95\u00a0% interval is \u22128.5 to \u22121.1"));
  CHECK(has(head, "nothing is claimed of other readers"));
  CHECK_FALSE(has(head, "do not support a claim"));
  CHECK(has(head, "Claim as declared: superiority, \u03b1 = 0.05 two-sided: met (p = 0.010)"));
  CHECK(has(answers, "The second row was locked as primary"));
  CHECK(has(answers, "<tr class=\"lead\"><th scope=\"row\">Readers fixed, cases random (FRRC)"));
  CHECK(has(answer_of(input, "CONSORT-AI", "Primary result with precision"), "\u22128.5 to \u22121.1"));
}

TEST_CASE("a small-sample method that the protocol names leads the answers", "[study][report][plan]") {
  const auto folder = test::shared("golden/statistics", 1);
  if (!folder) return;
  AnalysisPlan plan = plan_of("fpr");
  plan.small_sample = SmallSampleMethod::kRrrcRrfcMax;
  const ReportInput input = planned_study(*folder, plan);
  const std::string answers = test::text_of(answers_section(input)), head = test::text_of(head_section(input));
  CHECK(has(answers, "five answers"));
  CHECK(has(answers_section(input), "<tr class=\"lead\"><th scope=\"row\">The more careful of RRRC and RRFC"));
  CHECK(has(answers, "The first row was locked as primary"));
  CHECK(has(head, "\u221216.1 to +6.4"));  // RRFC's, the wider
  CHECK_FALSE(has(head, "\u221215.6"));
  CHECK(has(head, "not met"));
}

TEST_CASE("the protocol's alpha decides the words, not five per cent", "[study][report][plan]") {
  const auto folder = test::shared("golden/statistics", 1);
  if (!folder) return;
  AnalysisPlan plan = plan_of("fpr");
  plan.has_fixed_readers = true;
  plan.alpha = 0.005;
  const ReportInput input = planned_study(*folder, plan);
  const std::string text = test::text_of(report_html(input)), head = test::text_of(head_section(input));
  CHECK(has(head, "but no change is shown"));  // p = 0.010
  CHECK(has(head, "the 99.5\u00a0% interval is"));
  CHECK(has(head, "\u03b1 = 0.005 two-sided: not met (p = 0.010)"));
  CHECK(has(text, "claims at \u03b1 = 0.005 two-sided"));
  CHECK_FALSE(has(text, "\u03b1 = 0.05 "));
  CHECK(level_of(0.05) == "95\u00a0%");
  CHECK(level_of(0.001) == "99.9\u00a0%");
  CHECK(level_of(0.0125) == "98.75\u00a0%");
}

TEST_CASE("the covariance that was used is the one that the page names", "[study][report][plan]") {
  const auto folder = test::shared("golden/statistics", 1);
  if (!folder) return;
  AnalysisPlan plan = plan_of("fpr");
  plan.covariance = CovarianceMethod::kJackknife;
  CHECK(has(test::text_of(digests_section(planned_study(*folder, plan))), "covariance of proportions jackknife"));
}

TEST_CASE("confidence as the primary end point leads its page, both errors beside it", "[study][report][plan]") {
  const auto folder = test::shared("golden/statistics", 1);
  if (!folder) return;
  const ReportInput input = planned_study(*folder, plan_of("confidence"));
  const std::string head = test::text_of(head_section(input)), answers = test::text_of(answers_section(input));
  CHECK(has(head, "Primary result: confidence, 300 films"));
  CHECK_FALSE(has(head, "Primary result: false-positive rate"));
  CHECK(has(head, "Confidence changed by"));
  CHECK(has(head, "Sensitivity"));
  CHECK(has(head, "called fewer normal films positive"));
  CHECK(has(answers, "The protocol's primary end point is another: no row is primary"));
  CHECK_FALSE(has(answers, "locked as primary"));
  CHECK(has(answer_of(input, "STARD-AI", "Estimates with precision"), "confidence, points: +4.1"));
  const std::string forest = test::text_of(end_points_section(input));
  CHECK(forest.find("Confidence") < forest.find("False-positive rate *"));
}

TEST_CASE("an area as the primary end point is what the checklists and the forest begin with", "[study][report][plan]") {
  const auto folder = test::shared("golden/statistics", 1);
  if (!folder) return;
  const ReportInput input = planned_study(*folder, plan_of("auc"));
  CHECK(has(answer_of(input, "CONSORT-AI", "Primary result with precision"), "area under the curve: +0.048 (\u22120.035 to +0.130)"));
  const std::string forest = test::text_of(end_points_section(input));
  CHECK(forest.find("AUC \u00d7 100") < forest.find("False-positive rate *"));
  CHECK(has(forest, "Sensitivity"));
  CHECK_FALSE(has(forest, "Sensitivity *"));
  CHECK(has(forest, "* Not pre-specified"));
}

TEST_CASE("a claim behind one that is not met is said not to be reached", "[study][report][plan]") {
  const auto folder = test::shared("golden/statistics", 1);
  if (!folder) return;
  const std::string head = test::text_of(head_section(planned_study(*folder, plan_of("fpr"))));  // RRRC p = 0.204
  CHECK(has(head, "non-inferiority, margin 0.05, \u03b1 = 0.05 two-sided: not reached"));
}

TEST_CASE("all that no claim rests on stands under not pre-specified", "[study][report][plan]") {
  const auto folder = test::shared("golden/statistics", 1);
  if (!folder) return;
  AnalysisPlan plan = plan_of("fpr");
  plan.subgroups = {{.id = "part", .column = "stratum"}};
  const std::string html = report_html(planned_study(*folder, plan));
  const auto place = html.find("<h2>Not pre-specified</h2>");
  REQUIRE(place != std::string::npos);
  for (const char* declared : {"Claims as declared", "Subgroups, as declared", "Primary result"}) CHECK(html.find(declared) < place);
  for (const char* rest : {"by other methods", "Split by whether the AI was right", "Calibration and agreement", "Does it matter when a case was read?"}) {
    INFO(rest);
    REQUIRE(html.find(rest) != std::string::npos);
    CHECK(html.find(rest) > place);
  }
  CHECK_FALSE(has(report_html(test::many_readers(3)), "<h2>Not pre-specified</h2>"));
}

}  // namespace rationale::study
