// Ctrl-C: work stops between two cases, what is done stays, and the command ends with 130.
#pragma once

#include <stdexcept>

namespace rationale {

/// Thrown by check_interrupt; `main` turns it into exit code 130.
struct Interrupted : std::runtime_error {
  Interrupted() : std::runtime_error("interrupted; run the same command again to go on") {}
};

/// From now on SIGINT and SIGTERM set a flag. A second SIGINT ends the process at once.
/// Also ignores SIGXFSZ and SIGPIPE, so that a full disk or a closed pipe is an error, not a death.
void install_signal_handlers();

bool is_interrupted();

/// @throws Interrupted after SIGINT or SIGTERM
void check_interrupt();

}  // namespace rationale
