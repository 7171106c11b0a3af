#include "explain/pipeline/merge.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <system_error>

#include "data/base/error.h"
#include "data/base/file.h"
#include "data/records/explanations_manifest.h"
#include "explain/pipeline/run_store.h"

namespace rationale::explain {
namespace {

namespace fs = std::filesystem;

struct Part {
  fs::path folder;  ///< of its summary.json
  ExplanationStore store;
};

std::string name_of(const ExplanationManifest& manifest) {
  return fmt::format("part {}/{}", manifest.shard, manifest.shards);
}

Error unfinished(const fs::path& file) {
  std::string what = "this part is not finished";
  try {
    const ExplanationStore store = ExplanationStore::open(file);
    what = fmt::format("{} is not finished: {} cases are there", name_of(store.manifest()),
                       store.cases().size());
    if (const int of = store.manifest().list_cases; of > 0) what += fmt::format(", of a list of {}", of);
  } catch (const Error&) {  // being written, or cut short: still not finished
  }
  return Error(Error::Kind::kRefused, what, file.string(),
               "run its `rationale explain --shard` again: it goes on where it stopped; then merge")
      .with_code("unfinished_shard");
}

/// Nothing where the folder has no store at all: check_complete knows which part that must be.
/// @throws Error for what cannot be merged
std::optional<Part> open_part(const fs::path& given) {
  std::error_code ignored;
  const bool is_file = fs::is_regular_file(given, ignored);
  const fs::path file = is_file ? given : store_file(given);
  if (!fs::exists(file, ignored)) {
    const fs::path grows = unfinished_store_file(given);
    if (!is_file && fs::exists(grows, ignored)) throw unfinished(grows);
    return std::nullopt;
  }
  const std::string remedy = "remove " + file.string() + " and run this part again, then merge";
  try {
    Part part{is_file ? given.parent_path() : given, ExplanationStore::open(file)};
    const auto findings = part.store.verify();
    if (findings.empty()) return part;
    throw Error(Error::Kind::kInput,
                fmt::format("{}: a record is not what was written: {}", name_of(part.store.manifest()),
                            findings.front().what),
                fmt::format("{}, record {}", file.string(), findings.front().seq), remedy)
        .with_code("broken_chain");
  } catch (Error& error) {
    if (error.kind == Error::Kind::kInput && error.code != "unknown_format") error.remedy = remedy;
    throw;
  }
}

/// That all are parts of one division, of one list, by one run, each once and none missing.
void check_complete(const std::vector<Part>& parts, const std::vector<std::string>& empty) {
  const ExplanationManifest& first = parts.front().store.manifest();
  std::map<int, fs::path> seen;
  for (const Part& part : parts) {
    const ExplanationManifest& manifest = part.store.manifest();
    const std::string where = part.store.file().string();
    if (manifest.shards != first.shards) {
      throw Error(Error::Kind::kInput,
                  fmt::format("{} is of another division than {}", name_of(manifest), name_of(first)), where,
                  fmt::format("give each of 1/{0} … {0}/{0} once", first.shards))
          .with_code("wrong_shard");
    }
    if (const auto there = seen.emplace(manifest.shard, part.store.file()); !there.second) {
      throw Error(Error::Kind::kInput,
                  fmt::format("{} is given twice: {} and {}", name_of(manifest),
                              there.first->second.string(), where),
                  where, "leave one of the two away")
          .with_code("doubled_shard");
    }
    if (const auto fields = differing_fields(first, manifest); !fields.empty()) {
      throw Error(Error::Kind::kInput,
                  fmt::format("{} was made with another {} than {}", name_of(manifest),
                              fmt::join(fields, ", another "), name_of(first)),
                  where, "run all parts with one program, one card and the same options, on the same kind of device")
          .with_code("different_runs");
    }
    if (manifest.scales != first.scales) {
      throw Error(Error::Kind::kInput,
                  fmt::format("{} has other reference scales of pictures than {}", name_of(manifest), name_of(first)), where,
                  "run all parts with the same --scale")
          .with_code("different_runs");
    }
    if (manifest.list_sha256 != first.list_sha256) {
      throw Error(Error::Kind::kInput,
                  fmt::format("{} comes from another list than {}: other cases, or another order",
                              name_of(manifest), name_of(first)),
                  where, "run all parts with the same --cases into new folders")
          .with_code("different_lists");
    }
  }
  std::vector<int> missing;
  for (int i = 1; i <= first.shards; ++i) {
    if (!seen.contains(i)) missing.push_back(i);
  }
  if (missing.empty()) return;
  throw Error(Error::Kind::kInput,
              fmt::format("of {} parts {} {} missing", first.shards, fmt::join(missing, ", "),
                          missing.size() == 1 ? "is" : "are"),
              empty.empty() ? std::string() : fmt::format("no store in {}", fmt::join(empty, ", ")),
              fmt::format("run `rationale explain --shard {}/{}`{} and name the folder too", missing.front(),
                          first.shards, missing.size() == 1 ? "" : " and the others"))
      .with_code("missing_shard");
}

/// The objects of a list in the part's summary.json; none if it was killed before it wrote one.
std::vector<nlohmann::json> listed_in_summary(const Part& part, const char* list) {
  const fs::path file = part.folder / "summary.json";
  std::error_code ignored;
  if (!fs::exists(file, ignored)) return {};
  const auto json = nlohmann::json::parse(read_file(file), nullptr, false);
  if (!json.is_object() || !json.contains(list) || !json[list].is_array()) return {};
  std::vector<nlohmann::json> objects;
  std::ranges::copy_if(json[list], std::back_inserter(objects), [](const auto& one) { return one.is_object(); });
  return objects;
}

/// What the part's own run said about its cases, but for pictures that it could not draw.
std::vector<FailedCase> failed_of(const Part& part) {
  std::vector<FailedCase> failed;
  for (const auto& one : listed_in_summary(part, "failed")) {
    if (one.value("of", "") == "picture") continue;
    failed.push_back({one.value("case", ""), one.value("code", ""), one.value("reason", ""), one.value("remedy", "")});
  }
  return failed;
}

/// A part that was killed between its last case and its summary.json has cases of which nobody knows why they
/// are not there.
void check_accounted(const Part& part, std::size_t n_without_result) {
  const ExplanationManifest& manifest = part.store.manifest();
  if (manifest.list_cases == 0) return;
  const auto due = static_cast<std::size_t>((manifest.list_cases - manifest.shard + manifest.shards) /
                                            manifest.shards);
  const std::size_t there = part.store.cases().size() + n_without_result;
  if (there >= due) return;
  throw Error(Error::Kind::kRefused,
              fmt::format("{} has {} cases, and its summary.json gives no reason for {} of them", name_of(manifest),
                          due, due - there),
              part.folder.string(), "run this part again: it only looks at what is missing, and says why")
      .with_code("unaccounted_cases");
}

/// The store to merge into: the one that is there, or a new one under the unfinished name.
ExplanationStore open_target(const fs::path& folder, const ExplanationManifest& manifest,
                             const std::string& made_at) {
  std::error_code ignored;
  const auto there = stored_manifest(folder);
  const bool is_left_over = there && there->shards == 1 && !fs::exists(store_file(folder), ignored);
  if (there && !is_left_over) return open_run_store(folder, manifest, Resume::kIfThere, made_at);
  fs::create_directories(folder, ignored);
  fs::remove(unfinished_store_file(folder), ignored);  // of a merge that was killed
  return ExplanationStore::create(unfinished_store_file(folder), manifest, made_at);
}

}  // namespace

RunOutcome merge_shards(const std::vector<fs::path>& shards, const fs::path& folder,
                        const std::string& made_at) {
  const auto start = std::chrono::steady_clock::now();
  std::vector<Part> parts;
  std::vector<std::string> empty;
  for (const fs::path& given : shards) {
    if (auto part = open_part(given)) {
      parts.push_back(std::move(*part));
    } else {
      empty.push_back(given.string());
    }
  }
  if (parts.empty()) {
    throw Error(Error::Kind::kInput, "there is no part to merge", fmt::format("{}", fmt::join(empty, ", ")),
                "give the folders that `rationale explain --shard` wrote")
        .with_code("missing_shard");
  }
  check_complete(parts, empty);
  RunOutcome outcome;
  std::size_t n_without_result = 0;
  for (const Part& part : parts) {
    const auto failed = failed_of(part);
    // The store may hold another film of a case: the run named it, and kept what was there.
    const auto n = static_cast<std::size_t>(std::count_if(failed.begin(), failed.end(), [&](const FailedCase& one) {
      return !part.store.find_case_if_any(one.name);
    }));
    check_accounted(part, n);
    n_without_result += n;
    outcome.failed.insert(outcome.failed.end(), failed.begin(), failed.end());
    for (const auto& one : listed_in_summary(part, "notes")) {
      outcome.notes.push_back({one.value("case", ""), one.value("note", "")});
    }
  }

  ExplanationManifest manifest = parts.front().store.manifest();
  manifest.shard = manifest.shards = 1;
  manifest.list_sha256.clear();
  manifest.list_cases = 0;
  {
    ExplanationStore whole = open_target(folder, manifest, made_at);
    const std::size_t before = whole.cases().size();
    whole.begin();
    for (const Part& part : parts) whole.add_all(part.store);
    whole.add_scales();
    const fs::path list = parts.front().store.list_folder();
    if (!list.empty()) whole.set_list_folder(list);
    whole.commit(made_at);
    outcome.explained = whole.cases().size() - before;
    outcome.skipped = before;
  }
  finish_run_store(folder);
  outcome.cases = outcome.explained + outcome.skipped + n_without_result;
  outcome.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  outcome.peak_mb = peak_memory_mb();
  return outcome;
}

}  // namespace rationale::explain
