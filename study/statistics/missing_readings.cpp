#include "study/statistics/missing_readings.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <tuple>

#include "study/statistics/metric_block.h"
#include "study/statistics/results_json.h"

namespace rationale::study {
namespace {

using Json = nlohmann::ordered_json;

/// The missing readings of one truth, in the order in which their calls turn: each reader's first, then each one's second.
std::vector<MissingReading> in_turn(const std::vector<MissingReading>& missing, bool is_diseased) {
  std::vector<std::pair<std::tuple<int, int, int>, MissingReading>> ranked;
  std::map<std::pair<int, int>, int> of_cell;
  for (const MissingReading& one : missing) {
    if (one.is_diseased == is_diseased) ranked.push_back({{of_cell[{one.reader, one.arm}]++, one.reader, one.arm}, one});
  }
  std::ranges::sort(ranked, {}, [](const auto& one) { return one.first; });
  std::vector<MissingReading> ordered;
  for (const auto& [rank, one] : ranked) ordered.push_back(one);
  return ordered;
}

/// What makes the second arm look best: its missing calls right, the first arm's wrong.
bool is_positive_at_best(const MissingReading& one) { return (one.arm == 1) == one.is_diseased; }

/// The difference with the first `n_turned` of the missing calls at their worst and the others at their best.
Outcome filled(const StudyReadings& s, const std::vector<MissingReading>& missing, std::size_t n_turned) {
  const bool is_diseased = missing.front().is_diseased;
  CaseReadings calls = s.decisions(is_diseased);
  for (std::size_t k = 0; k < missing.size(); ++k) {
    const MissingReading& one = missing[k];
    const Eigen::Index cell = one.arm * static_cast<Eigen::Index>(s.readers.size()) + one.reader;
    calls.read(cell, one.case_index) = 1;
    calls.value(cell, one.case_index) = is_positive_at_best(one) != (k < n_turned) ? 1 : 0;
  }
  return difference_rrrc(rate_merits(s, calls, is_diseased ? "diseased" : "normal"));
}

/// The share of an arm's missing calls that is positive.
Json positive_share(const std::vector<MissingReading>& missing, std::size_t n_turned, int arm) {
  int n = 0, n_positive = 0;
  for (std::size_t k = 0; k < missing.size(); ++k) {
    if (missing[k].arm != arm) continue;
    ++n;
    n_positive += is_positive_at_best(missing[k]) != (k < n_turned) ? 1 : 0;
  }
  return n == 0 ? Json(nullptr) : Json(static_cast<double>(n_positive) / n);
}

std::optional<bool> is_significant(const Outcome& outcome, double alpha) {
  const auto* estimate = std::get_if<Estimate>(&outcome);
  return estimate == nullptr ? std::nullopt : std::optional(estimate->p < alpha);
}

Json tipping_json(const StudyReadings& s, const std::vector<MissingReading>& missing, double alpha) {
  constexpr std::size_t kMostPlaces = 100;
  const std::size_t n = missing.size(), n_places = std::min(n, kMostPlaces);
  const std::optional<bool> at_best = is_significant(filled(s, missing, 0), alpha);
  for (std::size_t place = 1; place <= n_places; ++place) {
    const std::size_t n_turned = n * place / n_places;
    const Outcome here = filled(s, missing, n_turned);
    if (is_significant(here, alpha) == at_best) continue;
    return {{"tips", true}, {"n_turned", n_turned}, {"of", n}, {"second_arm_rate", positive_share(missing, n_turned, 1)},
            {"first_arm_rate", positive_share(missing, n_turned, 0)}, {"there", to_json(here)}};
  }
  return {{"tips", false}, {"of", n}, {"note", "the same side of alpha at every place between the bounds"}};
}

}  // namespace

std::vector<MissingReading> absent_partners(const StudyReadings& s) {
  // By reader, truth and case: which arms have it, rated or not.
  std::map<std::tuple<int, bool, int>, std::array<bool, 2>> in_arm;
  for (const ReadingRecord& one : s.records) in_arm[{one.reader, one.is_diseased, one.case_index}][static_cast<std::size_t>(one.arm)] = true;
  for (const MissingReading& one : s.missing) in_arm[{one.reader, one.is_diseased, one.case_index}][static_cast<std::size_t>(one.arm)] = true;
  std::vector<MissingReading> absent;
  for (const auto& [key, arms] : in_arm) {
    if (arms[0] && arms[1]) continue;
    const auto& [reader, is_diseased, case_index] = key;
    absent.push_back({.arm = arms[0] ? 1 : 0, .reader = reader, .case_index = case_index, .is_diseased = is_diseased});
  }
  if (2 * absent.size() >= in_arm.size()) absent.clear();
  return absent;
}

Json missing_json(const StudyReadings& s, double alpha) {
  if (s.arms.size() != 2) {
    Json json{{"n", s.missing.size()}};
    if (!s.missing.empty()) json["note"] = "bounds are of two arms: see the contrast";
    return json;
  }
  std::vector<MissingReading> missing = absent_partners(s);
  const std::size_t n_absent = missing.size();
  missing.insert(missing.end(), s.missing.begin(), s.missing.end());
  Json json{{"n", missing.size()}};
  if (missing.empty()) return json;
  json["empty_ratings"] = s.missing.size();
  json["absent_rows"] = n_absent;
  std::size_t by_arm[2] = {0, 0};
  for (const MissingReading& one : missing) ++by_arm[one.arm];
  json["by_arm"] = {{s.arms[0], by_arm[0]}, {s.arms[1], by_arm[1]}};
  for (const bool is_diseased : {false, true}) {
    const std::vector<MissingReading> own = in_turn(missing, is_diseased);
    Json& block = json[is_diseased ? "sensitivity" : "fpr"] = {{"n", own.size()}};
    if (own.empty()) continue;
    if (!s.has_decisions) {
      block.update(to_json(NotEstimable{"no_threshold", "what counts as positive is not said", {}, {}}));
      continue;
    }
    block["bounds"] = {{"best", to_json(filled(s, own, 0))}, {"worst", to_json(filled(s, own, own.size()))}};
    block["tipping_point"] = tipping_json(s, own, alpha);
  }
  return json;
}

}  // namespace rationale::study
