#include "ui/engine/run_report.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <ctime>
#include <map>
#include <vector>

#include "data/base/file.h"
#include "data/base/text.h"
#include "data/base/version.h"
#include "explain/pipeline/run_store.h"
#include "ui/command/command.h"

namespace rationale::ui {
namespace {

/// Each kind once, with the number of cases and the first of them: summary.json has them all.
void print_notes(const std::vector<explain::FilmNote>& notes) {
  std::map<std::string, std::vector<std::string>> cases;
  for (const explain::FilmNote& note : notes) cases[note.text].push_back(note.name);
  for (const auto& [text, names] : cases) {
    fmt::print("note: {}: {}{}\n", printable(text), names.front(),
               names.size() > 1 ? fmt::format(" and {} others (summary.json)", names.size() - 1) : std::string());
  }
}

}  // namespace

std::string utc_now() { return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr))); }

RunReport report_of(const ExplanationStore& store, const std::filesystem::path& folder) {
  std::vector<double> scales;
  for (std::size_t k = 0; k < store.manifest().classes.size(); ++k) scales.push_back(store.scale(static_cast<int>(k)));
  return {.manifest = store.manifest(),
          .scales = std::move(scales),
          .records = store.cases().size(),
          .canonical_digest = store.canonical_digest(),
          .chain_head = store.chain_head(),
          .pictures = {},
          .prefix_deviation = 0,
          .slices = write_slices(store, folder)};
}

int tell(const explain::RunOutcome& outcome, const RunReport& report,
         const std::filesystem::path& folder, bool json, const std::string& schema,
         const nlohmann::ordered_json& sandbox) {
  const ExplanationManifest& m = report.manifest;
  nlohmann::ordered_json body = explain::to_json(outcome);
  body["records"] = report.records;
  body["canonical_digest"] = report.canonical_digest;
  body["chain_head"] = report.chain_head;
  body["model"] = m.model_name;
  body["layer"] = m.layer;
  body["method"] = m.method;
  body["mode"] = m.mode;
  body["prefix"] = m.prefix_variant;
  body["prefix_deviation"] = report.prefix_deviation;
  body["device"] = m.device;
  body["batch"] = m.batch;
  body["shard"] = fmt::format("{}/{}", m.shard, m.shards);
  body["torch"] = m.torch_version;
  body["scales"] = report.scales;
  body["scales_given"] = !m.scales.empty();
  if (report.slices) body["slices"] = to_json(*report.slices);
  body["sandbox"] = sandbox;

  nlohmann::ordered_json summary{{"schema", schema}, {"version", version()}};
  summary.update(body);
  write_file(folder / "summary.json",
             summary.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
  if (json) {
    print_json(schema, body);
  } else {
    fmt::print("{} cases: {} explained, {} already there, {} failed; {:.1f} s, {:.1f} cases/s, {:.0f} MB\n",
               outcome.cases, outcome.explained, outcome.skipped, outcome.failed.size(),
               outcome.seconds,
               outcome.seconds > 0 ? static_cast<double>(outcome.explained) / outcome.seconds : 0.0,
               outcome.peak_mb);
    fmt::print("{} at {}, {} mode, prefix {}, {}\n", m.method, m.layer, m.mode, m.prefix_variant,
               m.device);
    if (report.prefix_deviation > 0) {
      fmt::print("half precision    activation and scores within {:.2g} of float32\n", report.prefix_deviation);
    }
    for (const explain::MemoryStep& step : outcome.memory_steps) {
      fmt::print("memory ran out after {} films: {} at once on {} from then on\n", step.after, step.batch, step.device);
    }
    fmt::print("store             {}\n", explain::store_file(folder).string());
    fmt::print("canonical digest  {}\n", report.canonical_digest);
    if (report.slices) print(*report.slices);
    if (!report.pictures.empty()) fmt::print("pictures          {}\n", report.pictures.string());
    print_notes(outcome.notes);
    for (const explain::FailedCase& one : outcome.failed) {
      fmt::print("failed: {}: {}: {}\n", one.name, one.code, printable(one.reason));
      if (!one.remedy.empty()) fmt::print("        {}\n", printable(one.remedy));
    }
  }
  return outcome.failed.empty() ? 0 : 1;
}

}  // namespace rationale::ui
