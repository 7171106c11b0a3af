// What readers change with the AI's help, where the AI was right and where it was wrong (automation bias).
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "study/statistics/study_readings.h"

namespace rationale::study {

/// Pairs of readings of one reader and case, first arm → second arm.
struct SwitchTable {
  int n = 0;
  int right_right = 0, right_wrong = 0, wrong_right = 0, wrong_wrong = 0;
};

/// One reader's two readings of one case.
struct SwitchPair {
  int reader = 0, case_index = 0;
  bool is_diseased = false, was_right = false, is_right = false;  ///< in the first and in the second arm
  std::optional<bool> is_ai_right;
};

/// Arguments as switches().
std::vector<SwitchPair> switch_pairs(const StudyReadings& study, std::optional<bool> truth = {},
                                     std::optional<int> reader = {});

struct Switches {
  SwitchTable all, ai_right, ai_wrong;
  bool has_ai = false;  ///< the file says what the AI called
};

/// @param truth  only normals (false) or diseased (true) cases; empty: both. Two arms, decisions known;
///   a case read in one arm only is left out
/// @param reader  place in study.readers; empty: all
Switches switches(const StudyReadings& study, std::optional<bool> truth = {},
                  std::optional<int> reader = {});

/// How readers lean on the AI.
struct AiReliance {
  std::array<double, 2> agreement{};  ///< share of readings of each arm that call what the AI called
  int false_positives_followed = 0;   ///< normal cases that the AI called wrongly and the reader too, second arm
  int overrides = 0;                  ///< the AI was wrong and the reader, in the second arm, right
};
/// @return  empty where the file does not say what the AI called
std::optional<AiReliance> ai_reliance(const StudyReadings& study, std::optional<bool> truth = {},
                                      std::optional<int> reader = {});

}  // namespace rationale::study
