// When something happened, for the session's events.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "study/log/event.h"

namespace rationale::ui {

/// Turns the ring's times (CLOCK_MONOTONIC, taken in the window's callback) into stamps. CLOCK_BOOTTIME
/// and the wall clock are read when the stamp is made and moved back by the event's age.
class StampMaker {
 public:
  /// @param synthetic_now_ms  of a synthetic study: what the wall clock said (UTC, milliseconds since 1970)
  ///   when this was made
  explicit StampMaker(std::optional<std::int64_t> synthetic_now_ms = {});

  study::Stamp at(std::chrono::steady_clock::time_point time) const;
  study::Stamp now() const { return at(std::chrono::steady_clock::now()); }

 private:
  std::optional<std::int64_t> synthetic_now_ms_;
  std::chrono::steady_clock::time_point made_;
  std::string boot_;
};

}  // namespace rationale::ui
