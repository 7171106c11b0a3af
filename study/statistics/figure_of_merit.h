// What each reader achieves in each arm: empirical AUC and proportions.
#pragma once

#include <Eigen/Core>
#include <array>
#include <optional>
#include <vector>

#include "study/statistics/case_readings.h"

namespace rationale::study {

/// Sums of psi over pairs (diseased d, normal n) that a cell read: psi = 1, 1/2, 0 where the rating of d
/// is above, equal to, below that of n. All are exact (multiples of 1/4 below 2^52).
struct PairSums {
  Eigen::VectorXd total;        ///< [cells]
  Eigen::MatrixXd by_diseased;  ///< [cells, K1], over normals
  Eigen::MatrixXd by_normal;    ///< [cells, K0], over diseased
  Eigen::MatrixXd diseased_read, normal_read;
  Patients patients;
  Eigen::MatrixXd same_pair;   ///< [cells, cells], of psi_a psi_b over pairs of patients (diseased, normal)
  Eigen::MatrixXd within;      ///< [cells, patients], over pairs inside one patient; 0 unless patients are mixed
  bool is_clustered = false;   ///< a patient has several cases; then only:
  /// [cells, cells], of (psi_a - AUC_a)(psi_b - AUC_b) over pairs of pairs between the same two patients.
  Eigen::MatrixXd same_patients;
};
PairSums pair_sums(const CaseReadings& normal, const CaseReadings& diseased);

/// Empirical AUC of each cell: total / (K1 K0) of that cell; empty where it lacks one kind of case.
std::vector<std::optional<double>> auc(const PairSums& sums);

/// Share of 1 among the cases read, of 0/1 values; empty where a cell read none. On normal cases the FPR,
/// on diseased cases the sensitivity.
std::vector<std::optional<double>> proportion(const CaseReadings& readings);

}  // namespace rationale::study
