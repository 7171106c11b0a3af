#include "ui/command/analyse_options.h"

#include <CLI/CLI.hpp>

namespace rationale::ui {

void declare_analyse(CLI::App&, AnalyseOptions&, CommonOptions&) {}

}  // namespace rationale::ui
