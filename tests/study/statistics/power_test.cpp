// Power and sample size against RJafroc and 50-digit series; simulation against known rates.
#include <cmath>

#include "data/base/error.h"
#include "data/base/file.h"
#include "data/samples/stream.h"
#include "study/statistics/power_json.h"
#include "study/statistics/study_readings.h"
#include "study/statistics/tails.h"
#include "tests/study/statistics/golden_numbers.h"
#include "tests/support/catch.h"
#include "tests/support/shared.h"

using namespace rationale;
using namespace rationale::study;
using Json = nlohmann::ordered_json;

namespace {

PilotComponents pilot_of(const Json& golden) {
  const Json& c = golden["components"];
  PilotComponents pilot;
  pilot.var_reader = c["VarR"];
  pilot.var_arm_reader = c["VarTR"];
  pilot.covariance = {c["Var"], c["Cov1"], c["Cov2"], c["Cov3"]};
  pilot.n_cases = golden["KStar"];
  return pilot;
}

}  // namespace

TEST_CASE("power of the grid and cases for 80 percent are the reference's", "[study][golden][power]") {
  const auto file = test::shared("golden/statistics/expected/power.json", 1);
  if (!file) return;
  Json wanted = Json::parse(read_file(*file));
  const PilotComponents pilot = pilot_of(wanted);
  // Ours for the questions of the file, in its order; the high precision value stands for both of them.
  Json got = power_json(pilot, {{0.03, 0.05, 0.08}, {3, 5, 10, 20}, {60, 114, 300, 2000}, 0.8, 0.05});
  REQUIRE(got["grid"].size() == wanted["grid"].size());
  for (auto& row : got["grid"]) row["own_power"] = row["own_power_high_precision"] = row["power"];
  got["cases_for_80pct"] = power_json(pilot, {{0.05}, {3, 5, 10, 20}, {114}, 0.8, 0.05})["cases_for_80pct"];
  // RJafroc's search ends at 2001 and returns that: three readers cannot reach 80 percent.
  const Json three = got["cases_for_80pct"]["3"];
  CHECK(three["code"] == "not_reachable");
  CHECK(three["reason"].get<std::string>().find("3 readers") != std::string::npos);
  CHECK(three["estimate"].get<double>() < 0.8);
  const double stopped = power_of(pilot, Generalises::kReadersAndCases, 3, 2001, 0.05).power;
  got["cases_for_80pct"]["3"] = {{"KRRRC", 2001}, {"powerRRRC", stopped}};
  for (const char* key : {"pilot", "peer_defects", "max_abs_difference_own_scipy_vs_RJafroc",
                          "max_abs_difference_high_precision_vs_RJafroc"}) {
    wanted.erase(key);  // words, and what the peers do wrong
  }
  const auto result = test::compare_all(got, wanted, "", [](const std::string& path) {
    if (path.ends_with("own_power_high_precision")) return test::Tolerance{1e-9, 0};
    if (path.ends_with("power") || path.ends_with("powerRRRC")) return test::Tolerance{1e-8, 0};
    return test::Tolerance{1e-13, path.ends_with("df2") ? 1e-8 : 1e-10};
  });
  test::print_compared("power.json", result);
  CHECK(result.n > 1000);
}

TEST_CASE("the pilot's own design has the pilot's own error term", "[study][power]") {
  // Two arms, four readers; a covariance with all four components, and readers who react differently.
  Eigen::MatrixXd theta(2, 4);
  theta << 0.70, 0.78, 0.66, 0.74, 0.79, 0.80, 0.77, 0.81;
  Eigen::MatrixXd s(8, 8);
  for (int a = 0; a < 8; ++a) {
    for (int b = 0; b < 8; ++b) {
      const bool same_arm = a / 4 == b / 4, same_reader = a % 4 == b % 4;
      s(a, b) = same_arm ? (same_reader ? 8e-4 : 3e-4) : (same_reader ? 4e-4 : 2e-4);
    }
  }
  const ObuchowskiRockette pilot = obuchowski_rockette(theta, s);
  const PilotComponents components = pilot_components(pilot, 120);
  REQUIRE(components.var_arm_reader > 0);
  const double effect = 0.05;
  const Power p = power_of(components, Generalises::kReadersAndCases, 4, 120, effect);
  CHECK(p.ncp == Approx(effect * effect * 4 / (2 * pilot.rrrc.test.denominator)).epsilon(1e-12));
  CHECK(*p.df == Approx(*pilot.rrrc.test.df2).epsilon(1e-12));
}

