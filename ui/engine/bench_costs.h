// `rationale bench explain --costs`: what each method costs at each stage of a network, for one class and for several.
#pragma once

#include "ui/command/command_line.h"

namespace rationale::ui {

/// Prints the table as Markdown (docs/engine.md has it), or with --json as one object. @param file  ResNet-18
int run_bench_costs(const CommandLine& line, const std::filesystem::path& file);

}  // namespace rationale::ui
