// The options of `rationale analyse`: the statistics of a reader study.
#pragma once

#include "ui/command/command.h"

namespace rationale::ui {

struct AnalyseOptions {};

void declare_analyse(CLI::App& app, AnalyseOptions& options, CommonOptions& common);

}  // namespace rationale::ui
