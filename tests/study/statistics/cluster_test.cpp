// Patients with several cases: what is sampled is the patient.
#include <fmt/format.h>

#include <cmath>

#include "study/statistics/bdg.h"
#include "study/statistics/bootstrap.h"
#include "study/statistics/covariance.h"
#include "study/statistics/randomisation.h"
#include "study/statistics/study_results.h"
#include "tests/study/statistics/json_compare.h"
#include "tests/study/statistics/made_study.h"
#include "tests/support/catch.h"

using namespace rationale;
using namespace rationale::study;
using test::Json;
using test::MadeStudy;

namespace {

/// Every case twice, both of one patient.
CaseReadings doubled(const CaseReadings& once, int first_patient) {
  const Eigen::Index n = once.value.cols();
  CaseReadings twice{Eigen::MatrixXd(once.value.rows(), 2 * n), Eigen::MatrixXd(once.value.rows(), 2 * n), {}};
  for (Eigen::Index k = 0; k < 2 * n; ++k) {
    twice.value.col(k) = once.value.col(k / 2);
    twice.read.col(k) = once.read.col(k / 2);
    twice.patient.push_back(first_patient + static_cast<int>(k / 2));
  }
  return twice;
}

/// Columns confidence and ai_positive besides; the patient is the case.
CsvTable with_models(CsvTable table) {
  const std::size_t id = table.need("case"), patient = table.need("patient"), rating = table.need("rating");
  table.header.insert(table.header.end(), {"confidence", "ai_positive"});
  for (CsvRow& row : table.rows) {
    const int k = std::stoi(row.cells[id].substr(3));
    row.cells[patient] = row.cells[id];
    row.cells.push_back(fmt::format("{}", 11 * std::stoi(row.cells[rating]) + k % 7));
    row.cells.push_back(k % 3 == 0 ? "1" : "0");
  }
  return table;
}

/// Every reading `copies(k)` times, of as many cases of one patient. @param copies  of the patient's number
template <typename Copies>
CsvTable copied(const CsvTable& table, const Copies& copies) {
  const std::size_t id = table.need("case");
  CsvTable result = table;
  result.rows.clear();
  for (const CsvRow& row : table.rows) {
    for (int c = 0; c < copies(std::stoi(row.cells[id].substr(3))); ++c) {
      result.rows.push_back(row);
      result.rows.back().cells[id] += fmt::format("_{}", c);
    }
  }
  return result;
}

double psi(double diseased, double normal) { return diseased > normal ? 1 : diseased < normal ? 0 : 0.5; }

}  // namespace

TEST_CASE("a copy of every case under the same patient adds no information", "[study][cluster]") {
  auto made = test::made_readings({.readers = 3, .missing = GENERATE(0.0, 0.1), .seed = 5});
  const bool is_complete = made.normal.read.minCoeff() > 0 && made.diseased.read.minCoeff() > 0;
  const CaseReadings normal = doubled(made.normal, 0), diseased = doubled(made.diseased, 100);
  const PairSums once = pair_sums(made.normal, made.diseased), twice = pair_sums(normal, diseased);
  const PairProducts products = pair_products(once), products_twice = pair_products(twice);
  const Bdg areas = auc_bdg(twice, products_twice, 3, {0, 1});
  CHECK(areas.variance == Approx(auc_bdg(once, products, 3, {0, 1}).variance).margin(1e-14));
  CHECK(areas.df[0].value() == Approx(auc_bdg(once, products, 3, {0, 1}).df[0].value()).epsilon(1e-9));
  CHECK(proportion_bdg(test::called(diseased), 3, {0, 1}).variance ==
        Approx(proportion_bdg(test::called(made.diseased), 3, {0, 1}).variance).margin(1e-14));
  if (!is_complete) return;
  CHECK(covariance_unbiased(products_twice).isApprox(covariance_unbiased(products), 1e-12));
  CHECK(covariance_proportion(test::called(normal)).isApprox(covariance_proportion(test::called(made.normal)), 1e-12));
  CHECK(covariance_delong(twice).isApprox(covariance_delong(once), 1e-12));
  CHECK(covariance_jackknife(twice).isApprox(covariance_jackknife(once), 1e-12));
}

