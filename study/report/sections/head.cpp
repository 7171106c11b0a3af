// Who and what, then the result with the sensitivity beside it.
#include <fmt/format.h>

#include "data/page/html.h"
#include "data/plot/number_text.h"
#include "data/plot/svg.h"
#include "study/report/sections.h"
#include "study/report/words.h"

namespace rationale::study {

namespace {

/// "3 readers × 300 films (180 normal, 120 diseased), each read once with the heatmap hidden and
/// once …"
std::string design_line(const ReportInput& input) {
  const ReportFacts& facts = input.facts;
  if (!facts.subtitle.empty()) return escape_markup(facts.subtitle);
  if (!input.failure.empty()) return "";
  std::string line = fmt::format("{} {} \u00d7 {} ({} normal, {} diseased)", input.readers.size(),
                                 input.readers.size() == 1 ? "reader" : "readers",
                                 case_count(facts, input.n_normal + input.n_diseased),
                                 input.n_normal, input.n_diseased);
  if (!input.has_two_arms) return line + ", one arm.";
  if (input.is_nested) {
    return line + fmt::format(". Nobody read in both arms: {} {}, {} {}.", number_word(input.n_readers_control), escape_markup(facts.control.phrase),
                              number_word(input.n_readers_treated), escape_markup(facts.treated.phrase));
  }
  return line + fmt::format("{} {} and {}.", input.is_fully_crossed ? ", each read" : ", read",
                            escape_markup(facts.control.phrase),
                            escape_markup(facts.treated.phrase));
}

bool is_mean(const std::string& metric) { return metric == "confidence" || metric == "time"; }

std::string label_of(const ReportInput& input, const std::string& metric) {
  if (is_mean(metric)) {
    return (metric == "time" ? "reading time, " : "confidence, ") + case_count(input.facts, input.n_normal + input.n_diseased);
  }
  const bool is_sensitivity = metric == "sensitivity";
  const std::string kind = is_sensitivity ? "diseased" : "normal";
  if (metric == "auc")
    return "area under the curve, " + case_count(input.facts, input.n_normal + input.n_diseased);
  const std::size_t n = is_sensitivity ? input.n_diseased : input.n_normal;
  return fmt::format("{}, {} {} {}", metric_words(metric).name, n, kind,
                     escape_markup(n == 1 ? input.facts.case_one : input.facts.case_many));
}

/// The declared claim about the sensitivity, if there is one.
const nlohmann::ordered_json* sensitivity_claim(const ReportInput& input) {
  const auto* all = find_block(input.results, {"declared", "secondary"});
  if (all == nullptr) return nullptr;
  for (const auto& one : *all) {
    if (one.value("metric", "") == "sensitivity") return &one;
  }
  return nullptr;
}

/// The planned analysis in words, with the factor and decimals of its estimate.
struct PlannedWords {
  std::string name;
  double factor = 1;
  int decimals = 3;
  std::string unit;
};

PlannedWords planned_words(const std::string& metric, const std::string& method, const std::string& small_sample, bool is_log_odds) {
  const std::string name = method == "ustat" ? "U-statistics, readers and cases random" : method == "glmm" ? "mixed model" : few_words(small_sample);
  if (is_log_odds) return {name, 1, 3, " (log odds ratio)"};
  if (metric == "confidence") return {name, 1, 1, " points of confidence"};
  if (metric == "time") return {name, 1, 3, " (logarithm of the reading time)"};
  const MetricWords& words = metric_words(metric);
  return {name, words.factor, words.decimals, words.unit.empty() ? "" : " " + words.unit};
}

/// The answer of the analysis that the protocol names, where it is another than the sentence of the head quotes.
std::string planned_sentence(const ReportInput& input) {
  const auto* endpoint = find_block(input.results, {"endpoint"});
  const auto* result = find_block(input.results, {"endpoint", "result"});
  if (endpoint == nullptr || result == nullptr || !has_other_plan(input)) return "";
  const PlannedWords words = planned_words(endpoint->at("metric").get<std::string>(), endpoint->at("method").get<std::string>(),
                                           endpoint->at("small_sample").get<std::string>(), result->contains("scale"));
  const auto value = number_at(result, "estimate"), lower = number_at(result, "lower"), upper = number_at(result, "upper"), p = number_at(result, "p");
  const std::string lead = fmt::format("<b>The analysis that the protocol names</b>, {}: ", words.name);
  if (!value || !p) return lead + missing_text(result->value("reason", "not estimable")) + ".";
  const std::string interval = lower && upper ? fmt::format(", 95\u00a0% interval {}", interval_text(*lower, *upper, words.factor, words.decimals)) : "";
  return lead + fmt::format("<b>{}</b>{}{}, {}. It decides; every other answer on this page describes.",
                            signed_text(*value * words.factor, words.decimals), words.unit, interval, escape_markup(p_phrase(*p)));
}

}  // namespace

std::string identity_section(const ReportInput& input) {
  const ReportFacts& facts = input.facts;
  std::string html;
  if (facts.is_synthetic || facts.is_simulated) {
    html += fmt::format(
        "<p class=\"banner\"><b>{}</b> No patient, no radiologist: these numbers say "
        "nothing about people.</p>",
        facts.is_synthetic ? "SYNTHETIC STUDY." : "SIMULATED DATA.");
  }
  html += fmt::format(
      "<div class=\"over\"><span>Rationale \u00b7 study report</span><span>Study <b>{}</b> \u00b7 "
      "{}, {}{}"
      "</span></div>\n<h1>{}</h1>\n",
      escape_markup(facts.id.empty() ? "without id" : facts.id),
      facts.is_locked ? "locked plan" : "no locked plan",
      facts.is_unblinded ? "unblinded" : "blinded",
      input.has_two_arms
          ? fmt::format(" \u00b7 difference is always {} \u2212 {}",
                        escape_markup(facts.treated.label), escape_markup(facts.control.label))
          : "",
      escape_markup(facts.title.empty() ? "Reader study" : facts.title));
  return html + paragraph("sub", design_line(input));
}

std::string head_section(const ReportInput& input) {
  const std::string& metric = input.facts.primary;
  const char* rank = input.facts.is_locked ? "Primary result" : "Result, not locked before reading";
  std::string left = paragraph("lab", fmt::format("{}: {}", rank, label_of(input, metric)));
  left += paragraph("big", metric == "confidence" ? confidence_sentence(input) : metric == "time" ? time_sentence(input) : result_sentence(input, metric));
  left += paragraph("mid", planned_sentence(input));
  left += paragraph("mid", verdict_sentence(input, find_block(input.results, {"declared", "primary"})));
  if (!is_mean(metric)) left += paragraph("note", narrower_note(input, metric));

  std::string right;
  if (metric == "sensitivity") {
    right = paragraph("lab", "Beside it, always: " + label_of(input, "fpr"));
    right += paragraph("mid", result_sentence(input, "fpr"));
    right += paragraph("note", narrower_note(input, "fpr"));
  } else {
    right = paragraph("lab", "Beside it, always: " + label_of(input, "sensitivity"));
    right += paragraph("mid", sensitivity_sentence(input));
    right += paragraph("mid", verdict_sentence(input, sensitivity_claim(input)));
    right += paragraph("note", narrower_note(input, "sensitivity"));
    // Confidence and time are no picture of correctness: both kinds of error stand beside them.
    if (metric == "auc" || is_mean(metric)) right += paragraph("mid", result_sentence(input, "fpr"));
  }
  return fmt::format("<div class=\"head\"><div>{}</div>\n<div>{}</div></div>\n", left, right);
}

}  // namespace rationale::study
