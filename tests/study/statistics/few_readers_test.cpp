// Few readers: careful answers, the permutation test, one reader left out, readers nested in arms.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "data/base/error.h"
#include "data/cases/csv.h"
#include "study/statistics/covariance.h"
#include "study/statistics/nested.h"
#include "study/statistics/ratio.h"
#include "study/statistics/small_sample.h"
#include "study/statistics/study_results.h"
#include "tests/study/statistics/json_compare.h"
#include "tests/study/statistics/made_study.h"
#include "tests/support/catch.h"
#include "tests/support/shared.h"

using namespace rationale;
using namespace rationale::study;
using test::Json;

namespace {

Json results_of(const std::string& study, const AnalysisPlan& plan) {
  const auto file = test::shared(fmt::format("golden/statistics/data/{}.csv", study), 1);
  if (!file) return {};
  return study_results(load_readings(read_csv(*file), {}), plan);
}

}  // namespace

TEST_CASE("fewer than six readers cannot be permuted, and are told the smallest p", "[study][small]") {
  const auto outcome = sign_flip({0.1, 0.2, 0.05, 0.1, 0.3}, 1);
  const auto& why = std::get<NotEstimable>(outcome);
  CHECK(why.code == "too_few_readers");
  CHECK(why.reason.find("0.0625") != std::string::npos);
}

TEST_CASE("the permutation test counts sign patterns", "[study][small]") {
  // All six on one side: only the observed pattern and its mirror image are as far: 2/64. The interval is from the
  // smallest to the largest mean of a subset, that is of one reader.
  const SignFlip all = std::get<SignFlip>(sign_flip({-0.01, -0.02, -0.03, -0.04, -0.05, -0.06}, 1));
  CHECK(all.p == 2.0 / 64);
  CHECK(all.p == all.smallest_p);
  CHECK(all.lower == Approx(-0.06));
  CHECK(all.upper == Approx(-0.01));
  CHECK(all.estimate == Approx(-0.035));
  // Each of the six is 1 or -1 in every pattern; the sum observed is 4: 1 pattern has 6, 6 have 4, as many below.
  const SignFlip one_off = std::get<SignFlip>(sign_flip({1, 1, 1, 1, 1, -1}, 1));
  CHECK(one_off.p == 14.0 / 64);
  CHECK(std::get<NotEstimable>(sign_flip({0, 0, 0, 0, 0, 0}, 1)).code == "zero_variance_zero_difference");
}

TEST_CASE("the permutation interval is the set of shifts that the test does not reject", "[study][small]") {
  samples::Stream stream(GENERATE(1, 2, 3), 0, 9);
  std::vector<double> d;
  for (int j = 0; j < 9; ++j) d.push_back(0.03 + 0.05 * stream.normal());
  const SignFlip test = std::get<SignFlip>(sign_flip(d, 1));
  const auto p_at = [&](double shift) {
    std::vector<double> moved = d;
    for (double& one : moved) one -= shift;
    return std::get<SignFlip>(sign_flip(moved, 1)).p;
  };
  const double width = test.upper - test.lower;
  for (const double limit : {test.lower, test.upper}) {
    const double outwards = limit == test.lower ? -1 : 1;
    CHECK(p_at(limit + outwards * 1e-6 * width) <= 0.05);
    CHECK(p_at(limit - outwards * 1e-6 * width) > 0.05);
  }
}

TEST_CASE("many readers are permuted by a seeded sample that agrees with all patterns", "[study][small]") {
  samples::Stream stream(3, 0, 9);
  std::vector<double> d;
  for (int j = 0; j < 20; ++j) d.push_back(0.012 + 0.03 * stream.normal());
  const SignFlip exact = std::get<SignFlip>(sign_flip(d, 1));
  CHECK(exact.is_exact);
  d.push_back(0);  // one reader without a difference halves nothing: each pattern counts twice
  const SignFlip drawn = std::get<SignFlip>(sign_flip(d, 5));
  CHECK_FALSE(drawn.is_exact);
  CHECK(drawn.p == Approx(exact.p).margin(4 * std::sqrt(exact.p / 99999)));
  CHECK(std::get<SignFlip>(sign_flip(d, 5)).p == drawn.p);
}

