#include "explain/pipeline/outcome.h"

#include <sys/resource.h>
#include <unistd.h>

#include <fstream>

#include "data/base/error.h"

namespace rationale::explain {

FailedCase failure_of(const std::string& name, const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const Error& error) {
    // Contributions that do not add up are our fault, but of this case alone.
    const bool is_ours = error.kind == Error::Kind::kInternal && error.code != "identity";
    if (error.kind == Error::Kind::kEnvironment || is_ours) throw;
    std::string reason = error.what();
    if (!error.where.empty()) reason += " (" + error.where + ")";
    return {name, error.code.empty() ? kind_name(error.kind) : error.code, reason, error.remedy};
  }
}

nlohmann::ordered_json to_json(const RunOutcome& outcome) {
  nlohmann::ordered_json failed = nlohmann::ordered_json::array();
  for (const FailedCase& one : outcome.failed) {
    failed.push_back({{"case", one.name}, {"code", one.code}, {"reason", one.reason}});
    if (!one.remedy.empty()) failed.back()["remedy"] = one.remedy;
    if (one.is_of_picture) failed.back()["of"] = "picture";
  }
  nlohmann::ordered_json notes = nlohmann::ordered_json::array();
  for (const FilmNote& one : outcome.notes) notes.push_back({{"case", one.name}, {"note", one.text}});
  nlohmann::ordered_json steps = nlohmann::ordered_json::array();
  for (const MemoryStep& one : outcome.memory_steps) {
    steps.push_back({{"after", one.after}, {"batch", one.batch}, {"device", one.device}});
  }
  const double done = static_cast<double>(outcome.explained);
  return {{"cases", outcome.cases},
          {"explained", outcome.explained},
          {"skipped", outcome.skipped},
          {"failed", failed},
          {"notes", notes},
          {"seconds", outcome.seconds},
          {"cases_per_second", outcome.seconds > 0 ? done / outcome.seconds : 0.0},
          {"peak_mb", outcome.peak_mb},
          {"memory_steps", steps}};
}

double peak_memory_mb() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

double resident_memory_mb() {
  std::ifstream statm("/proc/self/statm");
  double all = 0, resident = 0;  // in pages
  if (!(statm >> all >> resident)) return 0;
  return resident * static_cast<double>(::sysconf(_SC_PAGESIZE)) / (1024 * 1024);
}

}  // namespace rationale::explain
