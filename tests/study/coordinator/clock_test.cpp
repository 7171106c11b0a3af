#include <fmt/format.h>

#include "study/coordinator/locked_study.h"
#include "tests/support/catch.h"

using namespace rationale;
using namespace rationale::study;

namespace {

const UtcTime kLocked = parse_utc("2026-03-02", "lock");

/// Two sessions on one start of the machine, the second an hour later by its own clock.
PeriodState period(const std::string& first, const std::string& second, const std::string& merged) {
  PeriodState state{.reader = "r1"};
  Event event;
  event.at = {.utc = first, .mono_us = 0, .boot_us = 1'000'000, .boot = "one"};
  state.events.push_back(event);
  event.at = {.utc = second, .mono_us = 0, .boot_us = 3'601'000'000, .boot = "one"};
  event.seq = 1;
  state.events.push_back(event);
  state.readings.push_back({.position = 1, .closed_at = second});
  state.last_closed_at = second;
  state.last_merged_at = merged;
  return state;
}

}  // namespace

TEST_CASE("a reader's clock is believed where it agrees with the machine's own", "[study][coordinator]") {
  CHECK_FALSE(clock_fault(period("2026-03-03T09:00:00Z", "2026-03-03T10:00:00Z", "2026-03-04T00:00:00Z"), kLocked));
  CHECK_FALSE(clock_fault(period("2026-03-03T09:00:00Z", "2026-03-03T10:04:00Z", "2026-03-04T00:00:00Z"), kLocked));
}

TEST_CASE("a clock that was set, or that says a time before the lock or after the merge, is not believed",
          "[study][coordinator]") {
  CHECK(clock_fault(period("2026-03-03T09:00:00Z", "2026-03-03T09:30:00Z", "2026-03-04T00:00:00Z"), kLocked));
  CHECK(clock_fault(period("2026-03-03T09:00:00Z", "2026-03-10T10:00:00Z", "2026-03-14T00:00:00Z"), kLocked));
  CHECK(clock_fault(period("2026-03-01T09:00:00Z", "2026-03-01T10:00:00Z", "2026-03-04T00:00:00Z"), kLocked));
  CHECK(clock_fault(period("2027-03-03T09:00:00Z", "2027-03-03T10:00:00Z", "2026-03-04T00:00:00Z"), kLocked));
}
