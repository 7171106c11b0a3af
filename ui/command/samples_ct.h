// The CT phantoms of `rationale samples`.
#pragma once

#include "ui/command/command_line.h"

namespace rationale::ui {

int run_ct_samples(const CommandLine& line);

}  // namespace rationale::ui
