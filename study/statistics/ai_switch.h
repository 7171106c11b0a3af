// What readers change with the AI's help, where the AI was right and where it was wrong (automation bias).
#pragma once

#include <array>

#include "study/statistics/study_readings.h"

namespace rationale::study {

/// Pairs of readings of one reader and case, first arm → second arm.
struct SwitchTable {
  int n = 0;
  int right_right = 0, right_wrong = 0, wrong_right = 0, wrong_wrong = 0;
};

struct Switches {
  SwitchTable all, ai_right, ai_wrong;
  bool has_ai = false;  ///< the file says what the AI called
};

/// @param truth  only normals (false) or diseased (true) cases; empty: both. Two arms, decisions known;
///   a case read in one arm only is left out
/// @param reader  place in study.readers; empty: all
Switches switches(const StudyReadings& study, std::optional<bool> truth = {},
                  std::optional<int> reader = {});

}  // namespace rationale::study
