// One reading: what its events say of one item. Live in the session, and again from the log for analysis.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "study/log/event.h"
#include "study/session/answer.h"
#include "study/session/clock.h"

namespace rationale::study {

struct AnswerRevision {
  std::string question;
  int revision = 1;              ///< from 1, per question
  std::optional<Answer> answer;  ///< none: taken back
  std::int64_t seq = 0;
};

/// In thousandths of a pixel of its film, (0, 0) the outer corner of the first pixel.
struct Mark {
  int film = 0;
  std::int64_t x_milli = 0, y_milli = 0;
  std::int64_t seq = 0;
  bool operator==(const Mark&) const = default;
};

/// How the heatmap is drawn, where the arm shows one.
struct HeatmapLook {
  bool is_on = true;
  int opacity_percent = 40;
  bool has_outline = false, is_beside = false;
  bool operator==(const HeatmapLook&) const = default;
};

/// The reader changed the look.
struct LookChange {
  std::int64_t ms = 0;  ///< since the film was last shown
  HeatmapLook look;
  bool operator==(const LookChange&) const = default;
};

struct Reading {
  int position = 0;
  std::string code;
  bool is_repeat = false;
  std::int64_t open_seq = 0, close_seq = 0;  ///< close 0: still open
  std::string opened_at, closed_at;          ///< UTC
  std::vector<AnswerRevision> revisions;     ///< in order
  std::map<std::string, Answer> answers;     ///< the last of each question; taken back ones are not here
  std::vector<Mark> marks;
  std::map<std::string, std::int64_t> flags; ///< ids that are set → the event that set them
  std::string note;
  bool is_not_assessable = false, is_seen_before = false;
  std::vector<LookChange> look_changes;      ///< known once the reading is closed or its session was
  int n_look_changes = 0;                    ///< of which look_changes holds the first
  std::optional<std::string> dnf;            ///< why it was not finished
  int n_focus_losses = 0, n_resumes = 0;
  std::int64_t longest_away_ms = 0;          ///< without focus, paused or asleep
  ReadingTimes times;                        ///< of a closed reading

  bool is_closed() const { return close_seq != 0; }
};

/// Builds readings from events in their order. Events between readings are left out.
class ReadingFold {
 public:
  /// @param idle_ms  session.idle_s of the protocol
  explicit ReadingFold(std::int64_t idle_ms) : idle_ms_(idle_ms) {}

  /// @return  the reading that this event closed
  /// @throws Error (kInput, "bad_event") for an event that cannot stand here
  std::optional<Reading> apply(const Event& event);

  const std::optional<Reading>& open() const { return open_; }
  /// Whether the open reading's film is or was on the screen.
  bool is_shown() const { return !clock_.empty(); }

 private:
  std::int64_t time_of(const Stamp& at);
  void begin(const Event& event);
  void change(const Event& event);
  std::optional<Reading> end(const Event& event);
  void log(std::int64_t at_ms, ReadingEventKind kind);
  void log_input(std::int64_t at_ms);
  enum Reason : unsigned { kFocus = 1, kPaused = 2, kAsleep = 4, kLeft = 8 };
  void away(Reason reason, bool is_away, std::int64_t at_ms);

  std::int64_t idle_ms_;
  std::optional<Reading> open_;
  std::vector<ReadingEvent> clock_;
  std::int64_t last_restart_ms_ = 0;
  std::int64_t busy_ms_ = 0;  ///< of long gaps without an `idle` event, left out of clock_
  std::optional<std::int64_t> away_since_ms_;
  unsigned away_ = 0;  ///< reasons in force; kLeft: the program or the session ended with the reading open
  // One line of time across restarts of the machine.
  std::optional<Stamp> last_at_;
  std::int64_t last_ms_ = 0, shift_ms_ = 0;
};

/// All closed readings of a log, and the one that is still open, if any, at the end.
std::vector<Reading> readings_of(const std::vector<Event>& events, std::int64_t idle_ms);

}  // namespace rationale::study
