// `rationale analyse`: the statistics of readings.csv, as JSON, as a table, as a folder with the report.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "data/base/file.h"
#include "data/cases/csv.h"
#include "study/coordinator/analysis.h"
#include "study/protocol/check.h"
#include "study/report/protocol_facts.h"
#include "ui/command/analyse_table.h"
#include "ui/command/bodies.h"

namespace rationale::ui {
namespace {

using Json = nlohmann::ordered_json;

/// Arms named by hand must hold the protocol's contrast, control first.
void require_contrast(const std::vector<std::string>& arms, const std::vector<std::string>& contrast) {
  const auto control = std::ranges::find(arms, contrast.front()), treated = std::ranges::find(arms, contrast.back());
  if (control < treated && treated != arms.end()) return;
  throw Error(Error::Kind::kUsage,
              fmt::format("the protocol compares {} minus {}, --arms does not", contrast.back(), contrast.front()), "--arms",
              fmt::format("leave --arms out, or write {},{}", contrast.front(), contrast.back()))
      .with_code("which_arms");
}

/// Where the manifest beside the protocol gives a patient several cases, the readings must say whose each case is: taken
/// as independent, the cases of one patient make every interval too narrow.
void require_patients(const CsvTable& readings, const std::filesystem::path& protocol, const std::string& manifest) {
  const std::filesystem::path file = protocol.parent_path() / manifest;
  std::error_code ignored;
  if (readings.find("patient") || !std::filesystem::is_regular_file(file, ignored)) return;
  const CsvTable cases = read_csv(file);
  const auto patient = cases.find("patient");
  if (!patient) return;
  std::map<std::string, const CsvRow*> first;
  for (const CsvRow& row : cases.rows) {
    const std::string& id = row.cells[*patient];
    if (id.empty()) continue;
    const auto [before, is_new] = first.emplace(id, &row);
    if (is_new) continue;
    throw Error(Error::Kind::kInput,
                fmt::format("no column patient, but the protocol's manifest gives patient {} several cases ({} and {})", id,
                            cases.where(*before->second), cases.where(row)),
                readings.name, "add the column patient to the readings, from the manifest")
        .with_code("no_patient");
  }
}

study::ReportFacts facts_of(const AnalyseOptions& o, const CsvTable& readings, study::ReadingsOptions& options,
                            study::AnalysisPlan& plan) {
  if (o.protocol.empty()) {
    study::ReportFacts facts;
    facts.id = o.readings.stem().string();
    facts.title = "Does the second arm change false positives?";
    if (!o.arms.empty()) {
      facts.control.id = o.arms.front();
      facts.treated.id = o.arms.back();
      if (o.arms.size() > 2) facts.title = fmt::format("Do false positives differ between {} and {}?", o.arms.back(), o.arms.front());
    } else {
      facts.title = "Does showing the heatmap change false positives?";
      facts.control.phrase = "with the heatmap hidden";
      facts.treated.phrase = "with the heatmap visible";
    }
    return facts;
  }
  const study::Protocol protocol =
      study::parse_protocol(read_file(o.protocol), o.protocol.string());
  require_patients(readings, o.protocol, protocol.cases.manifest);
  const study::ReadingsOptions locked = study::options_of(protocol);
  if (options.arms.empty()) options.arms = locked.arms;
  require_contrast(options.arms, locked.arms);
  options.columns = locked.columns;
  plan = study::plan_of(protocol);
  study::ReportFacts facts = study::report_facts(protocol);
  facts.digests.push_back({"protocol", protocol.sha256});
  return facts;
}

}  // namespace

int run_analyse(const CommandLine& line) {
  const AnalyseOptions& o = line.analyse;
  if (o.readings.empty()) {
    throw Error(Error::Kind::kUsage, "no readings are named", {}, "rationale analyse readings.csv");
  }
  study::ReadingsOptions options{.arms = o.arms, .positive_at = o.positive_at, .columns = {"stratum"}};
  study::AnalysisPlan plan;
  const std::string csv = read_file(o.readings), name = o.readings.filename().string();
  study::ReportFacts facts = facts_of(o, parse_csv(csv, name), options, plan);
  plan.seed = line.common.seed;
  plan.threads = line.common.threads;
  plan.replicates = o.replicates;
  const study::AnalysedStudy analysis = study::analyse(csv, name, options, std::move(facts), plan);
  const Json& load = analysis.results.at("load");
  if (load.at("status") == "error") {
    if (line.common.json) {
      print_json("rationale.analyse", analysis.results);
      return exit_code(Error::Kind::kInput);
    }
    throw Error(Error::Kind::kInput, load.at("reason").get<std::string>(), o.readings.string(),
                "correct the file: each reader reads each case once in each arm, and a case has one truth, patient, stratum and subgroup")
        .with_code(load.at("code").get<std::string>());
  }
  if (!o.out.empty()) study::write_analysis(o.out, analysis);
  if (line.common.json) {
    print_json("rationale.analyse", analysis.results);
  } else {
    fmt::print("{}", analyse_table(analysis.results));
    if (!o.out.empty()) fmt::print("\nThe report: {}\n", (o.out / "report.html").string());
  }
  return 0;
}

}  // namespace rationale::ui
