// Three arms: the page is about one pair, and every number on it is of that pair.
#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "data/plot/number_text.h"
#include "example.h"
#include "study/report/report_html.h"
#include "study/statistics/study_results.h"
#include "tests/support/catch.h"

namespace rationale::study {
namespace {

using Json = nlohmann::ordered_json;

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

/// 4 readers x 24 cases x arms A, B, C. C is A but for one call of one reader; B is far from both.
CsvTable three_arms() {
  std::string csv = "reader,case,arm,truth,rating,positive\n";
  for (int j = 0; j < 4; ++j) {
    for (int k = 0; k < 24; ++k) {
      for (const char arm : {'A', 'B', 'C'}) {
        const bool is_diseased = k >= 14;
        bool call = (k * 7 + j * 3) % 5 < (is_diseased ? 3 : 2);
        if (arm == 'B') call = !call;
        if (arm == 'C' && j == 1 && k == 0) call = !call;
        csv += fmt::format("R{},c{},{},{},{},{}\n", j + 1, k, arm, is_diseased ? 1 : 0, call ? 1 : 0, call ? 1 : 0);
      }
    }
  }
  return parse_csv(csv, "three.csv");
}

Json results_of(const CsvTable& table, const std::vector<std::string>& arms) {
  return study_results(load_readings(table, {.arms = arms}), {.replicates = 0});
}

ReportFacts facts() {
  ReportFacts result;
  result.id = "THREE";
  result.control = ReportArm{"A", "", ""};
  result.treated = ReportArm{"C", "", ""};
  return result;
}

}  // namespace

TEST_CASE("a page of three arms shows the pair that it names", "[study][report][contrast]") {
  const CsvTable table = three_arms();
  Json results = results_of(table, {"A", "B", "C"});
  results["contrast"] = results_of(table, {"A", "C"});
  const Json& wanted = results["fpr"]["pairs"]["C - A"]["RRRC"];
  REQUIRE(std::abs(wanted.at("estimate").get<double>()) < 0.05);
  REQUIRE(std::abs(results["fpr"]["RRRC"]["estimate"].get<double>()) > 0.1);  // B - A
  const ReportInput input = report_input(results, table, facts());
  CHECK(*input.fpr.rrrc.value == Approx(wanted.at("estimate").get<double>()));
  CHECK(input.fpr.rrrc.lower == Approx(wanted.at("lower").get<double>()));
  CHECK(*input.fpr.frrc.value == Approx(*input.fpr.treated - *input.fpr.control));
  CHECK(*input.sensitivity.rrfc.value == Approx(*input.sensitivity.treated - *input.sensitivity.control));
  CHECK(input.n_readings == 4 * 24 * 2);
  CHECK(input.is_fully_crossed);
  const std::string text = test::text_of(report_html(input));
  CHECK(has(text, "Every pair of arms"));
  for (const char* pair : {"B - A", "C - A", "C - B"}) CHECK(has(text, pair));
  CHECK(has(text, interval_text(wanted.at("lower").get<double>(), wanted.at("upper").get<double>(), 100, 1)));
}

TEST_CASE("a page refuses numbers of another pair of arms", "[study][report][contrast]") {
  const CsvTable table = three_arms();
  const ReportInput input = report_input(results_of(table, {"A", "B", "C"}), table, facts());
  for (const MetricResult* metric : {&input.fpr, &input.sensitivity, &input.auc}) {
    CHECK_FALSE(metric->rrrc.is_estimable);
    CHECK(metric->rrrc.code == "other_contrast");
  }
  CHECK(has(test::text_of(report_html(input)), "results.json compares B - A, this page C - A"));
  // The other direction is another contrast, too.
  CHECK(report_input(results_of(table, {"C", "A"}), table, facts()).fpr.frrc.code == "other_contrast");
}

}  // namespace rationale::study
