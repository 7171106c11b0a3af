// What a reader's log must be before it may stay in the study: a signed bundle can still say what never happened.
#pragma once

#include "study/coordinator/locked_study.h"

namespace rationale::study {

/// Checks a log with its new events, before they are committed: known kinds and bodies, blind kinds sealed,
/// sessions with the package that was locked for this reader and period, after the lock and (from period 2 on)
/// after its release, cases in order and no more than the package has, times that can be.
/// @throws Error (kInput) "bad_event", "not_sealed", "other_package", "I19" (before the lock), "I9" (before the
///   release), "bad_time"
void check_reader_log(LockedStudy& study, const PeriodState& period);

}  // namespace rationale::study
