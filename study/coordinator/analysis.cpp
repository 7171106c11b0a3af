#include "study/coordinator/analysis.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "data/base/digest.h"
#include "data/base/file.h"
#include "data/base/version.h"
#include "study/coordinator/example_cases.h"
#include "study/coordinator/readings_table.h"
#include "study/report/estimand.h"
#include "study/report/protocol_facts.h"
#include "study/report/report_html.h"
#include "study/statistics/sham.h"
#include "study/statistics/study_results.h"

namespace rationale::study {
namespace {

/// The shortest time between a reader's last reading of a period and the first of the next, in days.
std::optional<int> shortest_washout(LockedStudy& study) {
  std::optional<int> shortest;
  for (const ReaderFacts& reader : study.protocol().readers) {
    for (int n = 2; n <= study.protocol().design.periods; ++n) {
      const PeriodState before = study.period(reader.id, n - 1), after = study.period(reader.id, n);
      if (before.readings.empty() || after.readings.empty()) continue;
      const auto gap = parse_utc(after.readings.front().opened_at, "the log") -
                       parse_utc(before.last_closed_at, "the log");
      const int days = static_cast<int>(std::chrono::floor<std::chrono::days>(gap).count());
      shortest = std::min(shortest.value_or(days), days);
    }
  }
  return shortest;
}

FlowStage period_stage(LockedStudy& study, int n) {
  FlowStage stage{.title = fmt::format("Period {}", n), .lines = {}, .losses = {}};
  int n_done = 0, n_items = 0, n_dnf = 0;
  for (const ReaderFacts& reader : study.protocol().readers) {
    const PeriodState period = study.period(reader.id, n);
    n_done += period.n_done();
    n_items += period.n_items;
    n_dnf += static_cast<int>(std::ranges::count_if(
        period.readings, [](const Reading& one) { return one.dnf.has_value(); }));
  }
  stage.lines.push_back(fmt::format("{} of {} readings", n_done, n_items));
  if (n_done < n_items) stage.losses.push_back(fmt::format("{} not read", n_items - n_done));
  if (n_dnf > 0) stage.losses.push_back(fmt::format("{} given up, with a reason", n_dnf));
  return stage;
}

PlannedEndpoint planned(const Endpoint& one, const Endpoint& primary) {
  constexpr std::array kClaims{Claim::kSuperiority, Claim::kNonInferiority, Claim::kEquivalence, Claim::kTwoSided};
  return {.id = one.id, .metric = metric_id(one.metric), .claim = kClaims[static_cast<std::size_t>(one.aim)],
          .margin = one.margin, .order = one.order,
          .is_same_contrast = one.treated == primary.treated && one.control == primary.control};
}

}  // namespace

AnalysedStudy analyse(const std::string& csv, const std::string& name, const ReadingsOptions& options,
                 ReportFacts facts, const AnalysisPlan& plan) {
  const CsvTable table = parse_csv(csv, name);
  const LoadedReadings loaded = load_readings(table, options);
  AnalysedStudy analysis{.results = study_results(loaded, plan), .report_html = {}};
  if (loaded.error) return analysis;
  if (!plan.shams.empty()) analysis.results["sham"] = sham_json(table, options, plan.shams);
  if (facts.program.empty()) facts.program = fmt::format("rationale {}", version());
  facts.positive_at = options.positive_at;
  facts.digests.push_back({"readings", sha256_hex(csv)});
  analysis.report_html = report_html(report_input(analysis.results, table, std::move(facts)));
  return analysis;
}

void write_analysis(const std::filesystem::path& folder, const AnalysedStudy& analysis,
                    const std::string& csv, const std::map<std::string, std::string>& further) {
  std::map<std::string, std::string> files = further;
  files["readings.csv"] = csv;
  files["results.json"] = analysis.results.dump(1) + "\n";
  if (!analysis.report_html.empty()) files["report.html"] = analysis.report_html;
  std::string sums;
  for (const auto& [file, bytes] : files) {
    write_file(folder / file, bytes);
    sums += fmt::format("{}  {}\n", sha256_hex(bytes), file);
  }
  write_file(folder / "SHA256SUMS", sums);
}

ReadingsOptions options_of(const Protocol& protocol) {
  ReadingsOptions options{.arms = {protocol.endpoint.control, protocol.endpoint.treated}, .positive_at = {}, .columns = {"stratum"}};
  for (const Subgroup& one : protocol.subgroups) options.columns.push_back(one.column);
  return options;
}

AnalysisPlan plan_of(const Protocol& protocol) {
  constexpr std::array kCovariances{CovarianceMethod::kUnbiased, CovarianceMethod::kDelong,
                                    CovarianceMethod::kJackknife, CovarianceMethod::kBootstrap};
  constexpr std::array kSmallSamples{SmallSampleMethod::kNone, SmallSampleMethod::kPermutation,
                                     SmallSampleMethod::kCorrectedDf, SmallSampleMethod::kRrrcRrfcMax};
  const PrimaryEndpoint& endpoint = protocol.endpoint;
  AnalysisPlan plan{.metric = metric_id(endpoint.metric)};
  plan.primary = planned(endpoint, endpoint);
  for (const Endpoint& one : protocol.secondary) plan.secondary.push_back(planned(one, endpoint));
  for (const Subgroup& one : protocol.subgroups) plan.subgroups.push_back({one.id, one.column, one.min_cases});
  for (const Arm& one : protocol.arms) {
    if (one.sham != Sham::kNone) plan.shams.push_back(one.id);
  }
  plan.estimand = estimand(protocol);
  plan.alpha = endpoint.alpha;
  plan.has_fixed_readers = endpoint.readers == Readers::kFixed;
  plan.covariance = kCovariances[static_cast<std::size_t>(endpoint.covariance)];
  plan.small_sample = kSmallSamples[static_cast<std::size_t>(endpoint.small_sample)];
  return plan;
}

ReportFacts study_facts(LockedStudy& study) {
  const Protocol& p = study.protocol();
  ReportFacts facts = report_facts(p);
  facts.is_locked = true;
  // Pictures have room for a word; a label can be a sentence.
  facts.control.label = facts.control.id;
  facts.treated.label = facts.treated.id;
  facts.is_unblinded = study.stage() == Stage::kUnblinded;
  facts.is_synthetic = p.study.is_synthetic;
  if (const auto days = shortest_washout(study)) {
    facts.washout = fmt::format("{} days planned, shortest {}", p.design.washout_days, *days);
  }
  facts.flow.push_back({.title = fmt::format("{} films", p.cases.count),
                        .lines = {fmt::format("{} readers", p.readers.size())},
                        .losses = {}});
  for (int n = 1; n <= p.design.periods; ++n) facts.flow.push_back(period_stage(study, n));
  facts.digests.push_back({"protocol", p.sha256});
  facts.digests.push_back({"allocation", study.certificate().allocation_sha256});
  facts.digests.push_back({"logs", study.data_digest()});
  facts.digests.push_back({"coordinator's acts", to_hex(study.acts_head().hash)});
  for (const LockSignature& one : study.certificate().signatures) {
    facts.digests.push_back({"locked by " + one.role, one.signer});
  }
  for (const LockedStudy::Deviation& one : study.deviations()) {
    facts.limits.push_back({fmt::format("Deviation, {}", one.reader.empty() ? "study" : one.reader),
                            one.text});
  }
  return facts;
}

nlohmann::ordered_json analyse_study(LockedStudy& study, const Opened& opened, const std::filesystem::path& sources,
                                     const std::filesystem::path& out) {
  const ReadingsTable table = readings_table(study, opened);
  const auto readings = [](int n) { return fmt::format("{} {}", n, n == 1 ? "reading" : "readings"); };
  ReportFacts facts = study_facts(study);
  if (table.n_not_assessable > 0) {
    facts.limits.push_back({"Not assessable", readings(table.n_not_assessable) + ": no rating"});
  }
  if (table.n_seen_before > 0) {
    facts.limits.push_back({"Seen before", readings(table.n_seen_before) + ", analysed as all others"});
  }
  if (!sources.empty()) facts.examples = example_cases(study, sources, table.csv);
  AnalysedStudy analysis = analyse(table.csv, "readings.csv", options_of(study.protocol()), std::move(facts),
                              plan_of(study.protocol()));
  write_analysis(out, analysis, table.csv, {{"repeats.csv", table.repeats_csv}});
  return std::move(analysis.results);
}

}  // namespace rationale::study
