// What happened in a reading session, one event at a time, and where events go.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "study/log/chain.h"

namespace rationale::study {

/// When something happened, taken where it happened (the window's callback), never inside the logic.
struct Stamp {
  std::string utc;            ///< "2026-03-02T09:15:04.120Z": for people; never used for durations
  std::int64_t mono_us = 0;   ///< CLOCK_MONOTONIC: stands still while the machine sleeps
  std::int64_t boot_us = 0;   ///< CLOCK_BOOTTIME: runs on; all durations
  std::string boot;           ///< id of this start of the machine: boot_us compares only within one
};

/// One event as its payload says it. Kinds and bodies: docs/events.md.
struct Event {
  std::int64_t seq = 0;  ///< from 1; given by the journal
  Stamp at;
  std::string actor;     ///< reader id, or "app"
  std::string kind;
  nlohmann::json body = nlohmann::json::object();
};

/// Takes events in order. What append returns for is durable: only then the screen may show it.
class Journal {
 public:
  virtual ~Journal() = default;
  /// Commits one event. @param event  its seq is ignored
  /// @return  the chain's head with the event
  /// @throws Error (kEnvironment, "disk_full" and others): then nothing was written
  virtual Head append(const Event& event) = 0;
  /// Signs the head; at every confirm and session end.
  virtual void sign_head() = 0;
};

}  // namespace rationale::study
