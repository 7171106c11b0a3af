#include "explain/pipeline/merge.h"

#include <fmt/format.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <set>
#include <system_error>

#include "data/base/error.h"
#include "data/base/file.h"
#include "data/records/explanations_manifest.h"
#include "explain/pipeline/run_store.h"

namespace rationale::explain {
namespace {

namespace fs = std::filesystem;

fs::path file_of_shard(const fs::path& given) {
  std::error_code ignored;
  if (!fs::is_directory(given, ignored)) return given;
  if (!fs::exists(store_file(given), ignored) && fs::exists(unfinished_store_file(given), ignored)) {
    throw Error(Error::Kind::kRefused, "this part of the list is not finished", given.string(),
                "run its `rationale explain --shard` again, then merge")
        .with_code("unfinished_shard");
  }
  return store_file(given);
}

void check_complete(const std::vector<ExplanationStore>& stores) {
  const ExplanationManifest& first = stores.front().manifest();
  std::set<int> seen;
  for (const ExplanationStore& store : stores) {
    const ExplanationManifest& manifest = store.manifest();
    if (const auto fields = differing_fields(first, manifest); !fields.empty()) {
      throw Error(Error::Kind::kInput,
                  fmt::format("the parts were made with different {}", fmt::join(fields, ", ")),
                  store.file().string(), "run all parts with the same options, on the same kind of device")
          .with_code("different_runs");
    }
    if (manifest.shards != first.shards ||
        (manifest.shards > 1 && !seen.insert(manifest.shard).second)) {
      throw Error(Error::Kind::kInput,
                  fmt::format("part {}/{} does not belong here: it is of another division, or twice",
                              manifest.shard, manifest.shards),
                  store.file().string(), fmt::format("give each of 1/{0} … {0}/{0} once", first.shards))
          .with_code("wrong_shard");
    }
  }
  for (int i = 1; first.shards > 1 && i <= first.shards; ++i) {
    if (seen.contains(i)) continue;
    throw Error(Error::Kind::kInput, fmt::format("part {}/{} is missing", i, first.shards), {},
                "run it, and name its folder too")
        .with_code("missing_shard");
  }
}

/// What the shard's own run said about its failed cases.
void add_failed(RunOutcome& outcome, const fs::path& folder) {
  const fs::path file = folder / "summary.json";
  std::error_code ignored;
  if (!fs::exists(file, ignored)) return;
  const auto json = nlohmann::json::parse(read_file(file), nullptr, false);
  if (!json.is_object() || !json.contains("failed") || !json["failed"].is_array()) return;
  for (const auto& one : json["failed"]) {
    if (!one.is_object()) continue;
    outcome.failed.push_back(
        {one.value("case", ""), one.value("code", ""), one.value("reason", "")});
  }
}

}  // namespace

RunOutcome merge_shards(const std::vector<fs::path>& shards, const fs::path& folder,
                        const std::string& made_at) {
  const auto start = std::chrono::steady_clock::now();
  std::vector<ExplanationStore> stores;
  for (const fs::path& given : shards) {
    stores.push_back(ExplanationStore::open(file_of_shard(given)));
    const auto findings = stores.back().verify();
    if (!findings.empty()) {
      throw Error(Error::Kind::kInput, "a record is not what was written: " + findings.front().what,
                  fmt::format("{}, record {}", stores.back().file().string(), findings.front().seq),
                  "run this part again into an empty folder")
          .with_code("broken_chain");
    }
  }
  check_complete(stores);

  ExplanationManifest manifest = stores.front().manifest();
  manifest.shard = manifest.shards = 1;
  RunOutcome outcome;
  {
    ExplanationStore whole = open_run_store(folder, manifest, Resume::kIfThere, made_at);
    const std::size_t before = whole.cases().size();
    whole.begin();
    for (const ExplanationStore& store : stores) whole.add_all(store);
    whole.add_scales();
    const fs::path list = stores.front().list_folder();
    if (!list.empty()) whole.set_list_folder(list);
    whole.commit(made_at);
    outcome.explained = whole.cases().size() - before;
    outcome.skipped = before;
  }
  for (const fs::path& given : shards) {
    add_failed(outcome, fs::is_directory(given) ? given : given.parent_path());
  }
  outcome.cases = outcome.explained + outcome.skipped + outcome.failed.size();
  outcome.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  outcome.peak_mb = peak_memory_mb();
  return outcome;
}

}  // namespace rationale::explain
