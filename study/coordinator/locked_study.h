// A study after its lock, as the coordinator has it: the store, what was locked, and how far it is.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "study/coordinator/acts.h"
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
  std::string last_closed_at;      ///< UTC, by the reader's clock; empty: none yet
  std::string last_merged_at;      ///< UTC, of the merge that brought the last closed reading

  int n_done() const { return static_cast<int>(readings.size()); }
  bool is_complete() const { return n_done() == n_items; }
};

class LockedStudy {
 public:
  /// Checks all that can be checked without a key: the certificate's signatures against the protocol, the list
  /// of cases, every log (of a known reader and period, under the key that was locked, signed at its head), and
  /// the coordinator's acts.
  /// @throws Error (kRefused, "not_locked") for a folder before its lock; (kInput, "bad_certificate");
  ///   (kInput, "broken_lock") if protocol, certificate and store do not belong together; (kInput, CH01-CH04,
  ///   "unknown_log", "wrong_key") for a log; (kInput, "acts_differ") if something that was done was taken away
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

  /// What was locked as the package of a reader's period. @pre there is one
  const LockedPackage& package(const std::string& reader, int period) const;
  /// When that was released; nothing: not yet.
  std::optional<UtcTime> released_at(const std::string& reader, int period);

  /// When the package of `period` may be released: nothing if the period before is not complete. For
  /// period 1 the lock's time. Counts from the last case by the reader's clock; where that clock cannot have been
  /// right (clock_fault), from the merge.
  std::optional<UtcTime> washout_ends(const std::string& reader, int period);

  void add_deviation(const std::string& at, const std::string& reader, const std::string& code,
                     const std::string& kind, const std::string& text);
  struct Deviation {
    std::string at, reader, code, kind, text;
  };
  std::vector<Deviation> deviations();

  /// Writes down what was done, with whatever transaction is open.
  void note(const Act& act) { write_act(store_, protocol_.study.id, act); }
  std::vector<Act> acts() { return read_acts(store_, protocol_.study.id); }
  Head acts_head() { return store_.head(acts_chain(protocol_.study.id)); }

  std::vector<std::string> reader_chains();
  /// SHA-256 over the heads of the readers' chains: the state of the data.
  std::string data_digest();

 private:
  void check_logs();

  StudyFolder folder_;
  Protocol protocol_;
  Certificate certificate_;
  EventStore store_;
};

/// Events as the coordinator sees them: what is sealed was at least input, so it counts for the clocks.
std::vector<Event> without_seals(const std::vector<Event>& events);

/// Why the reader's wall clock is not believed: it moved against the machine's own clock, or says a time before
/// the lock or after the merge; nothing if it is believed.
std::optional<std::string> clock_fault(const PeriodState& period, UtcTime locked);

}  // namespace rationale::study
