// Covariances of figures of merit over cases, the readers held fixed. Where patients have several cases, the
// patient is what is sampled (DeLong: Obuchowski, Biometrics 53:567, 1997).
#pragma once

#include <Eigen/Core>
#include <array>

#include "study/statistics/figure_of_merit.h"

namespace rationale::study {

/// Sums over all pairs of (diseased, normal) pairs of two cells, [cells, cells] each, with patients for cases:
/// the same pair; the same diseased; the same normal; any. `disjoint`: no patient in common. Where patients have
/// several cases, `disjoint_psi` holds psi less the cell's AUC: as sums of products as they are, patients of
/// unequal size would add noise far larger than what is estimated.
struct PairProducts {
  std::array<Eigen::MatrixXd, 4> psi, count;
  Eigen::MatrixXd disjoint_psi, disjoint_count;
  Eigen::MatrixXd product_of_means;  ///< of the same: AUC_a AUC_b, or 0
};
PairProducts pair_products(const PairSums& sums);

/// DeLong et al. 1988: S10/K1 + S01/K0; with patients of both truths + (S11 + S11')/(K0 K1).
/// @throws Error (kInput) unless every cell read the same cases, of two or more patients of each truth
Eigen::MatrixXd covariance_delong(const PairSums& sums);

/// Jackknife over all P patients: (P-1)/P sum of products of deviations of AUC(-p).
/// @throws Error (kInput) as covariance_delong
Eigen::MatrixXd covariance_jackknife(const PairSums& sums);

/// AUC without each patient, [cells, patients], of a study in which every cell read every case.
Eigen::MatrixXd jackknife_auc(const PairSums& sums);

/// Unbiased (U-statistic; Gallas 2006) for any overlap of the cells' cases; 0 where nothing overlaps. It is
/// theta_a theta_b less the mean of psi_a psi_b over pairs of pairs without a common patient. With patients of
/// unequal size it is centred, and unbiased but for a relative error of the order 1/patients.
Eigen::MatrixXd covariance_unbiased(const PairProducts& products);

/// Unbiased covariances of proportions, for any overlap: with N1 = sum over patients of x_p y_p, D1 the same
/// of numbers read, N2 = (sum x)(sum y), D2 = n_a n_b:  (D1/D2) (N1/D1 - (N2 - N1)/(D2 - D1)). Where patients
/// have several cases, x_p is less its expectation (number read) x (proportion), so that N2 = 0.
Eigen::MatrixXd covariance_proportion(const CaseReadings& readings);

}  // namespace rationale::study
