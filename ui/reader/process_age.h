// How long this program has been running: what a reader waits for before the first frame.
#pragma once

#include <optional>

namespace rationale::ui {

/// Milliseconds since this process was started, from the kernel's own record (clock ticks since boot, in
/// steps of 10 ms); none where there is no such record.
std::optional<double> process_age_ms();

}  // namespace rationale::ui
