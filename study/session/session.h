// The reading session: what may happen next, and what is written down when it does. No window, no clock and
// no files of its own: it is tested, simulated and resumed as it is used.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "study/log/event.h"
#include "study/protocol/protocol.h"
#include "study/session/reading.h"

namespace rationale::study {

/// What is known of an item when it is opened.
struct ItemFacts {
  int position = 0;
  std::string code;
  bool is_repeat = false;
  std::string arm;
};

/// The machine's display as the program found it; nothing here decides, it is written down.
struct DisplayFacts {
  int width_px = 0, height_px = 0, bits = 8;
  std::string monitor;
};

struct SessionFacts {
  std::string package_sha256;
  std::string program;
  int n_items = 0;
};

enum class SessionPhase {
  kClosed,   ///< not begun, or ended
  kBetween,  ///< ready for the next item
  kReading,
};

/// Each command writes its events before it returns; if one throws (Error kEnvironment), the state is as if
/// it had not been given, and it may be given again. Of confirm, give_up and close the event may be stored and
/// only the signature missing: then the same command again signs. @throws Error (kRefused, "not_now") for a command that the state does not allow
class ReadingSession {
 public:
  /// @param past  plain events of this chain, in order: the session goes on where they end. Both references
  ///   outlive this.
  /// @throws Error (kRefused, "not_supported") for designs that reveal in steps; (kInput, "bad_event")
  ReadingSession(const Protocol& protocol, const SessionFacts& facts, Journal& journal,
                 const std::vector<Event>& past);

  // What is.
  SessionPhase phase() const { return phase_; }
  const std::optional<Reading>& reading() const { return fold_.open(); }
  bool is_shown() const { return is_shown_; }  ///< in this session
  bool is_paused() const { return is_paused_; }
  bool has_focus() const { return has_focus_; }
  bool is_asleep() const { return is_asleep_; }  ///< woke up; covered until input
  bool is_covered() const { return is_paused_ || !has_focus_ || is_asleep_; }
  int n_items() const { return facts_.n_items; }
  int n_closed() const { return n_closed_; }          ///< confirmed or given up, of all sessions
  int n_in_session() const { return n_in_session_; }  ///< confirmed in this session
  bool is_closed(int position) const;
  /// The item to open next; of the open reading while there is one; 0: none is left.
  int next_position() const;
  const std::string& arm() const { return arm_; }  ///< of the open reading
  /// The look of its heatmap: as last changed, else as the arm begins.
  HeatmapLook look() const;
  /// The head of the chain is not signed: signing failed, and the command that wanted it is to be given again.
  bool is_unsigned() const { return is_unsigned_; }
  /// Questions that are asked now (show_if), as indices into the protocol's.
  std::vector<std::size_t> asked() const;
  /// Ids of required questions without an answer; empty if the case is not assessable.
  std::vector<std::string> still_open() const;
  /// All answered, but session.min_view_ms has not passed.
  bool is_too_early(const Stamp& at) const;
  bool can_undo() const { return !undo_.empty(); }
  bool is_over(const Stamp& at) const;    ///< max_readings or max_minutes are reached, or no item is left
  bool is_break_due(const Stamp& at) const;  ///< each 30 minutes
  bool needs_display_check(const Stamp& at) const;
  std::string receipt() const;            ///< of the chain's head

  // What happens.
  void open(const DisplayFacts& display, const Stamp& at);
  void display_check(int n_right, int n_trials, const Stamp& at);
  /// @param item  of next_position()
  void open_item(const ItemFacts& item, const Stamp& at);
  /// A resumed reading is opened by telling its item again; nothing is written.
  void resume_item(const ItemFacts& item);
  void image_shown(const Stamp& at);
  /// Any key, click or wheel: writes down that the reader had been idle, if so.
  void input(const Stamp& at);
  /// @throws Error (kInput, "bad_answer") if it is none to this question
  void answer(const std::string& question, const std::optional<Answer>& answer, const Stamp& at);
  void add_mark(int film, std::int64_t x_milli, std::int64_t y_milli, const Stamp& at);
  void remove_mark(std::int64_t seq, const Stamp& at);
  /// Does nothing in arms without heatmap, and what the arm does not allow. Written down once a reading, at its
  /// end and in every arm: an event for each change would tell whoever counts events which arm it was.
  void set_look(HeatmapLook look, const Stamp& at);
  /// @param is_inverted  the reader swapped black and white, against the way the film came
  void window_changed(double centre, double width, bool is_inverted, const Stamp& at);
  void zoom_changed(double zoom, const Stamp& at);
  void set_flag(const std::string& flag, bool is_on, const Stamp& at);
  void set_not_assessable(bool is_on, const Stamp& at);
  void set_seen_before(bool is_on, const Stamp& at);
  void set_note(const std::string& text, const Stamp& at);
  /// Takes the last change of an answer of this reading back.
  void undo(const Stamp& at);
  void pause(const Stamp& at);
  void resume(const Stamp& at);
  void focus(bool has_focus, const Stamp& at);
  /// To be called about twice a second and with every input: sees sleep and a wall clock that was set.
  void tick(const Stamp& at);
  void take_break(const Stamp& at);
  /// @throws Error (kRefused, "still_open") naming the questions; (kRefused, "too_early")
  void confirm(const Stamp& at);
  void give_up(const std::string& reason, const Stamp& at);
  void close(const Stamp& at);

 private:
  void write(const std::string& kind, nlohmann::json body, const Stamp& at);
  void write_look(const Stamp& at);
  void sign();
  void apply(const Event& event);
  void need_reading(const char* what) const;
  const Question& question(const std::string& id) const;

  const Protocol& protocol_;
  SessionFacts facts_;
  Journal& journal_;
  ReadingFold fold_;
  SessionPhase phase_ = SessionPhase::kClosed;
  std::string arm_;
  bool is_shown_ = false, is_paused_ = false, has_focus_ = true, is_asleep_ = false, is_unsigned_ = false;
  std::optional<HeatmapLook> look_;       ///< of the open reading, once changed
  std::vector<LookChange> look_changes_;  ///< not yet written
  int n_look_changes_ = 0;
  std::vector<bool> closed_;  ///< by position - 1
  int n_closed_ = 0, n_in_session_ = 0;
  Head head_;
  struct Change {
    std::string question;
    std::optional<Answer> before;
  };
  std::vector<Change> undo_;
  std::optional<Stamp> opened_at_, shown_at_, break_at_, checked_at_, last_tick_;
  std::int64_t last_restart_us_ = 0;
};

}  // namespace rationale::study
