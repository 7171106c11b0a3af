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
  std::string actor;     ///< "reader:r2"; given by the journal if it is empty
  std::string kind;
  nlohmann::json body = nlohmann::json::object();
};

/// The payload of event number `seq`, CJ-1: {actor, body, boot, boot_us, kind, mono_us, seq, t, v}.
/// @throws Error (kInput, "CH03") if the body cannot be written as CJ-1
std::string event_payload(const Event& event, std::int64_t seq);

/// @throws Error (kInput, "bad_event") if an entry is missing or of another type, or v is not 1
Event parse_event(const std::string& payload);

/// Takes events in order. What append returns for is durable: only then the screen may show it.
class Journal {
 public:
  virtual ~Journal() = default;
  /// Commits one event. @param event  its seq is ignored
  /// @return  the chain's head with the event
  /// @throws Error (kEnvironment, "disk_full" and others): then the event does not count, and its number is given
  ///   again. Only a program that ends there may find, at its next start, that it had reached the disk after all
  virtual Head append(const Event& event) = 0;
  /// Signs the head; at every confirm and session end.
  virtual void sign_head() = 0;
};

}  // namespace rationale::study
