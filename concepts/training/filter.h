// Linear filters (concept activation vectors) by liblinear: they read whether a concept is present.
#pragma once

#include <Eigen/Core>

namespace rationale::concepts {

enum class Loss { kLogistic, kSquaredHinge };
enum class ClassWeights { kEqual, kBalanced };

/// min 0.5 |w~|^2 + C sum_i a_i loss(y_i w~.x_i), y in {-1, +1}, +1 = concept present.
/// loss: log(1 + exp(-m)) or max(0, 1 - m)^2.
struct FilterOptions {
  Loss loss = Loss::kLogistic;
  double C = 0.01;
  /// >= 0: a constant feature of this value is appended, and its coefficient is penalised; < 0: none.
  double bias = 1;
  ClassWeights weights = ClassWeights::kEqual;  ///< kBalanced: a_i = n / (2 n_class)
  /// liblinear's tolerance. At its default of 0.01 two runs stop at different points; at 1e-8 a small
  /// offset was still wrong by 3e-6, at 1e-10 by less than 1e-6 (tests/concepts/golden_test.cpp).
  double eps = 1e-10;
};

struct LinearFilter {
  Eigen::VectorXd w;  ///< [d], towards "present"
  double b = 0;       ///< offset: coefficient of the constant feature times its value
};

/// @param features  X [n, d], scaled by the caller
/// @param labels    [n], 1 = present, 0 = absent
/// @throws Error (kInput) if one of the two classes is missing, or C is not positive
///
/// Where d > n, the problem is solved in the coordinates of X = U S V^T (at most n), which gives the same
/// filter. Always by a primal solver: the dual ones shuffle with rand() and would change from run to run.
LinearFilter fit_filter(const Eigen::MatrixXd& features, const Eigen::VectorXd& labels,
                        const FilterOptions& options);

/// Decision values X w + b.
Eigen::VectorXd decision_values(const LinearFilter& filter, const Eigen::MatrixXd& features);

}  // namespace rationale::concepts
