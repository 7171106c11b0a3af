#include "study/statistics/subgroups.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "study/statistics/metric_block.h"
#include "study/statistics/obuchowski_rockette.h"
#include "study/statistics/results_json.h"

namespace rationale::study {
namespace {

using Json = nlohmann::ordered_json;

std::vector<std::string> levels_of(const StudyReadings& s, const std::string& column, bool is_diseased) {
  const auto& values = s.columns.at(column)[is_diseased ? 1 : 0];
  const std::set<std::string> found(values.begin(), values.end());
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

Json subgroups_json(const StudyReadings& s, const std::vector<PlannedSubgroup>& subgroups, const std::string& metric,
                    bool is_declared) {
  Json json = Json::object();
  const bool is_diseased = metric == "sensitivity";
  const double sign = metric == "specificity" ? -1 : 1;
  const std::string cases = is_diseased ? "diseased" : "normal";
  for (const PlannedSubgroup& one : subgroups) {
    Json& block = json[one.id] = {{"column", one.column},
                                  {"metric", is_diseased ? "sensitivity" : "fpr"},
                                  {"is_declared", is_declared},
                                  {"min_cases", one.min_cases}};
    if (!s.columns.contains(one.column)) {
      block.update(to_json(NotEstimable{"no_column", "the readings have no column " + one.column, {}, {}}));
      continue;
    }
    const auto merits = [&](const std::string& value, bool is_same) {
      return rate_merits(s, s.decisions_where(is_diseased, one.column, value, is_same), cases);
    };
    for (const std::string& value : levels_of(s, one.column, is_diseased)) {
      const CaseReadings own = s.decisions_where(is_diseased, one.column, value, true);
      const auto n = own.value.cols(), others = static_cast<Eigen::Index>((is_diseased ? s.diseased : s.normal).size()) - n;
      Json& level = block["levels"][value.empty() ? "(not said)" : value] = {{"n_cases", n}};
      if (n < one.min_cases) {
        level.update(to_json(NotEstimable{"too_few_cases", fmt::format("{} cases, fewer than {}", n, one.min_cases), {}, {}}));
        continue;
      }
      level["counts"] = counts_json(s, own);
      const Merits part = merits(value, true);
      level["RRRC"] = to_json(difference_rrrc(part));
      level["FRRC"] = to_json(difference_frrc(part));
      level["interaction"] =
          others < one.min_cases
              ? to_json(NotEstimable{"too_few_cases", fmt::format("{} other cases, fewer than {}", others, one.min_cases), {}, {}})
              : to_json(interaction(part, merits(value, false)));
    }
    block["note"] = sign < 0 ? "as false-positive rate: 1 - specificity" : "no adjustment for the number of subgroups";
  }
  return json;
}

}  // namespace rationale::study
