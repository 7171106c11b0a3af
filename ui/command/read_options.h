// The options of `rationale read`: the reading app.
#pragma once

#include "ui/command/command.h"

namespace rationale::ui {

struct ReadOptions {};

void declare_read(CLI::App& app, ReadOptions& options, CommonOptions& common);

}  // namespace rationale::ui
