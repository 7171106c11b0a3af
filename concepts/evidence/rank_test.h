// Does the model use the concept? Rank tests over listed permutations, in place of the TCAV t-test, which
// called 16-70 % of random pseudo-concepts significant (docs/concepts.md).
#pragma once

#include <Eigen/Core>
#include <vector>

#include "concepts/training/gram.h"

namespace rationale::concepts {

/// Partial regression of s on c given covariates, and its permutation p-value.
struct RankTest {
  double effect = 0;  ///< b, logits: mean change of s when the concept appears, covariates held
  double se = 0;      ///< its standard error
  double t = 0;
  double p = 1;       ///< (1 + #{|t*| >= |t|}) / (1 + B)
  bool is_estimable = true;  ///< false: the concept is a combination of the covariates, or no rows remain
};

/// Freedman-Lane (J. Bus. Econ. Stat. 1983): Q spans [1, covariates]; ck = (I - QQ^T) c, r = (I - QQ^T) s,
/// b = ck.r / ck.ck, t = b / sqrt(e.e / (df ck.ck)), df = n - 1 - columns(Q) (without the intercept: n - 1 -
/// K - S with K - 1 other labels); r is permuted, residualised again, t recomputed.
///
/// @param s            effect of each row along the mean path gradient, s_i = Hc_i . Gbar
/// @param concept_label  c, 0/1
/// @param covariates   other labels and stratum dummies [n, m], may be collinear
RankTest freedman_lane(const Eigen::VectorXd& s, const Eigen::VectorXd& concept_label,
                       const Eigen::MatrixXd& covariates,
                       const std::vector<RowIndices>& permutations);

/// Difference of means of s, the labels permuted: for comparison only. It flagged honest models in
/// 73-100 % of tests on confounded sets. `effect` and `p` are set.
RankTest marginal_test(const Eigen::VectorXd& s, const Eigen::VectorXd& concept_label,
                       const std::vector<RowIndices>& permutations);

/// Holm's step-down adjustment, in the order given.
std::vector<double> holm(const std::vector<double>& p);

/// Variance inflation of c given covariates: 1 / (1 - R^2); 1e12 (aliased) where R^2 is 1.
double variance_inflation(const Eigen::VectorXd& concept_label, const Eigen::MatrixXd& covariates);

}  // namespace rationale::concepts
