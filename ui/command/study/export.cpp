// `rationale study export`: an unblinded study as one folder of files for a statistician.
#include <fmt/format.h>

#include "data/base/digest.h"
#include "study/coordinator/study_export.h"
#include "ui/command/bodies.h"

namespace rationale::ui {
namespace {

using Json = nlohmann::ordered_json;
using namespace rationale::study;

constexpr int kFindings = 1;

/// What was asked for; nothing named: all.
ExportParts parts_of(const ExportOptions& o) {
  ExportParts parts;
  const auto add = [&](bool is_wanted, ExportPart part) {
    if (is_wanted) parts.insert(part);
  };
  add(o.csv, ExportPart::kTables);
  add(o.imrmc, ExportPart::kImrmc);
  add(o.rjafroc, ExportPart::kRjafroc);
  add(o.mrmcaov, ExportPart::kMrmcaov);
  add(o.adam, ExportPart::kAdam);
  return parts.empty() ? all_export_parts() : parts;
}

}  // namespace

int run_study_export(const CommandLine& line) {
  const StudyOptions& o = line.study;
  LockedStudy study(StudyFolder{o.folder});
  const std::filesystem::path out = o.out.empty() ? o.folder / "export" : o.out;
  const ExportParts parts = parts_of(o.parts);
  const ExportSet set = study_export(study, read_unblinded(study), parts);
  write_checked_folder(out, set.files);
  // What was asked for by name and cannot be is a finding; without names it is part of the answer.
  const int status = !set.left_out.empty() && parts != all_export_parts() ? kFindings : 0;
  if (line.common.json) {
    Json files = Json::array(), left_out = Json::array();
    for (const auto& [name, bytes] : set.files) files.push_back({{"file", name}, {"sha256", sha256_hex(bytes)}});
    for (const LeftOut& one : set.left_out) {
      left_out.push_back({{"file", one.file}, {"code", one.code}, {"reason", one.reason}});
    }
    print_json("rationale.study.export",
               {{"folder", out.string()}, {"files", files}, {"left_out", left_out}, {"notes", set.notes}});
    return status;
  }
  fmt::print("{}{}: {} files and SHA256SUMS\n", study.protocol().study.is_synthetic ? "SYNTHETIC · " : "", out.string(),
             set.files.size());
  for (const LeftOut& one : set.left_out) fmt::print("not there: {}: {}\n", one.file, one.reason);
  for (const std::string& note : set.notes) fmt::print("{}\n", note);
  if (set.files.contains("R/check_all.R")) {
    fmt::print("to compute them anew: Rscript {}\n", (out / "R/check_all.R").string());
  }
  return status;
}

}  // namespace rationale::ui
