#include "ui/command/read_options.h"

#include <CLI/CLI.hpp>

namespace rationale::ui {

void declare_read(CLI::App&, ReadOptions&, CommonOptions&) {}

}  // namespace rationale::ui
