// Mixed models, estimating equations, agreement, calibration and switch tables against lme4, lmerTest,
// pbkrtest, geepack and psych (golden/statistics/README.md); tolerances of statistics.md, section 18.
#include <algorithm>
#include <cmath>
#include <map>

#include "data/base/file.h"
#include "study/statistics/laplace_deviance.h"
#include "study/statistics/linear_mixed.h"
#include "study/statistics/minimise.h"
#include "study/statistics/models_json.h"
#include "study/statistics/study_results.h"
#include "tests/study/statistics/golden_numbers.h"
#include "tests/support/catch.h"
#include "tests/support/shared.h"

using namespace rationale;
using namespace rationale::study;
using Json = nlohmann::ordered_json;

namespace {

StudyReadings readings_of(const std::filesystem::path& file) {
  return load_readings(read_csv(file), {}).readings;
}

bool ends_with_any(const std::string& path, std::initializer_list<const char*> ends) {
  return std::ranges::any_of(ends, [&](const char* end) { return path.ends_with(end); });
}

/// beta rel 1e-6, SE rel 1e-5, variances rel 1e-4 (slope models 1e-3), logLik abs 1e-6, df rel 1e-3. What
/// follows from them inherits: a covariance twice the SE's, t the SE's, p from t and df. An entry of
/// vcov_fixed that is 0 is rounding of the others.
test::Tolerance linear_tolerance(const std::string& path) {
  const bool has_slopes = path.find("slopes") != std::string::npos;
  if (ends_with_any(path, {".Estimate"})) return {0, 1e-6};
  if (ends_with_any(path, {".Std. Error", ".t value"})) return {0, 1e-5};
  if (ends_with_any(path, {".df"})) return {0, 1e-3};
  if (ends_with_any(path, {".Pr(>|t|)"})) return {0, 2e-3};
  if (ends_with_any(path, {".vcov", ".sdcor"})) return {1e-12, has_slopes ? 1e-3 : 1e-4};
  if (path.find("vcov_fixed") != std::string::npos) return {1e-9, 2e-5};
  return {1e-6, 0};
}

/// logLik abs 1e-5, beta abs 1e-4, SE rel 1e-3, standard deviations rel 1e-3 (so variances 2e-3). A standard
/// deviation of 0 is found to 1e-3.
test::Tolerance logistic_tolerance(const std::string& path) {
  if (ends_with_any(path, {".Estimate"})) return {1e-4, 0};
  if (ends_with_any(path, {".Std. Error"})) return {0, 1e-3};
  if (ends_with_any(path, {".z value"})) return {1e-3, 1e-3};
  if (ends_with_any(path, {".Pr(>|z|)"})) return {2e-4, 1e-2};
  if (ends_with_any(path, {".sdcor"})) return {1e-3, 1e-3};
  if (ends_with_any(path, {".vcov"})) return {1e-6, 2e-3};
  if (path.find("vcov_fixed") != std::string::npos) return {1e-5, 2e-3};
  return {ends_with_any(path, {".logLik"}) ? 1e-5 : 2e-5, 0};
}

/// beta abs 1e-6, SE rel 1e-5, alpha abs 1e-5; geepack prints 1 - cdf, which is 0 or noise below 1e-15.
test::Tolerance gee_tolerance(const std::string& path) {
  if (ends_with_any(path, {".Estimate"})) return {1e-6, 0};
  if (ends_with_any(path, {".Std.err"})) return {0, 1e-5};
  if (ends_with_any(path, {".Wald"})) return {1e-5, 3e-5};
  if (ends_with_any(path, {".Pr(>|W|)"})) return {1e-15, 1e-4};
  if (path.find("_vcov") != std::string::npos) return {1e-8, 2e-5};
  return {1e-5, 1e-5};
}

/// 1e-12; limits of psych's ICC 1e-8.
test::Tolerance agreement_tolerance(const std::string& path) {
  const bool is_icc_limit =
      path.find("icc_") != std::string::npos && ends_with_any(path, {".lower", ".upper"});
  if (is_icc_limit) return {1e-8, 0};
  if (ends_with_any(path, {".p"})) return {0, 1e-10};
  return {1e-12, 1e-12};
}

test::Tolerance tolerance_of(const std::string& path) {
  if (path.starts_with("lmm_")) return linear_tolerance(path);
  if (path.starts_with("glmm_")) return logistic_tolerance(path);
  if (path.starts_with("gee_")) return gee_tolerance(path);
  if (path.starts_with("calibration_logistic")) return {1e-9, 1e-9};  // R's glm stops at 1e-14 of the deviance
  if (path.starts_with("paired_t")) return {1e-9, 1e-9};              // R's qt
  return agreement_tolerance(path);
}

/// The reference's words for what ours says in its own.
Json comparable(Json wanted) {
  for (const char* key : {"data", "software"}) wanted.erase(key);
  for (const char* key : {"lmm_confidence_uncorrelated_slopes", "glmm_fp_case_only_AGQ"}) {
    wanted[key].erase("formula");  // R calls the arm's column v there, and leaves blanks out
  }
  for (auto& term : wanted["lmm_confidence_uncorrelated_slopes"]["variance"]) {
    if (term["var1"] == "v") term["var1"] = "armvisible";
  }
  for (const char* arm : {"hidden", "visible"}) {
    Json& part = wanted["agreement"][arm];
    part["cohen_5cat"]["kappa"] = part["psych_check"]["kappa"];
    const double quadratic = part["psych_check"]["weighted_quadratic"];
    CHECK(quadratic == Approx(part["cohen_5cat_quadratic"]["kappa"].get<double>()).epsilon(1e-12));
    part.erase("psych_check");
  }
  // R's NA: a variance has no second effect. We leave out what is not there.
  for (auto& [key, fit] : wanted.items()) {
    if (!fit.is_object() || !fit.contains("variance") || !fit["variance"].is_array()) continue;
    for (auto& term : fit["variance"]) {
      for (const char* name : {"var1", "var2"}) {
        if (term.contains(name) && term[name].is_null()) term.erase(name);
      }
    }
  }
  // A singular fit says so in words beside lme4's flag; lme4 warns of nothing.
  for (const char* key : {"glmm_fp", "glmm_tp"}) {
    CHECK(wanted[key]["warnings"].empty());
    wanted[key].erase("warnings");
  }
  return wanted;
}

bool is_finite_throughout(const Json& json) {
  if (json.is_number_float()) return std::isfinite(json.get<double>());
  return !json.is_structured() || std::ranges::all_of(json, is_finite_throughout);
}

}  // namespace

