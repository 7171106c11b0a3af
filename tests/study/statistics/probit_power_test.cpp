// Power by integration of the probit model: its moments against simulated studies, its limits, stored simulations.
#include <cmath>
#include <nlohmann/json.hpp>
#include <vector>

#include "data/base/error.h"
#include "study/statistics/null_simulation.h"
#include "study/statistics/pearson_nodes.h"
#include "study/statistics/probit_components.h"
#include "study/statistics/probit_power.h"
#include "study/statistics/tails.h"
#include "tests/support/catch.h"

using namespace rationale;
using namespace rationale::study;

namespace {

/// A value a simulated study.
struct Simulated {
  std::vector<double> diff, shared_by_cases, spread, shared;

  /// Mean product of powers of the deviations from the means.
  double mean(const std::vector<double>& x, const std::vector<double>& y, int power_x = 1, int power_y = 1) const {
    double mx = 0, my = 0, sum = 0;
    const auto n = static_cast<double>(x.size());
    for (std::size_t i = 0; i < x.size(); ++i) mx += x[i] / n, my += y[i] / n;
    for (std::size_t i = 0; i < x.size(); ++i) sum += std::pow(x[i] - mx, power_x) * std::pow(y[i] - my, power_y) / n;
    return sum;
  }
  double average(const std::vector<double>& x) const {
    double sum = 0;
    for (const double one : x) sum += one / static_cast<double>(x.size());
    return sum;
  }
};

Simulated simulate(const LatentVariances& v, const double (&rate)[2], int readers, int cases, int runs) {
  Simulated result;
  const double cut[2] = {normal_quantile(rate[0]), normal_quantile(rate[1])}, rest = std::sqrt(1 - v.cases - v.arm_case);
  for (int run = 0; run < runs; ++run) {
    samples::Stream stream(31, static_cast<std::uint64_t>(run), 0);
    std::vector<double> own[2];
    for (int j = 0; j < readers; ++j) {
      const double both = std::sqrt(v.reader) * stream.normal();
      for (auto& one : own) one.push_back(both + std::sqrt(v.arm_reader) * stream.normal());
    }
    std::vector<Calls> calls[2];
    double by_cases = 0;
    for (int k = 0; k < cases; ++k) {
      const double shared = std::sqrt(v.cases) * stream.normal();
      double of_case[2];
      for (int arm = 0; arm < 2; ++arm) {
        of_case[arm] = shared + std::sqrt(v.arm_case) * stream.normal();
        calls[arm].push_back(0);
        by_cases += (arm == 0 ? -1 : 1) * normal_tail((cut[arm] - of_case[arm]) / rest) / cases;
      }
      for (int j = 0; j < readers; ++j) {
        const double pair = std::sqrt(v.reader_case) * stream.normal();
        for (int arm = 0; arm < 2; ++arm) {
          const double y = own[arm][static_cast<std::size_t>(j)] + of_case[arm] + pair + std::sqrt(v.error) * stream.normal();
          if (y > cut[arm]) calls[arm].back() |= Calls{1} << j;
        }
      }
    }
    const BinaryCounts counts = count_calls(calls[0], calls[1], readers);
    const CovarianceComponents c = covariance_components(counts);
    const Eigen::MatrixXd theta = rates(counts);
    result.diff.push_back(theta.row(1).mean() - theta.row(0).mean());
    result.shared_by_cases.push_back(by_cases);
    result.spread.push_back(2 * mean_squares(theta).arm_reader);
    result.shared.push_back(2 * (c.cov2 - c.cov3));
  }
  return result;
}

}  // namespace

TEST_CASE("Gauss nodes have the moments of a normal and of a shifted gamma", "[study][power]") {
  for (const double skewness : {0.0, 0.7, -1.5, 3.0}) {
    const Nodes n = pearson_nodes(12, skewness);
    const auto moment = [&](int k) { return (n.weight * n.node.pow(k)).sum(); };
    CHECK(moment(0) == Approx(1).epsilon(1e-12));
    CHECK(moment(1) == Approx(0).margin(1e-12));
    CHECK(moment(2) == Approx(1).epsilon(1e-12));
    CHECK(moment(3) == Approx(skewness).margin(1e-11));
    CHECK(moment(4) == Approx(3 + 1.5 * skewness * skewness).epsilon(1e-11));
  }
}

