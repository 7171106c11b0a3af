// Assurance against closed forms, plain sums and simulated studies.
#include "study/statistics/assurance.h"

#include <cmath>
#include <numbers>

#include "data/base/error.h"
#include "study/statistics/power_json.h"
#include "study/statistics/probit_components.h"
#include "study/statistics/probit_power.h"
#include "study/statistics/tails.h"
#include "tests/support/catch.h"

using namespace rationale;
using namespace rationale::study;

namespace {

const PilotComponents kPilot{0.001, 0.0002, {8e-4, 3.5e-4, 3.4e-4, 2.4e-4}, 114};

double power(Generalises to, int n_readers, int n_cases, double effect) {
  return power_of(kPilot, to, n_readers, n_cases, effect).power;
}

double assured(Generalises to, int n_readers, int n_cases, double mean, double deviation) {
  return assurance({.mean = mean, .deviation = deviation},
                   [&](double effect) { return power(to, n_readers, n_cases, effect); });
}

/// Standard error of the difference: lambda is (effect / se)^2.
double standard_error(Generalises to, int n_readers, int n_cases) {
  return 0.05 / std::sqrt(power_of(kPilot, to, n_readers, n_cases, 0.05).ncp);
}

/// The same by a sum over `n` equal steps, all that is not of the other sign.
template <typename Power>
double summed(double mean, double deviation, double low, double high, int n, const Power& power_at) {
  double sum = 0, all = 0;
  const double from = std::max(low, mean - 9 * deviation), to = std::min(high, mean + 9 * deviation);
  for (int i = 0; i < n; ++i) {
    const double effect = from + (i + 0.5) * (to - from) / n, z = (effect - mean) / deviation;
    const double weight = std::exp(-z * z / 2);
    all += weight;
    if (effect * mean > 0) sum += weight * power_at(effect);
  }
  return sum / all;
}

}  // namespace

TEST_CASE("the assurance of a normal test is a bivariate normal probability", "[study][power]") {
  // Effect and estimate are jointly normal: P(effect > 0 and |estimate| > 1.96 se).
  const double se = standard_error(Generalises::kCases, 5, 300), critical = normal_quantile(0.025) * se;
  for (const double mean : {0.02, 0.05}) {
    for (const double deviation : {0.005, 0.02, 0.05}) {
      const double spread = std::sqrt(se * se + deviation * deviation), rho = deviation / spread, none = -mean / deviation;
      const double above = both_above(none, (critical - mean) / spread, rho);
      const double below = normal_tail(none) - both_above(none, (-critical - mean) / spread, rho);
      INFO(mean << ", " << deviation);
      CHECK(assured(Generalises::kCases, 5, 300, mean, deviation) == Approx(above + below).epsilon(1e-6));
      CHECK(assured(Generalises::kCases, 5, 300, -mean, deviation) == Approx(above + below).epsilon(1e-6));
    }
  }
}

TEST_CASE("where the sign is certain the assurance of a t test is a power again", "[study][power]") {
  // The estimate has variance V + deviation^2 about the mean: F' with the critical value shrunk by V / (V + deviation^2).
  const int readers = 8, cases = 200;
  const double mean = 0.06, deviation = mean / 7;
  for (const auto to : {Generalises::kReadersAndCases, Generalises::kReaders}) {
    const Power p = power_of(kPilot, to, readers, cases, mean);
    const double variance = mean * mean / p.ncp, wider = variance + deviation * deviation;
    const double wanted = noncentral_f_tail(p.critical * variance / wider, 1, *p.df, mean * mean / wider);
    CHECK(assured(to, readers, cases, mean, deviation) == Approx(wanted).epsilon(1e-6));
    CHECK(std::abs(wanted - p.power) > 0.003);
  }
}

TEST_CASE("the assurance is the plain sum over the prior, from a certain to a wide one", "[study][power]") {
  const auto to = Generalises::kReadersAndCases;
  const auto power_at = [&](double effect) { return power(to, 5, 213, effect); };
  for (const double deviation : {0.002, 0.02, 0.1, 0.4}) {
    const double got = assured(to, 5, 213, 0.05, deviation);
    INFO(deviation << ": " << got);
    CHECK(got == Approx(summed(0.05, deviation, -9, 9, 20000, power_at)).margin(2e-5));  // a step of the sum at 0
    CHECK(got <= 1 - EffectPrior{.mean = 0.05, .deviation = deviation}.other_sign());
  }
  CHECK(assured(to, 5, 213, 0.05, 1e-6) == Approx(power_at(0.05)).epsilon(1e-6));
  // So wide a prior knows nothing but the sign: half of it has the other one.
  CHECK(assured(to, 5, 213, 0.05, 5) == Approx(0.5).margin(0.02));
  CHECK(EffectPrior{.mean = 0.05, .deviation = 0.05}.other_sign() == Approx(normal_tail(1)));
}

