// How a run over many cases ended: counts, failed cases and speed; `summary.json`.
#pragma once

#include <cstddef>
#include <exception>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "explain/pipeline/stages.h"

namespace rationale::explain {

struct FailedCase {
  std::string name;
  std::string code;    ///< stable word of the error, such as "missing_file"
  std::string reason;  ///< what went wrong, and where
  std::string remedy = {};  ///< the way out; may be empty
  bool is_of_picture = false;  ///< it is explained and stored; its overlay could not be drawn
};

/// What the reader of a film warns of, such as text that is burned into the pixels.
struct FilmNote {
  std::string name;  ///< of the case
  std::string text;
};

/// Memory ran out: from then on a pass had so many films, on this device.
struct MemoryStep {
  std::size_t after = 0;  ///< films explained before in this run
  std::size_t batch = 1;
  std::string device;  ///< "cpu" or "cuda"
};

struct RunOutcome {
  std::size_t cases = 0;      ///< of the list, or of this shard's part of it
  std::size_t explained = 0;  ///< computed in this run
  std::size_t skipped = 0;    ///< already in the store
  std::vector<FailedCase> failed;
  std::vector<FilmNote> notes;  ///< of films that were read in this run
  double seconds = 0;
  double peak_mb = 0;  ///< largest resident memory of the process
  std::vector<MemoryStep> memory_steps;  ///< in order; empty = the memory held every pass
  std::vector<double> resident_mb;       ///< largest seen in each tenth of the cases
  StageTimes stages;
};

/// The failure of one case from what was thrown there.
/// @throws again what does not belong to one case: a full disk, too little memory, our own fault
FailedCase failure_of(const std::string& name, const std::exception_ptr& thrown);

/// Keys: cases, explained, skipped, failed [{case, code, reason, remedy}], notes, seconds, cases_per_second, peak_mb, memory_steps.
nlohmann::ordered_json to_json(const RunOutcome& outcome);

/// Largest resident memory of this process so far, in MB.
double peak_memory_mb();
/// Resident memory of this process now, in MB; 0 where the system does not say.
double resident_memory_mb();

}  // namespace rationale::explain