TEST_CASE("the careful answer is the larger p with the wider interval", "[study][small]") {
  const AnalysisPlan plan{.metric = "fpr", .small_sample = SmallSampleMethod::kRrrcRrfcMax, .replicates = 0};
  for (const std::string study : {"sim_cxr300_r3", "sim_cxr120_r8"}) {
    const Json results = results_of(study, plan);
    if (results.is_null()) return;
    for (const char* metric : {"auc", "fpr", "sensitivity", "specificity"}) {
      INFO(study << " " << metric);
      const Json &rrrc = results[metric]["RRRC"], &rrfc = results[metric]["RRFC"];
      const Json& careful = results[metric]["small_sample"]["rrrc_rrfc_max"];
      CHECK(careful["p"].get<double>() ==
            Approx(std::max(rrrc["p"].get<double>(), rrfc["p"].get<double>())).epsilon(1e-11));
      const auto width = [](const Json& o) { return o["upper"].get<double>() - o["lower"].get<double>(); };
      CHECK(width(careful) == std::max(width(rrrc), width(rrfc)));
      const Json& corrected = results[metric]["small_sample"]["corrected_df"];
      CHECK(corrected["se"] == rrrc["se"]);
      CHECK(width(corrected) >= width(rrfc));
      CHECK(width(corrected) >= width(rrrc));
    }
    CHECK(results["endpoint"]["small_sample"] == "rrrc_rrfc_max");
    CHECK(results["endpoint"]["result"] == results["fpr"]["small_sample"]["rrrc_rrfc_max"]);
    const Json& flips = results["fpr"]["small_sample"]["permutation"];
    CHECK(flips["status"] == (study == "sim_cxr300_r3" ? "not_estimable" : "ok"));
    CHECK(flips["smallest_p"] == (study == "sim_cxr300_r3" ? 0.25 : 2.0 / 256));
  }
}

TEST_CASE("the planned covariance leads, and results say when it could not", "[study]") {
  const Json delong = results_of("sim_cxr300_r3", {.metric = "auc", .covariance = CovarianceMethod::kDelong, .replicates = 0});
  if (delong.is_null()) return;
  const Json& wanted = delong["auc"]["OR"]["delong"]["RRRC"]["differences"]["visible - hidden"];
  CHECK(delong["auc"]["covariance"] == "delong");
  test::same_numbers(delong["auc"]["RRRC"], wanted, 1e-9);
  CHECK(delong["endpoint"]["result"] == delong["auc"]["RRRC"]);
  const Json holes = results_of("missing_r5", {.metric = "auc", .covariance = CovarianceMethod::kDelong, .replicates = 0});
  CHECK(holes["auc"]["covariance"] == "unbiased");
  CHECK(holes["auc"]["covariance_planned"] == "delong");
  const Json resampled = results_of("sim_cxr300_r3", {.covariance = CovarianceMethod::kBootstrap, .seed = 4, .replicates = 500});
  test::same_numbers(resampled["fpr"]["RRRC"], resampled["fpr"]["OR_bootstrap"]["RRRC"]["differences"]["visible - hidden"], 1e-9);
  test::same_numbers(resampled["auc"]["RRRC"], resampled["auc"]["OR"]["bootstrap"]["RRRC"]["differences"]["visible - hidden"], 1e-9);
  CHECK(resampled["fpr"]["RRRC"]["se"] != resampled["fpr"]["OR_unbiased"]["RRRC"]["differences"]["visible - hidden"]["se"]);
}

TEST_CASE("one reader left out is the study without that reader", "[study]") {
  const CsvTable table = test::made_table({.readers = 5, .missing = GENERATE(0.0, 0.06)});
  const Json all = study_results(load_readings(table, {}), {.replicates = 0});
  for (const char* reader : {"R0", "R3"}) {
    CsvTable rest = table;
    const std::size_t place = rest.need("reader");
    std::erase_if(rest.rows, [&](const CsvRow& row) { return row.cells[place] == reader; });
    const Json without = study_results(load_readings(rest, {}), {.replicates = 0});
    for (const char* metric : {"auc", "fpr", "sensitivity"}) {
      CHECK(test::same_numbers(all[metric]["leave_one_reader_out"][reader], without[metric]["RRRC"], 1e-9) > 6);
    }
  }
}