TEST_CASE("the moments of the test are those of simulated studies", "[study][power]") {
  const LatentVariances v = probit_variances(0.04);
  const double rate[2] = {0.10, 0.25};
  const int readers = 4, cases = 50, runs = 20000;
  const TestMoments m = ProbitModel(v, rate[0], rate[1]).moments(readers, cases);
  const Simulated s = simulate(v, rate, readers, cases, runs);
  std::vector<double> by_readers;
  for (std::size_t i = 0; i < s.diff.size(); ++i) by_readers.push_back(s.diff[i] - s.shared_by_cases[i]);
  // Within four Monte Carlo standard errors.
  const auto check = [&](const std::vector<double>& x, const std::vector<double>& y, int power_x, int power_y, double wanted) {
    const double got = s.mean(x, y, power_x, power_y), error = std::sqrt(s.mean(x, y, 2 * power_x, 2 * power_y) / runs);
    INFO(got << " against " << wanted << ", standard error " << error);
    CHECK(std::abs(got - wanted) < 4 * error);
    return std::abs(wanted) / error;  // how well a wrong sign or a missing term would be seen
  };
  const std::vector<double>&b = s.shared_by_cases, &a = by_readers;
  CHECK(m.effect == Approx(0.15).margin(1e-6));
  CHECK(s.average(s.diff) == Approx(m.effect).margin(4 * std::sqrt(s.mean(s.diff, s.diff) / runs)));
  CHECK(s.average(s.spread) == Approx(m.reader_variance).margin(4 * std::sqrt(m.spread_variance / runs)));
  CHECK(s.average(s.shared) == Approx(m.case_variance).margin(4 * std::sqrt(m.shared_variance / runs)));
  CHECK(check(a, a, 1, 1, m.reader_variance / readers) > 20);
  CHECK(check(b, b, 1, 1, m.case_variance) > 20);
  CHECK(check(s.spread, s.spread, 1, 1, m.spread_variance) > 20);
  CHECK(check(s.shared, s.shared, 1, 1, m.shared_variance) > 20);
  CHECK(check(a, a, 1, 2, m.reader_third / (readers * readers)) > 5);
  CHECK(check(b, b, 1, 2, m.case_third) > 2);
  CHECK(check(a, s.spread, 1, 1, m.reader_third / readers) > 10);
  CHECK(check(a, s.shared, 1, 1, m.reader_shared) > 10);
  CHECK(check(b, s.shared, 1, 1, m.case_shared) > 2);
  CHECK(check(s.spread, s.shared, 1, 1, m.spread_shared) > 2);
  check(b, s.spread, 1, 1, m.case_spread);
  // The same mean and variance as the components of the formula.
  const PilotComponents p = probit_components(v, rate[0], rate[1], cases);
  CHECK(m.case_variance == Approx(2 * (p.covariance.cov2 - p.covariance.cov3)).epsilon(1e-5));
  CHECK(m.reader_variance ==
        Approx(2 * (p.var_arm_reader + p.covariance.var - p.covariance.cov1 - p.covariance.cov2 + p.covariance.cov3)).epsilon(1e-5));
}

TEST_CASE("power by the probit model is within two points of stored simulations", "[study][power]") {
  // docs/validation/statistics.md: 40,000 studies a row, at the rate for which the formula says 0.80; a Monte Carlo
  // standard error of 0.002. RRRC, then max(RRRC, RRFC).
  struct Row {
    std::size_t scenario;
    int readers, cases;
    double rate, rrrc, careful;
  };
  for (const Row& row : {Row{0, 3, 100, 0.05, 0.779, 0.733}, Row{0, 5, 180, 0.05, 0.867, 0.862}, Row{1, 10, 100, 0.05, 0.873, 0.873},
                         Row{1, 20, 180, 0.23, 0.808, 0.808}, Row{2, 3, 180, 0.05, 0.781, 0.757}, Row{2, 5, 180, 0.05, 0.880, 0.874},
                         Row{2, 10, 180, 0.05, 0.885, 0.885}, Row{2, 3, 180, 0.23, 0.784, 0.769}}) {
    const auto cell = simulated_cells(null_scenarios()[row.scenario], {row.readers}, {row.cases}, {row.rate}).front();
    INFO(row.scenario << ", " << row.readers << " readers, " << row.cases << " cases, " << row.rate);
    CHECK(cell.formula_power == Approx(0.8).margin(1e-6));
    CHECK(std::abs(cell.probit.rrrc - row.rrrc) <= 0.02);
    CHECK(std::abs(cell.probit.careful - row.careful) <= 0.02);
  }
}

