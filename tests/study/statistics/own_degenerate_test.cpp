// Degenerate studies beside those of golden/statistics, each with its verdict.
#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "study/statistics/study_results.h"
#include "tests/support/catch.h"

using namespace rationale;
using namespace rationale::study;
using Json = nlohmann::ordered_json;

namespace {

/// A line a reading: what the functions return for reader, arm, case (0-3 normal, 4-7 diseased).
template <typename Rating, typename Rest>
std::string study_of(const std::string& columns, int n_readers, const Rating& rating, const Rest& rest) {
  std::string text = "reader,case,arm,truth,rating" + columns + "\n";
  for (int j = 0; j < n_readers; ++j) {
    for (int arm = 0; arm < 2; ++arm) {
      for (int k = 0; k < 8; ++k) {
        const std::string value = rating(j, arm, k);
        if (value == "-") continue;  // not planned
        text += fmt::format("R{},c{},{},{},{}{}\n", j + 1, k, arm == 0 ? "hidden" : "visible", k < 4 ? 0 : 1, value, rest(j, arm, k));
      }
    }
  }
  return text;
}

Json results_of(const std::string& csv) { return study_results(load_readings(parse_csv(csv, "own.csv"), {.arms = {}, .positive_at = 3.0}), {.replicates = 50}); }

/// 1-5, different for readers and cases.
std::string graded(int j, int arm, int k) { return std::to_string(1 + (k * 3 + j * 2 + arm * (k % 3)) % 5); }
std::string nothing(int, int, int) { return {}; }

}  // namespace

TEST_CASE("one patient with all cases: rates, and no covariance over patients", "[study][degenerate]") {
  const Json results = results_of(study_of(",patient", 3, graded, [](int, int, int) { return ",P1"; }));
  for (const char* metric : {"fpr", "sensitivity", "auc"}) {
    INFO(metric);
    CHECK(results[metric]["RRRC"]["code"] == "no_case_covariance");
    CHECK(results[metric]["FRRC"]["code"] == "no_case_covariance");
    CHECK(results[metric]["RRRC"]["estimate"].is_number());
  }
  CHECK(results["cluster"]["unit"] == "patient");
}

TEST_CASE("an empty cell names the reader and the arm", "[study][degenerate]") {
  const auto rating = [](int j, int arm, int k) { return j == 1 && arm == 1 ? std::string("-") : graded(j, arm, k); };
  const auto rest = [](int, int, int k) { return fmt::format(",{},5", k % 2 == 0 ? "AP" : "PA"); };
  const CsvTable table = parse_csv(study_of(",view,time_s", 3, rating, rest), "own.csv");
  const LoadedReadings loaded = load_readings(table, {.arms = {}, .positive_at = 3.0, .columns = {"view"}});
  AnalysisPlan plan;
  plan.subgroups.push_back({"view", "view", 1});
  plan.replicates = 0;
  const Json results = study_results(loaded, plan);
  for (const char* metric : {"fpr", "sensitivity", "auc"}) {
    for (const char* analysis : {"RRRC", "FRRC"}) {
      const Json& outcome = results[metric][analysis];
      INFO(metric << " " << outcome);
      CHECK(outcome["code"] == "empty_cell");
      CHECK(outcome["reason"].get<std::string>().find("R2 in arm visible") != std::string::npos);
    }
    CHECK(results[metric]["values"]["R2"]["visible"]["reason"] == "R2 read no such case in arm visible");
  }
  CHECK(results["fpr"]["RRRC"]["reason"] == "no reading of normal cases by reader R2 in arm visible");
  CHECK(results["time"]["paired_t_over_readers"]["reason"] == "R2 has no such value in arm visible");
  CHECK(results["subgroups"]["view"]["levels"]["AP"]["interaction"]["reason"] == results["fpr"]["RRRC"]["reason"]);
}

TEST_CASE("a call that is neither 0 nor 1 is an error with its line", "[study][degenerate]") {
  const Json results = results_of(study_of(",positive", 2, graded, [](int j, int arm, int k) {
    return j == 1 && arm == 0 && k == 2 ? ",yes" : ",1";
  }));
  CHECK(results["load"]["code"] == "bad_positive");
  CHECK(results["load"]["line"] == 20);
  CHECK_FALSE(results.contains("fpr"));
  const Json ai = results_of(study_of(",ai_positive", 2, graded, [](int, int, int) { return ",2"; }));
  CHECK(ai["load"]["code"] == "bad_ai_positive");
}

TEST_CASE("one reader in each arm: readers and arms cannot be told apart", "[study][degenerate]") {
  const Json results = results_of(study_of("", 2, [](int j, int arm, int k) { return j == arm ? graded(j, arm, k) : "-"; }, nothing));
  CHECK(results["fpr"]["RRRC"]["code"] == "one_reader_per_arm");
  CHECK(results["fpr"]["FRRC"]["status"] == "ok");
  CHECK(results["randomisation_fpr"]["status"] == "not_estimable");
}

