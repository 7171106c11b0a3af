#include "study/statistics/subgroups.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "study/statistics/metric_block.h"
#include "study/statistics/obuchowski_rockette.h"
#include "study/statistics/reader_means.h"
#include "study/statistics/results_json.h"

namespace rationale::study {
namespace {

using Json = nlohmann::ordered_json;

bool is_mean(const std::string& metric) { return metric == "confidence" || metric == "time"; }
bool needs_normal(const std::string& metric) { return metric != "sensitivity"; }
bool needs_diseased(const std::string& metric) { return metric != "fpr" && metric != "specificity"; }

/// What no part of the cases can change.
std::optional<NotEstimable> reason_without(const StudyReadings& s, const std::string& metric) {
  if (metric == "auc" && !s.calls_without_rating.empty()) {
    return NotEstimable{"no_ratings", "not every reading was to have a rating", {}, {}};
  }
  if (metric != "auc" && !is_mean(metric) && !s.has_decisions) {
    return NotEstimable{"no_threshold", "what counts as positive is not said", {}, {}};
  }
  return std::nullopt;
}

CaseReadings decisions_of(const StudyReadings& s, const std::string& metric) {
  CaseReadings decisions = s.decisions(needs_diseased(metric));
  if (metric == "specificity") decisions.value = decisions.read - decisions.value;
  return decisions;
}

Merits merits_of(const StudyReadings& s, const std::string& metric) {
  if (metric == "auc") return auc_merits(s);
  if (is_mean(metric)) return mean_merits(s, metric == "confidence" ? Measure::kConfidence : Measure::kLogTime);
  return rate_merits(s, decisions_of(s, metric), needs_diseased(metric) ? "diseased" : "normal");
}

std::size_t n_cases(const StudyReadings& s, const std::string& metric) {
  return (needs_normal(metric) ? s.normal.size() : 0) + (needs_diseased(metric) ? s.diseased.size() : 0);
}

/// @param which  "" or "other ", for the message
std::optional<NotEstimable> too_few(const StudyReadings& s, const std::string& metric, int at_least, const char* which) {
  const auto verdict = [&](std::size_t n, const char* kind) -> std::optional<NotEstimable> {
    if (n >= static_cast<std::size_t>(at_least)) return std::nullopt;
    return NotEstimable{"too_few_cases", fmt::format("{} {}{}cases, fewer than {}", n, which, kind, at_least), {}, {}};
  };
  if (metric != "auc") return verdict(n_cases(s, metric), "");
  const auto normal = verdict(s.normal.size(), "normal ");
  return normal ? normal : verdict(s.diseased.size(), "diseased ");
}

std::vector<std::string> levels_of(const StudyReadings& s, const std::string& column, const std::string& metric) {
  std::set<std::string> found;
  const auto& [normal, diseased] = s.columns.at(column);
  if (needs_normal(metric)) found.insert(normal.begin(), normal.end());
  if (needs_diseased(metric)) found.insert(diseased.begin(), diseased.end());
  std::vector<std::string> levels(found.begin(), found.end());
  std::ranges::sort(levels, comes_naturally_before);
  return levels;
}

}  // namespace

Outcome interaction(const Merits& part, const Merits& rest) {
  if (part.n_arms != 2) return NotEstimable{"one_arm", "an interaction compares two arms", {}, {}};
  if (part.n_readers < 2) return NotEstimable{"one_reader", "one reader: reader variance cannot be estimated", {}, {}};
  if (part.has_holes()) return part.empty_cell();
  if (rest.has_holes()) return rest.empty_cell();
  if (!part.covariance || !rest.covariance) {
    return NotEstimable{"no_case_covariance", "a part has fewer than two cases", {}, {}};
  }
  const Eigen::MatrixXd a = part.table(), b = rest.table();
  const Eigen::ArrayXd d = (a.row(1) - a.row(0) - b.row(1) + b.row(0)).array();
  const double readers = part.n_readers;
  const double of_readers = (d - d.mean()).square().sum() / (readers - 1) / readers;
  double variance = of_readers;
  for (const Merits* one : {&part, &rest}) {
    const CovarianceComponents c = covariance_components(*one->covariance, 2, one->n_readers);
    variance += 2 * std::max(c.cov2 - c.cov3, 0.0);
  }
  std::optional<double> df;
  if (of_readers > 1e-24) df = variance * variance * (readers - 1) / (of_readers * of_readers);
  return tested(d.mean(), variance, df);
}

Outcome interaction_over_readers(const Merits& part, const Merits& rest) {
  if (part.has_holes()) return part.empty_cell();
  if (rest.has_holes()) return rest.empty_cell();
  Merits contrast = part;
  for (std::size_t cell = 0; cell < contrast.theta.size(); ++cell) *contrast.theta[cell] -= *rest.theta[cell];
  return difference_rrfc(contrast);
}

Json subgroups_json(const StudyReadings& s, const std::vector<PlannedSubgroup>& subgroups, const std::string& metric,
                    bool is_declared) {
  Json json = Json::object();
  for (const PlannedSubgroup& one : subgroups) {
    Json& block = json[one.id] = {{"column", one.column}, {"metric", metric}, {"is_declared", is_declared}, {"min_cases", one.min_cases}};
    if (!s.columns.contains(one.column)) {
      block.update(to_json(NotEstimable{"no_column", "the readings have no column " + one.column, {}, {}}));
      continue;
    }
    if (const auto why = reason_without(s, metric)) {
      block.update(to_json(*why));
      continue;
    }
    for (const std::string& value : levels_of(s, one.column, metric)) {
      const StudyReadings own = s.where(one.column, value, true), others = s.where(one.column, value, false);
      Json& level = block["levels"][value.empty() ? "(not said)" : value] = {{"n_cases", n_cases(own, metric)}};
      if (const auto few = too_few(own, metric, one.min_cases, "")) {
        level.update(to_json(*few));
        continue;
      }
      const Merits part = merits_of(own, metric);
      if (is_mean(metric)) {
        level["paired_t_over_readers"] = to_json(difference_rrfc(part));
      } else {
        if (metric != "auc") level["counts"] = counts_json(own, decisions_of(own, metric));
        level["RRRC"] = to_json(difference_rrrc(part));
        level["FRRC"] = to_json(difference_frrc(part));
      }
      if (const auto few = too_few(others, metric, one.min_cases, "other ")) {
        level["interaction"] = to_json(*few);
        continue;
      }
      const Merits rest = merits_of(others, metric);
      level["interaction"] = to_json(is_mean(metric) ? interaction_over_readers(part, rest) : interaction(part, rest));
    }
    block["note"] = "no adjustment for the number of subgroups";
  }
  return json;
}

}  // namespace rationale::study