TEST_CASE("covariances of mixed patients are those found by counting pairs one by one", "[study][cluster]") {
  const auto made = test::made_readings({.readers = 2, .normal = 11, .diseased = 9, .cases_per_patient = 2,
                                         .is_mixed = true, .missing = GENERATE(0.0, 0.15), .seed = 8});
  const PairSums sums = pair_sums(made.normal, made.diseased);
  REQUIRE(sums.patients.is_any_mixed);
  const PairProducts products = pair_products(sums);
  const auto theta = auc(sums);
  struct Pair {
    Eigen::Index d, n;
    int of_d, of_n;
  };
  std::vector<Pair> pairs;
  for (Eigen::Index d = 0; d < 9; ++d) {
    for (Eigen::Index n = 0; n < 11; ++n) {
      pairs.push_back({d, n, made.diseased.patient[static_cast<std::size_t>(d)],
                       made.normal.patient[static_cast<std::size_t>(n)]});
    }
  }
  for (Eigen::Index a = 0; a < 4; ++a) {
    for (Eigen::Index b = 0; b < 4; ++b) {
      double sum = 0, count = 0;
      for (const Pair& x : pairs) {
        for (const Pair& y : pairs) {
          if (x.of_d == y.of_d || x.of_d == y.of_n || x.of_n == y.of_d || x.of_n == y.of_n) continue;
          const double read = made.diseased.read(a, x.d) * made.normal.read(a, x.n) * made.diseased.read(b, y.d) *
                              made.normal.read(b, y.n);
          count += read;
          sum += read * (psi(made.diseased.value(a, x.d), made.normal.value(a, x.n)) - *theta[static_cast<std::size_t>(a)]) *
                 (psi(made.diseased.value(b, y.d), made.normal.value(b, y.n)) - *theta[static_cast<std::size_t>(b)]);
        }
      }
      CHECK(products.disjoint_psi(a, b) == Approx(sum).epsilon(1e-10).margin(1e-10));
      CHECK(products.disjoint_count(a, b) == count);
    }
  }
}

TEST_CASE("patients of unequal size leave the covariances in agreement", "[study][cluster]") {
  // Sizes 1 to 9: sums that were not centred would be off by half of the variance here.
  auto made = test::made_readings({.readers = 2, .normal = 400, .diseased = 300, .seed = 6});
  for (CaseReadings* some : {&made.normal, &made.diseased}) {
    int patient = some == &made.normal ? 0 : 1000, left = 0, size = 0;
    for (int& owner : some->patient) {
      if (left == 0) {
        ++patient;
        size = size % 9 + 1;
        left = size;
      }
      owner = patient;
      --left;
    }
  }
  const PairSums sums = pair_sums(made.normal, made.diseased);
  const Eigen::MatrixXd unbiased = covariance_unbiased(pair_products(sums)), jackknife = covariance_jackknife(sums),
                        delong = covariance_delong(sums);
  const CaseReadings calls = test::called(made.normal);
  const Eigen::MatrixXd rates = covariance_proportion(calls),
                        resampled = covariance_bootstrap(resample_proportion(calls, {.seed = 4, .replicates = 6000}));
  for (Eigen::Index cell = 0; cell < 4; ++cell) {
    CHECK(unbiased(cell, cell) == Approx(delong(cell, cell)).epsilon(0.04));
    CHECK(jackknife(cell, cell) == Approx(delong(cell, cell)).epsilon(0.04));
    CHECK(rates(cell, cell) == Approx(resampled(cell, cell)).epsilon(0.10));
  }
}

