// Parallel groups: would the arms differ so much if only the readers had been drawn into them otherwise?
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "study/statistics/estimate.h"
#include "study/statistics/study_readings.h"

namespace rationale::study {

/// A reader's calls of the cases of one truth, all in one arm.
struct ReaderCalls {
  std::string reader;
  int arm = 0, positive = 0, n = 0;
};

/// Each reader with the one arm that the reader has calls in; empty if a reader has calls in two, or an arm has none.
/// Readers without calls of that truth are left out.
std::optional<std::vector<ReaderCalls>> readers_in_one_arm(const StudyReadings& study, bool diseased_cases);

struct ReaderPermutation {
  std::vector<ReaderCalls> readers;
  double estimate = 0;  ///< mean rate of the second arm's readers minus the first's, each less the mean of the reader's block
  double p_two_sided = 1, p_decrease = 1;  ///< P(|D| >= |D_obs|), P(D <= D_obs)
  double smallest_p = 1;                   ///< two-sided, of the most extreme draw
  double n_draws = 1;                      ///< ways to draw as many readers into each arm
  bool is_exact = true;                    ///< all of them; else 99,999 seeded ones, and the one observed
};

/// Sharp null: no reading would have changed in the other arm. Readers exchange arms with those who share cases with them,
/// as many in each arm as were (Fisher; exact for a draw that treats the readers of a block alike). It holds for these
/// readers and cases. All draws up to three million.
/// @return  NotEstimable "not_randomised" if no block of readers has both arms
std::variant<ReaderPermutation, NotEstimable> reader_permutation(const StudyReadings& study, std::vector<ReaderCalls> readers,
                                                                 std::uint64_t seed);

/// Which readers, by their smallest number, share cases with each other, directly or through others: the blocks of a
/// split-plot study.
std::vector<int> reader_blocks(const StudyReadings& study);

}  // namespace rationale::study
