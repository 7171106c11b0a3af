// Readers nested in arms: every reader read in one arm only (a parallel study).
#pragma once

#include <Eigen/Core>
#include <vector>

#include "study/statistics/obuchowski_rockette.h"

namespace rationale::study {

struct NestedReaders {
  Eigen::VectorXd theta;       ///< [N], each reader in the reader's own arm
  std::vector<int> arm;        ///< of each reader, 0 … n_arms - 1
  Eigen::MatrixXd covariance;  ///< [N, N]
  int n_arms = 0;
  std::vector<int> cells = {};  ///< of each reader, arm x n_readers + reader, where they come from a study
};

struct NestedResult {
  Eigen::VectorXd arm_mean;
  double ms_arm = 0, ms_reader = 0;         ///< MS(T), MS(R(T))
  double var = 0, cov2 = 0, cov3 = 0;       ///< means over readers; pairs in one arm; pairs in two arms
  double readers_per_arm = 0;               ///< c = (N^2 - sum n_i^2) / (N (I - 1)): n where all arms have n
  Analysis rrrc, frrc, rrfc;                ///< `arms` stays empty
};

/// Hillis, Stat Med 33:330, 2014, with any number of readers an arm: E[MS(T)] - E[MS(R(T))] = c (Cov2 - Cov3)
/// without an effect, so E = MS(R(T)) + max(c (Cov2 - Cov3), 0), df_H = E^2 (N - I) / MS(R(T))^2.
/// A difference of two arms has variance MS(R(T)) (1/n_a + 1/n_b) + 2 max(Cov2 - Cov3, 0).
/// @throws Error (kInput) unless I >= 2, every arm has a reader and N > I
NestedResult nested_readers(const NestedReaders& readers);

}  // namespace rationale::study
