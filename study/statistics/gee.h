// Generalised estimating equations, clusters cases or patients: marginal effects for these readers.
#pragma once

#include <Eigen/Core>
#include <optional>
#include <variant>
#include <vector>

#include "study/statistics/mixed_data.h"

namespace rationale::study {

enum class WorkingCorrelation { kIndependence, kExchangeable };
enum class Family { kBinomialLogit, kBinomialIdentity, kGaussian };

struct Gee {
  std::vector<Coefficient> coefficients;  ///< z with the robust standard error; z^2 is Wald's statistic
  Eigen::VectorXd beta;
  Eigen::MatrixXd robust, naive;          ///< covariances of beta
  std::optional<double> alpha;            ///< correlation within a cluster; none for independence
  double scale = 1;                       ///< phi, mean square of the Pearson residuals
};

/// Liang & Zeger 1986. Sandwich B^-1 (sum_c D'V^-1 r r'V^-1 D) B^-1 without small-sample factor;
/// phi = sum e^2 / N, alpha = sum of e_s e_t over pairs of one cluster / (phi pairs), no -p (as geepack).
/// Clusters are cases, or patients where one of the study has several cases: readers would be too few.
/// @return  NotEstimable "too_few_cases", "separation" (binomial), "no_solution"
std::variant<Gee, NotEstimable> gee(const MixedData& data, Family family, WorkingCorrelation correlation);

}  // namespace rationale::study
