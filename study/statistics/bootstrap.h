// Resampling patients, and readers and patients: covariances and intervals without a formula's assumptions.
// The two-way ("pigeonhole") bootstrap is conservative (Owen, Ann Appl Stat 1:386, 2007).
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <optional>
#include <variant>

#include "study/statistics/accuracy.h"
#include "study/statistics/estimate.h"
#include "study/statistics/figure_of_merit.h"

namespace rationale::study {

struct BootstrapPlan {
  std::uint64_t seed = 1;
  int replicates = 2000;
  int threads = 0;  ///< results do not depend on it
};

/// Figures of merit of resampled cases. A patient's cases stay together; patients with normal cases only, with
/// diseased only and with both are drawn separately, so that no replicate lacks a truth.
struct Replicates {
  Eigen::MatrixXd theta;        ///< [cells, replicates kept]
  std::vector<int> numbers;     ///< of the replicates kept
  int n_dropped = 0;            ///< a cell had read none of the cases drawn
  Eigen::MatrixXd without;      ///< [cells, patients], left out one by one; empty if a cell has then nothing
  std::vector<int> stratum;     ///< of each patient
};
Replicates resample_auc(const CaseReadings& normal, const CaseReadings& diseased, const PairSums& sums,
                        const BootstrapPlan& plan);
Replicates resample_proportion(const CaseReadings& readings, const BootstrapPlan& plan);
Replicates resample_accuracy(const RightCalls& right, const BootstrapPlan& plan);

/// Covariance over replicates, divisor B - 1. @pre two or more kept
Eigen::MatrixXd covariance_bootstrap(const Replicates& replicates);

struct Limits {
  double lower = 0, upper = 0;
};

struct BootstrapDifference {
  double estimate = 0, variance = 0;  ///< over replicates, divisor B - 1
  Limits percentile;                  ///< 95 %, places (B + 1) q between ordered replicates
  std::variant<Limits, NotEstimable> bca;  ///< Efron, JASA 82:171, 1987; several samples: each its own influence
};

/// Mean over readers of second arm minus first.
/// @param theta  [2, J]  @param is_two_way  readers are resampled, too
/// @pre 40 or more replicates kept
BootstrapDifference bootstrap_difference(const Eigen::MatrixXd& theta, const Replicates& replicates,
                                         bool is_two_way, const BootstrapPlan& plan);

/// Readers nested in two arms: the second arm's mean minus the first's; readers are resampled within their arm.
/// @param theta  [N]  @param arm  of each reader, 0 or 1; the cells of the replicates are the readers
BootstrapDifference bootstrap_difference(const Eigen::VectorXd& theta, const std::vector<int>& arm, const Replicates& replicates,
                                         bool is_two_way, const BootstrapPlan& plan);

}  // namespace rationale::study
