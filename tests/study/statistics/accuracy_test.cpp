// Accuracy: the weighted mean of sensitivity and specificity, with the variance of two strata.
#include "study/statistics/accuracy.h"

#include <cmath>

#include "study/statistics/bootstrap.h"
#include "study/statistics/covariance.h"
#include "study/statistics/study_results.h"
#include "tests/study/statistics/json_compare.h"
#include "tests/study/statistics/made_study.h"
#include "tests/support/catch.h"
#include "tests/support/shared.h"

using namespace rationale;
using namespace rationale::study;
using test::Json;
using test::MadeStudy;

namespace {

RightCalls right_calls(const MadeStudy& made) {
  const auto readings = test::made_readings(made);
  RightCalls right{test::called(readings.normal), test::called(readings.diseased)};
  right.normal.value = right.normal.read - right.normal.value;
  return right;
}

Json results_of(const MadeStudy& made, const AnalysisPlan& plan = {.replicates = 0}) {
  return study_results(load_readings(test::made_table(made), {}), plan);
}

CaseReadings twice(const CaseReadings& once) {
  CaseReadings result{Eigen::MatrixXd(once.value.rows(), 2 * once.value.cols()), Eigen::MatrixXd(once.value.rows(), 2 * once.value.cols()), {}};
  for (Eigen::Index k = 0; k < result.value.cols(); ++k) {
    result.value.col(k) = once.value.col(k / 2);
    result.read.col(k) = once.read.col(k / 2);
    result.patient.push_back(once.patient[static_cast<std::size_t>(k / 2)]);
  }
  return result;
}

}  // namespace

TEST_CASE("accuracy is the weighted mean of sensitivity and specificity, and so is its variance", "[study][accuracy][law]") {
  const auto seed = GENERATE(range(1, 6));
  const Json results = results_of({.readers = 2 + seed, .normal = 30 + 7 * seed, .diseased = 25, .seed = static_cast<std::uint64_t>(seed)});
  const double n0 = results["n_normal"], n1 = results["n_diseased"], w0 = n0 / (n0 + n1), w1 = n1 / (n0 + n1);
  const Json &all = results["accuracy"], &normal = results["specificity"], &diseased = results["sensitivity"];
  for (const auto& [reader, arms] : all["values"].items()) {
    for (const auto& [arm, value] : arms.items()) {
      CHECK(value.get<double>() == Approx(w0 * normal["values"][reader][arm].get<double>() + w1 * diseased["values"][reader][arm].get<double>()).epsilon(1e-14));
      CHECK(all["counts"][reader][arm][1] == n0 + n1);
    }
  }
  for (const char* analysis : {"RRRC", "FRRC", "RRFC"}) {
    CHECK(all[analysis]["estimate"].get<double>() ==
          Approx(w0 * normal[analysis]["estimate"].get<double>() + w1 * diseased[analysis]["estimate"].get<double>()).margin(1e-15));
  }
  const auto square = [](const Json& outcome) { return std::pow(outcome["se"].get<double>(), 2); };
  CHECK(square(all["FRRC"]) == Approx(w0 * w0 * square(normal["FRRC"]) + w1 * w1 * square(diseased["FRRC"])).epsilon(1e-10));
  const auto shared = [](const Json& block, const char* name) { return block["OR_unbiased"]["cov_components"][name].get<double>(); };
  for (const char* name : {"Var", "Cov1", "Cov2", "Cov3"}) {
    CHECK(shared(all, name) == Approx(w0 * w0 * shared(normal, name) + w1 * w1 * shared(diseased, name)).margin(1e-15));
  }
  CHECK(all["small_sample"]["rrrc_rrfc_max"].contains("p"));
  CHECK(all["leave_one_reader_out"].size() == static_cast<std::size_t>(2 + seed));
}

TEST_CASE("accuracy of the reference study is that of its rates", "[study][accuracy]") {
  const auto file = test::shared("golden/statistics/data/sim_cxr300_r3.csv", 1);
  if (!file) return;
  const Json results = study_results(load_readings(read_csv(*file), {}), {.replicates = 0});
  CHECK(results["accuracy"]["FRRC"]["estimate"].get<double>() ==
        Approx(0.6 * results["specificity"]["FRRC"]["estimate"].get<double>() + 0.4 * results["sensitivity"]["FRRC"]["estimate"].get<double>()));
}

