#include "study/report/checklists.h"

#include <fmt/format.h>

#include "data/plot/number_text.h"
#include "study/report/words.h"

namespace rationale::study {
namespace {

/// An answer if there is one, else the author's.
ChecklistItem item(std::string topic, std::string answer, Filled filled = Filled::kRecord) {
  if (answer.empty()) return {std::move(topic), Filled::kAuthor, {}};
  return {std::move(topic), filled, std::move(answer)};
}

ChecklistItem author(std::string topic) { return {std::move(topic), Filled::kAuthor, {}}; }

std::string digest_of(const ReportFacts& facts, const std::string& name) {
  for (const NamedDigest& one : facts.digests) {
    if (one.name == name) return one.name + " " + one.value.substr(0, 12) + "\u2026";
  }
  return {};
}

std::string estimand_of(const ReportInput& input, const char* attribute) {
  const auto* block = find_block(input.results, {"estimand", attribute});
  return block != nullptr && block->is_string() ? block->get<std::string>() : std::string();
}

std::string sizes(const ReportInput& input) {
  return fmt::format("{} readers, {} normal and {} diseased cases, {} readings", input.readers.size(), input.n_normal,
                     input.n_diseased, input.n_readings);
}

std::string missing(const ReportInput& input) {
  std::string text = input.n_missing == 0 ? "no reading in the file lacks a rating" : fmt::format("{} reading{} without a rating; none imputed", input.n_missing, input.n_missing == 1 ? "" : "s");
  if (input.n_not_in_file > 0) text += fmt::format("; {} of a fully crossed study are not in the file: not planned, or lost", input.n_not_in_file);
  bool has_bounds = false;
  for (const char* metric : {"fpr", "sensitivity"}) has_bounds = has_bounds || find_block(input.results, {"missing", metric, "bounds"}) != nullptr;
  return text + (has_bounds ? "; bounds and tipping point given" : "");
}

/// The primary end point by the analysis that is quoted for it.
std::string interval_of(const ReportInput& input) {
  const std::string& primary = input.facts.primary;
  if (primary == "confidence" || primary == "time") {
    const PrintedEstimate& mean = primary == "time" ? input.time.difference : input.confidence.difference;
    if (!mean.is_estimable) return {};
    const int digits = primary == "time" ? 3 : 1;
    return fmt::format("{}: {} ({}), readers random", primary == "time" ? "logarithm of the reading time" : "confidence, points",
                       signed_text(*mean.value, digits), interval_text(mean.lower, mean.upper, 1, digits));
  }
  const MetricResult& metric = metric_of(input, primary);
  const Quote quote = quoted(metric);
  if (quote == Quote::kNothing) return {};
  const MetricWords& words = metric_words(primary);
  const PrintedEstimate& e = quote == Quote::kReadersRandom ? metric.random() : metric.frrc;
  return fmt::format("{}: {} ({}){}, {}", words.name, change_text(words, *e.value), interval_text(e.lower, e.upper, words.factor, words.decimals),
                     words.unit.empty() ? "" : " " + words.unit,
                     quote == Quote::kReadersFixed                 ? "these readers, cases random"
                     : metric.plan.small_sample == "permutation" ? "readers random, these cases"
                                                                 : "readers and cases random");
}

std::string bias(const ReportInput& input) {
  const auto* flag = find_block(input.results, {"automation_bias", "flag"});
  if (flag == nullptr || !flag->is_boolean()) return {};
  const char* split = find_block(input.results, {"ai_split"}) != nullptr ? "errors where the AI is wrong are split out" : "no pair of readings has the AI's call";
  return std::string(split) + (flag->get<bool>() ? "; a warning is printed" : "; no warning was raised");
}

std::string heatmap_use(const ReportInput& input) {
  const auto* use = find_block(input.results, {"automation_bias", "heatmap_use"});
  if (use == nullptr || use->value("status", "") != "ok") return {};
  return "time with the heatmap on and switches, by reader (results.json)";
}

std::string short_digest(const std::string& digest) { return digest.empty() ? "" : digest.substr(0, 12) + "\u2026"; }

/// Identifier and digest of the model, as the protocol has them.
std::string model_of(const ReportFacts& facts) {
  if (!facts.ai || facts.ai->model_id.empty()) return {};
  return facts.ai->model_id + (facts.ai->model_sha256.empty() ? "" : ", SHA-256 " + short_digest(facts.ai->model_sha256));
}

std::string explanation_of(const ReportFacts& facts) {
  if (!facts.ai || facts.ai->explanations.empty()) return {};
  return facts.ai->explanations + (facts.ai->outputs_sha256.empty() ? "" : "; AI outputs and maps locked, SHA-256 " + short_digest(facts.ai->outputs_sha256));
}

/// Registration, sponsor and ethics, as far as the protocol names them.
std::string registration_of(const ReportFacts& facts, bool has_ethics) {
  std::string text;
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) text += fmt::format("{}{} {}", text.empty() ? "" : "; ", name, value);
  };
  add("registration", facts.registration);
  add("sponsor", facts.sponsor);
  if (has_ethics) add("ethics", facts.ethics);
  return text;
}

