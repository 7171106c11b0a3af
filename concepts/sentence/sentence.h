// From contributions to a sentence: which concepts may be named, in which order, and in which words.
#pragma once

#include "concepts/attribution/explain_case.h"

namespace rationale::concepts {

/// Thresholds of docs/concepts.md, "Sentence"; change them only with new evidence.
struct SentenceRules {
  double least_share = 0.15;           ///< |phi| / (|residual| + sum |phi|)
  double least_sign_stability = 0.95;
  double order_ratio = 2;              ///< |b| of the first over |b| of the second, to say "primarily"
  double mostly_unexplained = 0.5;     ///< residual share from which the sentence leads with it
  double partly_unexplained = 0.3;
  int most_names = 3;
};

/// Fills in `is_named` of every contribution, `residual_share` and `sentence`.
///
/// The direction is that of logit - reference: what pushes that way is a reason ("because of"), what pushes
/// the other way an obstacle ("despite"). A concept is named only if its verdict is established or
/// suggestive, its share and sign stability suffice and its presence is decisive; else the sentence says
/// what cannot be told. Figures are rounded by largest remainder, so that those printed add up. That nothing
/// may be named is a normal outcome.
void write_sentence(CaseExplanation& explanation, const SentenceRules& rules = {});

}  // namespace rationale::concepts
