// endpoint.method: the analysis that the protocol names is the one that answers, or a reason why it cannot.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "study/statistics/planned_outcome.h"
#include "study/statistics/study_results.h"
#include "tests/support/catch.h"
#include "tests/support/shared.h"

using namespace rationale;
using namespace rationale::study;
using Json = nlohmann::ordered_json;

namespace {

AnalysisPlan plan_of(const std::string& metric, AnalysisMethod method) {
  AnalysisPlan plan{.metric = metric};
  plan.primary = {.id = "primary", .metric = metric, .claim = Claim::kSuperiority, .margin = {}};
  plan.method = method;
  plan.replicates = 0;
  return plan;
}

}  // namespace

TEST_CASE("the planned method gives the primary result and decides the claim", "[study][plan]") {
  const auto file = test::shared("golden/statistics/data/sim_cxr120_r8.csv", 1);
  if (!file) return;
  const LoadedReadings loaded = load_readings(read_csv(*file), {});
  const auto results = [&](const AnalysisPlan& plan) { return study_results(loaded, plan); };
  SECTION("Obuchowski and Rockette") {
    const Json r = results(plan_of("fpr", AnalysisMethod::kOrHillis));
    CHECK(r.at("endpoint").at("result") == r.at("fpr").at("RRRC"));
    CHECK(r.at("endpoint").at("method") == "or_hillis");
  }
  SECTION("U-statistics") {
    const Json r = results(plan_of("fpr", AnalysisMethod::kUstat)), area = results(plan_of("auc", AnalysisMethod::kUstat));
    CHECK(r.at("endpoint").at("result") == r.at("fpr").at("BDG").at("difference"));
    CHECK(r.at("endpoint").at("result") != r.at("fpr").at("RRRC"));
    CHECK(r.at("declared").at("primary").at("p") == r.at("fpr").at("BDG").at("difference").at("p"));
    CHECK(area.at("endpoint").at("result") == area.at("auc").at("BDG").at("diff"));
  }
  SECTION("a logistic mixed model, readers random or fixed") {
    AnalysisPlan plan = plan_of("fpr", AnalysisMethod::kGlmm);
    const Json random = results(plan);
    const Json& model = random.at("glmm_fp").at("coefficients").at("armvisible");
    CHECK(random.at("endpoint").at("result").at("estimate") == model.at("Estimate"));
    CHECK(random.at("endpoint").at("result").at("p") == model.at("Pr(>|z|)"));
    CHECK(random.at("endpoint").at("result").at("scale") == "log_odds");
    CHECK(random.at("declared").at("primary").at("p") == model.at("Pr(>|z|)"));
    plan.has_fixed_readers = true;
    const Json fixed = results(plan);
    CHECK(fixed.at("endpoint").at("result").at("estimate") == fixed.at("glmm_fp_case_only_AGQ").at("coefficients").at("armvisible").at("Estimate"));
    CHECK(fixed.at("endpoint").at("holds_for") == "these readers");
  }
  SECTION("a linear mixed model of confidence") {
    const Json r = results(plan_of("confidence", AnalysisMethod::kGlmm));
    const Json& row = r.at("lmm_confidence_slopes").at("coefficients").at("armvisible");
    CHECK(r.at("endpoint").at("result").at("estimate") == row.at("Estimate"));
    CHECK(r.at("endpoint").at("result").at("df") == row.at("df"));
  }
  SECTION("the method is the primary end point's alone") {
    AnalysisPlan plan = plan_of("fpr", AnalysisMethod::kUstat);
    plan.secondary = {{.id = "sensitivity", .metric = "sensitivity", .claim = Claim::kTwoSided, .margin = {}}};
    const Json r = results(plan);
    CHECK(r.at("declared").at("secondary").at(0).at("p") == r.at("sensitivity").at("RRRC").at("p"));
  }
  SECTION("a method that cannot answer says why") {
    const Json r = results(plan_of("fpr", AnalysisMethod::kBootstrap));
    CHECK(r.at("endpoint").at("result").at("code") == "not_supported");
    CHECK(r.at("declared").at("primary").at("met") == false);
  }
}