TEST_CASE("two readers in each arm have the denominator that their design needs", "[study][nested]") {
  // Van Dyke's readers 1 and 2 in the first arm, 3 and 4 in the second. A peer uses the factor -1 where 2 is needed and
  // prints a denominator of 0.0023351; 0.0026270 and F 1.937 are right (statistics.md, section 3, trap 6).
  const auto file = test::shared("golden/statistics/data/vandyke.csv", 1);
  if (!file) return;
  CsvTable table = read_csv(*file);
  const std::size_t reader = table.need("reader"), arm = table.need("arm");
  const std::map<std::string, std::string> arm_of{{"1", "1"}, {"2", "1"}, {"3", "2"}, {"4", "2"}};
  std::erase_if(table.rows, [&](const CsvRow& row) {
    const auto own = arm_of.find(row.cells[reader]);
    return own == arm_of.end() || own->second != row.cells[arm];
  });
  const Json auc = study_results(load_readings(table, {.arms = {"1", "2"}}), {.replicates = 0})["auc"];
  CHECK(auc["design"] == "readers_nested_in_arms");
  CHECK(auc["OR_nested"]["readers_per_arm"] == 2);
  CHECK(auc["OR_nested"]["RRRC"]["denominator"].get<double>() == Approx(0.0026270).margin(5e-8));
  CHECK(auc["OR_nested"]["RRRC"]["F"].get<double>() == Approx(1.937).margin(5e-4));
  CHECK(auc["RRRC"]["p"].get<double>() == Approx(auc["OR_nested"]["RRRC"]["p"].get<double>()).epsilon(1e-9));
}

TEST_CASE("nested readers agree with a hand calculation", "[study][nested]") {
  // Arms (0.8, 0.9) and (0.7, 0.6, 0.5); Var 0.01, Cov2 0.004, Cov3 0.001.
  NestedReaders readers{Eigen::VectorXd(5), {0, 0, 1, 1, 1}, Eigen::MatrixXd(5, 5), 2};
  readers.theta << 0.8, 0.9, 0.7, 0.6, 0.5;
  for (int j = 0; j < 5; ++j) {
    for (int k = 0; k < 5; ++k) {
      readers.covariance(j, k) = j == k ? 0.01 : readers.arm[static_cast<std::size_t>(j)] == readers.arm[static_cast<std::size_t>(k)] ? 0.004 : 0.001;
    }
  }
  const NestedResult r = nested_readers(readers);
  // MS(R(T)) = (2 x 0.05^2 + 2 x 0.1^2) / 3 = 0.025/3; c = (25 - 13)/5 = 2.4; MS(T) = 2 x 0.15^2 + 3 x 0.1^2.
  CHECK(r.ms_reader == Approx(0.025 / 3));
  CHECK(r.ms_arm == Approx(0.075));
  CHECK(r.readers_per_arm == Approx(2.4));
  const double e = 0.025 / 3 + 2.4 * 0.003;
  CHECK(r.rrrc.test.denominator == Approx(e));
  CHECK(*r.rrrc.test.df2 == Approx(3 * e * e / std::pow(0.025 / 3, 2)));
  const Estimate difference = std::get<Estimate>(r.rrrc.differences[0].outcome);
  CHECK(difference.estimate == Approx(-0.25));
  CHECK(difference.se * difference.se == Approx(0.025 / 3 * (1.0 / 2 + 1.0 / 3) + 2 * 0.003));
  CHECK(difference.p == Approx(r.rrrc.test.p).epsilon(1e-9));  // t^2 = F with two arms
  // These readers: (2 x 0.01 + 2 x 0.004)/4 + (3 x 0.01 + 6 x 0.004)/9 - 2 x 0.001
  const Estimate fixed = std::get<Estimate>(r.frrc.differences[0].outcome);
  CHECK(fixed.se * fixed.se == Approx(0.007 + 0.006 - 0.002));
  CHECK(*r.frrc.test.f == Approx(fixed.statistic * fixed.statistic));
  CHECK_THROWS_AS(nested_readers({Eigen::VectorXd::Zero(2), {0, 1}, Eigen::MatrixXd::Identity(2, 2), 2}), Error);
}

TEST_CASE("a ratio whose variance is what rounding leaves has no interval", "[study]") {
  // Readers do not differ between the arms, and cases move both arms alike.
  Eigen::MatrixXd rates(2, 3), covariance = Eigen::MatrixXd::Constant(6, 6, 0.01 / 3);
  rates << 0.1, 0.7, 0.3, 0.1, 0.7, 0.3;
  rates.row(1) *= 1 + 1e-16;
  covariance(0, 4) = covariance(4, 0) = 0.01 / 3 + 1e-18;
  CHECK(std::get<NotEstimable>(rate_ratio(rates, covariance, 2.0)).code == "negative_variance");
}

