// Type-I errors against the reference's simulation: same model, other random numbers. Counts against matrices.
#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "data/base/file.h"
#include "study/statistics/bdg.h"
#include "study/statistics/covariance.h"
#include "study/statistics/null_simulation.h"
#include "study/statistics/primary.h"
#include "study/statistics/probit_components.h"
#include "study/statistics/small_sample.h"
#include "tests/support/catch.h"
#include "tests/support/shared.h"

using namespace rationale;
using namespace rationale::study;

namespace {

CellRejections one_cell(const NullScenario& scenario, int readers, int replicates, std::uint64_t seed, int threads = 0) {
  const auto cells = simulated_cells(scenario, {readers}, {180}, {0.23});
  return simulate_rejections(scenario, cells, seed, 0, replicates, threads).front();
}

double rate_of(const CellRejections& cell, const std::string& test, int replicates) {
  for (std::size_t t = 0; t < simulated_tests().size(); ++t) {
    if (simulated_tests()[t].name == test) return static_cast<double>(cell.null.rejected[t]) / replicates;
  }
  FAIL(test);
  return 0;
}

double p_of(const Outcome& outcome) { return std::get<Estimate>(outcome).p; }

}  // namespace

TEST_CASE("rejection rates without effect are the reference's within Monte Carlo error", "[study][null]") {
  const auto file = test::shared("golden/statistics/expected/type1_error.json", 1);
  if (!file) return;
  const auto golden = nlohmann::json::parse(read_file(*file));
  int n = 0;
  for (const NullScenario& scenario : null_scenarios()) {
    for (const int readers : {3, 5}) {
      const CellRejections cell = one_cell(scenario, readers, 10000, 20);
      for (const auto& row : golden) {
        if (row["scenario"] != scenario.name || row["J"] != readers) continue;
        for (const auto& [test, wanted_json] : row["reject"].items()) {
          INFO(scenario.name << ", " << readers << " readers, " << test);
          const double wanted = wanted_json;
          // The reference clamps Cov2 - Cov3 in its fixed-reader test, we do not (statistics.md, section 3): that
          // rejects up to 0.02 more often.
          const double clamp = test == "OR FRRC (fixed readers)" ? 0.02 : 0;
          CHECK(std::abs(rate_of(cell, test, 10000) - wanted) <= clamp + 4 * std::sqrt(wanted * (1 - wanted) * (2.0 / 10000)));
          ++n;
        }
      }
    }
  }
  CHECK(n == 36);
}

TEST_CASE("the careful answers do not reject too often", "[study][null]") {
  for (const NullScenario& scenario : null_scenarios()) {
    const CellRejections cell = one_cell(scenario, 6, 4000, 3);
    const double margin = 4 * std::sqrt(0.05 * 0.95 / 4000);
    for (const char* test : {"max(RRRC, RRFC)", "OR RRRC with df J - 1"}) {
      INFO(scenario.name << ", " << test);
      CHECK(rate_of(cell, test, 4000) <= 0.05 + margin);
      CHECK(rate_of(cell, test, 4000) > 0.005);
    }
  }
}

TEST_CASE("a simulation depends on its seed and not on threads or on where it is cut", "[study][null]") {
  const auto& scenario = null_scenarios()[1];
  const auto cells = simulated_cells(scenario, {3, 4}, {50, 60}, {0.2});
  const auto rejected = [&](std::uint64_t seed, std::int64_t first, std::int64_t n, int threads) {
    return simulate_rejections(scenario, cells, seed, first, n, threads);
  };
  const auto whole = rejected(1, 0, 300, 1), threads = rejected(1, 0, 300, 3), other = rejected(2, 0, 300, 1);
  auto parts = rejected(1, 0, 100, 1);
  const auto rest = rejected(1, 100, 200, 1);
  bool is_other = false;
  for (std::size_t c = 0; c < cells.size(); ++c) {
    CHECK(whole[c].null.rejected == threads[c].null.rejected);
    parts[c].effect += rest[c].effect;
    CHECK(whole[c].effect.rejected == parts[c].effect.rejected);
    is_other = is_other || whole[c].null.rejected != other[c].null.rejected;
  }
  CHECK(is_other);
}

