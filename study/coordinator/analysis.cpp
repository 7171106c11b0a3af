#include "study/coordinator/analysis.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "data/base/digest.h"
#include "data/base/file.h"
#include "data/base/version.h"
#include "study/coordinator/example_cases.h"
#include "study/coordinator/readings_table.h"
#include "study/coordinator/study_flow.h"
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

/// With more than two arms: all of the two-arm analysis for the contrast that the report, and a protocol, is about.
void add_contrast(nlohmann::ordered_json& results, const CsvTable& table, ReadingsOptions options, const ReportFacts& facts,
                  const AnalysisPlan& plan) {
  options.arms = {facts.control.id, facts.treated.id};
  nlohmann::ordered_json contrast = study_results(load_readings(table, options), plan);
  for (const char* planned : {"endpoint", "declared"}) {
    if (contrast.contains(planned)) results[planned] = contrast.at(planned);
  }
  results["contrast"] = std::move(contrast);
}

/// What the results rest on: whoever has the same can compute them again.
nlohmann::ordered_json provenance(const ReportFacts& facts, const AnalysisPlan& plan) {
  nlohmann::ordered_json json{{"program", facts.program}, {"seed", plan.seed}, {"replicates", plan.replicates},
                              {"digests", nlohmann::ordered_json::array()}};
  for (const NamedDigest& one : facts.digests) json["digests"].push_back({{"name", one.name}, {"value", one.value}});
  return json;
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
  CsvTable table = parse_csv(csv, name);
  LoadedReadings loaded = load_readings(table, options);
  AnalysedStudy analysis{.results = study_results(loaded, plan), .report_html = {}, .csv = csv, .id = facts.id,
                         .title = facts.title, .table = {}, .readings = {}};
  if (loaded.error) return analysis;
  if (loaded.readings.arms.size() > 2) add_contrast(analysis.results, table, options, facts, plan);
  if (!plan.shams.empty()) analysis.results["sham"] = sham_json(table, options, plan.shams);
  if (facts.program.empty()) facts.program = fmt::format("rationale {}", version());
  facts.positive_at = options.positive_at;
  facts.digests.push_back({"readings", sha256_hex(csv)});
  analysis.results["provenance"] = provenance(facts, plan);
  analysis.report_html = report_html(report_input(analysis.results, table, std::move(facts)));
  analysis.table = std::move(table);
  analysis.readings = std::move(loaded.readings);
  return analysis;
}

ExportSet analysis_files(const AnalysedStudy& analysis, const std::map<std::string, ReaderLabels>& readers,
                         const ExportParts& parts) {
  ExportSet set = export_readings({.readings = analysis.readings, .table = analysis.table, .results = analysis.results,
                                   .study_id = analysis.id, .title = analysis.title, .readers = readers},
                                  parts);
  set.files["readings.csv"] = analysis.csv;
  set.files["results.json"] = analysis.results.dump(1) + "\n";
  const std::vector<CodebookRow> rows = readings_rows("readings.csv", analysis.table.header);
  set.codebook.insert(set.codebook.begin(), rows.begin(), rows.end());
  return set;
}

