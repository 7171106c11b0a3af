#include "study/statistics/missing_readings.h"

#include <optional>

#include "study/statistics/metric_block.h"
#include "study/statistics/results_json.h"

namespace rationale::study {
namespace {

using Json = nlohmann::ordered_json;

/// The difference with the missing calls of the second arm positive with probability `second`, of the first 1 - second.
Outcome filled(const StudyReadings& s, bool is_diseased, double second) {
  CaseReadings calls = s.decisions(is_diseased);
  for (const MissingReading& one : s.missing) {
    if (one.is_diseased != is_diseased) continue;
    const Eigen::Index cell = one.arm * static_cast<Eigen::Index>(s.readers.size()) + one.reader;
    calls.read(cell, one.case_index) = 1;
    calls.value(cell, one.case_index) = one.arm == 1 ? second : 1 - second;
  }
  return difference_rrrc(rate_merits(s, calls, is_diseased ? "diseased" : "normal"));
}

std::optional<bool> is_significant(const Outcome& outcome, double alpha) {
  const auto* estimate = std::get_if<Estimate>(&outcome);
  return estimate == nullptr ? std::nullopt : std::optional(estimate->p < alpha);
}

Json tipping_json(const StudyReadings& s, bool is_diseased, double best, double alpha) {
  constexpr int kSteps = 100;
  const std::optional<bool> at_best = is_significant(filled(s, is_diseased, best), alpha);
  for (int step = 1; step <= kSteps; ++step) {
    const double share = step / static_cast<double>(kSteps), second = best == 0 ? share : 1 - share;
    const Outcome here = filled(s, is_diseased, second);
    if (is_significant(here, alpha) == at_best) continue;
    return {{"tips", true}, {"second_arm_rate", second}, {"first_arm_rate", 1 - second}, {"there", to_json(here)}};
  }
  return {{"tips", false}, {"note", "the same side of alpha whatever the missing readings said"}};
}

}  // namespace

Json missing_json(const StudyReadings& s, double alpha) {
  Json json{{"n", s.missing.size()}};
  if (s.missing.empty() || s.arms.size() != 2) return json;
  std::size_t by_arm[2] = {0, 0}, by_truth[2] = {0, 0};
  for (const MissingReading& one : s.missing) {
    ++by_arm[one.arm];
    ++by_truth[one.is_diseased ? 1 : 0];
  }
  json["by_arm"] = {{s.arms[0], by_arm[0]}, {s.arms[1], by_arm[1]}};
  for (const bool is_diseased : {false, true}) {
    Json& block = json[is_diseased ? "sensitivity" : "fpr"] = {{"n", by_truth[is_diseased ? 1 : 0]}};
    if (by_truth[is_diseased ? 1 : 0] == 0) continue;
    if (!s.has_decisions) {
      block.update(to_json(NotEstimable{"no_threshold", "what counts as positive is not said", {}, {}}));
      continue;
    }
    const double best = is_diseased ? 1 : 0;  // of the second arm's missing calls
    block["bounds"] = {{"best", to_json(filled(s, is_diseased, best))}, {"worst", to_json(filled(s, is_diseased, 1 - best))}};
    block["tipping_point"] = tipping_json(s, is_diseased, best, alpha);
  }
  return json;
}

}  // namespace rationale::study
