// How many readings a study allocated, started, finished and analysed, and why the others stopped.
#pragma once

#include <vector>

#include "study/coordinator/readings_table.h"
#include "study/report/report_input.h"

namespace rationale::study {

/// Enrolled, allocated, started, finished, analysed, from the allocation, the readers' events and the table of
/// readings; repeated cases are left out, as they are of the analysis. What is lost between two stages has a reason:
/// a period that was never released, a case that was not reached, left open, given up (the event's words), not
/// readable, not assessable, or without the answer that the rating comes from.
std::vector<FlowStage> study_flow(LockedStudy& study, const Opened& opened, const ReadingsTable& table);

}  // namespace rationale::study