void write_analysis(const std::filesystem::path& folder, const AnalysedStudy& analysis, const FileSet& further) {
  ExportSet set = analysis_files(analysis);
  set.files.insert(further.begin(), further.end());
  for (const auto& [name, bytes] : further) {
    const std::vector<CodebookRow> rows = readings_rows(name, parse_csv(bytes, name).header);
    set.codebook.insert(set.codebook.end(), rows.begin(), rows.end());
  }
  set.files["report.html"] = analysis.report_html;
  add_guide(set, analysis.title);
  write_checked_folder(folder, set.files);
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
  constexpr std::array kMethods{AnalysisMethod::kOrHillis, AnalysisMethod::kUstat, AnalysisMethod::kGlmm,
                                AnalysisMethod::kBootstrap};
  const PrimaryEndpoint& endpoint = protocol.endpoint;
  AnalysisPlan plan{.metric = metric_id(endpoint.metric)};
  plan.primary = planned(endpoint, endpoint);
  for (const Endpoint& one : protocol.secondary) plan.secondary.push_back(planned(one, endpoint));
  for (const Subgroup& one : protocol.subgroups) plan.subgroups.push_back({one.id, one.column, one.min_cases});
  for (const Arm& one : protocol.arms) {
    if (one.sham != Sham::kNone) plan.shams.push_back(one.id);
  }
  if (protocol.design.kind == DesignKind::kCrossover || protocol.design.kind == DesignKind::kSplitPlot) {
    plan.draw = OrderDraw{.is_by_reader = protocol.design.unit == Unit::kReader, .is_stratified = !protocol.design.strata.empty()};
  } else if (protocol.design.kind == DesignKind::kParallel) {
    plan.draw = OrderDraw{.is_by_reader = true, .is_parallel = true};
  }
  plan.estimand = estimand(protocol);
  plan.alpha = endpoint.alpha;
  plan.method = kMethods[static_cast<std::size_t>(endpoint.method)];
  plan.has_fixed_readers = endpoint.readers == Readers::kFixed;
  plan.covariance = kCovariances[static_cast<std::size_t>(endpoint.covariance)];
  plan.small_sample = kSmallSamples[static_cast<std::size_t>(endpoint.small_sample)];
  return plan;
}

std::map<std::string, ReaderLabels> reader_labels(const Protocol& protocol) {
  std::map<std::string, ReaderLabels> labels;
  for (const ReaderFacts& one : protocol.readers) {
    labels[one.id] = {.site = one.site, .group = one.group, .years = one.years == 0 ? -1 : one.years};  // 0: not given
  }
  return labels;
}

ReportFacts study_facts(LockedStudy& study, const Opened& opened, const ReadingsTable& table) {
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
  facts.flow = study_flow(study, opened, table);
  facts.digests.push_back({"protocol", p.sha256});
  facts.digests.push_back({"allocation", study.certificate().allocation_sha256});
  if (facts.ai) {
    facts.ai->outputs_sha256 = study.certificate().ai_sha256;
    facts.digests.push_back({"AI outputs and explanations", study.certificate().ai_sha256});
  }
  facts.digests.push_back({"logs", study.data_digest()});
  facts.digests.push_back({"coordinator's acts", to_hex(study.acts_head().hash)});
  for (const LockSignature& one : study.certificate().signatures) {
    facts.digests.push_back({"locked by " + one.role, one.signer});
  }
  for (const LockedStudy::Deviation& one : study.deviations()) {
    facts.deviations.push_back({one.reader.empty() ? "study" : one.reader, one.text});
  }
  return facts;
}

nlohmann::ordered_json analyse_study(LockedStudy& study, const Opened& opened, const std::filesystem::path& sources,
                                     const std::filesystem::path& out, const LoadFilm& load) {
  const ReadingsTable table = readings_table(study, opened);
  const auto readings = [](int n) { return fmt::format("{} {}", n, n == 1 ? "reading" : "readings"); };
  ReportFacts facts = study_facts(study, opened, table);
  if (table.n_not_assessable > 0) {
    facts.limits.push_back({"Not assessable", readings(table.n_not_assessable) + ": no rating"});
  }
  if (table.n_seen_before > 0) {
    facts.limits.push_back({"Seen before", readings(table.n_seen_before) + ", analysed as all others"});
  }
  if (!sources.empty()) facts.examples = example_cases(study, sources, table.csv, load);
  AnalysedStudy analysis = analyse(table.csv, "readings.csv", options_of(study.protocol()), std::move(facts),
                              plan_of(study.protocol()));
  write_analysis(out, analysis, {{"repeats.csv", table.repeats_csv}});
  return std::move(analysis.results);
}

}  // namespace rationale::study
