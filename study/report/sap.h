// A draft statistical analysis plan from a protocol, with the tables that the report will fill still empty.
#pragma once

#include <string>

#include "study/protocol/protocol.h"

namespace rationale::study {

/// Markdown. What the protocol fixes is filled in; what it cannot know says "author to state".
std::string analysis_plan_draft(const Protocol& protocol);

}  // namespace rationale::study