TEST_CASE("the jackknife leaves out a patient with all the patient's cases", "[study][cluster]") {
  const auto made = test::made_readings(
      {.readers = 2, .normal = 12, .diseased = 10, .cases_per_patient = 2, .is_mixed = true, .seed = 3});
  const PairSums sums = pair_sums(made.normal, made.diseased);
  const Eigen::MatrixXd without = jackknife_auc(sums);
  REQUIRE(without.cols() == sums.patients.n);
  for (int patient = 0; patient < sums.patients.n; ++patient) {
    for (Eigen::Index cell = 0; cell < 4; ++cell) {
      double sum = 0, count = 0;
      for (std::size_t d = 0; d < sums.patients.diseased.size(); ++d) {
        for (std::size_t n = 0; n < sums.patients.normal.size(); ++n) {
          if (sums.patients.diseased[d] == patient || sums.patients.normal[n] == patient) continue;
          sum += psi(made.diseased.value(cell, static_cast<Eigen::Index>(d)),
                     made.normal.value(cell, static_cast<Eigen::Index>(n)));
          count += 1;
        }
      }
      CHECK(without(cell, patient) == Approx(sum / count).epsilon(1e-14));
    }
  }
}

TEST_CASE("all covariances of clustered cases estimate the same variance", "[study][cluster]") {
  const bool is_mixed = GENERATE(false, true);
  const MadeStudy study{.readers = 2, .normal = 300, .diseased = 240, .cases_per_patient = 3, .is_mixed = is_mixed};
  auto made = test::made_readings(study);
  const PairSums sums = pair_sums(made.normal, made.diseased);
  const Eigen::MatrixXd unbiased = covariance_unbiased(pair_products(sums)), delong = covariance_delong(sums),
                        jackknife = covariance_jackknife(sums);
  const Eigen::MatrixXd resampled =
      covariance_bootstrap(resample_auc(made.normal, made.diseased, sums, {.seed = 2, .replicates = 6000}));
  made.normal.patient.clear();
  made.diseased.patient.clear();
  const Eigen::MatrixXd by_case = covariance_delong(pair_sums(made.normal, made.diseased));
  for (Eigen::Index cell = 0; cell < 4; ++cell) {
    // Orders 1/100 patients apart; the bootstrap has a Monte Carlo error of 4 x sqrt(2/6000) = 7 %.
    CHECK(jackknife(cell, cell) == Approx(delong(cell, cell)).epsilon(0.03));
    CHECK(unbiased(cell, cell) == Approx(delong(cell, cell)).epsilon(0.04));
    CHECK(resampled(cell, cell) == Approx(delong(cell, cell)).epsilon(0.10));
    // By case the variance looks far smaller: the patients' share is missed. (Where a patient has both truths, the
    // patient's effect cancels in the pairs, and by case it need not look smaller.)
    if (!is_mixed) CHECK(by_case(cell, cell) < 0.8 * delong(cell, cell));
  }
}

TEST_CASE("results say what was sampled, and one case a patient changes nothing", "[study][cluster]") {
  const CsvTable table = test::made_table({.readers = 3});
  CsvTable without = table;
  const std::size_t place = table.need("patient");
  without.header[place] = "somebody";
  Json by_patient = study_results(load_readings(table, {})), by_case = study_results(load_readings(without, {}));
  CHECK(by_patient["cluster"]["unit"] == "case");
  CHECK(by_patient["cluster"]["note"] != by_case["cluster"]["note"]);
  for (const char* metric : {"auc", "fpr", "sensitivity", "specificity"}) {
    // Patients are numbered in the order of their names: the bootstrap draws others.
    for (Json* json : {&by_patient, &by_case}) {
      for (const char* name : {"bootstrap", "OR_bootstrap"}) test::drop((*json)[metric], name);
    }
    CHECK(test::same_numbers(by_patient[metric], by_case[metric], 1e-12) > 50);
  }
  CHECK(by_patient["randomisation_fpr"] == by_case["randomisation_fpr"]);

  const Json clustered = study_results(load_readings(test::made_table({.readers = 3, .cases_per_patient = 2}), {}));
  CHECK(clustered["cluster"]["unit"] == "patient");
  CHECK(clustered["cluster"]["most_cases_of_a_patient"] == 2);
  CHECK(clustered["fpr"]["bootstrap"]["unit"] == "patient");
  CHECK(clustered["randomisation_fpr"]["unit"] == "patient");

  const Json mixed = study_results(load_readings(test::made_table({.readers = 3, .cases_per_patient = 2, .is_mixed = true}), {}));
  CHECK(mixed["cluster"]["patients_with_both_truths"] == true);
  CHECK(mixed["auc"]["BDG"]["code"] == "mixed_patients");
  CHECK(mixed["auc"]["RRRC"]["status"] == "ok");
}

