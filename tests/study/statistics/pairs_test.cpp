// Three arms: what compares two of them is there for each pair, as in a study of these two alone.
#include <fmt/format.h>

#include "study/statistics/study_results.h"
#include "tests/study/statistics/json_compare.h"
#include "tests/study/statistics/made_study.h"
#include "tests/support/catch.h"

using namespace rationale;
using namespace rationale::study;
using test::Json;

namespace {

/// Three arms in three periods; strata, confidence, positions and one empty rating besides.
CsvTable three_arms() {
  samples::Stream stream(9, 0, 9);
  const char* const arms[3] = {"hidden", "visible", "sham"};
  std::string text = "reader,case,arm,truth,rating,positive,period,position,stratum,confidence\n";
  for (int j = 0; j < 3; ++j) {
    for (int period = 1; period <= 3; ++period) {
      for (int k = 0; k < 24; ++k) {
        const int turn = k / 2 % 2 == 0 ? period : 3 - period;  // both directions: each two periods have both orders
        const int arm = (k * k + turn + j) % 3, truth = k % 2;
        const int rating = 1 + static_cast<int>(3 * stream.uniform() + 2 * truth + 0.5 * (k % 5));
        const bool is_missing = j == 1 && k == 7 && period == 2;
        text += fmt::format("R{},c{},{},{},{},{},{},{},{},{:.3f}\n", j, k, arms[arm], truth, is_missing ? "" : std::to_string(rating),
                            is_missing ? "" : rating >= 4 ? "1" : "0", period, k + 1, k % 3 == 0 ? "AP" : "PA", 50 + 3 * arm + 10 * stream.normal());
      }
    }
  }
  return parse_csv(text, "made.csv");
}

ReadingsOptions options(std::vector<std::string> arms) { return {.arms = std::move(arms), .positive_at = {}, .columns = {"stratum"}}; }

}  // namespace

TEST_CASE("each pair of three arms has the models, the randomisation test and the subgroups of its own study", "[study][pairs]") {
  const CsvTable table = three_arms();
  const Json all = study_results(load_readings(table, options({"hidden", "visible", "sham"})), {.replicates = 0});
  REQUIRE(all["pairs"].size() == 3);
  for (const auto& [first, second] : {std::pair{"hidden", "visible"}, {"hidden", "sham"}, {"visible", "sham"}}) {
    const Json own = study_results(load_readings(table, options({first, second})), {.replicates = 0});
    const Json& pair = all["pairs"][fmt::format("{} - {}", second, first)];
    INFO(first << " " << second);
    for (const char* key : {"randomisation_fpr", "randomisation_sensitivity", "confidence", "time", "lmm_confidence", "lmm_confidence_slopes", "glmm_fp",
                            "gee_fp_case_exchangeable", "agreement", "subgroups", "order_effects"}) {
      INFO(key);
      REQUIRE(own.contains(key));
      CHECK(pair[key] == own[key]);
    }
    CHECK(pair["subgroups"]["stratum"]["levels"].size() == 2);
    CHECK(pair["lmm_confidence"]["status"] == "ok");
    CHECK(pair["randomisation_fpr"]["status"] == "ok");
  }
  CHECK(all["fpr"]["OR_unbiased"]["RRRC"]["df1"] == 2);
  CHECK(all["fpr"]["OR_unbiased"]["RRRC"].contains("F"));
  CHECK_FALSE(study_results(load_readings(table, options({"hidden", "visible"})), {.replicates = 0}).contains("pairs"));
}

TEST_CASE("two arms taken out of three are the study of those two", "[study][pairs]") {
  const CsvTable table = three_arms();
  const StudyReadings part = load_readings(table, options({"hidden", "visible", "sham"})).readings.with_arms({2, 0}),
                      own = load_readings(table, options({"sham", "hidden"})).readings;
  CHECK(part.columns == own.columns);
  CHECK(part.normal == own.normal);
  CHECK(part.missing.size() == own.missing.size());
  REQUIRE(part.records.size() == own.records.size());
  for (std::size_t k = 0; k < own.records.size(); ++k) {
    CHECK(part.records[k].previous_arm == own.records[k].previous_arm);
    CHECK(part.records[k].case_index == own.records[k].case_index);
    CHECK(part.records[k].rating == own.records[k].rating);
  }
}
