#include "explain/quality/recommendation.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "data/plot/number_text.h"

namespace rationale::explain {
namespace {

constexpr double kSameForEveryClass = 0.9;
constexpr double kSmallestGain = 0.01;  ///< of a probability: less is no direction

bool may_be_shown(const MapSurvey& map) {
  return map.is_own() && map.use == Use::kExplanation && (!map.gate || map.gate->verdict != GateVerdict::kFailed);
}

/// Mean of a − b over the cases in which both have a value.
Estimate paired(const std::vector<Measure>& a, const std::vector<Measure>& b, const SurveyRequest& request) {
  std::vector<Measure> differences;
  std::vector<std::string> patients;
  for (std::size_t i = 0; i < a.size(); ++i) {
    differences.push_back(!a[i] ? a[i] : !b[i] ? b[i] : measured(a[i].value - b[i].value));
    patients.push_back(request.cases[request.deletion_cases[i]].patient);
  }
  return mean_of_measures(differences, patients, request.resampling);
}

std::string at(const MapSurvey& map) { return map.layer.empty() ? map.method : map.method + " at " + map.layer; }

const MapSurvey* find(const SurveyResult& result, const std::string& method) {
  const auto found =
      std::find_if(result.maps.begin(), result.maps.end(), [&](const MapSurvey& map) { return map.method == method; });
  return found == result.maps.end() ? nullptr : &*found;
}

std::size_t hits(const Estimate& pointing) {
  return static_cast<std::size_t>(pointing.mean.value * static_cast<double>(pointing.n) + 0.5);
}

void warn_of_place(const MapSurvey& map, const SurveyResult& result, std::vector<std::string>& warnings) {
  if (map.agreement.empty()) return;
  const Estimate& own = map.agreement.front().pointing;
  const MapSurvey* centre = find(result, "centre");
  if (centre != nullptr && !centre->agreement.empty() &&
      centre->agreement.front().pointing.mean.value >= own.mean.value) {
    warnings.push_back(
        fmt::format("its peak lies in the marked region in {} of {}, the bare centre of the film in {}: "
                    "do not present it as the finding's place",
                    hits(own), own.n, hits(centre->agreement.front().pointing)));
  }
}

void warn_of_deletion(const MapSurvey& map, std::vector<std::string>& warnings) {
  const Estimate &zero = map.insertion_gain, &blur = map.insertion_gain_blur;
  if (!zero.mean || !blur.mean) return;
  const bool are_opposed = zero.mean.value * blur.mean.value < 0 &&
                           std::min(std::abs(zero.mean.value), std::abs(blur.mean.value)) >= kSmallestGain;
  if (are_opposed) {
    warnings.push_back(fmt::format("the two bases disagree: insertion over random {} with zero, {} with blur",
                                   signed_text(zero.mean.value, 2), signed_text(blur.mean.value, 2)));
  } else if (!is_gain(zero) && !is_gain(blur) && !is_gain(map.deletion_gain) && !is_gain(map.deletion_gain_blur)) {
    warnings.push_back("its order of pixels is not shown to be better than a random one");
  }
}

void warn_of_gate(const MapSurvey& map, std::vector<std::string>& warnings) {
  if (!map.gate) {
    warnings.push_back("the sanity gate was not run");
    return;
  }
  if (map.gate->verdict == GateVerdict::kNotEstimable) warnings.push_back(map.gate->reason);
  const Estimate& other = map.gate->other_class;
  if (other.mean && other.mean.value >= kSameForEveryClass) {
    warnings.push_back(
        fmt::format("its map of another class is nearly the same (Spearman {:.2f}): it does not explain "
                    "one class in particular",
                    other.mean.value));
  }
}

}  // namespace

bool is_gain(const Estimate& difference) {
  return difference.lower && difference.lower.value > 0 && difference.mean.value >= kSmallestGain;
}

bool is_loss(const Estimate& difference) {
  return difference.upper && difference.upper.value < 0 && difference.mean.value <= -kSmallestGain;
}

Recommendation recommend(const SurveyRequest& request, const SurveyResult& result) {
  Recommendation chosen;
  for (const MapSurvey& map : result.maps) {
    if (chosen.map == nullptr && may_be_shown(map)) chosen.map = &map;
  }
  if (chosen.map == nullptr) {
    chosen.reasons.push_back("no method passes the sanity gate for this model at these layers: show no map");
    return chosen;
  }
  const MapSurvey* const start = chosen.map;
  Estimate gain;
  for (const MapSurvey& map : result.maps) {
    if (!may_be_shown(map) || &map == start) continue;
    if (!is_gain(map.insertion_gain) || !is_gain(map.insertion_gain_blur)) continue;  // no better than chance
    const Estimate zero = paired(map.insertion, start->insertion, request);
    const Estimate blur = paired(map.insertion_blur, start->insertion_blur, request);
    if (!is_gain(zero) || !is_gain(blur)) continue;
    if (chosen.map == start || blur.mean.value > gain.mean.value) {
      chosen.map = &map;
      gain = blur;
    }
  }
  if (chosen.map == start) {
    chosen.reasons.push_back(
        chosen.map->layer.empty()
            ? "the first method that passes the sanity gate, by rule and not by proof"
            : "the first of the layers (the deepest, unless the card says otherwise), by rule and not by proof");
    if (!request.deletion_cases.empty()) {
      chosen.reasons.push_back("no other method or layer inserts better with both bases");
    }
  } else {
    chosen.reasons.push_back(fmt::format("it inserts better than {} with both bases (blur {}, 95\u00a0% interval {})",
                                         at(*start), signed_text(gain.mean.value, 2),
                                         interval_text(gain.lower.value, gain.upper.value, 1, 2)));
  }
  if (chosen.map->gate && chosen.map->gate->verdict == GateVerdict::kPassed) {
    chosen.reasons.push_back("it passes the sanity gate: " + chosen.map->gate->reason);
  }
  warn_of_place(*chosen.map, result, chosen.warnings);
  warn_of_deletion(*chosen.map, chosen.warnings);
  warn_of_gate(*chosen.map, chosen.warnings);
  return chosen;
}

}  // namespace rationale::explain