TEST_CASE("copies of a patient's cases make no model or measure surer", "[study][cluster][models]") {
  const CsvTable table = with_models(test::made_table({.readers = 3, .normal = 60, .diseased = 50, .seed = 3}));
  const Json once = study_results(load_readings(table, {}), {.replicates = 0});
  const Json copies = study_results(load_readings(copied(table, [](int) { return 5; }), {}), {.replicates = 0});
  const auto same = [&](const std::string& where, double tolerance = 1e-9) {
    INFO(where);
    const Json::json_pointer at(where);
    REQUIRE(once.at(at).is_number());
    CHECK(copies.at(at).get<double>() == Approx(once.at(at).get<double>()).epsilon(tolerance));
  };
  CHECK(copies["gee_fp_case_identity_link"]["cluster"] == "patient");
  for (const char* model : {"gee_fp_case_identity_link", "gee_tp_case_identity_link", "gee_fp_case_independence"}) {
    same(fmt::format("/{}/coefficients/armvisible/Estimate", model));
    same(fmt::format("/{}/coefficients/armvisible/Std.err", model));
  }
  same("/order_effects/fpr/period/FRRC/se");
  for (const char* reader : {"R0", "R1", "R2"}) same(fmt::format("/fpr/mcnemar_per_reader/{}/p_exact", reader));
  same("/fpr/mcnemar_per_reader/R0/chi2");
  same("/agreement/hidden/ac1_binary/se");
  same("/agreement/visible/cohen_binary/R0 R1/se");
  same("/agreement/intra_reader_hidden_vs_visible/R2/se");
  same("/agreement/hidden/fleiss_binary/kappa");
  const Json& switched = once["switch"]["R0"]["rates"]["beneficial"];
  const double of = switched["of"];
  CHECK(copies["switch"]["R0"]["rates"]["beneficial"]["of"] == 5 * of);
  CHECK(copies["switch"]["R0"]["rates"]["beneficial"]["se"].get<double>() ==
        Approx(switched["se"].get<double>() * std::sqrt(of / (of - 1))).epsilon(1e-9));
  // What has no effect of the patient does not pretend.
  for (const char* model : {"lmm_confidence_KenwardRoger", "lmm_confidence_slopes_KenwardRoger", "glmm_fp", "glmm_tp",
                            "glmm_fp_case_only_AGQ", "glmm_false_positive"}) {
    INFO(model);
    CHECK(copies[model]["code"] == "several_cases_a_patient");
    CHECK_FALSE(once[model].value("code", "") == "several_cases_a_patient");
  }
  CHECK(copies["agreement"]["hidden"]["fleiss_binary"]["inference"]["code"] == "several_cases_a_patient");
  CHECK_FALSE(copies["agreement"]["hidden"]["fleiss_binary"].contains("p"));
  CHECK_FALSE(copies["agreement"]["hidden"]["icc_confidence"].dump().find("several_cases_a_patient") == std::string::npos);
  CHECK(copies["cluster"]["note"].get<std::string>().find("every covariance, test") == std::string::npos);
}

