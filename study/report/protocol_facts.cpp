#include "study/report/protocol_facts.h"

#include <fmt/format.h>

#include <algorithm>

#include "data/base/text.h"

namespace rationale::study {

const char* metric_id(Metric metric) {
  switch (metric) {
    case Metric::kAuc:
      return "auc";
    case Metric::kFpr:
      return "fpr";
    case Metric::kSensitivity:
      return "sensitivity";
    case Metric::kSpecificity:
      return "specificity";
    case Metric::kConfidence:
      return "confidence";
    case Metric::kTime:
      return "time";
  }
  return "fpr";
}

namespace {

const Arm* arm_of(const Protocol& protocol, const std::string& id) {
  const auto found = std::find_if(protocol.arms.begin(), protocol.arms.end(),
                                  [&](const Arm& arm) { return arm.id == id; });
  return found == protocol.arms.end() ? nullptr : &*found;
}

bool has_heatmap(const Arm* arm) {
  return arm != nullptr &&
         std::find(arm->shows.begin(), arm->shows.end(), "heatmap") != arm->shows.end();
}

}  // namespace

ReportFacts report_facts(const Protocol& protocol) {
  ReportFacts facts;
  facts.id = protocol.study.id;
  facts.title = protocol.study.title;
  facts.is_synthetic = protocol.study.is_synthetic;
  facts.primary = metric_id(protocol.endpoint.metric);
  facts.positive_at = parse_number(protocol.endpoint.positive_at);
  const Arm* control = arm_of(protocol, protocol.endpoint.control);
  const Arm* treated = arm_of(protocol, protocol.endpoint.treated);
  facts.control = {protocol.endpoint.control, control ? control->label : "", ""};
  facts.treated = {protocol.endpoint.treated, treated ? treated->label : "", ""};
  if (has_heatmap(treated) && !has_heatmap(control)) {
    facts.treated.phrase = "with the heatmap visible";
    facts.control.phrase = "with the heatmap hidden";
  }
  // Of non-inferiority, in the contrast of the page: a margin of equivalence, or of other arms, is another question.
  const auto take_margin = [&](const Endpoint& one) {
    const bool is_ours = one.treated == protocol.endpoint.treated && one.control == protocol.endpoint.control;
    if (one.metric == Metric::kSensitivity && one.aim == Aim::kNoninferiority && is_ours && !facts.margin) facts.margin = one.margin;
  };
  take_margin(protocol.endpoint);
  for (const Endpoint& one : protocol.secondary) take_margin(one);
  facts.training = protocol.cases.training > 0
                       ? fmt::format("{} training cases, apart from those of the study", protocol.cases.training)
                       : "no training cases in the protocol";
  if (protocol.design.periods > 1) {
    facts.washout = fmt::format("{} days planned", protocol.design.washout_days);
  }
  return facts;
}

}  // namespace rationale::study
