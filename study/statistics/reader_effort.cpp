#include "study/statistics/reader_effort.h"

#include <algorithm>
#include <cmath>

#include "data/base/error.h"

namespace rationale::study {

ReaderEffort reader_effort(int n_counting, const ReadingPace& pace) {
  if (n_counting < 1 || !(pace.seconds > 0) || !(pace.share > 0) || pace.share > 1 || pace.session_readings < 1 ||
      pace.session_minutes < 1) {
    throw Error(Error::Kind::kInput, "a reader's effort needs cases, a share of them between 0 and 1, and time");
  }
  constexpr int kArms = 2;
  constexpr double kRounding = 1e-9;  // 60 / 0.6 is 100 cases and not 101
  ReaderEffort effort;
  effort.cases = static_cast<int>(std::ceil(n_counting / pace.share * (1 - kRounding)));
  effort.readings = kArms * effort.cases;
  effort.hours = effort.readings * pace.seconds / 3600;
  const double in_time = std::ceil(60 * pace.session_minutes / pace.seconds * (1 - kRounding));
  const double per_session = std::min<double>(pace.session_readings, std::max(in_time, 1.0));
  effort.sessions = kArms * static_cast<int>(std::ceil(effort.cases / per_session));
  return effort;
}

}  // namespace rationale::study