std::string plan(const ReportInput& input) {
  if (!input.facts.is_locked) return {};
  return "protocol locked before the first reading; " + digest_of(input.facts, "protocol");
}

}  // namespace

std::vector<Checklist> checklists(const ReportInput& input) {
  const ReportFacts& facts = input.facts;
  const std::string flow = facts.flow.empty() ? std::string() : "flow of readings with every loss";
  const std::string examples = facts.examples.empty() ? std::string() : fmt::format("{} example cases, chosen by rule", facts.examples.size());
  const std::string time = input.time.difference.is_estimable ? "reading time by arm" : std::string();
  const std::string agreement = find_block(input.results, {"agreement", facts.treated.id}) != nullptr ? "agreement of readers by arm" : std::string();
  const std::string training = facts.has_training ? facts.training : std::string();
  const std::string blinding = facts.is_locked ? "truth and allocation sealed until all readings were in" : std::string();
  const std::string allocation = digest_of(facts, "allocation");
  return {
      {"STARD-AI",
       {author("The title and abstract say that an AI was tested for diagnosis"),
        item("Whether the data were collected before or after the plan", plan(input), Filled::kPart),
        author("Who the patients are, where and when they came from"),
        item("How the AI was trained, on which data, and its version", model_of(facts), Filled::kPart),
        item("How readers used the AI's output", estimand_of(input, "arms")),
        item("The reference standard and who set it", estimand_of(input, "population"), Filled::kPart),
        item("Who was blind to truth", blinding),
        item("How the measures of accuracy are computed", estimand_of(input, "summary")),
        item("What was done with missing and indeterminate results", missing(input)),
        item("Number of cases and how it was reached", sizes(input), Filled::kPart),
        item("Flow of cases", flow),
        item("Counts of calls by truth", input.fpr.is_present ? "table of calls by reader and arm" : ""),
        item("Estimates with precision", interval_of(input)),
        item("Differences between groups of patients",
             find_block(input.results, {"subgroups"}) != nullptr ? "subgroups with interval and interaction" : ""),
        author("Harms, limits, intended use"), item("Registration, protocol, funding, code and data access", registration_of(facts, true), Filled::kPart)}},
      {"CONSORT-AI",
       {author("The title says that the intervention has an AI part"),
        item("Hypothesis and how the AI is to help", estimand_of(input, "variable"), Filled::kPart),
        item("Design and allocation", facts.is_locked ? "made by the tool and sealed; " + allocation : "", Filled::kRecord),
        author("How images were chosen and put in, and what happens to poor ones"),
        item("Which output was shown and how it entered the decision", estimand_of(input, "arms")),
        item("Version of the AI", model_of(facts)),
        item("Outcomes fixed beforehand", facts.is_locked ? "end points, order and margins as locked" : ""),
        item("Sequence generation and concealment", allocation),
        item("Blinding", blinding),
        item("Flow of participants and losses", flow),
        item("Primary result with precision", interval_of(input)),
        item("Errors of the AI and what they led to", bias(input)),
        item("Access to the AI and its code; funding", registration_of(facts, false), Filled::kPart)}},
      {"DECIDE-AI",
       {author("Intended use and users"),
        item("Who the users were", sizes(input), Filled::kPart),
        item("How users were trained", training),
        item("What the users saw of the AI", estimand_of(input, "arms")),
        item("Use of the system as intended: on-time, switches", heatmap_use(input)),
        item("Change of decisions with the AI, toward and away from it", input.ai.is_present ? "switch table with intervals" : ""),
        item("Agreement of users", agreement),
        item("Time to decision", time),
        item("Errors and risks of automation", bias(input)),
        item("Software version, hardware, place in the workflow", model_of(facts), Filled::kPart),
        author("Learning curves and usability"), item("Safety events; ethics; data access", facts.ethics.empty() ? "" : "ethics " + facts.ethics, Filled::kPart)}},
      {"CLIX-M",
       {author("Purpose of the explanation and whom it is for"),
        item("Method and its parameters", explanation_of(facts), Filled::kPart),
        author("Does the explanation follow the model (faithfulness, sanity checks)"),
        item("Examples shown as readers saw them", examples),
        item("Effect of the explanation on decisions", interval_of(input)),
        item("Effect where the AI is wrong", bias(input)),
        item("Effect on confidence", input.confidence.difference.is_estimable ? "change of confidence by arm" : ""),
        item("Effect on time", time),
        author("Readers' judgement of relevance, coherence and use (question pack)"),
        author("Stability of the explanation under small changes of the image")}}};
}

}  // namespace rationale::study
