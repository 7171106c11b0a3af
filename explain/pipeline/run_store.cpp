#include "explain/pipeline/run_store.h"

#include <fmt/format.h>

#include <system_error>

#include "data/base/error.h"
#include "data/base/text.h"
#include "data/records/explanations_manifest.h"

namespace rationale::explain {
namespace {

namespace fs = std::filesystem;

bool has_content(const fs::path& file) {
  std::error_code error;
  const auto size = fs::file_size(file, error);
  return !error && size > 0;
}

/// The finished store, else the unfinished one, if any.
std::optional<fs::path> existing_store(const fs::path& folder) {
  for (const fs::path& file : {store_file(folder), unfinished_store_file(folder)}) {
    if (has_content(file)) return file;
  }
  return std::nullopt;
}

void check_same_run(const ExplanationManifest& there, const ExplanationManifest& wanted,
                    const fs::path& file) {
  if (const auto fields = differing_fields(there, wanted); !fields.empty()) {
    throw Error(Error::Kind::kRefused,
                fmt::format("the store was made with another {}", fmt::join(fields, ", another ")),
                file.string(), "explain into another folder with --out")
        .with_code("other_run");
  }
  if (there.shard != wanted.shard || there.shards != wanted.shards) {
    throw Error(Error::Kind::kRefused,
                fmt::format("the store holds part {}/{}, not {}/{}", there.shard, there.shards,
                            wanted.shard, wanted.shards),
                file.string(), "give each part a folder of its own with --out")
        .with_code("other_shard");
  }
  if (!there.list_sha256.empty() && there.list_sha256 != wanted.list_sha256) {
    throw Error(Error::Kind::kRefused,
                fmt::format("the list has other cases, or another order, than when part {}/{} was begun",
                            there.shard, there.shards),
                file.string(), "bring the old list back, or explain all parts of the new one into another folder")
        .with_code("other_list");
  }
}

}  // namespace

Shard parse_shard(const std::string& text) {
  if (text.empty()) return {};
  const std::vector<std::string> parts = split(text, '/');
  const auto index = parts.size() == 2 ? parse_integer(parts[0]) : std::nullopt;
  const auto count = parts.size() == 2 ? parse_integer(parts[1]) : std::nullopt;
  if (!index || !count || *index < 1 || *count < *index || *count > 1000000) {
    throw Error(Error::Kind::kUsage, fmt::format("--shard \"{}\" is not i/N with 1 <= i <= N", text),
                {}, "for example --shard 1/4 … --shard 4/4")
        .with_code("bad_shard");
  }
  return {static_cast<int>(*index), static_cast<int>(*count)};
}

std::vector<Case> cases_of_shard(const std::vector<Case>& cases, Shard shard) {
  std::vector<Case> part;
  for (std::size_t i = static_cast<std::size_t>(shard.index - 1); i < cases.size();
       i += static_cast<std::size_t>(shard.count)) {
    part.push_back(cases[i]);
  }
  return part;
}

fs::path store_file(const fs::path& folder) { return folder / "explanations.db"; }

fs::path unfinished_store_file(const fs::path& folder) { return folder / "explanations.db.part"; }

std::optional<ExplanationManifest> stored_manifest(const fs::path& folder) {
  const auto file = existing_store(folder);
  if (!file) return std::nullopt;
  return ExplanationStore::open(*file, ExplanationStore::Access::kAppend).manifest();
}

ExplanationStore open_run_store(const fs::path& folder, const ExplanationManifest& manifest,
                                Resume resume, const std::string& made_at) {
  using Access = ExplanationStore::Access;
  if (const auto file = existing_store(folder)) {
    ExplanationStore store = ExplanationStore::open(*file, Access::kAppend);
    check_same_run(store.manifest(), manifest, *file);
    return store;
  }
  if (resume == Resume::kMustBeThere) {
    throw Error(Error::Kind::kRefused, "there is no store to go on with", store_file(folder).string(),
                "leave --resume away to start one")
        .with_code("nothing_to_resume");
  }
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) {
    throw Error(Error::Kind::kEnvironment, "cannot make the folder: " + error.message(),
                folder.string(), "choose a folder that you may write to")
        .with_code("cannot_write");
  }
  // Made under another name and renamed, so that a store is never there without its manifest.
  const fs::path file = manifest.shards > 1 ? unfinished_store_file(folder) : store_file(folder);
  const fs::path fresh = file.string() + ".new";
  fs::remove(fresh, error);
  try {
    { const auto made = ExplanationStore::create(fresh, manifest, made_at); }
    fs::rename(fresh, file);
  } catch (...) {
    fs::remove(fresh, error);
    throw;
  }
  return ExplanationStore::open(file, Access::kAppend);
}

void finish_run_store(const fs::path& folder) {
  if (has_content(unfinished_store_file(folder))) {
    fs::rename(unfinished_store_file(folder), store_file(folder));
  }
}

}  // namespace rationale::explain