TEST_CASE("models, agreement, calibration and switches are the reference's", "[study][golden][models]") {
  const auto folder = test::shared("golden/statistics", 2);
  if (!folder) return;
  const std::string study = GENERATE("sim_cxr300_r3", "sim_cxr120_r8");
  const std::string file = "models_" + study + ".json";
  const Json wanted = comparable(Json::parse(read_file(*folder / "expected" / file)));
  const auto readings = load_readings(read_csv(*folder / "data" / (study + ".csv")), {});
  const Json got = study_results(readings);
  const test::Compared result = test::compare_all(got, wanted, "", tolerance_of);
  test::print_compared(file, result);
  CHECK(result.n > 900);
}

TEST_CASE("the identity-link GEE has the fixed-reader standard error", "[study][models]") {
  // statistics.md, section 9: SE sqrt(n/(n-1)) = FRRC SE, exactly.
  const auto folder = test::shared("golden/statistics/data", 2);
  if (!folder) return;
  const std::string study = GENERATE("sim_cxr300_r3", "sim_cxr120_r8", "clamp_r4");
  const Json got = study_results(load_readings(read_csv(*folder / (study + ".csv")), {}));
  for (const auto& [metric, model] : {std::pair{"fpr", "gee_fp"}, {"sensitivity", "gee_tp"}}) {
    const double n = got[metric]["n_cases"];
    const double se = got[std::string(model) + "_case_identity_link"]["coefficients"]["armvisible"]["Std.err"];
    CHECK(got[metric]["FRRC"]["se"].get<double>() == Approx(std::sqrt(n / (n - 1)) * se).epsilon(1e-10));
  }
}

