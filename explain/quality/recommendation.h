// Which method and layer to show, and why: a rule, not a proof.
#pragma once

#include <string>
#include <vector>

#include "explain/quality/survey.h"

namespace rationale::explain {

/// Whether a difference of scores is shown to be above (below) zero: its 95 % interval is, and it is at least 0.01,
/// because a smaller one moves nobody.
bool is_gain(const Estimate& difference);
bool is_loss(const Estimate& difference);

struct Recommendation {
  const MapSurvey* map = nullptr;     ///< into the result; null: none can be recommended
  std::vector<std::string> reasons;   ///< whole sentences
  std::vector<std::string> warnings;  ///< what speaks against showing it as the finding's place
};

/// Only methods that explain one class can be recommended (Use::kExplanation).
/// Starts at the first (deepest) layer with the first method that did not fail the gate. Another layer or method
/// replaces it only if its insertion is better than that and than a random order, with both bases, film by film.
/// Warns where localisation is no better than the centre of the film, the random order or chance, where the two
/// bases disagree, where the gate could not be judged, and where a map hardly depends on the class.
Recommendation recommend(const SurveyRequest& request, const SurveyResult& result);

}  // namespace rationale::explain
