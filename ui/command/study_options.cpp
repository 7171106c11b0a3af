#include "ui/command/study_options.h"

#include <CLI/CLI.hpp>

namespace rationale::ui {

void declare_study(CLI::App&, StudyOptions&, CommonOptions&) {}

}  // namespace rationale::ui
