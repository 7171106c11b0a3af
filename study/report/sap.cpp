#include "study/report/sap.h"

#include <fmt/format.h>

#include <algorithm>

#include "study/report/estimand.h"

namespace rationale::study {
namespace {

constexpr const char* kToState = "_author to state_";

std::string said(const std::string& text) { return text.empty() ? kToState : text; }

/// A cell of a Markdown table: no bar, no line break.
std::string cell(std::string text) {
  std::ranges::replace(text, '|', '/');
  std::ranges::replace(text, '\n', ' ');
  return text;
}

std::string heading(const std::string& text) { return fmt::format("\n## {}\n\n", text); }

/// A table without results.
std::string empty_table(const std::string& caption, const std::vector<std::string>& columns, const std::vector<std::string>& rows) {
  std::string text = fmt::format("\n**{}**\n\n|", caption);
  for (const std::string& one : columns) text += fmt::format(" {} |", cell(one));
  text += "\n|";
  for (std::size_t k = 0; k < columns.size(); ++k) text += "---|";
  for (const std::string& row : rows) {
    text += fmt::format("\n| {} |", cell(row));
    for (std::size_t k = 1; k < columns.size(); ++k) text += "  |";
  }
  return text + "\n";
}

std::string study_section(const Protocol& p) {
  const StudyFacts& s = p.study;
  return fmt::format(
      "# Statistical analysis plan (draft): {}\n\nStudy {}, protocol version {}, SHA-256 `{}`. Made from the protocol; not "
      "signed. Where \"author to state\" stands, the protocol does not say it.\n\n- Sponsor: {}\n- Registration: {}\n- Ethics: "
      "{}\n- Statistician, date, signature: {}\n",
      s.title, s.id, s.version, p.sha256, said(s.sponsor), said(s.registration), said(s.ethics), kToState);
}

std::string design_section(const Protocol& p) {
  constexpr const char* kKinds[]{"crossover", "sequential", "split-plot", "parallel"};
  const Design& d = p.design;
  const std::size_t n_readings = p.readers.size() * static_cast<std::size_t>(p.cases.count) * d.arms.size();
  std::string text = heading("2. Design") +
                     fmt::format("{} study, {} arms, {} period(s), {} cases, {} readers", kKinds[static_cast<std::size_t>(d.kind)],
                                 d.arms.size(), d.periods, p.cases.count, p.readers.size());
  if (d.kind == DesignKind::kCrossover) text += fmt::format("; {} readings if all are finished", n_readings);
  text += fmt::format(". Washout {} days{}. Randomised by {}{}. Truth: {}; {} adjudicator(s). Readers: {}.\n", d.washout_days,
                      d.washout_justification.empty() ? std::string() : fmt::format(" ({})", d.washout_justification),
                      d.unit == Unit::kReaderCase ? "reader and case" : "reader",
                      d.stratify_by_truth ? ", balanced within truth" : "", p.truth.standard, p.truth.adjudicators,
                      p.endpoint.readers == Readers::kRandom ? "a sample of readers" : "fixed, no claim beyond them");
  if (p.endpoint.readers == Readers::kRandom && p.readers.size() < 5) {
    text += "\nWith fewer than five readers a claim about readers in general is hardly ever supported: see `rationale study power`.\n";
  }
  return text + fmt::format("\nSample size: {}. Power aimed at: {}; smallest change that would matter: {}.\n", kToState, p.endpoint.power,
                            p.endpoint.min_effect ? fmt::format("{}", *p.endpoint.min_effect) : kToState);
}

std::string endpoints_section(const Protocol& p) {
  const PrimaryEndpoint& e = p.endpoint;
  std::string text = heading("3. End points and claims") +
                     fmt::format("Primary: {}, {} minus {}; {}; alpha {} two-sided. {}.\n\n", metric_phrase(e.metric), e.treated,
                                 e.control, aim_phrase(e), e.alpha, method_phrase(p));
  text += "Order: nothing is confirmed without the primary claim. Then the fixed sequence, each at full alpha up to the first "
          "that is not met. The Holm family is tested only if the whole sequence is met. The familywise error is alpha. Where the "
          "fixed-reader interval is wider than the planned one, the larger p counts.\n\n"
          "| | end point | contrast | claim | place |\n|---|---|---|---|---|\n";
  for (const Endpoint& one : p.secondary) {
    text += fmt::format("| {} | {} | {} - {} | {} | {} |\n", cell(one.id), metric_phrase(one.metric), one.treated, one.control,
                        aim_phrase(one), one.order > 0 ? fmt::format("sequence, {}", one.order) : "Holm family");
  }
  if (p.secondary.empty()) text += "| none | | | | |\n";
  return text;
}

std::string rest_section(const Protocol& p) {
  std::string text = heading("4. Missing readings") +
                     "Nothing is imputed and no case is dropped for one missing reading. For readings that were planned and not "
                     "finished: the difference with all of them called for and against the second arm (bounds), and the rate at "
                     "which the conclusion would tip.\n";
  text += heading("5. Subgroups");
  if (p.subgroups.empty()) text += "None is declared; any other is exploratory and printed as not pre-specified.\n";
  for (const Subgroup& one : p.subgroups) {
    text += fmt::format("- {}: column {}, at least {} cases a level; interval and interaction with the arm, no adjustment.\n", one.id,
                        one.column, one.min_cases);
  }
  text += heading("6. Sensitivity analyses") +
          "- Fixed readers (FRRC) and readers random with cases fixed (RRFC); each reader left out in turn.\n"
          "- Other covariances of the error; U-statistics of Gallas; bootstrap of cases, and of readers and cases.\n"
          "- Exact randomisation test from the allocation; logistic mixed model; estimating equations, clusters cases or the patients who have several.\n"
          "- Cases read in both arms only; period; arm of the reading before (carry-over); days since the case was last seen.\n";
  text += heading("7. Automation bias") +
          "Cases split by whether the AI was right. Switches towards and away from the AI, commission and omission, by reader, "
          "with intervals. A warning is printed where false positives fall while the sensitivity falls, and where cases on which "
          "the AI is wrong get worse.\n";
  text += heading("8. Software") + "`rationale study analyse`; results with full precision in results.json, R scripts beside them "
                                   "recompute the tables. Seeds of resampling: 1, 2,000 replicates.\n";
  return text;
}

std::string tables_section(const Protocol& p) {
  std::vector<std::string> readers, claims{fmt::format("primary: {}", metric_phrase(p.endpoint.metric))};
  for (const ReaderFacts& one : p.readers) readers.push_back(one.id);
  for (const Endpoint& one : p.secondary) claims.push_back(fmt::format("{}: {}", one.id, metric_phrase(one.metric)));
  const std::string &a = p.endpoint.control, &b = p.endpoint.treated;
  std::string text = heading("9. Tables to be filled");
  text += empty_table("Table 1. Flow of readings", {"reader", "planned", "not read", "given up", "not assessable", "analysed"}, readers);
  text += empty_table("Table 2. Calls", {"reader", "false positives, " + a, "false positives, " + b, "normal cases", "found, " + a,
                                         "found, " + b, "diseased cases"}, readers);
  text += empty_table("Table 3. Claims", {"claim", a, b, "difference", "95 % interval", "df", "p", "p adjusted", "met"}, claims);
  text += empty_table("Table 4. Primary difference, for whom it holds", {"analysis", "difference", "95 % interval", "df", "p"},
                      {"readers and cases random", "these readers, cases random", "readers random, these cases", "exact randomisation"});
  text += empty_table("Table 5. Switches", {"AI", "switches", "opportunities", "rate", "95 % interval"},
                      {"wrong: right before, wrong after, normal (commission)", "wrong: right before, wrong after, diseased (omission)",
                       "right: wrong before, right after", "right: right before, wrong after", "wrong: wrong before, right after"});
  text += empty_table("Table 6. Missing readings", {"case", "difference", "95 % interval", "p"}, {"as observed", "best case", "worst case", "tipping point"});
  std::vector<std::string> subgroups;
  for (const Subgroup& one : p.subgroups) subgroups.push_back(one.id);
  if (!subgroups.empty()) {
    text += empty_table("Table 7. Subgroups", {"subgroup", "level", "cases", "difference", "95 % interval", "p of the interaction"}, subgroups);
  }
  return text;
}

}  // namespace

std::string analysis_plan_draft(const Protocol& p) {
  std::string text = study_section(p) + heading("1. Estimand of the primary end point") + "| attribute | |\n|---|---|\n";
  for (const EstimandAttribute& one : estimand(p)) {
    std::string name = one.name;
    std::ranges::replace(name, '_', ' ');
    text += fmt::format("| {} | {} |\n", name, cell(one.text));
  }
  return text + design_section(p) + endpoints_section(p) + rest_section(p) + tables_section(p);
}

}  // namespace rationale::study
