// Models on the page: effects with intervals, whom each holds for, boundaries and reasons.
#include <cmath>
#include <nlohmann/json.hpp>

#include "data/base/file.h"
#include "example.h"
#include "study/report/model_effect.h"
#include "study/report/sections.h"
#include "study/report/words.h"
#include "study/statistics/study_results.h"
#include "tests/support/catch.h"
#include "tests/support/shared.h"

namespace rationale::study {
namespace {

using Json = nlohmann::ordered_json;

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("the golden study's models stand on the page with whom they hold for", "[study][report][models][golden]") {
  const auto folder = test::shared("golden/statistics", 1);
  if (!folder) return;
  const CsvTable table = read_csv(*folder / "data/sim_cxr300_r3.csv");
  const Json results = study_results(load_readings(table, {}), {.replicates = 0});
  const ReportInput input = report_input(results, table, {});
  const std::string text = test::line_of(models_section(input));
  // lme4 and geepack (models_sim_cxr300_r3.json): armvisible.
  const Json golden = Json::parse(read_file(*folder / "expected/models_sim_cxr300_r3.json"));
  const double odds = golden.at("glmm_fp").at("coefficients").at("armvisible").at("Estimate");
  CHECK(std::exp(odds) == Approx(0.6185).margin(1e-3));
  CHECK(has(text, "Confidence, points"));
  CHECK(has(text, "each reader reacts in an own way"));
  CHECK(has(text, "readers like these, films like these +4.1 +0.2 to +8.0 2.00 0.045"));
  CHECK(has(text, "all readers react alike (shown only)"));
  CHECK(has(text, "these 3 readers, films like these +4.1 +2.5 to +5.6"));
  CHECK(has(text, "films like these; readers only if all react alike 0.62 0.42 to 0.91 \u221e 0.014"));
  CHECK(has(text, "estimating equations these 3 readers, films like these 0.68 0.50 to 0.91 \u221e 0.010"));
  CHECK(has(text, "+7.4 +0.6 to +14.6"));  // reading time, per cent
  CHECK(has(text, "reader slope variance estimated as 0, or correlation as 1"));
  CHECK(has(text, "REML"));
  const std::string sentence = confidence_sentence(input);
  CHECK(has(sentence, "A linear mixed model (REML, Satterthwaite) with each reader\u2019s own reaction gives +4.1 (+0.2 to +8.0; df 2.00, p = 0.045)."));
  CHECK(has(time_sentence(input), "a variance is estimated at its boundary"));
  // Thin in the forest: these readers.
  const std::string forest = test::line_of(end_points_section(input));
  CHECK(has(forest, "+2.5 to +5.6"));
}

TEST_CASE("equations have an interval of their robust error", "[study][report][models][golden]") {
  const auto folder = test::shared("golden/statistics", 1);
  if (!folder) return;
  const Json results = study_results(load_readings(read_csv(*folder / "data/sim_cxr300_r3.csv"), {}), {.replicates = 0});
  const ModelEffect effect = model_effect(&results.at("gee_fp_case_exchangeable_armonly"));
  const Json& row = results.at("gee_fp_case_exchangeable_armonly").at("coefficients").at("armvisible");
  REQUIRE(effect.arm.is_estimable);
  CHECK(effect.arm.lower == Approx(row.at("Estimate").get<double>() - 1.959963984540054 * row.at("Std.err").get<double>()).epsilon(1e-12));
  CHECK_FALSE(effect.arm.df);
}

TEST_CASE("a model that there is not says why, and one of a missing column is left out", "[study][report][models]") {
  ReportInput input = test::many_readers(3);
  CHECK(models_section(input).empty());
  input.results["glmm_fp"] = {{"status", "not_estimable"}, {"code", "separation"}, {"reason", "no reading of one arm is positive"}};
  input.results["lmm_confidence"] = {{"status", "not_estimable"}, {"code", "no_column"}, {"reason", "the file has no confidence"}};
  input.results["gee_fp_case_exchangeable_armonly"]["coefficients"]["armb"] = {{"Estimate", 30.0}, {"lower", -900.0}, {"upper", 960.0}, {"Pr(>|W|)", 0.9}};
  const std::string text = test::line_of(models_section(input));
  CHECK(has(text, "not estimable: no reading of one arm is positive"));
  CHECK_FALSE(has(text, "the file has no confidence"));
  CHECK(has(text, "the model runs away"));
  CHECK(model_effect(nullptr).arm.code == "not_reported");
  const Json bare{{"(Intercept)", {{"Estimate", 1.0}}}};
  CHECK(model_effect(&bare).arm.code == "no_arm");
}

}  // namespace rationale::study
