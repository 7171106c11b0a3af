#include "study/statistics/accuracy_block.h"

#include "study/statistics/accuracy.h"
#include "study/statistics/block_parts.h"
#include "study/statistics/bootstrap.h"
#include "study/statistics/difference_json.h"
#include "study/statistics/metric_block.h"

namespace rationale::study {
namespace {

using Json = nlohmann::ordered_json;

RightCalls right_calls(const StudyReadings& s) {
  RightCalls right{s.decisions(false), s.decisions(true)};
  right.normal.value = right.normal.read - right.normal.value;
  return right;
}

Merits accuracy_merits(const StudyReadings& s, const RightCalls& right) {
  Merits m{.theta = accuracy(right), .covariance = {}, .n_arms = static_cast<int>(s.arms.size()),
           .n_readers = static_cast<int>(s.readers.size()), .cases = "normal or diseased", .arms = s.arms, .readers = s.readers};
  const bool can = m.nested() ? s.normal.size() > 1 && s.diseased.size() > 1
                              : has_two_patients_everywhere(right.normal) && has_two_patients_everywhere(right.diseased);
  if (can) m.covariance = covariance_accuracy(right);
  return m;
}

/// Right calls and readings of all cases.
Json all_counts(const StudyReadings& s, const RightCalls& right) {
  Json json = counts_json(s, right.normal);
  const Json diseased = counts_json(s, right.diseased);
  for (const auto& [reader, arms] : diseased.items()) {
    for (const auto& [arm, counts] : arms.items()) {
      for (std::size_t k = 0; k < 2; ++k) json[reader][arm][k] = json[reader][arm][k].get<long>() + counts[k].get<long>();
    }
  }
  return json;
}

}  // namespace

Json accuracy_block(const StudyReadings& s, const AnalysisPlan& plan) {
  if (const auto why = missing_class(s, true, true, "accuracy")) return no_block(*why);
  if (!s.has_decisions) {
    return no_block({"no_threshold", "what counts as positive is not said: use a column positive, or --positive-at", {}, {}});
  }
  const RightCalls right = right_calls(s);
  Json json{{"metric", "accuracy"}, {"positive", s.positive}};
  if (s.arms.size() >= 2) json["difference"] = difference_name(s, 0, 1);
  json["n_normal"] = s.normal.size();
  json["n_diseased"] = s.diseased.size();
  const bool is_complete = right.normal.read.minCoeff() > 0 && right.diseased.read.minCoeff() > 0;
  json["fully_crossed"] = is_complete;
  json["counts"] = all_counts(s, right);
  Merits m = accuracy_merits(s, right);
  json["values"] = values_json(s, m);
  std::optional<Replicates> replicates;
  CovarianceMethod used = CovarianceMethod::kUnbiased;
  if (can_run_or(m)) {
    put_or(json, "OR_unbiased", m, *m.covariance, s);
    if (plan.replicates > 0) {
      replicates = resample_accuracy(right, {plan.seed, plan.replicates, plan.threads});
      if (replicates->theta.cols() > 1) {
        const Eigen::MatrixXd covariance = covariance_bootstrap(*replicates);
        put_or(json, "OR_bootstrap", m, covariance, s);
        if (plan.covariance == CovarianceMethod::kBootstrap) {
          m.covariance = covariance;
          used = plan.covariance;
        }
      }
    }
  }
  if (const auto cells = nested_cells(m); !cells.empty() && plan.replicates > 0) {
    replicates = resample_accuracy({with_cells(right.normal, cells), with_cells(right.diseased, cells)},
                                   {plan.seed, plan.replicates, plan.threads});
  }
  json["covariance"] = name_of(used);
  if (used != plan.covariance) json["covariance_planned"] = name_of(plan.covariance);
  put_differences(json, m, s, plan, replicates ? &*replicates : nullptr);
  if (m.n_arms == 2 && !is_complete && can_run_or(m)) {
    RightCalls own = right;
    const int n_dropped = keep_paired(own.normal, m.n_readers) + keep_paired(own.diseased, m.n_readers);
    json["paired_cases_only"] = paired_json(accuracy_merits(s, own), n_dropped);
  }
  json["note"] = "of the study's mix of normal and diseased cases, which is taken as fixed; another prevalence has another accuracy";
  put_pairs(json, s, [&](const StudyReadings& pair) { return accuracy_block(pair, plan); });
  return json;
}

}  // namespace rationale::study