TEST_CASE("linear mixed models with an effect of the patient agree with lme4", "[study][cluster][models]") {
  // lme4 1.1-31 and lmerTest 3.1-3, bobyqa with rhoend 1e-10, on the same made readings: 4 readers, 12 patients of one case
  // and 16 of three, 459 readings.
  const auto u = [](long i) { return static_cast<double>((i * i * 7919 + i * 104729) % 9973) / 9973 - 0.5; };
  std::string text = "reader,case,arm,truth,rating,confidence,period,patient\n";
  int i = 0;
  for (int j = 0; j < 4; ++j) {
    for (int k = 0; k < 60; ++k) {
      for (int a = 0; a < 2; ++a, ++i) {
        if (i % 23 == 5) continue;
        const int p = k < 12 ? k : 12 + (k - 12) / 3, period = (a + k + j) % 2 + 1;
        const double confidence = 60 + 20 * u(100 + p) + 14 * u(1000 + k) + 8 * u(5000 + j) + a * (4 + 6 * u(6000 + j)) +
                                  2 * (period == 2) + 12 * u(20000 + i);
        text += fmt::format("R{},c{},{},{},1,{:.17g},{},P{}\n", j, k, a == 0 ? "hidden" : "visible", k % 2, confidence, period, p);
      }
    }
  }
  const Json results = study_results(load_readings(parse_csv(text, "made.csv"), {}), {.replicates = 0});
  struct Wanted {
    const char* model;
    double log_likelihood, estimate, se, df;
    std::vector<double> variances;
  };
  for (const Wanted& wanted :
       {Wanted{"lmm_confidence", -1318.52417761915, 4.46910846815, 0.322622875997, 394.310317426, {16.013483259, 36.457937789, 7.281215542, 11.869722583}},
        Wanted{"lmm_confidence_ML", -1319.61730015126, 4.46920793433, 0.321811156545, 396.292066976, {16.030969981, 35.552390678, 6.233210514, 11.810059410}},
        Wanted{"lmm_confidence_slopes", -1311.6548504994, 4.46548931168, 0.860024907701, 2.99914515007,
               {16.203226614, 36.426026321, 10.304051956, 2.561924515, -3.653124506, 11.307805372}}}) {
    INFO(wanted.model);
    const Json& fit = results[wanted.model];
    REQUIRE(fit["status"] == "ok");
    CHECK(fit["formula"].get<std::string>().find("+ (1 | patient) + (1 | case)") != std::string::npos);
    CHECK(fit["logLik"].get<double>() == Approx(wanted.log_likelihood).epsilon(0).margin(1e-6));
    const Json& arm = fit["coefficients"]["armvisible"];
    CHECK(arm["Estimate"].get<double>() == Approx(wanted.estimate).epsilon(1e-6));
    CHECK(arm["Std. Error"].get<double>() == Approx(wanted.se).epsilon(1e-5));
    CHECK(arm["df"].get<double>() == Approx(wanted.df).epsilon(1e-3));
    REQUIRE(fit["variance"].size() == wanted.variances.size());
    for (std::size_t v = 0; v < wanted.variances.size(); ++v) {
      CHECK(fit["variance"][v]["vcov"].get<double>() == Approx(wanted.variances[v]).epsilon(wanted.variances.size() > 4 ? 1e-3 : 1e-4));
    }
    CHECK(fit["variance"][1]["group"] == "patient");
  }
  CHECK(results["lmm_confidence_KenwardRoger"]["code"] == "several_cases_a_patient");
}

TEST_CASE("the fixed-reader standard error is the sandwich's over patients, with its factor", "[study][cluster][law]") {
  // With n_p cases a patient: SE = sandwich / sqrt(1 - sum n_p^2 / n^2), of equal patients sqrt(P/(P-1)).
  const bool is_equal = GENERATE(true, false);
  const auto copies = [&](int k) { return is_equal ? 3 : 1 + k % 4; };
  const CsvTable table = test::made_table({.readers = 3, .normal = 40, .diseased = 30, .seed = 5});
  CsvTable by_case = table;
  for (CsvRow& row : by_case.rows) row.cells[table.need("patient")] = row.cells[table.need("case")];
  const Json results = study_results(load_readings(copied(by_case, copies), {}), {.replicates = 0});
  double n = 0, squares = 0;
  for (int k = 0; k < 40; ++k) {
    n += copies(k);
    squares += copies(k) * copies(k);
  }
  const double sandwich = results["gee_fp_case_identity_link"]["coefficients"]["armvisible"]["Std.err"];
  CHECK(results["fpr"]["FRRC"]["se"].get<double>() == Approx(sandwich / std::sqrt(1 - squares / (n * n))).epsilon(1e-8));
  if (is_equal) CHECK(results["fpr"]["FRRC"]["se"].get<double>() == Approx(sandwich * std::sqrt(40.0 / 39)).epsilon(1e-8));
}

