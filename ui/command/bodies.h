// The commands that the driver itself carries out; all others are handed to rationale-engine, -studio or
// -reader.
#pragma once

#include "ui/command/command_line.h"

namespace rationale::ui {

int run_demo(const CommandLine& line);
int run_image(const CommandLine& line);
int run_samples(const CommandLine& line);

}  // namespace rationale::ui