TEST_CASE("nested readers are resampled within their arms", "[study][nested][bootstrap]") {
  CsvTable table = test::made_table({.readers = 9, .normal = 80, .diseased = 60, .seed = 12});
  const std::size_t reader = table.need("reader"), arm = table.need("arm");
  std::erase_if(table.rows, [&](const CsvRow& row) { return (std::stoi(row.cells[reader].substr(1)) < 4) != (row.cells[arm] == "hidden"); });
  const Json results = study_results(load_readings(table, {}), {.replicates = 8000});
  const Json back = study_results(load_readings(table, {.arms = {"visible", "hidden"}}), {.replicates = 2000});
  for (const char* metric : {"auc", "fpr", "sensitivity", "accuracy"}) {
    INFO(metric);
    const Json& block = results[metric];
    const Json &cases = block["bootstrap"]["cases"], &both = block["bootstrap"]["readers_and_cases"];
    CHECK(cases["estimate"].get<double>() == Approx(block["RRRC"]["estimate"].get<double>()).epsilon(1e-12));
    // Cases alone: the fixed-reader variance, where resampling divides by n in the place of n - 1. 4 sqrt(2/8000) = 6 %.
    const double fixed = std::pow(block["FRRC"]["se"].get<double>(), 2);
    CHECK(cases["variance"].get<double>() == Approx(fixed).epsilon(0.09));
    CHECK(both["variance"].get<double>() > cases["variance"].get<double>());
    CHECK(both["bca"]["lower"].get<double>() < both["estimate"].get<double>());
    CHECK(both["percentile"]["upper"].get<double>() > both["estimate"].get<double>());
    CHECK(back[metric]["bootstrap"]["cases"]["estimate"].get<double>() == Approx(-cases["estimate"].get<double>()).epsilon(1e-12));
  }
  const Json& ratio = results["fpr"]["ratio_delta_method_RRRC"];
  CHECK(ratio["ratio"].get<double>() == Approx(results["fpr"]["ratio"]["ratio"].get<double>()).epsilon(1e-14));
  CHECK(ratio["ratio"].get<double>() * back["fpr"]["ratio_delta_method_RRRC"]["ratio"].get<double>() == Approx(1).epsilon(1e-12));
}

TEST_CASE("confidence of nested readers is compared by the unpaired t", "[study][nested]") {
  // Reader means 60, 64, 68 against 70, 80: difference 11, pooled variance (32 + 50)/3, t on 3 degrees of freedom.
  std::string text = "reader,case,arm,truth,rating,confidence\n";
  const double means[5] = {60, 64, 68, 70, 80};
  for (int j = 0; j < 5; ++j) {
    for (int k = 0; k < 4; ++k) text += fmt::format("R{},c{},{},{},1,{}\n", j, k, j < 3 ? "hidden" : "visible", k % 2, means[j] + (k % 2 == 0 ? 3 : -3));
  }
  const Json confidence = study_results(load_readings(parse_csv(text, "made.csv"), {}), {.replicates = 0})["confidence"];
  CHECK(confidence["design"] == "readers_nested_in_arms");
  CHECK(confidence["arm_mean"]["hidden"].get<double>() == Approx(64));
  CHECK(confidence["values"]["R4"]["visible"].get<double>() == Approx(80));
  CHECK(confidence["paired_t_over_readers"]["code"] == "readers_nested_in_arms");
  const Json& t = confidence["unpaired_t_over_readers"];
  CHECK(t["estimate"].get<double>() == Approx(11));
  CHECK(t["df"].get<double>() == Approx(3));
  CHECK(t["se"].get<double>() == Approx(std::sqrt(82.0 / 3 * (1.0 / 3 + 1.0 / 2))));
}

TEST_CASE("nested readers of equal numbers in two arms give the F of their mean squares", "[study][nested]") {
  CsvTable table = test::made_table({.readers = 6});
  const std::size_t reader = table.need("reader"), arm = table.need("arm");
  std::erase_if(table.rows, [&](const CsvRow& row) {
    return (std::stoi(row.cells[reader].substr(1)) < 3) != (row.cells[arm] == "hidden");
  });
  const Json results = study_results(load_readings(table, {}), {});
  for (const char* metric : {"auc", "fpr", "sensitivity"}) {
    const Json& block = results[metric];
    CHECK(block["design"] == "readers_nested_in_arms");
    CHECK(block["RRRC"]["status"] == "ok");
    CHECK(block["RRRC"]["estimate"] == block["FRRC"]["estimate"]);
    CHECK(block["RRFC"]["df"] == 4);
    CHECK(block["small_sample"]["permutation"]["code"] == "not_crossed");
  }
}

