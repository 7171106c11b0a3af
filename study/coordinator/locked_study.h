// A study after its lock, as the coordinator has it: the store, what was locked, and how far it is.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "study/coordinator/certificate.h"
#include "study/coordinator/study_folder.h"
#include "study/log/event.h"
#include "study/log/store.h"
#include "study/session/reading.h"

namespace rationale::study {

/// How far one reader's period is, from the clear part of its events.
struct PeriodState {
  std::string reader;
  int period = 1;
  int n_items = 0;
  bool is_released = false;
  std::vector<Reading> readings;   ///< closed ones, without what is sealed; in order
  std::vector<Event> events;       ///< as they were merged
  std::string last_closed_at;      ///< UTC; empty: none yet

  int n_done() const { return static_cast<int>(readings.size()); }
  bool is_complete() const { return n_done() == n_items; }
};

class LockedStudy {
 public:
  /// @throws Error (kRefused, "not_locked") for a folder before its lock; (kInput) if protocol, certificate
  ///   and store do not belong together, or a log is not as it was written (CH01-CH04)
  explicit LockedStudy(const StudyFolder& folder);

  const StudyFolder& folder() const { return folder_; }
  const Protocol& protocol() const { return protocol_; }
  const Certificate& certificate() const { return certificate_; }
  EventStore& store() { return store_; }
  Stage stage();

  /// "locked", then `next`. @throws Error (kRefused) unless the stage is `needed`, naming the way out
  void need(Stage needed, const std::string& what);

  PeriodState period(const std::string& reader, int period);
  std::vector<PeriodState> periods();  ///< by reader (protocol order), period

  /// When the package of `period` may be released: nothing if the period before is not complete. For
  /// period 1 the lock's time.
  std::optional<UtcTime> washout_ends(const std::string& reader, int period);

  void add_deviation(const std::string& at, const std::string& reader, const std::string& code,
                     const std::string& kind, const std::string& text);
  struct Deviation {
    std::string at, reader, code, kind, text;
  };
  std::vector<Deviation> deviations();

  /// SHA-256 over the heads of all chains: the state of the data.
  std::string data_digest();

 private:
  StudyFolder folder_;
  Protocol protocol_;
  Certificate certificate_;
  EventStore store_;
};

}  // namespace rationale::study
