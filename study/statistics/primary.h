// The difference of two arms, with a verdict where there is no test: what a report leads with.
#pragma once

#include <Eigen/Core>
#include <optional>
#include <string>
#include <vector>

#include "study/statistics/estimate.h"

namespace rationale::study {

/// Figures of merit of all cells, with holes; and their covariance, none with fewer than two cases of a kind.
struct Merits {
  std::vector<std::optional<double>> theta;  ///< arm-major
  std::optional<Eigen::MatrixXd> covariance;
  int n_arms = 0, n_readers = 0;
  std::string cases;  ///< for messages: "normal or diseased"

  bool has_holes() const;
  Eigen::MatrixXd table() const;  ///< [arms, readers]. @pre !has_holes()
};

/// Readers and cases random, second arm minus first (Hillis 2007). Verdicts: one_arm, one_reader,
/// empty_cell, no_case_covariance, zero_variance_zero_difference, zero_variance.
Outcome difference_rrrc(const Merits& merits);

/// These readers, cases random. Verdicts as above, and one reader is enough. A quadratic form below
/// 1e-12 sum |w||S||w| is 0 (statistics.md, section 0).
Outcome difference_frrc(const Merits& merits);

}  // namespace rationale::study
