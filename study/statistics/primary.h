// The difference of two arms, with a verdict where there is no test: what a report leads with.
#pragma once

#include <Eigen/Core>
#include <optional>
#include <string>
#include <vector>

#include "study/statistics/estimate.h"
#include "study/statistics/nested.h"

namespace rationale::study {

/// Figures of merit of all cells, with holes; and their covariance, none with fewer than two cases of a kind.
struct Merits {
  std::vector<std::optional<double>> theta;  ///< arm-major
  std::optional<Eigen::MatrixXd> covariance;
  int n_arms = 0, n_readers = 0;
  std::string cases;  ///< for messages: "normal or diseased"
  std::vector<std::string> arms = {}, readers = {};  ///< for messages: names

  bool has_holes() const;
  /// "empty_cell": which reader has no reading in which arm. @pre has_holes()
  NotEstimable empty_cell() const;
  Eigen::MatrixXd table() const;  ///< [arms, readers]. @pre !has_holes()
  /// Each reader by the one arm that the reader read in; nothing unless all are so and every arm has one.
  /// The covariance is that of `covariance`, or empty.
  std::optional<NestedReaders> nested() const;
  /// Without one reader. @pre n_readers > 1
  Merits without_reader(int reader) const;
};

/// Readers and cases random, second arm minus first (Hillis 2007; readers nested in arms: nested.h). Verdicts:
/// one_arm, one_reader, one_reader_per_arm, empty_cell, no_case_covariance, zero_variance_zero_difference,
/// zero_variance.
Outcome difference_rrrc(const Merits& merits);

/// Readers random, these cases: the paired t test over readers (nested: the unpaired). Verdicts as above, but
/// needs no covariance over cases.
Outcome difference_rrfc(const Merits& merits);

/// These readers, cases random. Verdicts as above, and one reader is enough. A quadratic form below
/// 1e-12 sum |w||S||w| is 0 (statistics.md, section 0).
Outcome difference_frrc(const Merits& merits);

}  // namespace rationale::study
