// The options of `rationale study`: everything about a study, from protocol to archive.
#pragma once

#include "ui/command/command.h"

namespace rationale::ui {

struct StudyOptions {};

void declare_study(CLI::App& app, StudyOptions& options, CommonOptions& common);

}  // namespace rationale::ui
