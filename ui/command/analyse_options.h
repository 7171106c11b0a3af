// The options of `rationale analyse`: the statistics of a reader study.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "ui/command/command.h"

namespace rationale::ui {

struct AnalyseOptions {
  std::filesystem::path readings, protocol, out;
  std::vector<std::string> arms;
  std::optional<double> positive_at;
  int replicates = 2000;
};

/// `rationale analyse froc`: a free-response study.
struct FrocOptions {
  std::filesystem::path marks, truth, out;
  std::vector<std::string> arms;
};

void declare_analyse(CLI::App& app, AnalyseOptions& options, FrocOptions& froc, CommonOptions& common);

}  // namespace rationale::ui
