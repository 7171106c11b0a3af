// One store from the stores of a list's shards.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "data/records/explanations.h"
#include "explain/pipeline/outcome.h"

namespace rationale::explain {

/// Copies all explanations of the shards into FOLDER/explanations.db: whole or not at all. Merging again
/// changes nothing. The canonical digest is that of a run without shards.
/// @param shards  folders that `explain --shard` wrote, or their explanations.db
/// @return sums over the shards; `failed` from their summary.json
/// @throws Error  kInput: not a store, shards of different runs or lists, one twice or missing (named);
///                kRefused: a shard that is not finished
RunOutcome merge_shards(const std::vector<std::filesystem::path>& shards,
                        const std::filesystem::path& folder, const std::string& made_at);

}  // namespace rationale::explain
