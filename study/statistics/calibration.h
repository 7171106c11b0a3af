// Signed confidence read as a probability of disease: how far it is from what was true.
#pragma once

#include <vector>

#include "study/statistics/estimate.h"

namespace rationale::study {

/// One reading: rating -100 … 100 (sign: the decision; size: confidence), and the truth.
struct RatedTruth {
  double rating = 0;
  bool is_diseased = false;
};

struct CalibrationBin {
  int index = 0, n = 0;
  double mean_p = 0, rate = 0;
};

/// p = (rating + 100) / 200 in ten equal bins; empty bins are left out.
///   brier = reliability - resolution + uncertainty + within_bin_variance - 2 within_bin_covariance
struct Calibration {
  double brier = 0, ece = 0, mce = 0;  ///< mean square, mean and largest |p - rate|
  std::vector<CalibrationBin> bins;
  double reliability = 0, resolution = 0, uncertainty = 0;  ///< Murphy 1973
  double within_bin_variance = 0, within_bin_covariance = 0;
  double log_loss = 0;  ///< of p clipped to [1e-15, 1 - 1e-15], natural logarithm
};
/// @pre every rating is in [-100, 100]. @return  NotEstimable "no_readings"
std::variant<Calibration, NotEstimable> calibration(const std::vector<RatedTruth>& readings);

/// logit P(diseased) = intercept + slope logit(p), p clipped to [1e-6, 1 - 1e-6] (Cox 1958).
struct CalibrationLine {
  double intercept = 0, slope = 1;
  double in_the_large = 0;  ///< the intercept where the slope is fixed to 1
};
/// @return  NotEstimable "one_class" (all or none diseased), "separation" (p tells the classes apart
///   without an error: the slope is infinite), "one_value"
std::variant<CalibrationLine, NotEstimable> calibration_line(const std::vector<RatedTruth>& readings);

}  // namespace rationale::study
