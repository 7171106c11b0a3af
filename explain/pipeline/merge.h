// One store from the stores of a list's shards.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "data/records/explanations.h"
#include "explain/pipeline/outcome.h"

namespace rationale::explain {

/// Copies all explanations of the shards into FOLDER/explanations.db, which appears whole or not at all.
/// Merging again changes nothing. The canonical digest is that of a run without shards.
/// @param shards  folders that `explain --shard` wrote, or their explanations.db; in any order
/// @return sums over the shards; `failed` from their summary.json
/// @throws Error, naming the part (i/N) and what to do.
///         kInput:   "missing_shard" (all that are missing), "doubled_shard", "wrong_shard" (of another division, or
///                   no part at all), "different_runs" (model, layer, method, … named), "different_lists",
///                   "broken_chain" and what ExplanationStore::open throws for a file that is cut short or foreign;
///         kRefused: "unfinished_shard"; "unaccounted_cases": cases that a part neither holds nor names as failed
RunOutcome merge_shards(const std::vector<std::filesystem::path>& shards,
                        const std::filesystem::path& folder, const std::string& made_at);

}  // namespace rationale::explain