TEST_CASE("without an effect, power is alpha", "[study][power]") {
  const PilotComponents pilot{0.001, 0.0002, {8e-4, 3.5e-4, 3.4e-4, 2.4e-4}, 114};
  for (const auto to : {Generalises::kReadersAndCases, Generalises::kCases, Generalises::kReaders}) {
    CHECK(power_of(pilot, to, 5, 300, 0, 0.05).power == Approx(0.05).epsilon(1e-9));
  }
}

TEST_CASE("the fewest cases are the fewest", "[study][power]") {
  const PilotComponents pilot{0.001, 0.0002, {8e-4, 3.5e-4, 3.4e-4, 2.4e-4}, 114};
  for (const int readers : {5, 8, 20}) {
    const auto power = [&](int n) {
      return power_of(pilot, Generalises::kReadersAndCases, readers, n, 0.05).power;
    };
    const auto needed = std::get<CasesNeeded>(fewest_cases(power, readers, 0.8));
    CHECK(power(needed.n_cases) == needed.power);
    CHECK(needed.power >= 0.8);
    CHECK(power(needed.n_cases - 1) < 0.8);
  }
}

TEST_CASE("cases are looked for under any power", "[study][power]") {
  int n_asked = 0;
  const auto power = [&](int n) {  // 0.7 where n = (5 / 0.3)^2 = 277.8; never above 0.9
    ++n_asked;
    return std::min(1 - 5 / std::sqrt(n), 0.9);
  };
  for (const double growth : {1.05, 1.5, 2.0}) {
    const auto exact = std::get<CasesNeeded>(fewest_cases(power, 4, 0.7, {.growth = growth}));
    CHECK(exact.n_cases == 278);
    CHECK(exact.power == power(278));
  }
  n_asked = 0;
  const auto about = std::get<CasesNeeded>(fewest_cases(power, 4, 0.7, {.least = 8, .most = 2000, .growth = 2, .precision = 0.05}));
  CHECK(n_asked <= 12);
  CHECK(about.n_cases >= 278);
  CHECK(about.n_cases <= 278 * 1.06);
  const auto none = std::get<NotEstimable>(fewest_cases(power, 4, 0.95, {.most = 4000, .growth = 2}));
  CHECK(none.code == "not_reachable");
  CHECK(none.reason == "not reachable with 4 readers: the highest power, with up to 4000 cases, is 0.900");
  CHECK(*none.estimate == Approx(0.9));
  CHECK(std::get<CasesNeeded>(fewest_cases([](int n) { return n / 1e6; }, 4, 1)).n_cases == 1000000);
}

TEST_CASE("both one-sided tests together are the two-sided one", "[study][power]") {
  const PilotComponents pilot{0.001, 0.0002, {8e-4, 3.5e-4, 3.4e-4, 2.4e-4}, 114};
  for (const auto to : {Generalises::kReadersAndCases, Generalises::kCases, Generalises::kReaders}) {
    const Power towards = noninferiority_power_of(pilot, to, 5, 200, 0.04), away = noninferiority_power_of(pilot, to, 5, 200, -0.04);
    const Power both = power_of(pilot, to, 5, 200, 0.04);
    CHECK(towards.power + away.power == Approx(both.power).epsilon(1e-9));
    CHECK(towards.critical == Approx(both.critical).epsilon(1e-10));
    CHECK(towards.ncp == Approx(both.ncp).epsilon(1e-12));
    CHECK(noninferiority_power_of(pilot, to, 5, 200, 0).power == Approx(0.025).epsilon(1e-9));  // on the margin
  }
  CHECK(careful_power_of(pilot, 5, 200, 0.04, 0.05, Sides::kOne) + careful_power_of(pilot, 5, 200, -0.04, 0.05, Sides::kOne) ==
        Approx(careful_power_of(pilot, 5, 200, 0.04)).epsilon(1e-8));
}