TEST_CASE("counts of calls give the tests that matrices of readings give", "[study][null]") {
  samples::Stream stream(11, 0, 0);
  for (const int readers : {2, 3, 7}) {
    const int cases = 40;
    CaseReadings decisions{Eigen::MatrixXd::Zero(2 * readers, cases), Eigen::MatrixXd::Ones(2 * readers, cases), {}};
    std::vector<Calls> calls[2];
    for (int k = 0; k < cases; ++k) {
      const double own = stream.uniform(0.05, 0.6);
      for (int arm = 0; arm < 2; ++arm) {
        calls[arm].push_back(0);
        for (int j = 0; j < readers; ++j) {
          if (!stream.bernoulli(own + 0.05 * arm * j)) continue;
          calls[arm].back() |= Calls{1} << j;
          decisions.value(arm * readers + j, k) = 1;
        }
      }
    }
    const BinaryCounts counts = count_calls(calls[0], calls[1], readers);
    const Eigen::MatrixXd covariance = covariance_proportion(decisions);
    const CovarianceComponents wanted = covariance_components(covariance, 2, readers), c = covariance_components(counts);
    CHECK(std::abs(c.var - wanted.var) < 1e-15);
    CHECK(std::abs(c.cov1 - wanted.cov1) < 1e-15);
    CHECK(std::abs(c.cov2 - wanted.cov2) < 1e-15);
    CHECK(std::abs(c.cov3 - wanted.cov3) < 1e-15);
    const ArmCovariance arms = arm_covariance(counts);
    CHECK(std::abs(arms.covariance - covariance.topRightCorner(readers, readers).mean()) < 1e-15);

    const Merits m{proportion(decisions), covariance, 2, readers, "normal"};
    const auto p = p_values(counts);
    CHECK(*p[0] == Approx(p_of(difference_rrrc(m))).epsilon(1e-10));
    CHECK(*p[1] == Approx(p_of(rrrc_rrfc_max(difference_rrrc(m), difference_rrfc(m)).outcome)).epsilon(1e-10));
    CHECK(*p[2] == Approx(p_of(difference_frrc(m))).epsilon(1e-10));
    CHECK(*p[3] == Approx(p_of(difference_rrfc(m))).epsilon(1e-10));
    CHECK(*p[4] == Approx(p_of(corrected_df(difference_rrrc(m), readers - 1))).epsilon(1e-10));
    const Bdg bdg = proportion_bdg(decisions, readers, {0, 1});
    const Outcome ustat = tested(bdg.mean[1] - bdg.mean[0], bdg.variance, std::nullopt);
    CHECK(p[6].has_value() == std::holds_alternative<Estimate>(ustat));
    if (p[6]) CHECK(*p[6] == Approx(p_of(ustat)).epsilon(1e-9));
    const auto pooled = std::get<NaivePooled>(naive_pooled(decisions, readers));
    CHECK(*p[9] == Approx(pooled.p).epsilon(1e-12));
    CHECK(*p[10] == Approx(pooled.p_mcnemar).epsilon(1e-12));
    CHECK(p[5].has_value() == (readers >= 6));
  }
}

TEST_CASE("sign flips of counts are sign flips of differences", "[study][null]") {
  samples::Stream stream(3, 0, 0);
  for (int round = 0; round < 20; ++round) {
    std::vector<int> counts;
    std::vector<double> differences;
    for (int j = 0; j < 8; ++j) {
      counts.push_back(static_cast<int>(stream.uniform(-6, 9)));
      differences.push_back(counts.back() / 100.0);
    }
    counts[0] = differences[0] == 0 ? 1 : counts[0];
    differences[0] = counts[0] / 100.0;
    CHECK(sign_flip_p(counts) == Approx(std::get<SignFlip>(sign_flip(differences, 1)).p).epsilon(1e-12));
  }
}

TEST_CASE("the probit model's components are the means of their estimates", "[study][null]") {
  // Sheppard 1899: P(X > 0, Y > 0) = 1/4 + arcsin(rho) / (2 pi).
  for (const double rho : {0.0, 0.3, 0.8}) CHECK(both_above(0, 0, rho) == Approx(0.25 + std::asin(rho) / (2 * M_PI)).epsilon(1e-12));
  const LatentVariances v = probit_variances(0.04);
  const int readers = 5, cases = 60, runs = 3000;
  const PilotComponents wanted = probit_components(v, 0.2, 0.2, cases);
  double var = 0, cov1 = 0, cov2 = 0, cov3 = 0, arm_reader = 0;
  for (int run = 0; run < runs; ++run) {
    samples::Stream stream(9, static_cast<std::uint64_t>(run), 0);
    const Eigen::MatrixXd y = latent_ratings(stream, {.n_readers = readers, .n_normal = cases, .n_diseased = 0, .variances = v}, cases);
    const CaseReadings calls{(y.array() > 0.8416212335729143).cast<double>().matrix(), Eigen::MatrixXd::Ones(y.rows(), y.cols()), {}};
    const CovarianceComponents c = covariance_components(covariance_proportion(calls), 2, readers);
    const Merits m{proportion(calls), covariance_proportion(calls), 2, readers, "normal"};
    var += c.var / runs, cov1 += c.cov1 / runs, cov2 += c.cov2 / runs, cov3 += c.cov3 / runs;
    arm_reader += obuchowski_rockette(m.table(), *m.covariance).var_arm_reader / runs;
  }
  const PilotComponents& w = wanted;
  CHECK(var == Approx(w.covariance.var).epsilon(0.03));
  CHECK(cov1 == Approx(w.covariance.cov1).epsilon(0.03));
  CHECK(cov2 == Approx(w.covariance.cov2).epsilon(0.03));
  CHECK(cov3 == Approx(w.covariance.cov3).epsilon(0.03));
  CHECK(arm_reader == Approx(w.var_arm_reader).epsilon(0.1));
}