TEST_CASE("an arm with a colon in its name has a planned result", "[study][plan]") {
  const auto file = test::shared("golden/statistics/data/sim_cxr120_r8.csv", 1);
  if (!file) return;
  CsvTable table = read_csv(*file);
  const std::size_t arm = table.need("arm");
  for (CsvRow& row : table.rows) row.cells[arm] = row.cells[arm] == "hidden" ? "CAD:off" : "CAD:on";
  for (const char* metric : {"fpr", "confidence"}) {
    const Json r = study_results(load_readings(table, {.arms = {"CAD:off", "CAD:on"}}), plan_of(metric, AnalysisMethod::kGlmm));
    const char* model = metric == std::string("fpr") ? "glmm_fp" : "lmm_confidence_slopes";
    CHECK(r.at("endpoint").at("result").at("estimate") == r.at(model).at("coefficients").at("armCAD:on").at("Estimate"));
  }
}

TEST_CASE("what a method cannot be combined with is a fault that names a way out", "[study][plan]") {
  const auto fault = [](AnalysisPlan plan) { return method_fault(plan).has_value(); };
  for (const char* metric : {"fpr", "sensitivity", "specificity", "auc", "confidence", "time"}) {
    CHECK_FALSE(fault(plan_of(metric, AnalysisMethod::kOrHillis)));
    CHECK(fault(plan_of(metric, AnalysisMethod::kBootstrap)));
  }
  for (const char* metric : {"fpr", "sensitivity", "specificity", "auc"}) CHECK_FALSE(fault(plan_of(metric, AnalysisMethod::kUstat)));
  for (const char* metric : {"confidence", "time"}) CHECK(fault(plan_of(metric, AnalysisMethod::kUstat)));
  for (const char* metric : {"fpr", "sensitivity", "confidence", "time"}) CHECK_FALSE(fault(plan_of(metric, AnalysisMethod::kGlmm)));
  for (const char* metric : {"specificity", "auc"}) CHECK(fault(plan_of(metric, AnalysisMethod::kGlmm)));
  AnalysisPlan plan = plan_of("fpr", AnalysisMethod::kUstat);
  plan.has_fixed_readers = true;
  CHECK(fault(plan));
  plan = plan_of("fpr", AnalysisMethod::kOrHillis);
  plan.has_fixed_readers = true;
  CHECK_FALSE(fault(plan));
  plan.small_sample = SmallSampleMethod::kRrrcRrfcMax;  // readers as a sample
  CHECK(fault(plan));
  plan = plan_of("fpr", AnalysisMethod::kUstat);
  plan.small_sample = SmallSampleMethod::kPermutation;
  CHECK(fault(plan));
  plan = plan_of("fpr", AnalysisMethod::kUstat);
  plan.covariance = CovarianceMethod::kDelong;
  CHECK(fault(plan));
  plan = plan_of("sensitivity", AnalysisMethod::kGlmm);
  plan.primary.claim = Claim::kNonInferiority;
  CHECK(fault(plan));
  plan.method = AnalysisMethod::kUstat;
  CHECK_FALSE(fault(plan));
}

TEST_CASE("a small-sample method with fixed readers is refused, not passed over", "[study][plan]") {
  const auto file = test::shared("golden/statistics/data/sim_cxr120_r8.csv", 1);
  if (!file) return;
  AnalysisPlan plan = plan_of("fpr", AnalysisMethod::kOrHillis);
  plan.has_fixed_readers = true;
  plan.small_sample = SmallSampleMethod::kRrrcRrfcMax;
  const Json r = study_results(load_readings(read_csv(*file), {}), plan);
  CHECK(r.at("endpoint").at("result").at("code") == "not_supported");
  CHECK(r.at("declared").at("primary").at("met") == false);
}