TEST_CASE("the careful test finds what passes both limits", "[study][power]") {
  // Cases that all readers share alike in both arms: RRRC is RRFC.
  const PilotComponents alike{0.001, 0.0002, {8e-4, 3.5e-4, 3e-4, 3e-4}, 114};
  for (const int readers : {2, 3, 8}) {
    CHECK(careful_power_of(alike, readers, 200, 0.05) ==
          Approx(power_of(alike, Generalises::kReaders, readers, 200, 0.05).power).epsilon(1e-6));
  }
  // Drawn: a normal mean difference, MS(TR) as a sum of squares.
  const PilotComponents pilot{0.001, 0.0004, {8e-4, 3.5e-4, 3.4e-4, 2.4e-4}, 114};
  constexpr int kReaders = 3, kStudies = 40000;
  constexpr double kCases = 180, kEffect = 0.07, kMargin = 0.07;
  const double r = 114 / kCases, within = 0.0004 + r * (8e-4 - 3.5e-4 - 1e-4), shared = kReaders * r * 1e-4;
  samples::Stream stream(5, 0, 0);
  int both = 0, one = 0;
  for (int k = 0; k < kStudies; ++k) {
    double squares = 0;
    for (int j = 1; j < kReaders; ++j) {
      const double z = stream.normal();
      squares += z * z;
    }
    const double ms = within * squares / (kReaders - 1), d = kEffect + std::sqrt(2 * (within + shared) / kReaders) * stream.normal();
    const double df = (ms + shared) * (ms + shared) * (kReaders - 1) / (ms * ms);
    const double p_both = t_tail(std::abs(d) / std::sqrt(2 * (ms + shared) / kReaders), df);
    const double p_readers = t_tail(std::abs(d) / std::sqrt(2 * ms / kReaders), kReaders - 1);
    const bool rejects = std::max(p_both, p_readers) < 0.025;
    both += rejects ? 1 : 0;
    one += rejects && d > 0 ? 1 : 0;
  }
  const double power = careful_power_of(pilot, kReaders, kCases, kEffect);
  CHECK(std::abs(static_cast<double>(both) / kStudies - power) < 4 * std::sqrt(power * (1 - power) / kStudies));
  const double careful_one = careful_power_of(pilot, kReaders, kCases, kMargin, 0.05, Sides::kOne);
  CHECK(std::abs(static_cast<double>(one) / kStudies - careful_one) < 4 * std::sqrt(power * (1 - power) / kStudies));
  CHECK(power < power_of(pilot, Generalises::kReadersAndCases, kReaders, kCases, kEffect).power);
}

TEST_CASE("power refuses what it cannot plan", "[study][power]") {
  const PilotComponents pilot{0.001, 0.0002, {8e-4, 3.5e-4, 3.4e-4, 2.4e-4}, 114};
  CHECK_THROWS_AS(power_of(pilot, Generalises::kReadersAndCases, 1, 100, 0.05), Error);
  CHECK_THROWS_AS(power_of(pilot, Generalises::kCases, 3, 0, 0.05), Error);
  CHECK_THROWS_AS(power_of(PilotComponents{0, 0, {}, 114}, Generalises::kCases, 3, 100, 0.05), Error);
  CHECK_THROWS_AS(roe_metz("XL", 0.8), Error);
}

TEST_CASE("simulated false-positive studies reject a true null as often as the reference's", "[study][power]") {
  // type1_error.json: 10,000 runs each, SE about 0.002; ours 1,000 runs.
  const auto file = test::shared("golden/statistics/expected/type1_error.json", 1);
  if (!file) return;
  constexpr int kRuns = 1000;
  int n = 0;
  for (const Json& wanted : Json::parse(read_file(*file))) {
    const Json& c = wanted["components"];
    StudyPlan plan{.n_readers = wanted["J"], .n_normal = wanted["K_normal"], .n_diseased = 0, .variances = {}};
    plan.variances = {.reader = c["r"], .arm_reader = c["ra"], .cases = c["c"], .arm_case = c["ca"],
                      .reader_case = c["rc"], .error = c["e"]};
    const SimulatedPower got = simulate_fpr(plan, wanted["FPR"], 0, kRuns, 20260302);
    const double rate = wanted["reject"]["OR RRRC"];
    INFO(wanted["scenario"] << ", J = " << plan.n_readers << ": " << got.power << " against " << rate);
    CHECK(std::abs(got.power - rate) < 4 * std::sqrt(rate * (1 - rate) * (1.0 / kRuns + 1e-4)));
    CHECK(std::abs(got.mean_difference) < 0.005);
    ++n;
  }
  CHECK(n == 9);
}

TEST_CASE("a Roe-Metz study has the AUCs and the power that were put in", "[study][power]") {
  StudyPlan plan{.n_readers = 5, .n_normal = 50, .n_diseased = 50, .variances = roe_metz("HL", 0.85)};
  const SimulatedPower none = simulate_auc(plan, 0.85, 0, 400, 7);
  CHECK(none.power < 0.12);
  const SimulatedPower some = simulate_auc(plan, 0.80, 0.08, 400, 7);
  CHECK(some.mean_difference == Approx(0.08).margin(0.008));
  CHECK(some.power > none.power + 0.2);
  const SimulatedPower again = simulate_auc(plan, 0.80, 0.08, 400, 7);
  CHECK(again.power == some.power);
}