TEST_CASE("the ratio of nested readers has the error of their difference where the arms agree", "[study][nested]") {
  NestedReaders readers{Eigen::VectorXd(5), {0, 0, 1, 1, 1}, Eigen::MatrixXd::Constant(5, 5, 2e-4), 2};
  readers.theta << 0.2, 0.4, 0.1, 0.5, 0.3;
  readers.covariance.diagonal().setConstant(1e-3);
  for (const int a : {0, 1}) {
    for (const int b : {2, 3, 4}) readers.covariance(a, b) = readers.covariance(b, a) = 1e-4;  // Cov3 below Cov2
  }
  // Equal means m: the variance of the log ratio is that of the difference over m squared, with the same df.
  const Ratio ratio = std::get<Ratio>(nested_rate_ratio(readers));
  const NestedResult r = nested_readers(readers);
  const double ms = (0.02 + 0.08) / 3;
  CHECK(r.ms_reader == Approx(ms));
  CHECK(ratio.ratio == Approx(1));
  CHECK(ratio.se_log == Approx(std::sqrt(ms * (1.0 / 2 + 1.0 / 3) + 2 * (2e-4 - 1e-4)) / 0.3).epsilon(1e-12));
  const Estimate* difference = nullptr;
  readers.theta(0) += 1e-9;  // a difference of nothing has no test
  const NestedResult moved = nested_readers(readers);
  difference = std::get_if<Estimate>(&moved.rrrc.differences.front().outcome);
  REQUIRE(difference != nullptr);
  CHECK(*ratio.df == Approx(*difference->df).epsilon(1e-6));
  readers.theta << 0.2, 0.4, 0, 0, 0;
  CHECK(std::get<NotEstimable>(nested_rate_ratio(readers)).code == "zero_rate");
}

TEST_CASE("confidence and time of nested readers have an unpaired test, planned end points too", "[study][nested]") {
  const auto file = test::shared("golden/statistics/data/sim_cxr120_r8.csv", 1);
  if (!file) return;
  CsvTable table = read_csv(*file);
  const std::size_t reader = table.need("reader"), arm = table.need("arm");
  std::erase_if(table.rows, [&](const CsvRow& row) { return (std::stoi(row.cells[reader].substr(1)) <= 4) != (row.cells[arm] == "hidden"); });
  AnalysisPlan plan{.metric = "confidence"};
  plan.primary = {.id = "primary", .metric = "confidence", .claim = Claim::kTwoSided, .margin = {}};
  plan.replicates = 0;
  const Json results = study_results(load_readings(table, {}), plan);
  for (const char* measure : {"confidence", "time"}) {
    const Json& block = results[measure];
    CHECK(block["paired_t_over_readers"]["code"] == "readers_nested_in_arms");
    CHECK(block["design"] == "readers_nested_in_arms");
    CHECK(block["unpaired_t_over_readers"]["df"] == 6);
    CHECK(block["values"].size() == 8);
    CHECK(block["arm_mean"]["visible"].get<double>() - block["arm_mean"]["hidden"].get<double>() ==
          Approx(block["unpaired_t_over_readers"]["estimate"].get<double>()).epsilon(1e-12));
  }
  CHECK(results["endpoint"]["result"] == results["confidence"]["unpaired_t_over_readers"]);
  CHECK(results["lmm_confidence_primary"] == "lmm_confidence");
  CHECK(results["fpr"]["ratio_delta_method_RRRC"]["status"] == "ok");
}

TEST_CASE("the more careful answer names where its p and its interval come from", "[study]") {
  const Outcome wide_small = tested(1.0, 0.2, 2.0), narrow_large = tested(1.0, 0.9, std::nullopt);
  const Careful both = rrrc_rrfc_max(narrow_large, wide_small);
  CHECK_FALSE(both.is_rrfc);  // the normal one has the larger p
  CHECK(both.is_interval_rrfc);
  const Careful same = rrrc_rrfc_max(wide_small, wide_small);
  CHECK_FALSE(same.is_rrfc);
  CHECK_FALSE(same.is_interval_rrfc);
}