TEST_CASE("the stratified variance is smaller than that of cases drawn from one pot", "[study][accuracy]") {
  const RightCalls right = right_calls({.readers = 2, .normal = 80, .diseased = 40, .seed = 4});
  CaseReadings pot{Eigen::MatrixXd(4, 120), Eigen::MatrixXd::Ones(4, 120), {}};
  pot.value << right.normal.value, right.diseased.value;
  const Eigen::MatrixXd stratified = covariance_accuracy(right), unstratified = covariance_proportion(pot);
  const auto values = accuracy(right);
  for (Eigen::Index cell = 0; cell < 4; ++cell) {
    const double spec = right.normal.value.row(cell).mean(), sens = right.diseased.value.row(cell).mean();
    CHECK(*values[static_cast<std::size_t>(cell)] == Approx((80 * spec + 40 * sens) / 120));
    // Between the strata: w0 w1 (spec - sens)^2 / n, but for divisors n - 1.
    CHECK(unstratified(cell, cell) - stratified(cell, cell) == Approx(2.0 / 9 * std::pow(spec - sens, 2) / 120).margin(0.02 * stratified(cell, cell)));
  }
}

TEST_CASE("accuracy of clustered cases has the variance that resampled patients show", "[study][accuracy][cluster]") {
  const bool is_mixed = GENERATE(false, true);
  const RightCalls right = right_calls({.readers = 2, .normal = 300, .diseased = 300, .cases_per_patient = 3, .is_mixed = is_mixed, .seed = 3});
  const Eigen::MatrixXd covariance = covariance_accuracy(right);
  const Eigen::MatrixXd resampled = covariance_bootstrap(resample_accuracy(right, {.seed = 2, .replicates = 6000}));
  for (Eigen::Index cell = 0; cell < 4; ++cell) {
    CHECK(resampled(cell, cell) == Approx(covariance(cell, cell)).epsilon(0.10));  // Monte Carlo: 4 sqrt(2/6000) = 7 %
  }
  CHECK(resampled(0, 1) == Approx(covariance(0, 1)).margin(0.10 * covariance(0, 0)));
  // A copy of every case under the same patient adds nothing.
  CHECK(covariance_accuracy({twice(right.normal), twice(right.diseased)}).isApprox(covariance, 1e-12));
  if (!is_mixed) return;
  // A patient's findings are called in normal and diseased films alike: right in one, wrong in the other.
  const Eigen::MatrixXd apart = (covariance_proportion(right.normal) + covariance_proportion(right.diseased)) / 4;
  CHECK(covariance(0, 0) < 0.95 * apart(0, 0));
}

TEST_CASE("resampled accuracy keeps the case mix and approaches its closed form", "[study][accuracy][bootstrap]") {
  const RightCalls right = right_calls({.readers = 3, .normal = 60, .diseased = 40, .seed = 6});
  const BootstrapPlan plan{.seed = 7, .replicates = 20000};
  const Replicates replicates = resample_accuracy(right, plan);
  CHECK(replicates.n_dropped == 0);
  const auto by_case = [](const CaseReadings& readings) {
    const Eigen::RowVectorXd columns = (readings.value.bottomRows(3) - readings.value.topRows(3)).colwise().mean();
    return (columns.array() - columns.mean()).square().mean() / static_cast<double>(columns.size());
  };
  Eigen::MatrixXd theta(2, 3);
  const auto values = accuracy(right);
  for (Eigen::Index cell = 0; cell < 6; ++cell) theta(cell / 3, cell % 3) = *values[static_cast<std::size_t>(cell)];
  CHECK(bootstrap_difference(theta, replicates, false, plan).variance ==
        Approx(0.36 * by_case(right.normal) + 0.16 * by_case(right.diseased)).epsilon(4 * std::sqrt(2.0 / plan.replicates)));
}

TEST_CASE("accuracy has its reasons, its pairs and its holes", "[study][accuracy]") {
  CsvTable table = test::made_table({.readers = 3, .missing = 0.08});
  const Json holes = study_results(load_readings(table, {}), {.replicates = 200})["accuracy"];
  CHECK(holes["RRRC"]["status"] == "ok");
  CHECK(holes["fully_crossed"] == false);
  CHECK(holes["paired_cases_only"]["readings_without_partner"].get<int>() > 0);
  CHECK(holes["bootstrap"]["cases"]["variance"].get<double>() > 0);
  const std::size_t truth = table.need("truth"), arm = table.need("arm");
  CsvTable three = table;
  for (const CsvRow& row : table.rows) {
    if (row.cells[arm] != "hidden") continue;
    three.rows.push_back(row);
    three.rows.back().cells[arm] = "sham";
  }
  const Json pairs = study_results(load_readings(three, {.arms = {"hidden", "visible", "sham"}}), {.replicates = 0})["accuracy"]["pairs"];
  CHECK(pairs.size() == 3);
  CHECK(pairs["visible - hidden"]["RRRC"] == study_results(load_readings(table, {}), {.replicates = 0})["accuracy"]["RRRC"]);
  std::erase_if(table.rows, [&](const CsvRow& row) { return row.cells[truth] == "1"; });
  CHECK(study_results(load_readings(table, {}), {.replicates = 0})["accuracy"]["RRRC"]["code"] == "no_diseased_cases");
}
