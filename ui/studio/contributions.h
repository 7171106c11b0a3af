// The concept results of one case and class, as `rationale sentence --json` prints them and
// explanations.db holds them, and what the window makes of them.
#pragma once

#include <string>
#include <vector>

#include "ui/widgets/waterfall.h"

namespace rationale::ui {

struct ConceptContribution {
  std::string name;
  int version = 0;                    ///< 0: the pooled rest
  double phi = 0, low = 0, high = 0;  ///< logit
  double presence = 0;                ///< 0-1
  double sign_stability = 0;          ///< 0.5-1
  std::string verdict;                ///< established, suggestive or not_established
};

struct CaseContributions {
  std::string sentence;
  double logit = 0, reference = 0, residual = 0, residual_share = 0;
  std::vector<ConceptContribution> contributions;
};

/// @throws Error (kInput) if a key is missing or of another type
CaseContributions parse_contributions(const std::string& json);

/// The sentence in two parts: the claim, and the numbers and readings that support it (may be
/// empty).
struct SplitSentence {
  std::string claim, support;
};
SplitSentence split_sentence(const std::string& sentence);

/// Reference, concepts that passed the gate (by size, at most `most`), the other annotated ones as
/// one step, what is not explained, decision.
Waterfall make_waterfall(const CaseContributions& contributions, std::size_t most = 6);

}  // namespace rationale::ui
