// What the record fills: design, readers, deviations, checklists, provenance; three arms; each reader's own tests.
#include <nlohmann/json.hpp>

#include "example.h"
#include "page_check.h"
#include "study/report/checklists.h"
#include "study/report/protocol_facts.h"
#include "study/report/report_html.h"
#include "study/report/sections.h"
#include "study/statistics/study_results.h"
#include "tests/support/catch.h"
#include "tests/support/shared.h"

namespace rationale::study {
namespace {

using Json = nlohmann::ordered_json;

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

Protocol protocol() {
  Protocol p;
  p.study.id = "S1";
  p.study.sponsor = "Hospital <A>";
  p.study.registration = "NCT00000000";
  p.study.ethics = "EC 12/26";
  p.design.arms = {"off", "on"};
  p.design.periods = 2;
  p.design.strata = {"view"};
  p.design.repeats = 10;
  p.arms = {{"off", "Arm A", {}}, {"on", "Arm B", {"heatmap"}}};
  p.endpoint.treated = "on";
  p.endpoint.control = "off";
  p.cases.count = 60;
  p.ai = AiFacts{"resnet", "2557b8c64ac51a5a6ec0bee8c958f91b363c738320c6d9e83a5c7d96d9afe339", "maps", "consolidation", 0.5};
  p.readers = {{"r1", "North", "resident", 3, ""}, {"r2", "North", "", 0, ""}};
  return p;
}

std::string answer_of(const ReportInput& input, const std::string& list, const std::string& topic) {
  for (const Checklist& one : checklists(input)) {
    if (one.name != list) continue;
    for (const ChecklistItem& item : one.items) {
      if (item.topic == topic) return item.answer;
    }
  }
  FAIL("no topic " + topic);
  return {};
}

ReportInput with(const ReportFacts& facts) {
  ReportInput input = test::many_readers(2);
  input.facts = facts;
  return input;
}

}  // namespace

TEST_CASE("checklists are filled from the protocol and the certificate", "[study][report][record]") {
  ReportFacts facts = report_facts(protocol());
  facts.ai->outputs_sha256 = "abcdef0123456789";
  const ReportInput input = with(facts);
  CHECK(answer_of(input, "CONSORT-AI", "Version of the AI") == "resnet, SHA-256 2557b8c64ac5\u2026");
  CHECK(answer_of(input, "CLIX-M", "Method and its parameters") == "on: grad_cam, opacity 40 %, adjustable; AI outputs and maps locked, SHA-256 abcdef012345\u2026");
  CHECK(answer_of(input, "STARD-AI", "Registration, protocol, funding, code and data access") == "registration NCT00000000; sponsor Hospital <A>; ethics EC 12/26");
  // No training cases: nothing to fill in, and the flow says there were none.
  CHECK(answer_of(input, "DECIDE-AI", "How users were trained").empty());
  CHECK(input.facts.training == "no training cases in the protocol");
  Protocol trained = protocol();
  trained.cases.training = 12;
  CHECK(answer_of(with(report_facts(trained)), "DECIDE-AI", "How users were trained") == "12 training cases, apart from those of the study");
  const ReportInput bare = test::many_readers(2);
  CHECK(answer_of(bare, "CONSORT-AI", "Version of the AI").empty());
  CHECK(answer_of(bare, "STARD-AI", "Registration, protocol, funding, code and data access").empty());
  const std::string digests = test::line_of(digests_section(input));
  CHECK(has(digests, "model resnet 2557b8c64ac51a5a6ec0bee8c958f91b363c738320c6d9e83a5c7d96d9afe339"));
  CHECK(has(digests, "explanations on: grad_cam"));
}

TEST_CASE("design, readers and deviations of the record have a place of their own", "[study][report][record]") {
  ReportFacts facts = report_facts(protocol());
  ReportInput input = with(facts);
  std::string text = test::line_of(record_section(input));
  for (const char* words : {"crossover: every reader reads every case in every arm", "off, \u201cArm A\u201d (the image alone); on, \u201cArm B\u201d (heatmap)",
                            "drawn for each reader and case", "truth, view", "2, at least 28 days apart", "2 readers \u00d7 60 cases \u00d7 2 arms = 240, and 10 repeats a reader",
                            "r1 North resident 3", "r2 North not recorded not recorded"}) {
    INFO(words);
    CHECK(has(text, words));
  }
  CHECK_FALSE(has(text, "Deviations"));
  CHECK(has(record_section(input), "Hospital &lt;A&gt;"));
  input.facts.is_locked = true;
  CHECK(has(test::line_of(record_section(input)), "Deviations from the protocol No deviation is in the record."));
  input.facts.deviations = {{"r1", "read on a display that was not calibrated"}};
  text = test::line_of(record_section(input));
  CHECK(has(text, "r1 read on a display that was not calibrated"));
  input.facts.readers = {{"r1", "", "", 0}, {"r2", "", "", 0}};
  CHECK(has(test::line_of(record_section(input)), "site, group and years of experience are not recorded"));
  CHECK(record_section(test::many_readers(2)).empty());
  const std::string page = report_html(input);
  test::check_page(page);
}

TEST_CASE("three arms: whether they differ at all, and which pair the rest is about", "[study][report][arms][golden]") {
  const auto folder = test::shared("golden/statistics", 1);
  if (!folder) return;
  const CsvTable table = read_csv(*folder / "data/kundel.csv");
  ReadingsOptions options{.arms = {"1", "2", "3"}, .positive_at = 4, .columns = {}};
  Json results = study_results(load_readings(table, options), {.replicates = 0});
  options.arms = {"1", "3"};
  results["contrast"] = study_results(load_readings(table, options), {.replicates = 0});
  ReportFacts facts;
  facts.control = {"1", "", ""};
  facts.treated = {"3", "", ""};
  facts.positive_at = 4;
  const ReportInput input = report_input(results, table, facts);
  const std::string text = test::line_of(all_arms_section(input));
  CHECK(has(text, "Do the three arms differ at all?"));
  const Json& test = results.at("auc").at("OR").at("unbiased").at("RRRC");
  CHECK(test.at("df1") == 2);
  CHECK(has(text, "F = " + std::to_string(test.at("F").get<double>()).substr(0, 3)));
  CHECK(has(text, "Every pair of arms"));
  CHECK(has(test::line_of(models_section(input)), "Models (3 \u2212 1)"));
  test::check_page(report_html(input));
  ReportInput two = input;
  two.all_arms = nullptr;
  CHECK(all_arms_section(two).empty());
}

TEST_CASE("each reader's own tests and the agreement of pairs stand in the tables", "[study][report][golden]") {
  const auto folder = test::shared("golden/statistics", 1);
  if (!folder) return;
  const CsvTable table = read_csv(*folder / "data/sim_cxr300_r3.csv");
  const Json results = study_results(load_readings(table, {}), {.replicates = 0});
  const ReportInput input = report_input(results, table, {});
  const std::string counts = test::line_of(counts_section(input));
  // models and mrmc golden: McNemar exact 0.749, 0.008, 0.359; kappa of a reader with himself 0.50, 0.59, 0.56.
  CHECK(has(counts, "21 18 0.749"));
  CHECK(has(counts, "30 12 0.008"));
  CHECK(has(counts, "0.59"));
  CHECK(has(counts, "says nothing of others"));
  const std::string further = test::line_of(further_section(input));
  CHECK(has(further, "Calibration slope, logistic 0.741 0.933"));
  CHECK(has(further, "Cohen kappa"));
  const std::string robust = test::line_of(robustness_section(input));
  CHECK(has(robust, "Following a wrong AI, by reader"));
  CHECK(has(robust, "R01 6 of 23, 26.1\u00a0% (12.5\u00a0% to 46.5\u00a0%) 3 of 11"));
}

TEST_CASE("an area as primary end point has its other methods, its covariances and its readers in a picture", "[study][report][golden]") {
  const auto folder = test::shared("golden/statistics", 1);
  if (!folder) return;
  const CsvTable table = read_csv(*folder / "data/sim_cxr300_r3.csv");
  ReportFacts facts;
  facts.primary = "auc";
  const ReportInput input = report_input(study_results(load_readings(table, {}), {.seed = 1, .replicates = 400}), table, facts);
  const std::string methods = test::line_of(methods_section(input));
  CHECK(has(methods, "Area under the curve, by other methods (area)"));
  CHECK(has(methods, "U-statistics (readers and cases) +0.048 \u22120.035 to +0.130 2.06 0.132"));
  CHECK(has(methods, "Resampled readers and cases"));
  CHECK(has(methods, "+0.029 to +0.062"));
  CHECK(has(methods, "every case counts as a patient of its own"));
  CHECK(has(test::line_of(further_section(input)), "bootstrap"));
  const std::string readers = test::line_of(readers_section(input));
  CHECK(has(readers, "Area under the curve of each reader"));
  CHECK(has(readers, "R02: 0.832 hidden, 0.917 visible"));
  CHECK(has(readers, "Geometric mean of each reader\u2019s reading times"));
  CHECK(has(readers, "Sensitivity rose for each of the three readers"));
  test::check_page(report_html(input));
}

}  // namespace rationale::study
