// Accuracy: the share of right calls among all cases, normal and diseased, with the case mix of the study.
#pragma once

#include <Eigen/Core>
#include <optional>
#include <vector>

#include "study/statistics/case_readings.h"

namespace rationale::study {

/// Calls of the cases of each truth, 1 where right. As many normal and as many diseased cases as the study has: the two
/// are strata, and accuracy = w0 specificity + w1 sensitivity with w = n0/(n0 + n1) and n1/(n0 + n1) of each cell, taken as
/// fixed. It says nothing about another prevalence.
struct RightCalls {
  CaseReadings normal, diseased;
};

/// Of each cell; empty where it read no case of a truth.
std::vector<std::optional<double>> accuracy(const RightCalls& right);

/// Stratified: S_ab = w0_a w0_b Cov(specificity) + w1_a w1_b Cov(sensitivity), each unbiased (covariance_proportion). A
/// patient with cases of both truths ties the strata: + P/(P - 1) sum over patients of (z0_a z1_b + z1_a z0_b)/(n_a n_b),
/// z the patient's right calls less their expectation, as in DeLong's covariance of such patients (Obuchowski 1997).
/// Without the stratification a binomial variance of all cases would add the spread of the case mix, which was chosen.
Eigen::MatrixXd covariance_accuracy(const RightCalls& right);

}  // namespace rationale::study