TEST_CASE("a prior of a rate is cut where the rate would leave its range", "[study][power]") {
  const EffectPrior prior = prior_of_rate(0.05, -0.03, 0.02);
  CHECK(prior.cut() == Approx(normal_tail(0.019 / 0.02)));
  CHECK(prior.other_sign() == Approx(normal_tail(1.5) / (1 - prior.cut())));
  double lowest = 0;
  const double got = assurance(prior, [&](double effect) {
    lowest = std::min(lowest, effect);
    return -effect;
  });
  CHECK(lowest > -0.0490001);
  CHECK(got == Approx(summed(-0.03, 0.02, -0.049, 0.949, 20000, [](double effect) { return -effect; })).epsilon(1e-6));
}

TEST_CASE("the assurance under the probit model is that of simulated studies with effects of their own", "[study][power]") {
  const double rate = 0.15, mean = 0.10, deviation = 0.06;
  const LatentVariances v = probit_variances(0.02);
  const auto power_at = [&](double effect) { return probit_power(v, rate, rate + effect, 5, 100).rrrc; };
  const double got = assurance(prior_of_rate(rate, mean, deviation), power_at, 1e-4);
  CHECK(got == Approx(summed(mean, deviation, 0.001 - rate, 0.999 - rate, 100, power_at)).margin(2e-4));
  const StudyPlan plan{.n_readers = 5, .n_normal = 100, .n_diseased = 0, .variances = v};
  const SimulatedPower drawn = simulate_fpr(plan, rate, mean, 1500, 5, 0.05, deviation);
  INFO(got << " against " << drawn.power);
  CHECK(std::abs(drawn.power - got) < 4 * drawn.standard_error + 0.012);
  CHECK(std::abs(got - power_at(mean)) > 0.03);  // far from the power at the mean
  CHECK(drawn.mean_difference == Approx(mean).margin(0.01));
}

TEST_CASE("studies simulated with AUCs of their own reject as often as the prior says", "[study][power]") {
  // A prior so wide, and studies so large, that nearly every effect is found: the assurance is P(effect > 0).
  const StudyPlan plan{.n_readers = 6, .n_normal = 150, .n_diseased = 150, .variances = roe_metz("LL", 0.7)};
  const double deviation = 0.12;
  const EffectPrior prior = prior_of_rate(0.7, 0.06, deviation);
  const SimulatedPower drawn = simulate_auc(plan, 0.7, 0.06, 400, 11, 0.05, deviation);
  INFO(drawn.power << ", other sign " << prior.other_sign());
  CHECK(drawn.power < 1 - prior.other_sign() + 0.05);
  CHECK(drawn.power > 1 - prior.other_sign() - 0.30);
}

TEST_CASE("an assurance needs an effect and a doubt about it", "[study][power]") {
  const auto one = [](double) { return 1.0; };
  CHECK_THROWS_AS(assurance({.mean = 0, .deviation = 0.1}, one), Error);
  CHECK_THROWS_AS(assurance({.mean = 0.1, .deviation = 0}, one), Error);
  CHECK_THROWS_AS(assurance(prior_of_rate(0.9, 0.1, 0.1), one), Error);
  CHECK(assurance({.mean = 0.1, .deviation = 0.1}, one) == Approx(1 - normal_tail(1)).epsilon(1e-7));
}

TEST_CASE("power tables have the assurance of every analysis where the effect is uncertain", "[study][power]") {
  const auto json = power_json(kPilot, {{0.05}, {5, 8}, {213}, 0.8, 0.05, 0.02});
  CHECK(json["effect_prior"]["sd"] == 0.02);
  CHECK(json["effect_prior"]["by_effect"][0]["other_sign"].get<double>() == Approx(normal_tail(2.5)));
  REQUIRE(json["grid"].size() == 6);
  CHECK(json["grid"][0]["assurance"].get<double>() == assured(Generalises::kReadersAndCases, 5, 213, 0.05, 0.02));
  CHECK(json["grid"][4]["assurance"].get<double>() == assured(Generalises::kCases, 8, 213, 0.05, 0.02));
  CHECK_FALSE(power_json(kPilot, {{0.05}, {5}, {213}})["grid"][0].contains("assurance"));
}
