// The unbiased variance of a difference of rates for any pattern of missing readings (Gallas, Pennello &
// Myers, JOSA A 24:B70, 2007; iMRMC's uStat11 with a joint denominator).
#pragma once

#include <array>

#include "study/statistics/figure_of_merit.h"

namespace rationale::study {

/// Four moments of two arms: same case and reader; same case, other reader; same reader, other case; both
/// other.
struct BinaryMoments {
  std::array<double, 4> m{}, coefficient{};
  double covariance = 0;  ///< sum of coefficient x moment: Cov of the two arms' pooled rates
};

struct BinaryBdg {
  std::array<double, 2> rate{};  ///< pooled over readings
  BinaryMoments arm1, arm2, cross;
  double var_difference = 0;     ///< unbiased; may be negative
};

/// @param decisions  two arms, cells arm-major
BinaryBdg binary_bdg(const CaseReadings& decisions);

}  // namespace rationale::study
