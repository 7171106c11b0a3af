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

const char* kind_words(DesignKind kind) {
  switch (kind) {
    case DesignKind::kCrossover: return "crossover: every reader reads every case in every arm";
    case DesignKind::kSequential: return "sequential: every case in the first arm, then at once in the next";
    case DesignKind::kSplitPlot: return "split-plot: groups of readers read parts of the cases";
    case DesignKind::kParallel: break;
  }
  return "parallel: every reader reads in one arm";
}

std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& one : parts) text += (text.empty() ? "" : ", ") + one;
  return text;
}

std::string arms_words(const Protocol& protocol) {
  std::string text;
  for (const std::string& id : protocol.design.arms) {
    const Arm* arm = arm_of(protocol, id);
    const std::string shown = arm == nullptr || arm->shows.empty() ? "the image alone" : joined(arm->shows);
    text += fmt::format("{}{}{} ({})", text.empty() ? "" : "; ", id, arm == nullptr || arm->label.empty() || arm->label == id ? "" : ", \u201c" + arm->label + "\u201d", shown);
  }
  return text;
}

/// Every reader's readings in all arms (parallel: in one), and repeats.
std::string planned_words(const Protocol& protocol) {
  const auto n_readers = protocol.readers.size();
  const std::size_t n_arms = protocol.design.kind == DesignKind::kParallel ? 1 : protocol.design.arms.size();
  const auto n_cases = static_cast<std::size_t>(std::max(protocol.cases.count, 0));
  if (protocol.design.kind == DesignKind::kSplitPlot) return fmt::format("{} readers, {} cases, {} arms: by group, see the flow", n_readers, n_cases, n_arms);
  std::string text = fmt::format("{} readers \u00d7 {} cases{} = {}", n_readers, n_cases, n_arms == 1 ? "" : fmt::format(" \u00d7 {} arms", n_arms), n_readers * n_cases * n_arms);
  if (protocol.design.repeats > 0) text += fmt::format(", and {} repeats a reader", protocol.design.repeats);
  return text;
}

std::vector<DesignLine> design_lines(const Protocol& protocol) {
  const Design& d = protocol.design;
  std::vector<DesignLine> lines{{"Kind", kind_words(d.kind)}, {"Arms", arms_words(protocol)}};
  lines.push_back({"Allocation", d.unit == Unit::kReader ? "drawn for each reader" : "drawn for each reader and case"});
  lines.push_back({"Order", d.order == Order::kBlocked ? fmt::format("arms mixed in blocks, {} of each arm", d.order_block) : "random"});
  std::vector<std::string> strata = d.strata;
  if (d.stratify_by_truth) strata.insert(strata.begin(), "truth");
  lines.push_back({"Strata of the allocation", strata.empty() ? "none" : joined(strata)});
  lines.push_back({"Periods", d.periods == 1 ? "1" : fmt::format("{}, at least {} days apart", d.periods, d.washout_days)});
  lines.push_back({"Readings planned", planned_words(protocol)});
  if (protocol.ai) {
    lines.push_back({"AI", fmt::format("{}{}; flagged from {}", protocol.ai->model_id, protocol.ai->class_name.empty() ? "" : ", class " + protocol.ai->class_name,
                                       protocol.ai->threshold)});
  }
  for (const auto& [what, how] : {std::pair{"Sponsor", protocol.study.sponsor}, {"Registration", protocol.study.registration}, {"Ethics", protocol.study.ethics}}) {
    if (!how.empty()) lines.push_back({what, how});
  }
  return lines;
}

/// "visible: grad_cam", with the sham where it is one.
std::string explanations_of(const Protocol& protocol) {
  std::string text;
  for (const std::string& id : protocol.design.arms) {
    const Arm* arm = arm_of(protocol, id);
    if (!has_heatmap(arm)) continue;
    text += fmt::format("{}{}: {}{}, opacity {} %{}", text.empty() ? "" : "; ", id, arm->heatmap_method, arm->sham == Sham::kNone ? "" : " (sham)",
                        arm->opacity_percent, arm->is_opacity_adjustable ? ", adjustable" : "");
  }
  return text;
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
  facts.has_training = protocol.cases.training > 0;
  facts.registration = protocol.study.registration;
  facts.sponsor = protocol.study.sponsor;
  facts.ethics = protocol.study.ethics;
  facts.design = design_lines(protocol);
  for (const ReaderFacts& one : protocol.readers) facts.readers.push_back({one.id, one.site, one.group, one.years});
  if (protocol.ai) {
    facts.ai = RecordedAi{protocol.ai->model_id, protocol.ai->model_sha256, explanations_of(protocol), ""};
    if (!protocol.ai->model_sha256.empty()) facts.digests.push_back({"model " + protocol.ai->model_id, protocol.ai->model_sha256});
  }
  if (protocol.design.periods > 1) {
    facts.washout = fmt::format("{} days planned", protocol.design.washout_days);
  }
  return facts;
}

}  // namespace rationale::study
