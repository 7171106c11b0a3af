// Answers for few readers, where the F test of readers and cases may reject too often.
#pragma once

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "study/statistics/estimate.h"

namespace rationale::study {

enum class SmallSampleMethod { kNone, kPermutation, kCorrectedDf, kRrrcRrfcMax };

/// The more careful of two analyses of the same difference: p = max(p_RRRC, p_RRFC), the wider interval.
/// An RRFC without variance adds no doubt; an RRRC without a test is handed on.
struct Careful {
  Outcome outcome;
  bool is_rrfc = false;           ///< which gave the p-value, its df and standard error
  bool is_interval_rrfc = false;  ///< which gave the interval
};
Careful rrrc_rrfc_max(const Outcome& rrrc, const Outcome& rrfc);

/// The RRRC standard error with the (I-1)(J-1) degrees of freedom of the mean square over readers: the least
/// that Hillis's formula can give.
Outcome corrected_df(const Outcome& rrrc, double df_readers);

/// Sign-flip permutation test of the readers' differences: without an effect each could have had the other sign.
struct SignFlip {
  double estimate = 0;  ///< mean difference
  double p = 1;         ///< two-sided, P(|mean| >= |observed|)
  double lower = 0, upper = 0;  ///< by inverting both one-sided tests at 2.5 %
  double smallest_p = 1;        ///< that so many readers can give
  bool is_exact = true;         ///< all 2^J patterns; else a seeded sample of them
};

constexpr int kReadersForSignFlip = 6;  ///< 2/2^6 is the first below 5 %
double smallest_sign_flip_p(int n_readers);

/// The interval's limits are means over subsets of readers (Hartigan, JASA 64:1303, 1969). Exact to 20 readers,
/// 99,999 drawn patterns above.
/// @return  NotEstimable "too_few_readers" (names the smallest possible p), "zero_variance_zero_difference"
std::variant<SignFlip, NotEstimable> sign_flip(const std::vector<double>& differences, std::uint64_t seed);

/// The same p for differences that are whole numbers (counts of calls), exact for any number of readers: the
/// distribution over all patterns is built by adding one reader at a time. @pre one of them is not 0
double sign_flip_p(const std::vector<int>& differences);

}  // namespace rationale::study
