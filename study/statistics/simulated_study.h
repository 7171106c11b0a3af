// Reader studies drawn from a model with known truth: power by simulation, and checks of the tests themselves.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "data/samples/stream.h"
#include "study/statistics/figure_of_merit.h"

namespace rationale::study {

/// Variances of the latent rating. Crossed and normal:
///   y = mu_t + reader + case + reader x arm + case x arm + reader x case + error
struct LatentVariances {
  double reader = 0, arm_reader = 0, cases = 0, arm_case = 0, reader_case = 0, error = 1;
};

/// Roe & Metz (Acad Radiol 4:298, 1997): HL, LL, HH, LH (case correlation high or low; reader variance high or
/// low, which depends on the AUC: near 0.70, 0.85 or 0.96, mu = 0.75, 1.5, 2.5).
/// @throws Error (kUsage) for another name
LatentVariances roe_metz(const std::string& set, double auc);

/// For decisions (statistics.md, section 4): total latent variance 1, with the readers' own reaction to the arm.
LatentVariances probit_variances(double arm_reader);

struct StudyPlan {
  int n_readers = 0, n_normal = 0, n_diseased = 0;
  LatentVariances variances;
};

/// Latent ratings of `n_cases` of one truth, less their mean: [2 arms x readers, cases]. Readers' effects are drawn
/// anew: what they share on cases of both truths does not move an AUC.
Eigen::MatrixXd latent_ratings(samples::Stream& stream, const StudyPlan& plan, Eigen::Index n_cases);

/// Share of simulated studies whose RRRC test rejects at alpha.
struct SimulatedPower {
  double power = 0;                     ///< with effect_sd > 0: the assurance
  double standard_error = 0;  ///< Monte Carlo
  int n_runs = 0, n_not_estimable = 0;  ///< those count as not rejected
  double mean_difference = 0;           ///< of the estimates: close to the effect that was put in
};

/// AUC in the first arm, plus `effect` in the second; the test is OR RRRC with DeLong covariances.
/// @param effect_sd  > 0: every study has an effect of its own, drawn from prior_of_rate (assurance.h), and a rejection
///   counts where that has the sign of `effect`
/// @throws Error (kInput) for fewer than 2 readers or 2 cases of a kind, AUCs outside (0, 1), no runs; with effect_sd
///   outside [0.001, 0.999], or without an effect
SimulatedPower simulate_auc(const StudyPlan& plan, double auc, double effect, int n_runs, std::uint64_t seed,
                            double alpha = 0.05, double effect_sd = 0);

/// False-positive rate `rate` in the first arm, rate + effect in the second (plan.n_normal cases).
/// @param effect_sd  as simulate_auc
/// @throws Error (kInput) as simulate_auc
SimulatedPower simulate_fpr(const StudyPlan& plan, double rate, double effect, int n_runs, std::uint64_t seed,
                            double alpha = 0.05, double effect_sd = 0);

}  // namespace rationale::study
