// What must hold between the analyses of any study, whatever its readings: identities, invariance, symmetry.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "data/cases/csv.h"
#include "study/statistics/bdg.h"
#include "study/statistics/bootstrap.h"
#include "study/statistics/dbm.h"
#include "study/statistics/obuchowski_rockette.h"
#include "study/statistics/study_results.h"
#include "tests/study/statistics/json_compare.h"
#include "tests/study/statistics/made_study.h"
#include "tests/support/catch.h"

using namespace rationale;
using namespace rationale::study;
using test::Json;
using test::MadeStudy;

namespace {

Eigen::MatrixXd table_of(const std::vector<std::optional<double>>& theta, Eigen::Index n_readers) {
  Eigen::MatrixXd table(2, n_readers);
  for (Eigen::Index cell = 0; cell < 2 * n_readers; ++cell) {
    table(cell / n_readers, cell % n_readers) = theta[static_cast<std::size_t>(cell)].value();
  }
  return table;
}

/// (2/J)(MS(TR) + J(Cov2 - Cov3))
double or_variance(const ObuchowskiRockette& r, double n_readers) {
  return 2 / n_readers * (r.mean_squares.arm_reader + n_readers * (r.covariance.cov2 - r.covariance.cov3));
}

Json results_of(const CsvTable& table, const ReadingsOptions& options = {}, const AnalysisPlan& plan = {}) {
  return study_results(load_readings(table, options), plan);
}

template <typename Change>
CsvTable changed(CsvTable table, const std::string& column, const Change& change) {
  const std::size_t place = table.need(column);
  for (CsvRow& row : table.rows) row.cells[place] = change(row.cells[place]);
  return table;
}

}  // namespace

TEST_CASE("the analysis of pseudovalues is Obuchowski-Rockette with the jackknife", "[study][law]") {
  const auto seed = GENERATE(range(1, 9));
  const auto made = test::made_readings({.readers = 2 + seed % 4, .seed = static_cast<std::uint64_t>(seed)});
  const PairSums sums = pair_sums(made.normal, made.diseased);
  const Eigen::MatrixXd theta = table_of(auc(sums), sums.total.size() / 2);
  const Dbm pseudo = dbm(theta, jackknife_auc(sums));
  const ObuchowskiRockette jackknife = obuchowski_rockette(theta, covariance_jackknife(sums));
  REQUIRE(pseudo.f);
  CHECK(*pseudo.f == Approx(*jackknife.rrrc.test.f).epsilon(1e-9));
  CHECK(*pseudo.df2 == Approx(*jackknife.rrrc.test.df2).epsilon(1e-9));
  CHECK(pseudo.p == Approx(jackknife.rrrc.test.p).epsilon(1e-9));
  const double k = 55;
  const CovarianceComponents& c = jackknife.covariance;
  const double shared = pseudo.var_case + pseudo.var_reader_case;
  CHECK((shared + pseudo.var_arm_case + pseudo.var_error) / k == Approx(c.var).epsilon(1e-9));
  CHECK(shared / k == Approx(c.cov1).epsilon(1e-9));
  CHECK((pseudo.var_case + pseudo.var_arm_case) / k == Approx(c.cov2).epsilon(1e-9));
  CHECK(pseudo.var_case / k == Approx(c.cov3).epsilon(1e-9));
  CHECK(pseudo.var_arm_reader == Approx(jackknife.var_arm_reader).margin(1e-14));
  CHECK(pseudo.var_reader == Approx(jackknife.var_reader).margin(1e-14));
}

TEST_CASE("the U-statistic variance is that of Obuchowski-Rockette without clamping", "[study][law]") {
  const auto seed = GENERATE(range(1, 9));
  const int n_readers = 2 + seed % 5;
  const auto made = test::made_readings({.readers = n_readers, .seed = static_cast<std::uint64_t>(seed)});
  const PairSums sums = pair_sums(made.normal, made.diseased);
  const PairProducts products = pair_products(sums);
  const ObuchowskiRockette areas =
      obuchowski_rockette(table_of(auc(sums), n_readers), covariance_unbiased(products));
  CHECK(auc_bdg(sums, products, n_readers, {0, 1}).variance == Approx(or_variance(areas, n_readers)).margin(1e-15));
  const CaseReadings calls = test::called(made.normal);
  const ObuchowskiRockette rates =
      obuchowski_rockette(table_of(proportion(calls), n_readers), covariance_proportion(calls));
  CHECK(proportion_bdg(calls, n_readers, {0, 1}).variance == Approx(or_variance(rates, n_readers)).margin(1e-15));
}