TEST_CASE("model B with reader slopes has the paired t of the reader means", "[study][models]") {
  // Balanced data, slope variance not on the boundary.
  const auto file = test::shared("golden/statistics/data/sim_cxr300_r3.csv", 1);
  if (!file) return;
  const Json got = study_results(load_readings(read_csv(*file), {}));
  const Json& slopes = got["lmm_confidence_slopes"];
  REQUIRE(slopes["singular"] == false);
  CHECK(got["lmm_confidence_primary"] == "lmm_confidence_slopes");
  const double paired = got["paired_t_over_readers"]["statistic"];
  CHECK(slopes["coefficients"]["armvisible"]["t value"].get<double>() == Approx(paired).epsilon(1e-5));
  CHECK(slopes["coefficients"]["armvisible"]["df"].get<double>() == Approx(2).epsilon(1e-4));
  const Json& adjusted = got["lmm_confidence_slopes_KenwardRoger"]["armvisible"];
  CHECK(adjusted["df"].get<double>() == Approx(2).epsilon(1e-4));
  CHECK(adjusted["Std. Error"].get<double>() ==
        Approx(slopes["coefficients"]["armvisible"]["Std. Error"].get<double>()).epsilon(1e-5));
}

TEST_CASE("models do not depend on the order of rows", "[study][models]") {
  const auto file = test::shared("golden/statistics/data/sim_cxr300_r3.csv", 1);
  if (!file) return;
  CsvTable table = read_csv(*file);
  Json straight, back;
  add_models(straight, load_readings(table, {}).readings);
  std::reverse(table.rows.begin(), table.rows.end());
  add_models(back, load_readings(table, {}).readings);
  CHECK(straight == back);
}

TEST_CASE("what a file lacks gets a verdict, never a number", "[study][models]") {
  const auto folder = test::shared("golden/statistics/data", 2);
  if (!folder) return;
  const StudyReadings plain = readings_of(*folder / "clamp_r4.csv");  // no confidence, time or period
  Json json;
  add_models(json, plain);
  CHECK(json["lmm_confidence_slopes"]["code"] == "no_column");
  CHECK(json["lmm_log_time"]["code"] == "no_column");
  CHECK(json["lmm_confidence_KenwardRoger"]["code"] == "no_column");
  CHECK(json["gee_conf_case_exchangeable"]["code"] == "no_column");
  CHECK(json["calibration"]["code"] == "not_signed_confidence");
  CHECK(json["calibration_logistic"]["code"] == "not_signed_confidence");
  CHECK(json["glmm_fp"]["formula"] == "positive ~ arm + (1 | reader) + (1 | case)");
  CHECK(json["agreement"]["hidden"]["fleiss_binary"]["kappa"].is_number());
}

TEST_CASE("two readers are fixed effects", "[study][models]") {
  const auto file = test::shared("golden/statistics/data/sim_cxr300_r3.csv", 1);
  if (!file) return;
  CsvTable table = read_csv(*file);
  std::erase_if(table.rows, [](const CsvRow& row) { return row.cells[0] == "R03"; });
  Json json;
  add_models(json, load_readings(table, {}).readings);
  CHECK(json["lmm_confidence"]["formula"] == "confidence ~ arm + period + reader + (1 | case)");
  CHECK(json["lmm_confidence_slopes"]["code"] == "too_few_readers");
  CHECK(json["glmm_fp"]["code"] == "too_few_readers");
  CHECK(json["glmm_fp_case_only_AGQ"]["status"] == "ok");
}