TEST_CASE("ratings at the ends of double precision are ratings", "[study][degenerate]") {
  const std::vector<std::string> ends{"-1.7976931348623157e308", "-5e-324", "0", "5e-324", "1e-300", "1", "1e308", "1.7976931348623157e308"};
  const Json results = results_of(study_of("", 3, [&](int j, int arm, int k) { return ends[static_cast<std::size_t>((k + (j == 0 && arm == 1)) % 8)]; }, nothing));
  CHECK(results["load"]["status"] == "ok");
  CHECK(results["auc"]["values"]["R2"]["hidden"] == 1.0);
  CHECK(results["auc"]["values"]["R1"]["visible"].get<double>() == Approx(0.75));  // the smallest rating went to a diseased case
  CHECK(results["auc"]["RRRC"]["status"] == "ok");
}

TEST_CASE("arms that share no case: compared, with nothing paired", "[study][degenerate]") {
  const Json results = results_of(study_of("", 3, [](int j, int arm, int k) { return k % 2 == arm ? graded(j, arm, k) : "-"; }, nothing));
  CHECK(results["fpr"]["OR_unbiased"]["cov_components"]["Cov1"] == 0.0);
  CHECK(results["fpr"]["OR_unbiased"]["cov_components"]["Cov3"] == 0.0);
  CHECK(results["fpr"]["mcnemar_per_reader"]["R1"]["code"] == "no_discordant_pair");
  CHECK(results["missing"]["n"] == 0);
}

TEST_CASE("one period and times of 0: the models say what they lack", "[study][degenerate]") {
  const Json results = results_of(study_of(",period,time_s,confidence", 3, graded, [](int j, int arm, int k) {
    return fmt::format(",1,0,{}", (j * 7 + arm * 5 + k * 11) % 90);
  }));
  CHECK(results["lmm_log_time"]["code"] == "no_column");
  CHECK(results["lmm_confidence"]["formula"] == "confidence ~ arm + (1 | reader) + (1 | case)");
  CHECK(results["order_effects"]["fpr"]["period"]["code"] == "not_a_crossover");
}

TEST_CASE("readings that nobody was asked to rate count for the rates", "[study][degenerate]") {
  // A rating is asked only after a positive call: without the negative calls every rate would be 100 %.
  const auto is_positive = [](int j, int arm, int k) { return std::stoi(graded(j, arm, k)) >= 3; };
  const auto calls = [&](int j, int arm, int k) { return is_positive(j, arm, k) ? ",1" : ",0"; };
  const auto only_positive = [&](int j, int arm, int k) { return is_positive(j, arm, k) ? graded(j, arm, k) : std::string("NA"); };
  const auto none = [](int, int, int) { return std::string(); };
  const Json whole = results_of(study_of(",positive", 3, graded, calls));
  for (const Json& part : {results_of(study_of(",positive", 3, only_positive, calls)), results_of(study_of(",positive", 3, none, calls))}) {
    for (const char* metric : {"fpr", "sensitivity", "specificity"}) CHECK(part[metric] == whole[metric]);
    CHECK(part["auc"]["RRRC"]["code"] == "no_ratings");
    CHECK(part["missing"]["n"] == 0);
    CHECK_FALSE(part["load"].contains("missing_readings"));
    CHECK(part["fully_crossed"] == true);
  }
  CHECK(results_of(study_of(",positive", 3, only_positive, calls))["load"]["calls_without_rating"] == "negative");
  CHECK(results_of(study_of(",positive", 3, none, calls))["load"]["calls_without_rating"] == "positive or negative");
  // A reading without a call is missing, whatever the others are.
  const auto one_missing = [&](int j, int arm, int k) { return j + arm + k == 0 ? "," : calls(j, arm, k); };
  const Json holes = results_of(study_of(",positive", 3, none, one_missing));
  CHECK(holes["load"]["missing_readings"] == 1);
  CHECK(holes["fpr"]["counts"]["R1"]["hidden"][1] == 3);
}

TEST_CASE("a column that divides cases and changes within a case is an error with both lines", "[study][degenerate]") {
  const auto load = [](const std::string& csv) { return load_readings(parse_csv(csv, "own.csv"), {.arms = {}, .positive_at = 3.0, .columns = {"stratum", "view"}}); };
  const auto level = [](int j, int, int k) { return fmt::format(",{},{}", k % 2 == 0 ? "A" : "B", j == 2 && k == 5 ? "AP" : "PA"); };
  const LoadedReadings conflict = load(study_of(",stratum,view", 3, graded, level));
  REQUIRE(conflict.error);
  CHECK(conflict.error->code == "conflicting_view");
  CHECK(conflict.error->line == 39);  // reader 3, hidden, case 5, after 2 x 16 + 5 readings and the header
  CHECK(conflict.error->first_line == 7);
  CHECK_FALSE(load(study_of(",stratum,view", 2, graded, level)).error);
  const Json results = study_results(conflict);
  CHECK(results["load"]["code"] == "conflicting_view");
  CHECK(results["load"]["first_line"] == 7);
}