TEST_CASE("at another alpha results have the limits that a claim is held against", "[study][plan]") {
  const auto file = test::shared("golden/statistics/data/sim_cxr120_r8.csv", 1);
  if (!file) return;
  const LoadedReadings loaded = load_readings(read_csv(*file), {});
  AnalysisPlan plan = plan_of("fpr", AnalysisMethod::kOrHillis);
  CHECK_FALSE(study_results(loaded, plan).at("fpr").at("FRRC").contains("at_alpha"));
  plan.alpha = 0.005;
  plan.small_sample = SmallSampleMethod::kRrrcRrfcMax;
  const Json r = study_results(loaded, plan);
  CHECK(r.at("endpoint").at("alpha") == 0.005);
  const Json& fixed = r.at("fpr").at("FRRC");
  // The 99.75 % quantile of the normal distribution (tables): 2.8070337683438.
  CHECK(fixed.at("at_alpha").at("lower").get<double>() == Approx(fixed.at("estimate").get<double>() - 2.8070337683438 * fixed.at("se").get<double>()).epsilon(1e-12));
  // p is below alpha exactly where the limits leave out 0.
  for (const char* analysis : {"RRRC", "FRRC", "RRFC"}) {
    const Json& one = r.at("fpr").at(analysis);
    const bool leaves_out_0 = one.at("at_alpha").at("lower") > 0 || one.at("at_alpha").at("upper") < 0;
    CHECK((one.at("p").get<double>() < 0.005) == leaves_out_0);
  }
  const auto width = [](const Json& one) { return one.at("at_alpha").at("upper").get<double>() - one.at("at_alpha").at("lower").get<double>(); };
  CHECK(width(r.at("endpoint").at("result")) == Approx(std::max(width(r.at("fpr").at("RRRC")), width(r.at("fpr").at("RRFC")))));
}

TEST_CASE("a subgroup of any metric is the study of its cases alone", "[study][plan][subgroups]") {
  const auto file = test::shared("golden/statistics/data/sim_cxr120_r8.csv", 1);
  if (!file) return;
  const ReadingsOptions options{.arms = {}, .positive_at = {}, .columns = {"stratum"}};
  CsvTable table = read_csv(*file);
  const LoadedReadings loaded = load_readings(table, options);
  const auto& [normal, diseased] = loaded.readings.columns.at("stratum");
  const std::string level = normal.front();
  const auto column = static_cast<std::size_t>(std::ranges::find(table.header, "stratum") - table.header.begin());
  std::erase_if(table.rows, [&](const CsvRow& row) { return row.cells[column] != level; });
  const Json alone = study_results(load_readings(table, options), plan_of("fpr", AnalysisMethod::kOrHillis));
  for (const std::string metric : {"auc", "fpr", "sensitivity", "specificity", "confidence", "time"}) {
    INFO(metric);
    AnalysisPlan plan = plan_of(metric, AnalysisMethod::kOrHillis);
    plan.subgroups = {{.id = "part", .column = "stratum", .min_cases = 2}};
    const Json block = study_results(loaded, plan).at("subgroups").at("part");
    CHECK(block.at("metric") == metric);
    CHECK(block.at("is_declared") == true);
    const Json& own = block.at("levels").at(level);
    for (const char* analysis : {"RRRC", "FRRC", "paired_t_over_readers"}) {
      REQUIRE(own.contains(analysis) == alone.at(metric).contains(analysis));
      if (!own.contains(analysis)) continue;
      REQUIRE(own.at(analysis).at("status") == "ok");
      for (const char* key : {"estimate", "se", "p", "lower", "upper"}) {
        CHECK(own.at(analysis).at(key).get<double>() == Approx(alone.at(metric).at(analysis).at(key).get<double>()).epsilon(1e-9));
      }
    }
    REQUIRE(own.at("interaction").at("status") == "ok");
    const double p = own.at("interaction").at("p");
    CHECK((p > 0 && p < 1));
  }
}

TEST_CASE("an area needs the smallest number of cases of either truth", "[study][plan][subgroups]") {
  const auto file = test::shared("golden/statistics/data/sim_cxr120_r8.csv", 1);
  if (!file) return;
  const LoadedReadings loaded = load_readings(read_csv(*file), {.arms = {}, .positive_at = {}, .columns = {"stratum"}});
  AnalysisPlan plan = plan_of("auc", AnalysisMethod::kOrHillis);
  plan.subgroups = {{.id = "part", .column = "stratum", .min_cases = 1000}};
  const Json levels = study_results(loaded, plan).at("subgroups").at("part").at("levels");
  REQUIRE(levels.size() > 1);
  for (const auto& [value, level] : levels.items()) {
    CHECK(level.at("code") == "too_few_cases");
    CHECK(level.at("reason").get<std::string>().find("normal cases, fewer than 1000") != std::string::npos);
  }
}
