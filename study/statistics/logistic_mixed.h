// Logistic mixed models of decisions: false positives (normal cases) or true positives (diseased ones).
// Coefficients are conditional log-odds, not differences of rates.
#pragma once

#include <Eigen/Core>
#include <string>
#include <variant>
#include <vector>

#include "study/statistics/mixed_data.h"

namespace rationale::study {

struct LogisticMixed {
  std::string formula;
  int n_nodes = 1;  ///< of the quadrature; 1: Laplace
  std::vector<Coefficient> coefficients;
  Eigen::MatrixXd covariance;
  std::vector<VarianceTerm> variance;
  double log_likelihood = 0;
  bool is_singular = false;  ///< a variance is estimated as 0
  bool is_doubtful = false;  ///< a standard deviation above 5: hardly a case, or reader, is called in two ways
  int n = 0;
};

/// The arm, period or reader in which every decision is the same: its coefficient is infinite.
/// @return  NotEstimable "separation", or empty
std::optional<NotEstimable> separation(const MixedData& data);

/// (1 | reader) + (1 | case), Laplace (Bates et al. 2015; penalised least squares with step halving):
///   l = sum [y eta - log(1 + e^eta)] - u'u/2 - log|A'WA + I|/2
/// Standard errors from the inverse Hessian in (beta, standard deviations).
/// @pre  data.y is 0 or 1
/// @return  NotEstimable "separation", "several_cases_a_patient", "too_few_readers" (below 3), "no_maximum"
std::variant<LogisticMixed, NotEstimable> logistic_laplace(const MixedData& data);

/// (1 | case), readers fixed in data.x; adaptive Gauss-Hermite quadrature with 25 nodes.
/// @return  NotEstimable "separation", "several_cases_a_patient", "no_maximum"
std::variant<LogisticMixed, NotEstimable> logistic_quadrature(const MixedData& data);

}  // namespace rationale::study
