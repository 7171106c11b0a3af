#include "study/session/session.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "data/base/error.h"
#include "data/base/text.h"
#include "data/base/utc.h"
#include "study/session/events.h"

namespace rationale::study {
namespace {

using Json = nlohmann::json;

constexpr int kLeastRight = 16;  ///< of 18: by chance 0.0007
constexpr std::int64_t kBreakMinutes = 30;
constexpr std::int64_t kClockJumpMs = 2000;
constexpr std::size_t kMostLookChanges = 64;  ///< kept of one reading; further ones are counted

[[noreturn]] void not_now(const std::string& what, const std::string& remedy) {
  throw Error(Error::Kind::kRefused, what, "the reading session", remedy).with_code("not_now");
}

std::int64_t minutes_between(const Stamp& from, const Stamp& to) {
  return away_ms(from, to) / 60'000;
}

}  // namespace

ReadingSession::ReadingSession(const Protocol& protocol, const SessionFacts& facts,
                               Journal& journal, const std::vector<Event>& past)
    : protocol_(protocol),
      facts_(facts),
      journal_(journal),
      fold_(std::int64_t{protocol.session.idle_s} * 1000),
      closed_(static_cast<std::size_t>(facts.n_items), false) {
  if (protocol.design.kind == DesignKind::kSequential) {
    throw Error(Error::Kind::kRefused, "this program does not read sequential studies yet",
                "design.kind", "use a crossover")
        .with_code("not_supported");
  }
  for (const Event& event : past) apply(event);
  // Whatever stood on the screen is gone.
  phase_ = SessionPhase::kClosed;
  is_shown_ = is_paused_ = is_asleep_ = false;
  has_focus_ = true;
  undo_.clear();
}

void ReadingSession::apply(const Event& event) {
  const auto closed = fold_.apply(event);
  const EventKind kind = parse_event_kind(event.kind);
  if (kind == EventKind::kReadingOpen) phase_ = SessionPhase::kReading;
  if (kind == EventKind::kDisplayCheck && Body(event).truth("ok")) checked_at_ = event.at;
  if (kind == EventKind::kSessionOpen) n_in_session_ = 0;
  if (!closed) return;
  phase_ = SessionPhase::kBetween;
  const auto place = static_cast<std::size_t>(closed->position) - 1;
  if (place >= closed_.size() || closed_[place]) {
    Body(event).refuse("this position cannot be closed");
  }
  closed_[place] = true;
  ++n_closed_;
  ++n_in_session_;
}

void ReadingSession::write(const std::string& kind, Json body, const Stamp& at) {
  Event event{.at = at, .actor = {}, .kind = kind, .body = std::move(body)};
  head_ = journal_.append(event);
  event.seq = head_.seq;
  apply(event);
}

void ReadingSession::need_reading(const char* what) const {
  if (phase_ != SessionPhase::kReading || !is_shown_) {
    not_now(fmt::format("{}: no case is open", what), "open the next case first");
  }
}

const Question& ReadingSession::question(const std::string& id) const {
  const Question* found = protocol_.find_question(id);
  if (found == nullptr) {
    throw Error(Error::Kind::kInput, fmt::format("there is no question \"{}\"", id), "the protocol")
        .with_code("bad_answer");
  }
  return *found;
}

bool ReadingSession::is_closed(int position) const {
  return position >= 1 && position <= facts_.n_items &&
         closed_[static_cast<std::size_t>(position) - 1];
}

int ReadingSession::next_position() const {
  if (fold_.open()) return fold_.open()->position;
  const auto next = std::ranges::find(closed_, false);
  return next == closed_.end() ? 0 : static_cast<int>(next - closed_.begin()) + 1;
}

HeatmapLook ReadingSession::look() const {
  if (look_) return *look_;
  const Arm* arm = protocol_.find_arm(arm_);
  HeatmapLook look;
  if (arm != nullptr) look = {.is_on = arm->starts_on, .opacity_percent = arm->opacity_percent};
  return look;
}

std::vector<std::size_t> ReadingSession::asked() const {
  std::vector<std::size_t> asked;
  if (!fold_.open()) return asked;
  const auto& answers = fold_.open()->answers;
  for (std::size_t i = 0; i < protocol_.questions.size(); ++i) {
    const Question& one = protocol_.questions[i];
    if (!one.show_if_question.empty()) {
      // A question that is itself not asked hides those that depend on it.
      const auto earlier = std::ranges::find(protocol_.questions, one.show_if_question, &Question::id);
      const auto place = static_cast<std::size_t>(earlier - protocol_.questions.begin());
      const auto answer = answers.find(one.show_if_question);
      if (std::ranges::find(asked, place) == asked.end() || answer == answers.end() ||
          !says(answer->second, one.show_if_answer)) {
        continue;
      }
    }
    asked.push_back(i);
  }
  return asked;
}

std::vector<std::string> ReadingSession::still_open() const {
  std::vector<std::string> open;
  if (!fold_.open() || fold_.open()->is_not_assessable) return open;
  for (const std::size_t i : asked()) {
    const Question& one = protocol_.questions[i];
    const bool is_answered =
        fold_.open()->answers.contains(one.id) ||
        (one.type == QuestionType::kMarks && !fold_.open()->marks.empty());
    if (one.is_required && !is_answered) open.push_back(one.id);
  }
  return open;
}

bool ReadingSession::is_too_early(const Stamp& at) const {
  return !shown_at_ || away_ms(*shown_at_, at) < protocol_.session.min_view_ms;
}

bool ReadingSession::is_over(const Stamp& at) const {
  if (next_position() == 0) return true;
  return n_in_session_ >= protocol_.session.max_readings ||
         (opened_at_ && minutes_between(*opened_at_, at) >= protocol_.session.max_minutes);
}

bool ReadingSession::is_break_due(const Stamp& at) const {
  return break_at_ && minutes_between(*break_at_, at) >= kBreakMinutes;
}

bool ReadingSession::needs_display_check(const Stamp& at) const {
  if (!protocol_.display.has_pattern_check) return false;
  return !checked_at_ ||
         minutes_between(*checked_at_, at) >= std::int64_t{60} * protocol_.display.pattern_every_h;
}

std::string ReadingSession::receipt() const { return study::receipt(head_.hash); }

void ReadingSession::open(const DisplayFacts& display, const Stamp& at) {
  if (phase_ != SessionPhase::kClosed) not_now("the session is open already", "close it first");
  write("session_open",
        {{"display",
          {{"bits", display.bits},
           {"h", display.height_px},
           {"monitor", display.monitor},
           {"w", display.width_px}}},
         {"package", facts_.package_sha256},
         {"program", facts_.program}},
        at);
  opened_at_ = break_at_ = last_tick_ = at;
  phase_ = fold_.open() ? SessionPhase::kReading : SessionPhase::kBetween;
}

void ReadingSession::display_check(int n_right, int n_trials, const Stamp& at) {
  if (phase_ == SessionPhase::kClosed) not_now("the session is not open", "open it first");
  write("display_check",
        {{"n_right", n_right}, {"n_trials", n_trials}, {"ok", n_right >= kLeastRight},
         {"pattern", "half_moons"}},
        at);
}

void ReadingSession::open_item(const ItemFacts& item, const Stamp& at) {
  if (phase_ != SessionPhase::kBetween) {
    not_now("a case cannot be opened now", "confirm the open one first");
  }
  if (needs_display_check(at)) {
    not_now("the display was not checked", "do the display check first");
  }
  if (item.position != next_position()) not_now("this is not the next case", "read them in order");
  write("reading_open",
        {{"code", item.code}, {"position", item.position}, {"repeat", item.is_repeat}}, at);
  arm_ = item.arm;
  is_shown_ = false;
  undo_.clear();
  look_.reset();
}

void ReadingSession::resume_item(const ItemFacts& item) {
  if (!fold_.open() || item.position != fold_.open()->position ||
      item.code != fold_.open()->code) {
    throw Error(Error::Kind::kInput, "the open case is not in this package", "the session",
                "use the package that the session was begun with")
        .with_code("other_package");
  }
  arm_ = item.arm;
}

void ReadingSession::image_shown(const Stamp& at) {
  if (phase_ != SessionPhase::kReading) not_now("no case is open", "open one first");
  write("image_shown", Json::object(), at);
  is_shown_ = true;
  shown_at_ = at;
  last_restart_us_ = at.boot_us;
}

void ReadingSession::input(const Stamp& at) {
  tick(at);
  if (is_asleep_) is_asleep_ = false;
  if (phase_ != SessionPhase::kReading || !is_shown_ || is_covered()) return;
  const std::int64_t idle_us = at.boot_us - last_restart_us_;
  if (idle_us > std::int64_t{protocol_.session.idle_s} * 1'000'000) {
    write("idle", {{"ms", idle_us / 1000}}, at);
  }
  last_restart_us_ = at.boot_us;
}

void ReadingSession::answer(const std::string& id, const std::optional<Answer>& answer,
                            const Stamp& at) {
  need_reading("answering");
  const Question& asked_question = question(id);
  std::optional<Answer> stored = answer;
  if (answer) {
    if (const auto fault = answer_fault(asked_question, *answer)) {
      throw Error(Error::Kind::kInput, *fault, "question " + id).with_code("bad_answer");
    }
    stored = stored_answer(asked_question, *answer);
  }
  const auto& answers = fold_.open()->answers;
  const auto found = answers.find(id);
  const std::optional<Answer> before =
      found == answers.end() ? std::nullopt : std::optional(found->second);
  if (before == stored) return;
  input(at);
  Json body = answer_json(stored);
  body["question"] = id;
  write("answer", std::move(body), at);
  undo_.push_back({id, before});
}

void ReadingSession::undo(const Stamp& at) {
  need_reading("taking back");
  if (undo_.empty()) not_now("there is nothing to take back", "go on");
  input(at);
  Json body = answer_json(undo_.back().before);
  body["question"] = undo_.back().question;
  write("undo", std::move(body), at);
  undo_.pop_back();
}

void ReadingSession::add_mark(int film, std::int64_t x_milli, std::int64_t y_milli,
                              const Stamp& at) {
  need_reading("marking");
  const auto marks = std::ranges::find(protocol_.questions, QuestionType::kMarks, &Question::type);
  if (marks == protocol_.questions.end()) not_now("no question asks for marks", "go on");
  if (std::ssize(fold_.open()->marks) >= marks->max_marks) {
    not_now(fmt::format("{} marks are the most", marks->max_marks), "remove one first");
  }
  input(at);
  write("mark", {{"film", film}, {"x_milli", x_milli}, {"y_milli", y_milli}}, at);
}

void ReadingSession::remove_mark(std::int64_t seq, const Stamp& at) {
  need_reading("marking");
  if (std::ranges::find(fold_.open()->marks, seq, &Mark::seq) == fold_.open()->marks.end()) {
    not_now("there is no such mark", "go on");
  }
  input(at);
  write("mark", {{"removed", seq}}, at);
}

void ReadingSession::set_look(HeatmapLook wanted, const Stamp& at) {
  need_reading("showing the heatmap");
  const Arm* arm = protocol_.find_arm(arm_);
  if (arm == nullptr || !arm->shows_what("heatmap")) return;
  const HeatmapLook before = look();
  if (!arm->has_toggle) wanted.is_on = before.is_on;
  if (!arm->is_opacity_adjustable) wanted.opacity_percent = before.opacity_percent;
  wanted.opacity_percent = std::clamp(wanted.opacity_percent, 0, 100);
  if (wanted == before) return;
  input(at);
  look_ = wanted;
  ++n_look_changes_;
  if (look_changes_.size() < kMostLookChanges) {
    look_changes_.push_back({std::max<std::int64_t>(0, away_ms(*shown_at_, at)), wanted});
  }
}

void ReadingSession::write_look(const Stamp& at) {
  Json changes = Json::array();
  for (const LookChange& one : look_changes_) {
    changes.push_back({one.ms, one.look.is_on ? 1 : 0, one.look.opacity_percent, one.look.has_outline ? 1 : 0,
                       one.look.is_beside ? 1 : 0});
  }
  write("heatmap", {{"changes", changes}, {"n", n_look_changes_}}, at);
  look_changes_.clear();
  n_look_changes_ = 0;
}

void ReadingSession::sign() {
  is_unsigned_ = true;
  journal_.sign_head();
  is_unsigned_ = false;
}

void ReadingSession::window_changed(double centre, double width, bool is_inverted, const Stamp& at) {
  need_reading("changing the window");
  input(at);
  write("window",
        {{"centre_milli", std::llround(centre * 1000)},
         {"inverted", is_inverted},
         {"width_milli", std::llround(width * 1000)}},
        at);
}

void ReadingSession::zoom_changed(double zoom, const Stamp& at) {
  need_reading("zooming");
  input(at);
  write("zoom", {{"zoom_ppm", std::llround(zoom * 1e6)}}, at);
}

void ReadingSession::set_flag(const std::string& flag, bool is_on, const Stamp& at) {
  need_reading("flagging");
  if (std::ranges::find(protocol_.flags, flag, &FlagRule::id) == protocol_.flags.end()) {
    not_now(fmt::format("there is no flag \"{}\"", flag), "go on");
  }
  if (fold_.open()->flags.contains(flag) == is_on) return;
  input(at);
  write("flag", {{"flag", flag}, {"on", is_on}}, at);
}

void ReadingSession::set_not_assessable(bool is_on, const Stamp& at) {
  need_reading("reporting");
  if (fold_.open()->is_not_assessable == is_on) return;
  input(at);
  write("flag", {{"on", is_on}, {"report", "not_assessable"}}, at);
}

void ReadingSession::set_seen_before(bool is_on, const Stamp& at) {
  need_reading("reporting");
  if (fold_.open()->is_seen_before == is_on) return;
  input(at);
  write("flag", {{"on", is_on}, {"report", "seen_before"}}, at);
}

void ReadingSession::set_note(const std::string& text, const Stamp& at) {
  need_reading("commenting");
  if (!protocol_.session.has_comments) not_now("this study has no comments", "go on");
  if (text.size() > kLongestText || first_invalid_utf8(text)) {
    throw Error(Error::Kind::kInput, "the comment is too long or not text", "comment")
        .with_code("bad_answer");
  }
  if (fold_.open()->note == text) return;
  input(at);
  write("note", {{"text", text}}, at);
}

void ReadingSession::pause(const Stamp& at) {
  if (phase_ == SessionPhase::kClosed || is_paused_) return;
  input(at);
  write("pause", Json::object(), at);
  is_paused_ = true;
}

void ReadingSession::resume(const Stamp& at) {
  if (!is_paused_) return;
  write("resume", Json::object(), at);
  is_paused_ = false;
  last_restart_us_ = at.boot_us;
}

void ReadingSession::focus(bool has_focus, const Stamp& at) {
  if (phase_ == SessionPhase::kClosed || has_focus_ == has_focus) return;
  tick(at);
  write("focus", {{"on", has_focus}}, at);
  has_focus_ = has_focus;
  last_restart_us_ = at.boot_us;
}

void ReadingSession::tick(const Stamp& at) {
  if (!last_tick_ || phase_ == SessionPhase::kClosed) return;
  const Stamp before = *last_tick_;
  if (before.boot != at.boot || at.boot_us < before.boot_us) {
    last_tick_ = at;
    return;
  }
  const std::int64_t asleep_us =
      (at.boot_us - at.mono_us) - (before.boot_us - before.mono_us);
  if (asleep_us > std::int64_t{protocol_.session.gap_s} * 1'000'000) {
    write("suspend", {{"ms", asleep_us / 1000}}, at);
    is_asleep_ = true;
    last_restart_us_ = at.boot_us;
  }
  const std::int64_t wall_ms =
      (parse_utc(at.utc, "a stamp") - parse_utc(before.utc, "a stamp")).count();
  const std::int64_t jump_ms = wall_ms - (at.boot_us - before.boot_us) / 1000;
  if (std::abs(jump_ms) > kClockJumpMs) write("clock_jump", {{"ms", jump_ms}}, at);
  last_tick_ = at;
}

void ReadingSession::take_break(const Stamp& at) { break_at_ = at; }

void ReadingSession::confirm(const Stamp& at) {
  if (is_unsigned_) return sign();
  need_reading("confirming");
  if (const auto open = still_open(); !open.empty()) {
    throw Error(Error::Kind::kRefused, fmt::format("still open: {}", fmt::join(open, ", ")),
                "the reading", "answer them, or say that the case is not assessable")
        .with_code("still_open");
  }
  if (is_too_early(at)) {
    throw Error(Error::Kind::kRefused, "the case was not looked at long enough", "the reading",
                "look on; Confirm opens in a moment")
        .with_code("too_early");
  }
  input(at);
  write_look(at);
  write("confirm", Json::object(), at);
  is_shown_ = false;
  undo_.clear();
  sign();
}

void ReadingSession::give_up(const std::string& reason, const Stamp& at) {
  if (is_unsigned_) return sign();
  if (phase_ != SessionPhase::kReading) not_now("no case is open", "go on");
  write_look(at);
  write("dnf", {{"reason", reason}}, at);
  is_shown_ = false;
  undo_.clear();
  sign();
}

void ReadingSession::close(const Stamp& at) {
  if (is_unsigned_) sign();
  if (phase_ == SessionPhase::kClosed) return;
  if (fold_.open()) write_look(at);
  write("session_close", {{"n_closed", n_closed_}}, at);
  phase_ = SessionPhase::kClosed;
  is_shown_ = false;
  sign();
}

}  // namespace rationale::study
