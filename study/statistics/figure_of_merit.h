// What each reader achieves in each arm: empirical AUC and proportions, and their covariances over cases.
#pragma once

#include <Eigen/Core>
#include <optional>
#include <vector>

namespace rationale::study {

/// Values of the cases of one truth. Rows are cells, arm-major: row = arm * n_readers + reader.
struct CaseReadings {
  Eigen::MatrixXd value;  ///< [cells, cases], finite; 0 where not read
  Eigen::MatrixXd read;   ///< [cells, cases], 1 where read, else 0
};

/// Sums of psi over pairs (diseased d, normal n) that a cell read: psi = 1, 1/2, 0 where the rating of d
/// is above, equal to, below that of n. All are exact (multiples of 1/2 below 2^52).
struct PairSums {
  Eigen::VectorXd total;        ///< [cells]
  Eigen::MatrixXd by_diseased;  ///< [cells, K1], over normals
  Eigen::MatrixXd by_normal;    ///< [cells, K0], over diseased
  Eigen::MatrixXd same_pair;    ///< [cells, cells], of psi_a psi_b
  Eigen::MatrixXd diseased_read, normal_read;
};
PairSums pair_sums(const CaseReadings& normal, const CaseReadings& diseased);

/// Empirical AUC of each cell: total / (K1 K0) of that cell; empty where it lacks one kind of case.
std::vector<std::optional<double>> auc(const PairSums& sums);

/// Share of 1 among the cases read, of 0/1 values; empty where a cell read none. On normal cases the FPR,
/// on diseased cases the sensitivity.
std::vector<std::optional<double>> proportion(const CaseReadings& readings);

/// Covariances [cells, cells] of the AUCs over cases. DeLong et al. 1988: S10/K1 + S01/K0.
/// @throws Error (kInput) unless every cell read the same >= 2 normal and >= 2 diseased cases
Eigen::MatrixXd covariance_delong(const PairSums& sums);

/// Jackknife over all K = K0 + K1 cases: (K-1)/K sum_k of products of deviations of AUC(-k).
/// @throws Error (kInput) as covariance_delong
Eigen::MatrixXd covariance_jackknife(const PairSums& sums);

/// Unbiased (U-statistic; Gallas 2006), for any overlap of the cells' cases; 0 where nothing overlaps.
Eigen::MatrixXd covariance_unbiased(const PairSums& sums);

/// Unbiased covariances of proportions, for any overlap: with N1 = sum of xy over the D1 shared cases,
/// N2 = (sum x)(sum y), D2 = n_a n_b:  (D1/D2) (N1/D1 - (N2 - N1)/(D2 - D1)).
Eigen::MatrixXd covariance_proportion(const CaseReadings& readings);

}  // namespace rationale::study
