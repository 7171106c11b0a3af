#include "study/coordinator/study_flow.h"

#include <fmt/format.h>

#include <map>
#include <set>
#include <string>
#include <utility>

#include "data/base/text.h"
#include "study/coordinator/opened_readings.h"

namespace rationale::study {
namespace {

/// A reader's period as its clear events have it.
struct Progress {
  bool is_released = false;
  std::set<int> opened;  ///< places of the cases that were opened
};

std::map<std::pair<std::string, int>, Progress> progress_of(LockedStudy& study) {
  std::map<std::pair<std::string, int>, Progress> result;
  for (const PeriodState& period : study.periods()) {
    Progress& one = result[{period.reader, period.period}];
    one.is_released = period.is_released;
    for (const Event& event : period.events) {
      if (event.kind == "reading_open") one.opened.insert(event.body.at("position").get<int>());
    }
  }
  return result;
}

/// Reason → readings, in the order of the reasons' names.
using Reasons = std::map<std::string, std::size_t>;

std::vector<FlowLoss> losses(const Reasons& reasons) {
  std::vector<FlowLoss> result;
  for (const auto& [reason, n] : reasons) {
    if (n > 0) result.push_back({n, reason});
  }
  return result;
}

std::string by_arm(const Protocol& protocol, const std::map<std::string, std::size_t>& counts) {
  std::string text;
  for (const std::string& arm : protocol.design.arms) {
    const auto found = counts.find(arm);
    text += fmt::format("{}{} {}", text.empty() ? "" : " \u00b7 ", arm, found == counts.end() ? 0 : found->second);
  }
  return text;
}

}  // namespace

std::vector<FlowStage> study_flow(LockedStudy& study, const Opened& opened, const ReadingsTable& table) {
  const Protocol& p = study.protocol();
  const auto progress = progress_of(study);
  const auto readings = opened_readings(study, opened);
  Reasons not_started, not_finished;
  std::map<std::string, std::size_t> allocated, finished;
  std::size_t n_allocated = 0, n_started = 0, n_finished = 0, n_repeats = 0;
  for (const Assignment& row : opened.allocation) {
    if (row.is_repeat) {
      ++n_repeats;
      continue;
    }
    ++n_allocated;
    ++allocated[row.arm];
    const Progress& period = progress.at({row.reader, row.period});
    if (!period.opened.contains(row.position)) {
      ++not_started[period.is_released ? "case not reached" : "period not released"];
      continue;
    }
    ++n_started;
    const auto found = readings.find({row.reader, row.period, row.position});
    if (found == readings.end()) {
      ++not_finished["case left open"];
    } else if (found->second.dnf) {
      ++not_finished["given up: " + printable(*found->second.dnf)];
    } else if (!is_of(found->second, row)) {
      ++not_finished["not the case that was allocated"];
    } else {
      ++n_finished;
      ++finished[row.arm];
    }
  }
  const auto n_not_assessable = static_cast<std::size_t>(table.n_not_assessable), n_unrated = static_cast<std::size_t>(table.n_unrated);
  FlowStage enrolled{"Enrolled", {}, {fmt::format("{} readers", p.readers.size()), fmt::format("{} cases", p.cases.count)}, {}};
  FlowStage in_table{"Allocated", n_allocated, {by_arm(p, allocated)}, {}};
  if (n_repeats > 0) in_table.lines.push_back(fmt::format("{} repeats besides, analysed apart", n_repeats));
  return {std::move(enrolled), std::move(in_table),
          {"Started", n_started, {}, losses(not_started)},
          {"Finished", n_finished, {by_arm(p, finished)}, losses(not_finished)},
          {"Analysed", n_finished - n_not_assessable - n_unrated, {},
           losses({{"not assessable, the reader said", n_not_assessable}, {"no answer that gives a rating", n_unrated}})}};
}

}  // namespace rationale::study
