// What the coordinator did, in order, as a chain of its own in the store: what was taken away again is missed.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "study/log/store.h"

namespace rationale::study {

/// Kinds and bodies: docs/events.md, "Acts".
struct Act {
  std::string at, kind;  ///< UTC; "merge", "release", "deviation", "close", "unblind"
  nlohmann::json body;
};

/// "STUDY/acts": a reader's chain ends with /pN. Nobody signs it: its head is printed, and people keep it.
std::string acts_chain(const std::string& study_id);

void write_act(EventStore& store, const std::string& study_id, const Act& act);

std::vector<Act> read_acts(EventStore& store, const std::string& study_id);

/// Why the acts and the rest of the store disagree: the last events that were merged of each chain, deviations,
/// the unblinding; nothing if they agree.
std::optional<std::string> acts_fault(EventStore& store, const std::string& study_id);

}  // namespace rationale::study