TEST_CASE("20 readers, 2,000 cases, 2 arms: the balanced model B is the paired t", "[study][models]") {
  // 80,000 readings. Deterministic effects of readers, cases and their arms, and a residual without pattern.
  constexpr int kReaders = 20, kCases = 2000;
  MixedData data;
  const int n = kReaders * kCases * 2;
  data.y.resize(n);
  data.x = Eigen::MatrixXd::Ones(n, 2);
  data.arm.resize(n);
  data.names = {"(Intercept)", "armvisible"};
  data.n_cases = kCases;
  data.n_readers = kReaders;
  Eigen::MatrixXd mean = Eigen::MatrixXd::Zero(kReaders, 2);
  int i = 0;
  for (int j = 0; j < kReaders; ++j) {
    for (int k = 0; k < kCases; ++k) {
      for (int arm = 0; arm < 2; ++arm, ++i) {
        const double noise = std::fmod(1e4 * std::abs(std::sin(12.9898 * i + 78.233)), 1.0) - 0.5;
        data.y(i) = 60 + 5 * std::sin(j) + 10 * std::cos(3.0 * k) + arm * (4 + 2 * std::cos(7.0 * j)) + 50 * noise;
        data.x(i, 1) = data.arm(i) = arm;
        data.case_of.push_back(k);
        data.reader_of.push_back(j);
        mean(j, arm) += data.y(i) / kCases;
      }
    }
  }
  const Eigen::VectorXd difference = mean.col(1) - mean.col(0);
  const double spread = (difference.array() - difference.mean()).square().sum() / (kReaders - 1);
  const double t = difference.mean() / std::sqrt(spread / kReaders);
  const auto outcome = linear_mixed(data, ReaderEffects::kSlopes);
  const auto& fit = std::get<LinearMixed>(outcome);
  CHECK_FALSE(fit.is_singular);
  const auto& arm = std::get<Estimate>(fit.satterthwaite[1].outcome);
  CHECK(arm.estimate == Approx(difference.mean()).epsilon(1e-9));
  CHECK(arm.statistic == Approx(t).epsilon(1e-5));
  CHECK(*arm.df == Approx(kReaders - 1).epsilon(1e-3));
  const auto adjusted = kenward_roger(data, fit);
  const auto& kr = std::get<Estimate>(std::get<std::vector<Coefficient>>(adjusted)[1].outcome);
  CHECK(*kr.df == Approx(kReaders - 1).epsilon(1e-3));
  CHECK(kr.statistic == Approx(t).epsilon(1e-5));
}

TEST_CASE("every degenerate study has the reference's model verdict", "[study][golden][models]") {
  const auto folder = test::shared("golden/statistics", 27);
  if (!folder) return;
  const Json all = Json::parse(read_file(*folder / "expected" / "degenerate.json"));
  test::Compared sum;
  for (const auto& [name, wanted] : all.items()) {
    if (!wanted.contains("glmm_false_positive")) continue;
    const Json got =
        study_results(load_readings(read_csv(*folder / "data" / "degenerate" / (name + ".csv")), {}));
    INFO(name);
    const Json verdict = wanted["glmm_false_positive"];
    const auto one = test::compare_all(got["glmm_false_positive"], verdict, name, tolerance_of);
    sum.n += one.n;
    sum.agreed += one.agreed;
    if (verdict["status"] != "ok") CHECK(got["glmm_fp"]["code"] == verdict["code"]);
    CHECK(is_finite_throughout(got));
  }
  test::print_compared("degenerate.json, model verdicts", sum);
}

TEST_CASE("the gradient of the Laplace deviance is that of its values", "[study][models]") {
  const auto file = test::shared("golden/statistics/data/sim_cxr120_r8.csv", 1);
  if (!file) return;
  const auto rows = std::get<MixedData>(mixed_data(readings_of(*file), OutcomeValue::kPositive, CaseSet::kNormal));
  LaplaceDeviance laplace(rows);
  const Eigen::Index n = rows.x.cols() + 2;
  for (const auto& [t_case, t_reader] : {std::pair{0.5, 0.5}, {2.0, 0.3}, {0.0, 0.7}, {1.3, -0.4}}) {
    Eigen::VectorXd at = Eigen::VectorXd::Constant(n, 0.2);
    at(0) = t_case;
    at(1) = t_reader;
    at(2) = -1.5;
    const Eigen::VectorXd own = laplace.gradient(at), theirs = gradient([&](const Eigen::VectorXd& x) { return laplace.value(x); }, at);
    INFO(own.transpose() << " against " << theirs.transpose());
    CHECK((own - theirs).cwiseAbs().maxCoeff() < 1e-6 * (1 + own.cwiseAbs().maxCoeff()));
  }
}