TEST_CASE("without an effect the probit model gives about the size of the test", "[study][power]") {
  // Simulated sizes of RRRC are 0.036 to 0.065 (docs/validation/statistics.md).
  for (const NullScenario& scenario : null_scenarios()) {
    for (const int readers : {3, 5, 20}) {
      for (const double rate : {0.05, 0.23}) {
        const ProbitPower p = probit_power(scenario.variances, rate, rate, readers, 180);
        INFO(scenario.name << ", " << readers << " readers, rate " << rate << ": " << p.rrrc);
        CHECK(std::abs(p.rrrc - 0.05) < 0.02);
        CHECK(p.careful <= p.rrrc);
        CHECK(p.careful < 0.055);
      }
    }
  }
}

TEST_CASE("the probit model's power does not care which arm comes first", "[study][power]") {
  for (const NullScenario& scenario : null_scenarios()) {
    const ProbitPower up = probit_power(scenario.variances, 0.07, 0.2, 5, 80), down = probit_power(scenario.variances, 0.2, 0.07, 5, 80);
    CHECK(up.rrrc == Approx(down.rrrc).epsilon(1e-9));
    CHECK(up.careful == Approx(down.careful).epsilon(1e-9));
    // Positive calls become negative ones.
    CHECK(probit_power(scenario.variances, 0.93, 0.8, 5, 80).rrrc == Approx(up.rrrc).epsilon(1e-6));
  }
}

TEST_CASE("with many readers and cases and no skewness the probit model gives the formula's power", "[study][power]") {
  const LatentVariances& alike = null_scenarios().front().variances;
  constexpr int kReaders = 100, kCases = 4000;  // the formula takes Cov2 - Cov3 as known: here it nearly is
  for (const double half : {0.0015, 0.003, 0.0045}) {
    const double first = 0.5 - half, second = 0.5 + half;
    const double formula = power_of(probit_components(alike, first, second, kCases), Generalises::kReadersAndCases, kReaders,
                                    kCases, second - first)
                               .power;
    const ProbitPower p = probit_power(alike, first, second, kReaders, kCases);
    INFO(half << ": " << p.rrrc << " against " << formula);
    CHECK(std::abs(p.rrrc - formula) < 0.01);
    CHECK(formula > 0.06);
  }
}

TEST_CASE("power by the probit model grows with the effect and refuses what it cannot plan", "[study][power]") {
  const LatentVariances v = probit_variances(0.01);
  double last = 0;
  for (const double second : {0.10, 0.13, 0.16, 0.20, 0.30, 0.45}) {
    const double power = probit_power(v, 0.10, second, 5, 100).rrrc;
    CHECK(power > last);
    CHECK(power <= 1);
    last = power;
  }
  CHECK(probit_power(v, 0.10, 0.10, 2, 100, 0.01).rrrc < probit_power(v, 0.10, 0.10, 2, 100, 0.10).rrrc);
  CHECK_THROWS_AS(probit_power(v, 0, 0.2, 5, 100), Error);
  CHECK_THROWS_AS(probit_power(v, 0.1, 1.0, 5, 100), Error);
  CHECK_THROWS_AS(probit_power(v, 0.1, 0.2, 1, 100), Error);
  CHECK_THROWS_AS(probit_power(v, 0.1, 0.2, 5, 1), Error);
  CHECK_THROWS_AS(probit_power(v, 0.1, 0.2, 5, 100, 0), Error);
  CHECK_THROWS_AS(probit_power(LatentVariances{.reader = 0.5}, 0.1, 0.2, 5, 100), Error);
}
