// What `explain` and `explain merge` say when they are done: summary.json, and the same on stdout.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "data/records/explanations.h"
#include "explain/pipeline/outcome.h"
#include "ui/engine/slice_report.h"

namespace rationale::ui {

struct RunReport {
  ExplanationManifest manifest;
  std::vector<double> scales = {};  ///< where pictures' colours end, one a class; 0 = no case has evidence
  std::size_t records = 0;  ///< cases in the store
  std::string canonical_digest, chain_head;
  std::filesystem::path pictures;  ///< empty = none asked for
  double prefix_deviation = 0;     ///< of half precision: see largest_deviation
  std::optional<SliceReport> slices;  ///< of volumes
};

/// Of a store that is complete. Writes FOLDER/slices.jsonl if its cases are volumes.
RunReport report_of(const ExplanationStore& store, const std::filesystem::path& folder);

/// Writes FOLDER/summary.json and prints. @return the exit code: 1 if cases failed
/// @param sandbox  what held this process (ui/command/confinement.h)
int tell(const explain::RunOutcome& outcome, const RunReport& report,
         const std::filesystem::path& folder, bool json, const std::string& schema,
         const nlohmann::ordered_json& sandbox);

/// Now, as "2026-01-31T12:00:00Z".
std::string utc_now();

}  // namespace rationale::ui