TEST_CASE("bootstrap variances approach their closed forms", "[study][law][bootstrap]") {
  const auto made = test::made_readings({.readers = 3, .normal = 60, .diseased = 50, .seed = 4});
  const BootstrapPlan plan{.seed = 7, .replicates = 20000};
  const double relative = 4 * std::sqrt(2.0 / plan.replicates);  // Monte Carlo (statistics.md, section 18)
  const CaseReadings calls = test::called(made.normal);
  const Eigen::MatrixXd rates = table_of(proportion(calls), 3);
  const Replicates of_rates = resample_proportion(calls, plan);
  const Eigen::RowVectorXd columns = (calls.value.bottomRows(3) - calls.value.topRows(3)).colwise().mean();
  const double by_case = (columns.array() - columns.mean()).square().mean() / static_cast<double>(columns.size());
  CHECK(bootstrap_difference(rates, of_rates, false, plan).variance == Approx(by_case).epsilon(relative));
  CHECK(bootstrap_difference(rates, of_rates, true, plan).variance ==
        Approx(proportion_bdg(calls, 3, {0, 1}).variance_biased).epsilon(relative));
  // Of areas the V-statistic is the closed form, too; it holds the resampled cases of both truths.
  const PairSums sums = pair_sums(made.normal, made.diseased);
  const Eigen::MatrixXd areas = table_of(auc(sums), 3);
  const Replicates of_areas = resample_auc(made.normal, made.diseased, sums, plan);
  CHECK(bootstrap_difference(areas, of_areas, true, plan).variance ==
        Approx(auc_bdg(sums, pair_products(sums), 3, {0, 1}).variance_biased).epsilon(relative));
  const Eigen::MatrixXd resampled = covariance_bootstrap(of_areas), delong = covariance_delong(sums);
  for (Eigen::Index cell = 0; cell < 6; ++cell) {
    // DeLong divides by K - 1 where resampling divides by K: 2 % here.
    CHECK(resampled(cell, cell) == Approx(delong(cell, cell)).epsilon(relative + 0.025));
  }
}

TEST_CASE("a bootstrap interval lies around its estimate and agrees with a normal one", "[study][bootstrap]") {
  const auto made = test::made_readings({.readers = 4, .normal = 120, .diseased = 90, .seed = 11});
  const BootstrapPlan plan{.seed = 3, .replicates = 8000};
  const PairSums sums = pair_sums(made.normal, made.diseased);
  const Replicates replicates = resample_auc(made.normal, made.diseased, sums, plan);
  for (const bool is_two_way : {false, true}) {
    const BootstrapDifference b = bootstrap_difference(table_of(auc(sums), 4), replicates, is_two_way, plan);
    const double half = 1.959963984540054 * std::sqrt(b.variance);
    CHECK(b.percentile.lower == Approx(b.estimate - half).margin(0.12 * half));
    CHECK(b.percentile.upper == Approx(b.estimate + half).margin(0.12 * half));
    const Limits bca = std::get<Limits>(b.bca);
    CHECK(bca.lower == Approx(b.percentile.lower).margin(0.25 * half));
    CHECK(bca.upper == Approx(b.percentile.upper).margin(0.25 * half));
    CHECK(bca.lower < b.estimate);
    CHECK(bca.upper > b.estimate);
  }
}

