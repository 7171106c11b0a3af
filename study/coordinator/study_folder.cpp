#include "study/coordinator/study_folder.h"

#include "data/base/error.h"
#include "data/base/file.h"
#include "study/protocol/check.h"

namespace rationale::study {

const char* stage_name(Stage stage) {
  switch (stage) {
    case Stage::kDraft: return "draft";
    case Stage::kLocked: return "locked";
    case Stage::kClosed: return "closed";
    case Stage::kUnblinded: return "unblinded";
  }
  return "draft";
}

std::filesystem::path whole_path(const std::filesystem::path& folder) {
  const std::filesystem::path path = std::filesystem::absolute(folder).lexically_normal();
  return path.has_filename() ? path : path.parent_path();
}

std::filesystem::path part_folder(const std::filesystem::path& folder) {
  std::filesystem::path part = whole_path(folder).string() + ".part";
  std::error_code ignored;
  if (std::filesystem::exists(std::filesystem::symlink_status(part, ignored))) {
    throw Error(Error::Kind::kRefused, "an earlier try left this, or it is yours", part.string(),
                "look into it, then remove it or give it another name")
        .with_code("exists");
  }
  return part;
}

Protocol read_study_protocol(const StudyFolder& study) {
  std::error_code ignored;
  if (!std::filesystem::exists(study.protocol(), ignored)) {
    throw Error(Error::Kind::kInput, "this is no study folder: it has no protocol.toml",
                std::filesystem::absolute(study.folder).string(),
                "go to the study's folder, name it with --study, or make one with "
                "`rationale study new`")
        .with_code("no_study");
  }
  return parse_protocol(read_file(study.protocol()), study.protocol().string());
}

UtcTime study_time(const Protocol& protocol, const std::string& now) {
  if (now.empty()) return utc_now();
  if (!protocol.study.is_synthetic) {
    throw Error(Error::Kind::kRefused, "a real study runs in real time", "--now",
                "leave --now out; only studies with synthetic = true may be told the time")
        .with_code("real_time");
  }
  return parse_utc(now, "--now");
}

}  // namespace rationale::study
