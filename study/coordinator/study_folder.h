// Where a study lies on disk, and which stage it has reached.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "data/base/utc.h"
#include "study/protocol/protocol.h"

namespace rationale::study {

/// What may be done depends on it; each step is taken once and never back.
enum class Stage {
  kDraft,      ///< protocol and enrolment: the allocator's folder
  kLocked,     ///< packages may be released and bundles merged: the coordinator's folder
  kClosed,     ///< no reading is taken in any more
  kUnblinded,  ///< the arms and the truth are known
};

/// "draft", "locked", "closed", "unblinded".
const char* stage_name(Stage stage);

struct StudyFolder {
  std::filesystem::path folder;

  std::filesystem::path protocol() const { return folder / "protocol.toml"; }
  std::filesystem::path enrolled() const { return folder / "enrolled.json"; }
  std::filesystem::path database() const { return folder / "study.db"; }
  std::filesystem::path certificate() const { return folder / "lock.json"; }
  std::filesystem::path packages() const { return folder / "packages"; }
  std::filesystem::path shares() const { return folder / "shares"; }
  std::filesystem::path release_key() const { return folder / "release.key"; }
  std::filesystem::path unblinded() const { return folder / "unblinded"; }
  std::filesystem::path analysis() const { return folder / "analysis"; }
};

/// `folder` as an absolute path without "..", "." or a slash at its end, so that ".part" can be put behind it.
std::filesystem::path whole_path(const std::filesystem::path& folder);

/// The folder beside `folder` in which it is made before it gets its name.
/// @throws Error (kRefused, "exists") if it is there: nothing is removed unasked
std::filesystem::path part_folder(const std::filesystem::path& folder);

/// The checked protocol of a study folder.
/// @throws Error (kInput) if there is none, or it has errors (`rationale study check` lists them all)
Protocol read_study_protocol(const StudyFolder& study);

/// The time that a command works with: the clock's, or what `--now` says.
/// @throws Error (kRefused, "real_time") if a study that is not synthetic is given another time
UtcTime study_time(const Protocol& protocol, const std::string& now);

}  // namespace rationale::study
