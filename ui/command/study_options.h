// The options of `rationale study`: everything about a study, from protocol to report.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "ui/command/command.h"
#include "ui/command/power_options.h"

namespace rationale::ui {

/// `study export`: which files; none of them: all.
struct ExportOptions {
  bool csv = false, imrmc = false, rjafroc = false, mrmcaov = false, adam = false;
};

struct StudyOptions {
  std::filesystem::path folder = ".";   ///< --study
  std::string now;                      ///< --now, synthetic studies only

  std::filesystem::path file;           ///< check: protocol; verify-log: log; merge: one bundle
  std::filesystem::path input, out, checkpoint, certificate, key, package, cases, truth, sources, archive;
  std::string name, from = "crossover", hex, reason, deviation;
  std::vector<std::filesystem::path> bundles, keys, shares;
  int period = 1;
  std::optional<std::uint64_t> seed;
  double effect = -0.25;
  std::optional<int> n_readers;
  int n_cases = 20;
  ExportOptions parts;
  PowerOptions power;
};

void declare_study(CLI::App& app, StudyOptions& options, CommonOptions& common);

}  // namespace rationale::ui
