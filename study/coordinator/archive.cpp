#include "study/coordinator/archive.h"

#include <algorithm>

#include "data/base/error.h"
#include "data/base/file.h"
#include "data/base/tar.h"

namespace rationale::study {
namespace {

/// Of SQLite, of a file being written, and the one secret that the others do not need.
bool is_left_out(const std::string& name) {
  for (const char* end : {".part", "-wal", "-shm"}) {
    if (name.ends_with(end)) return true;
  }
  return name == "release.key";
}

}  // namespace

int archive_study(LockedStudy& study, const std::filesystem::path& file) {
  const std::filesystem::path folder = whole_path(study.folder().folder);
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    const std::string name = entry.path().lexically_relative(folder).generic_string();
    if (!entry.is_symlink() && entry.is_regular_file() && !is_left_out(name) && entry.path() != whole_path(file)) {
      names.push_back(name);
    }
  }
  std::ranges::sort(names);
  const TemporaryFolder copies;
  const std::filesystem::path store = copies.path() / "study.db";
  study.store().copy_to(store);
  TarWriter tar(file);
  const std::string root = study.protocol().study.id + "/";
  for (const std::string& name : names) {
    tar.add_file(root + name, folder / name == whole_path(study.folder().database()) ? store : folder / name);
  }
  return tar.finish(root + "SHA256SUMS");
}

UnpackedArchive unpack_archive(const std::filesystem::path& file, const std::filesystem::path& folder) {
  UnpackedArchive unpacked{.study = {}, .findings = unpack_tar(file, folder)};
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.is_directory()) unpacked.study = entry.path();
  }
  if (unpacked.study.empty()) {
    throw Error(Error::Kind::kInput, "there is no study in the archive", file.string(),
                "give what `rationale study archive` made")
        .with_code("no_archive");
  }
  return unpacked;
}

}  // namespace rationale::study
