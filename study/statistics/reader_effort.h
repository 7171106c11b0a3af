// What a study asks of each of its readers: readings, hours, sessions.
#pragma once

namespace rationale::study {

/// How readings go on. A session ends after the case at which one of its limits is reached, as [session] of a protocol
/// says.
struct ReadingPace {
  double seconds = 90;                              ///< a reading, with its questions
  double share = 1;                                 ///< of all cases, those that count for the metric
  int session_readings = 60, session_minutes = 90;  ///< the protocol's defaults
};

struct ReaderEffort {
  int cases = 0;     ///< all of them, those that do not count for the metric too
  int readings = 0;  ///< every case in both arms
  double hours = 0;  ///< of reading: without training and breaks
  int sessions = 0;  ///< every case once a period, two periods, sessions of one period each
};

/// @param n_counting  cases that count for the metric
/// @throws Error (kInput) unless n_counting > 0, seconds > 0, 0 < share <= 1 and the session's limits are above 0
ReaderEffort reader_effort(int n_counting, const ReadingPace& pace);

}  // namespace rationale::study