TEST_CASE("a case of two patients is refused with its line", "[study][cluster]") {
  const CsvTable table = parse_csv(
      "reader,case,arm,truth,rating,patient\nR1,c1,hidden,0,1,P1\nR1,c1,visible,0,1,P2\n", "readings.csv");
  const LoadedReadings loaded = load_readings(table, {});
  REQUIRE(loaded.error);
  CHECK(loaded.error->code == "conflicting_patient");
  CHECK(loaded.error->line == 3);
}

TEST_CASE("the randomisation test of patients is that of all ways to draw them", "[study][cluster][randomisation]") {
  // Two readers, four normal patients with 1, 2, 2 and 3 cases; two of the four had hidden first.
  const std::vector<std::string> cases_of{"a", "bb", "cc", "ddd"};
  samples::Stream stream(GENERATE(1, 2, 3, 4), 0, 5);
  std::string text = "reader,case,arm,truth,rating,patient,positive,period\n";
  struct Reader {
    std::vector<int> v;  // of each patient: positives in period 1 less period 2
    std::vector<bool> is_first;
  };
  std::vector<Reader> readers(2);
  int observed = 0;
  for (int j = 0; j < 2; ++j) {
    for (std::size_t p = 0; p < 4; ++p) {
      const bool is_first = (p + static_cast<std::size_t>(j)) % 2 == 0;
      int v = 0;
      for (std::size_t k = 0; k < cases_of[p].size(); ++k) {
        const int hidden = stream.bernoulli(0.5) ? 1 : 0, visible = stream.bernoulli(0.5) ? 1 : 0;
        v += is_first ? hidden - visible : visible - hidden;
        observed += visible - hidden;
        for (const bool is_hidden : {true, false}) {
          text += fmt::format("R{},{}{},{},0,1,P{},{},{}\n", j, cases_of[p], k, is_hidden ? "hidden" : "visible", p,
                              is_hidden ? hidden : visible, is_hidden == is_first ? 1 : 2);
        }
      }
      readers[static_cast<std::size_t>(j)].v.push_back(v);
      readers[static_cast<std::size_t>(j)].is_first.push_back(is_first);
    }
  }
  double n_beyond = 0, n_all = 0;
  for (unsigned draw = 0; draw < 256; ++draw) {  // of each reader's four patients, those with hidden first
    int d = 0, n_first[2] = {0, 0};
    for (std::size_t j = 0; j < 2; ++j) {
      for (std::size_t p = 0; p < 4; ++p) {
        const bool is_first = ((draw >> (4 * j + p)) & 1U) != 0;
        n_first[j] += is_first ? 1 : 0;
        d += is_first ? -readers[j].v[p] : readers[j].v[p];
      }
    }
    if (n_first[0] != 2 || n_first[1] != 2) continue;
    n_all += 1;
    n_beyond += std::abs(d) >= std::abs(observed) ? 1 : 0;
  }
  const LoadedReadings loaded = load_readings(parse_csv(text, "r.csv"), {});
  REQUIRE_FALSE(loaded.error);
  const auto outcome = randomisation_test(loaded.readings, false);
  const auto& test = std::get<RandomisationTest>(outcome);
  CHECK(test.unit == DrawnUnit::kPatient);
  CHECK(test.statistic == observed);
  CHECK(n_all == 36);
  CHECK(test.p_two_sided == Approx(n_beyond / n_all).epsilon(1e-12));
  CHECK(test.sum_of_probabilities == Approx(1).epsilon(1e-12));
}
