// Which file a run writes to: continues the store that is there, or starts one; and shards of a list.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "data/cases/cases.h"
#include "data/records/explanations.h"

namespace rationale::explain {

/// Part `index` of `count`, from 1.
struct Shard {
  int index = 1, count = 1;
};

/// "i/N" with 1 <= i <= N; empty = 1/1. @throws Error (kUsage)
Shard parse_shard(const std::string& text);

/// Every count-th case, beginning with the index-th: parts of equal size whatever the list's order means.
std::vector<Case> cases_of_shard(const std::vector<Case>& cases, Shard shard);

/// FOLDER/explanations.db.
std::filesystem::path store_file(const std::filesystem::path& folder);
/// Where a shard grows until it is whole: FOLDER/explanations.db.part.
std::filesystem::path unfinished_store_file(const std::filesystem::path& folder);

/// The manifest of the store in `folder`, finished or not: its prefix is what a further run follows.
std::optional<ExplanationManifest> stored_manifest(const std::filesystem::path& folder);

enum class Resume { kIfThere, kMustBeThere };

/// Opens the store of `folder` for appending, or makes it. A shard (count > 1) grows in the unfinished file.
/// @throws Error  kRefused: --resume and there is none ("nothing_to_resume"), the store was made with another
///                manifest ("other_run", naming the fields), or holds another shard ("other_shard") or a part of
///                another list ("other_list");
///                kEnvironment: the folder cannot be written
ExplanationStore open_run_store(const std::filesystem::path& folder,
                                const ExplanationManifest& manifest, Resume resume,
                                const std::string& made_at);

/// Gives a shard its final name; nothing to do for a whole store. Call when every case has been looked at and
/// the store is closed.
void finish_run_store(const std::filesystem::path& folder);

}  // namespace rationale::explain
