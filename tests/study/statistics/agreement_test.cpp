// Agreement and calibration: hand calculations and what is not estimable.
#include <algorithm>
#include <cmath>
#include <string>

#include "data/samples/stream.h"
#include "study/statistics/agreement.h"
#include "study/statistics/calibration.h"
#include "study/statistics/concordance.h"
#include "study/statistics/gee.h"
#include "study/statistics/logistic_mixed.h"
#include "tests/support/catch.h"

using namespace rationale::study;

namespace {

template <typename Value>
std::string code_of(const std::variant<Value, NotEstimable>& outcome) {
  const auto* why = std::get_if<NotEstimable>(&outcome);
  return why != nullptr ? why->code : "ok";
}

Eigen::VectorXi column(std::initializer_list<int> values) {
  Eigen::VectorXi result(static_cast<Eigen::Index>(values.size()));
  std::copy(values.begin(), values.end(), result.data());
  return result;
}

/// Decisions of `n_readers` on `n_cases` in two arms: 1 where `call` says so.
template <typename Call>
MixedData decisions(int n_readers, int n_cases, Call call) {
  MixedData data;
  data.n_readers = n_readers;
  data.n_cases = n_cases;
  const int n = 2 * n_readers * n_cases;
  data.y.resize(n);
  data.arm.resize(n);
  data.x = Eigen::MatrixXd::Ones(n, 2);
  data.names = {"(Intercept)", "armvisible"};
  int i = 0;
  for (int j = 0; j < n_readers; ++j) {
    for (int k = 0; k < n_cases; ++k) {
      for (int arm = 0; arm < 2; ++arm, ++i) {
        data.y(i) = call(j, k, arm) ? 1 : 0;
        data.x(i, 1) = data.arm(i) = arm;
        data.case_of.push_back(k);
        data.reader_of.push_back(j);
      }
    }
  }
  data.n_clusters = data.n_cases;
  data.cluster_of = data.case_of;
  return data;
}

}  // namespace

TEST_CASE("Cohen's kappa of a table by hand", "[study][agreement]") {
  // 20 both yes, 5 and 10 apart, 15 both no: po = 0.7, pe = 0.5 0.6 + 0.5 0.4 = 0.5.
  Eigen::VectorXi a(50), b(50);
  a << Eigen::VectorXi::Ones(25), Eigen::VectorXi::Zero(25);
  b << Eigen::VectorXi::Ones(20), Eigen::VectorXi::Zero(5), Eigen::VectorXi::Ones(10), Eigen::VectorXi::Zero(15);
  const auto kappa = std::get<CohenKappa>(cohen_kappa(a, b));
  CHECK(kappa.observed == Approx(0.7));
  CHECK(kappa.expected == Approx(0.5));
  CHECK(kappa.kappa == Approx(0.4));
  // Two categories are one step apart: weights change nothing.
  CHECK(std::get<CohenKappa>(cohen_kappa(a, b, KappaWeights::kQuadratic)).kappa == Approx(0.4));
}

TEST_CASE("weights forgive near misses", "[study][agreement]") {
  const auto a = column({0, 1, 2, 3, 4, 0, 1, 2, 3, 4}), b = column({1, 1, 3, 3, 4, 0, 2, 2, 4, 3});
  const double plain = std::get<CohenKappa>(cohen_kappa(a, b)).kappa;
  const double linear = std::get<CohenKappa>(cohen_kappa(a, b, KappaWeights::kLinear)).kappa;
  const double quadratic = std::get<CohenKappa>(cohen_kappa(a, b, KappaWeights::kQuadratic)).kappa;
  CHECK(plain < linear);
  CHECK(linear < quadratic);
}

TEST_CASE("perfect agreement is 1 and one category is no result", "[study][agreement]") {
  Categories same(4, 3);
  same << 0, 0, 0, 1, 1, 1, 0, 0, 0, 1, 1, 1;
  CHECK(std::get<FleissKappa>(fleiss_kappa(same)).kappa == Approx(1));
  CHECK(std::get<Ac1>(gwet_ac1(same)).ac1 == Approx(1));
  const Categories all_one = Categories::Ones(5, 3);
  CHECK(code_of(fleiss_kappa(all_one)) == "one_category");
  CHECK(code_of(gwet_ac1(all_one)) == "one_category");
  CHECK(code_of(cohen_kappa(all_one.col(0), all_one.col(1))) == "one_category");
  CHECK(code_of(fleiss_kappa(Categories::Ones(5, 1))) == "one_rater");
  CHECK(code_of(gwet_ac1(Categories(0, 3))) == "no_cases");
}

TEST_CASE("ICC and W tell a rater's offset from disagreement", "[study][agreement]") {
  Eigen::MatrixXd values(5, 2);
  values << 10, 20, 20, 31, 30, 39, 40, 50, 50, 61;  // the second reader is ten points more sure
  const auto icc = std::get<Iccs>(intraclass(values)).by_type;
  CHECK(icc[2].value > 0.99);            // consistency
  CHECK(icc[1].value < icc[2].value);    // absolute agreement
  CHECK(icc[1].lower < icc[1].value);
  CHECK(icc[1].value < icc[1].upper);
  CHECK(std::get<KendallW>(kendall_w(values)).w == Approx(1));
  CHECK(code_of(intraclass(Eigen::MatrixXd::Constant(5, 2, 3))) == "zero_variance");
  CHECK(code_of(intraclass(Eigen::MatrixXd::Ones(1, 2))) == "too_few");
  CHECK(code_of(kendall_w(Eigen::MatrixXd::Constant(5, 2, 3))) == "all_tied");
  CHECK(code_of(kendall_w(Eigen::MatrixXd::Ones(5, 1))) == "too_few");
}