TEST_CASE("results depend neither on threads nor on the order of rows", "[study][law]") {
  const bool is_clustered = GENERATE(false, true);
  const MadeStudy made{.readers = 6, .cases_per_patient = is_clustered ? 2 : 1, .is_mixed = is_clustered, .missing = 0.04};
  CsvTable table = test::made_table(made);
  const Json one = results_of(table, {}, {.threads = 1});
  for (const int threads : {2, 5}) CHECK(results_of(table, {}, {.threads = threads}) == one);
  std::reverse(table.rows.begin(), table.rows.end());
  std::rotate(table.rows.begin(), table.rows.begin() + 17, table.rows.end());
  CHECK(results_of(table, {}, {.threads = 1}) == one);
  CHECK(results_of(table, {}, {.seed = 2, .threads = 1}) != one);  // the seed does matter, to the bootstrap
}

TEST_CASE("other names for readers and cases change no number", "[study][law]") {
  const MadeStudy made{.readers = 6, .cases_per_patient = 2};
  const CsvTable table = test::made_table(made);
  const auto mirrored = [](const char* word) {  // reverses the natural order: R0 → r999
    return [word](const std::string& name) {
      const std::size_t digits = name.find_last_not_of("0123456789") + 1;
      return fmt::format("{}{}{}", word, name.substr(1, digits - 1), 999 - std::stoi(name.substr(digits)));
    };
  };
  Json straight = results_of(table);
  Json renamed = results_of(changed(changed(changed(table, "reader", mirrored("r")), "case", mirrored("k")), "patient",
                                    mirrored("q")));
  int n = 0;
  for (const char* metric : {"auc", "fpr", "sensitivity", "specificity"}) {
    for (const char* part : {"RRRC", "FRRC", "RRFC", "BDG", "DBM", "small_sample", "ratio_delta_method_RRRC",
                             "naive_for_comparison_only"}) {
      if (straight[metric].contains(part)) n += test::same_numbers(renamed[metric][part], straight[metric][part], 1e-9);
    }
    n += test::same_numbers(renamed[metric]["bootstrap"]["cases"]["estimate"],
                            straight[metric]["bootstrap"]["cases"]["estimate"], 1e-12);
  }
  for (const char* test : {"randomisation_fpr", "randomisation_sensitivity"}) {
    for (const char* part : {"statistic_sum", "p_two_sided", "variance_exact"}) {
      n += test::same_numbers(renamed[test][part], straight[test][part], 1e-12);
    }
  }
  CHECK(n > 400);
}

TEST_CASE("ratings count by their order only", "[study][law]") {
  const CsvTable table = test::made_table({.readers = 3});
  const CsvTable other =
      changed(table, "rating", [](const std::string& rating) { return fmt::format("{}", std::exp(std::stod(rating)) - 50); });
  CHECK(results_of(other) == results_of(table));
}

TEST_CASE("exchanged arms turn signs around and nothing else", "[study][law]") {
  const CsvTable table = test::made_table({.readers = 6, .missing = GENERATE(0.0, 0.05)});
  const Json there = results_of(table), back = results_of(table, {.arms = {"visible", "hidden"}});
  for (const char* metric : {"auc", "fpr", "sensitivity", "specificity"}) {
    for (const char* analysis : {"RRRC", "FRRC", "RRFC"}) {
      INFO(metric << " " << analysis);
      const Json &a = there[metric][analysis], &b = back[metric][analysis];
      CHECK(a["estimate"].get<double>() == Approx(-b["estimate"].get<double>()).margin(1e-15));
      CHECK(a["lower"].get<double>() == Approx(-b["upper"].get<double>()).margin(1e-12));
      CHECK(a["upper"].get<double>() == Approx(-b["lower"].get<double>()).margin(1e-12));
      CHECK(a["p"].get<double>() == Approx(b["p"].get<double>()).epsilon(1e-9));
      CHECK(a["se"].get<double>() == Approx(b["se"].get<double>()).epsilon(1e-9));
    }
    const Json &a = there[metric]["small_sample"]["permutation"], &b = back[metric]["small_sample"]["permutation"];
    CHECK(a["p"] == b["p"]);
    CHECK(a["lower"].get<double>() == Approx(-b["upper"].get<double>()).margin(1e-12));
  }
  const double ratio = there["fpr"]["ratio_delta_method_RRRC"]["ratio"], turned = back["fpr"]["ratio_delta_method_RRRC"]["ratio"];
  CHECK(ratio * turned == Approx(1).epsilon(1e-12));
}
