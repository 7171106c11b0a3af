#include "study/statistics/null_simulation.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "data/base/interrupt.h"
#include "study/statistics/bdg.h"
#include "study/statistics/in_parallel.h"
#include "study/statistics/mcnemar.h"
#include "study/statistics/obuchowski_rockette.h"
#include "study/statistics/primary.h"
#include "study/statistics/small_sample.h"
#include "study/statistics/tails.h"

namespace rationale::study {
namespace {

using Index = Eigen::Index;

enum Test { kRrrc, kFrrc, kRrfc, kMax, kCorrected, kPermutation, kUstat, kTwoProportions, kPooledMcNemar, kTests };
// The names of expected/type1_error.json, where it has the test.
constexpr const char* kNames[kTests] = {"OR RRRC",
                                        "OR FRRC (fixed readers)",
                                        "OR RRFC = paired t over readers",
                                        "max(RRRC, RRFC)",
                                        "OR RRRC with df J - 1",
                                        "sign-flip permutation",
                                        "U-statistic variance, z",
                                        "naive pooled two-proportion z",
                                        "naive pooled McNemar"};

constexpr int kBlock = 256;  // replicates between two looks at progress

CaseReadings drawn_decisions(const NullScenario& scenario, const NullStudy& study, int replicate) {
  samples::Stream stream(study.seed, static_cast<std::uint64_t>(replicate), static_cast<std::uint64_t>(study.readers));
  const StudyPlan plan{.n_readers = study.readers, .n_normal = study.normal_cases, .n_diseased = 0,
                       .variances = scenario.variances};
  const Eigen::MatrixXd latent = latent_ratings(stream, plan, study.normal_cases);
  const double cut = normal_quantile(study.rate);
  return {(latent.array() > cut).cast<double>().matrix(), Eigen::MatrixXd::Ones(latent.rows(), latent.cols()), {}};
}

std::optional<double> p_of(const Outcome& outcome) {
  const auto* estimate = std::get_if<Estimate>(&outcome);
  return estimate == nullptr ? std::nullopt : std::optional<double>(estimate->p);
}

/// p of each test; empty where there is none.
std::vector<std::optional<double>> tests_of(const CaseReadings& decisions, const NullStudy& study) {
  const int n = study.readers;
  const Merits m{proportion(decisions), covariance_proportion(decisions), 2, n, "normal"};
  const Eigen::MatrixXd theta = m.table();
  const ObuchowskiRockette result = obuchowski_rockette(theta, *m.covariance);
  const Outcome& rrrc = result.rrrc.differences.front().outcome;
  const Outcome& rrfc = result.rrfc.differences.front().outcome;
  std::vector<std::optional<double>> p(kTests);
  p[kRrrc] = p_of(rrrc);
  p[kFrrc] = p_of(difference_frrc(m));
  p[kRrfc] = p_of(rrfc);
  p[kMax] = p_of(rrrc_rrfc_max(rrrc, rrfc).outcome);
  p[kCorrected] = p_of(corrected_df(rrrc, n - 1));
  std::vector<double> differences;
  for (Index j = 0; j < n; ++j) differences.push_back(theta(1, j) - theta(0, j));
  const auto flips = sign_flip(differences, study.seed);
  if (const auto* test = std::get_if<SignFlip>(&flips)) p[kPermutation] = test->p;
  const Bdg bdg = proportion_bdg(decisions, n, {0, 1});
  p[kUstat] = p_of(tested(bdg.mean[1] - bdg.mean[0], bdg.variance, std::nullopt));
  const auto naive = naive_pooled(decisions, n);
  if (const auto* pooled = std::get_if<NaivePooled>(&naive)) {
    p[kTwoProportions] = pooled->p;
    p[kPooledMcNemar] = pooled->p_mcnemar;
  }
  return p;
}

}  // namespace

const std::vector<NullScenario>& null_scenarios() {
  static const std::vector<NullScenario> scenarios{
      {"no reader x arm", {.reader = 0.10, .cases = 0.35, .reader_case = 0.10, .error = 0.45}},
      {"small reader x arm", probit_variances(0.01)},
      {"large reader x arm", probit_variances(0.04)},
  };
  return scenarios;
}

std::vector<RejectionRate> null_rejections(const NullScenario& scenario, const NullStudy& study,
                                           const std::function<void(int)>& on_progress) {
  std::vector<std::vector<std::optional<double>>> p(static_cast<std::size_t>(study.replicates));
  for (int first = 0; first < study.replicates; first += kBlock) {
    check_interrupt();
    const int n = std::min(kBlock, study.replicates - first);
    in_parallel(static_cast<std::size_t>(n), study.threads, [&](std::size_t k) {
      const int replicate = first + static_cast<int>(k);
      p[static_cast<std::size_t>(replicate)] = tests_of(drawn_decisions(scenario, study, replicate), study);
    });
    if (on_progress) on_progress(first + n);
  }
  std::vector<RejectionRate> rates;
  for (int test = 0; test < kTests; ++test) {
    if (test == kPermutation && study.readers < kReadersForSignFlip) continue;
    RejectionRate one{.test = kNames[test], .is_naive = test == kTwoProportions || test == kPooledMcNemar};
    for (const auto& replicate : p) {
      const auto& value = replicate[static_cast<std::size_t>(test)];
      one.rejected += value && *value < 0.05 ? 1 : 0;
      one.not_estimable += value ? 0 : 1;
    }
    const auto n = static_cast<double>(study.replicates);
    one.rate = one.rejected / n;
    one.standard_error = std::sqrt(one.rate * (1 - one.rate) / n);
    rates.push_back(one);
  }
  return rates;
}

}  // namespace rationale::study
