#include "study/session/reading.h"

#include <algorithm>

#include "study/session/events.h"

namespace rationale::study {
namespace {

void set_flag(Reading& reading, const Event& event) {
  const Body body(event);
  const bool is_on = body.truth("on");
  if (body.has("report")) {
    const std::string report = body.text("report");
    if (report == "not_assessable") {
      reading.is_not_assessable = is_on;
    } else if (report == "seen_before") {
      reading.is_seen_before = is_on;
    } else {
      body.refuse("no report is called so");
    }
  } else if (is_on) {
    reading.flags[body.text("flag")] = event.seq;
  } else {
    reading.flags.erase(body.text("flag"));
  }
}

void set_answer(Reading& reading, const Event& event) {
  const Body body(event);
  const std::string question = body.text("question");
  const auto answer = parse_answer(event.body);
  const auto before = std::ranges::count(reading.revisions, question, &AnswerRevision::question);
  reading.revisions.push_back({question, static_cast<int>(before) + 1, answer, event.seq});
  if (answer) {
    reading.answers[question] = *answer;
  } else {
    reading.answers.erase(question);
  }
}

void set_mark(Reading& reading, const Event& event) {
  const Body body(event);
  if (body.has("removed")) {
    const std::int64_t seq = body.integer("removed");
    std::erase_if(reading.marks, [&](const Mark& mark) { return mark.seq == seq; });
    return;
  }
  reading.marks.push_back({static_cast<int>(body.integer("film", 0, 100)),
                           body.integer("x_milli"), body.integer("y_milli"), event.seq});
}

void add_look_changes(Reading& reading, const Body& body) {
  reading.n_look_changes += static_cast<int>(body.integer("n", 0, 1'000'000));
  const nlohmann::json& changes = body.value("changes");
  if (!changes.is_array()) body.refuse("changes is no list");
  for (const nlohmann::json& one : changes) {
    const auto number = [&](std::size_t i, std::int64_t most) {
      if (!one.is_array() || one.size() != 5 || !one[i].is_number_integer()) body.refuse("a change is five numbers");
      const auto value = one[i].get<std::int64_t>();
      if (value < 0 || value > most) body.refuse("a change is out of range");
      return value;
    };
    reading.look_changes.push_back({.ms = number(0, std::int64_t{1} << 40),
                                    .look = {.is_on = number(1, 1) == 1,
                                             .opacity_percent = static_cast<int>(number(2, 100)),
                                             .has_outline = number(3, 1) == 1,
                                             .is_beside = number(4, 1) == 1}});
  }
}

}  // namespace

std::int64_t ReadingFold::time_of(const Stamp& at) {
  if (last_at_ && last_at_->boot != at.boot) {
    // The machine was started anew: its clock began again, the wall clock says how long it was off.
    shift_ms_ = last_ms_ + std::max<std::int64_t>(0, away_ms(*last_at_, at)) - at.boot_us / 1000;
  }
  last_ms_ = std::max(last_ms_, at.boot_us / 1000 + shift_ms_);
  last_at_ = at;
  return last_ms_;
}

void ReadingFold::log(std::int64_t at_ms, ReadingEventKind kind) {
  at_ms -= busy_ms_;
  clock_.push_back({clock_.empty() ? at_ms : std::max(at_ms, clock_.back().at_ms), kind});
}

/// Input that was not worth an event (a drag) is in no log; that the reader was there is: else an `idle`
/// event would say so. So what a gap has beyond the idle time is left out of the clock, and active at the end.
void ReadingFold::log_input(std::int64_t at_ms) {
  if (clock_.empty() || away_ != 0) return;
  if (idle_ms_ > 0) busy_ms_ += std::max<std::int64_t>(0, at_ms - last_restart_ms_ - idle_ms_);
  log(at_ms, ReadingEventKind::kInput);
  last_restart_ms_ = at_ms;
}

void ReadingFold::away(Reason reason, bool is_away, std::int64_t at_ms) {
  const bool was_away = away_ != 0;
  away_ = is_away ? away_ | reason : away_ & ~static_cast<unsigned>(reason);
  if (!was_away && away_ != 0) away_since_ms_ = at_ms;
  if (!was_away || away_ != 0) return;
  if (open_) {
    open_->longest_away_ms =
        std::max(open_->longest_away_ms, at_ms - away_since_ms_.value_or(at_ms));
  }
  away_since_ms_.reset();
  last_restart_ms_ = at_ms;
}

void ReadingFold::begin(const Event& event) {
  const Body body(event);
  if (open_) body.refuse("a reading is open already");
  open_ = Reading{.position = static_cast<int>(body.integer("position", 1, 1'000'000)),
                  .code = body.text("code"),
                  .is_repeat = body.truth("repeat"),
                  .open_seq = event.seq,
                  .opened_at = event.at.utc};
  clock_.clear();
  busy_ms_ = 0;
  away_ = 0;
  away_since_ms_.reset();
}

std::optional<Reading> ReadingFold::end(const Event& event) {
  Reading reading = std::move(*open_);
  open_.reset();
  reading.close_seq = event.seq;
  reading.closed_at = event.at.utc;
  if (event.kind == "dnf") reading.dnf = Body(event).text("reason");
  if (!clock_.empty()) {
    log(last_ms_, ReadingEventKind::kConfirm);
    reading.times = reading_times(clock_, idle_ms_);
    reading.times.active_ms += busy_ms_;
    reading.times.wall_ms += busy_ms_;
  }
  clock_.clear();
  away_ = 0;
  return reading;
}

void ReadingFold::change(const Event& event) {
  const Body body(event);
  const std::int64_t at_ms = last_ms_;
  switch (parse_event_kind(event.kind)) {
    case EventKind::kImageShown:
      if (clock_.empty()) {
        log(at_ms, ReadingEventKind::kShown);
      } else if ((away_ & kLeft) != 0) {
        log(at_ms, ReadingEventKind::kResume);
        away(kLeft, false, at_ms);
        ++open_->n_resumes;
      }
      last_restart_ms_ = at_ms;
      return;
    case EventKind::kAnswer:
      set_answer(*open_, event);
      log_input(at_ms);
      return;
    case EventKind::kUndo:
      set_answer(*open_, event);
      log_input(at_ms);
      return;
    case EventKind::kMark:
      set_mark(*open_, event);
      log_input(at_ms);
      return;
    case EventKind::kHeatmap:
      add_look_changes(*open_, body);
      return;
    case EventKind::kFlag:
      set_flag(*open_, event);
      log_input(at_ms);
      return;
    case EventKind::kNote:
      open_->note = body.text("text");
      log_input(at_ms);
      return;
    case EventKind::kWindow:
    case EventKind::kZoom:
      log_input(at_ms);
      return;
    case EventKind::kIdle: {
      const std::int64_t from_ms = at_ms - body.integer("ms", 0, std::int64_t{1} << 40);
      if (clock_.empty() || away_ != 0) return;
      log(std::max(from_ms, last_restart_ms_), ReadingEventKind::kInput);
      log(at_ms, ReadingEventKind::kInput);
      last_restart_ms_ = at_ms;
      return;
    }
    case EventKind::kFocus: {
      const bool is_on = body.truth("on");
      if (clock_.empty()) return;
      log(at_ms, is_on ? ReadingEventKind::kFocusOn : ReadingEventKind::kFocusOff);
      away(kFocus, !is_on, at_ms);
      open_->n_focus_losses += is_on ? 0 : 1;
      return;
    }
    case EventKind::kPause:
    case EventKind::kResume: {
      const bool is_pause = event.kind == "pause";
      if (clock_.empty()) return;
      log(at_ms, is_pause ? ReadingEventKind::kPause : ReadingEventKind::kResume);
      away(kPaused, is_pause, at_ms);
      return;
    }
    case EventKind::kSuspend: {
      const std::int64_t slept_ms = body.integer("ms", 0, std::int64_t{1} << 40);
      if (clock_.empty()) return;
      log(at_ms - slept_ms, ReadingEventKind::kSuspend);
      away(kAsleep, true, at_ms - slept_ms);
      log(at_ms, ReadingEventKind::kWake);
      away(kAsleep, false, at_ms);
      return;
    }
    default:
      return;
  }
}

std::optional<Reading> ReadingFold::apply(const Event& event) {
  const std::int64_t before_ms = last_ms_;
  time_of(event.at);
  const EventKind kind = parse_event_kind(event.kind);
  if (kind == EventKind::kReadingOpen) {
    begin(event);
    return std::nullopt;
  }
  if (!open_) return std::nullopt;
  if (kind == EventKind::kConfirm || kind == EventKind::kDnf) return end(event);
  const bool is_leaving = kind == EventKind::kSessionClose || kind == EventKind::kSessionOpen;
  if (is_leaving && !clock_.empty() && (away_ & kLeft) == 0) {
    // A program that died said nothing: what is known is its last event.
    const std::int64_t since = kind == EventKind::kSessionOpen ? before_ms : last_ms_;
    log(since, ReadingEventKind::kFocusOn);
    log(since, ReadingEventKind::kPause);
    away_ &= ~static_cast<unsigned>(kFocus | kPaused);
    away(kLeft, true, since);
    return std::nullopt;
  }
  change(event);
  return std::nullopt;
}

std::vector<Reading> readings_of(const std::vector<Event>& events, std::int64_t idle_ms) {
  ReadingFold fold(idle_ms);
  std::vector<Reading> readings;
  for (const Event& event : events) {
    if (auto closed = fold.apply(event)) readings.push_back(std::move(*closed));
  }
  if (fold.open()) readings.push_back(*fold.open());
  return readings;
}

}  // namespace rationale::study