TEST_CASE("Brier is Murphy's parts, exactly", "[study][calibration]") {
  std::vector<RatedTruth> readings;
  for (int i = 0; i < 200; ++i) readings.push_back({static_cast<double>((37 * i) % 201 - 100), i % 3 == 0});
  const auto c = std::get<Calibration>(calibration(readings));
  CHECK(c.brier == Approx(c.reliability - c.resolution + c.uncertainty + c.within_bin_variance -
                          2 * c.within_bin_covariance).epsilon(1e-12));
  int n = 0;
  for (const CalibrationBin& bin : c.bins) n += bin.n;
  CHECK(n == 200);
}

TEST_CASE("a rating on a bin's edge belongs above it", "[study][calibration]") {
  // p = 0.3 exactly; as 0.3 * 10 it would be 2.9999….
  const auto c = std::get<Calibration>(calibration({{-40, true}, {100, true}, {-100, false}}));
  REQUIRE(c.bins.size() == 3);
  CHECK(c.bins[0].index == 0);
  CHECK(c.bins[1].index == 3);
  CHECK(c.bins[2].index == 9);
}

TEST_CASE("a calibration line needs both classes and some overlap", "[study][calibration]") {
  CHECK(code_of(calibration({})) == "no_readings");
  CHECK(code_of(calibration_line({{10, true}, {20, true}})) == "one_class");
  CHECK(code_of(calibration_line({{10, true}, {10, false}})) == "one_value");
  CHECK(code_of(calibration_line({{-50, false}, {-20, false}, {30, true}, {60, true}})) == "separation");
}

TEST_CASE("decisions that are all the same somewhere are a separation", "[study][models]") {
  const auto quiet_arm = decisions(4, 10, [](int j, int k, int arm) { return arm == 0 && (j + k) % 3 == 0; });
  CHECK(code_of(logistic_laplace(quiet_arm)) == "separation");
  CHECK(code_of(gee(quiet_arm, Family::kBinomialLogit, WorkingCorrelation::kExchangeable)) == "separation");
  const auto mixed = decisions(4, 10, [](int j, int k, int arm) { return (j + 2 * k + arm) % 3 == 0; });
  CHECK(code_of(logistic_laplace(mixed)) == "ok");
  CHECK(code_of(logistic_laplace(decisions(2, 10, [](int j, int k, int arm) { return (j + k + arm) % 3 == 0; }))) ==
        "too_few_readers");
  CHECK(code_of(gee(decisions(4, 2, [](int j, int k, int arm) { return (j + k + arm) % 2 == 0; }),
                    Family::kBinomialLogit, WorkingCorrelation::kIndependence)) == "too_few_cases");
}

TEST_CASE("a GEE of one reading a case and arm is the difference of rates", "[study][models]") {
  // One reader: identity link, arm only. Hand: 4 of 10 against 2 of 10.
  const auto data = decisions(1, 10, [](int, int k, int arm) { return arm == 0 ? k < 4 : k < 2; });
  const auto fit = std::get<Gee>(gee(data, Family::kBinomialIdentity, WorkingCorrelation::kIndependence));
  CHECK(fit.beta(0) == Approx(0.4));
  CHECK(fit.beta(1) == Approx(-0.2));
  // The differences are 2 times -1 and 8 times 0: population variance 0.16, of a mean of ten 0.016.
  CHECK(fit.robust(1, 1) == Approx(0.016).epsilon(1e-10));
}

TEST_CASE("intraclass correlations of very few cases are finite or have a reason", "[study][agreement]") {
  int n_verdicts = 0, n_values = 0;
  for (int seed = 1; seed <= 2000; ++seed) {
    rationale::samples::Stream stream(static_cast<std::uint64_t>(seed), 0, 5);
    Eigen::MatrixXd values(2 + seed % 3, 2 + seed % 2);
    for (Eigen::Index k = 0; k < values.size(); ++k) values(k) = std::floor(stream.uniform(0, seed % 5 == 0 ? 3 : 100));
    const auto outcome = intraclass(values);
    const auto* iccs = std::get_if<Iccs>(&outcome);
    if (iccs == nullptr) {
      ++n_verdicts;
      continue;
    }
    ++n_values;
    INFO(values);
    for (const Icc& one : iccs->by_type) CHECK((std::isfinite(one.value) && std::isfinite(one.p) && std::isfinite(one.lower) && std::isfinite(one.upper)));
  }
  CHECK(n_verdicts > 0);
  CHECK(n_values > 1000);
}

TEST_CASE("degrees of freedom near 0 give a reason, no test", "[study][agreement]") {
  CHECK(std::get<NotEstimable>(tested(0.1, 0.01, 1e-3)).code == "too_few_df");
  CHECK(std::isfinite(std::get<Estimate>(tested(0.1, 0.01, 0.02)).upper));
}
