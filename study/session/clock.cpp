#include "study/session/clock.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "data/base/error.h"

namespace rationale::study {
namespace {

constexpr std::int64_t kLatestMs = (std::int64_t{1} << 53) - 1;

void check_events(std::span<const ReadingEvent> events, std::int64_t idle_ms) {
  const auto refuse = [](const std::string& what) {
    throw Error(Error::Kind::kInput, what, "the events of a reading");
  };
  if (idle_ms < 0) refuse("a negative idle time");
  if (events.size() < 2) refuse("a reading has at least two events, shown and confirm");
  std::int64_t last_ms = 0;
  for (std::size_t i = 0; i < events.size(); ++i) {
    const ReadingEvent& event = events[i];
    if (event.at_ms < last_ms || event.at_ms > kLatestMs) {
      refuse(fmt::format("event {} is at {} ms, before the one before it or out of range", i,
                         event.at_ms));
    }
    if ((event.kind == ReadingEventKind::kShown) != (i == 0)) {
      refuse("a reading begins with shown, once");
    }
    if ((event.kind == ReadingEventKind::kConfirm) != (i + 1 == events.size())) {
      refuse("a reading ends with confirm, once");
    }
    last_ms = event.at_ms;
  }
}

/// Which reasons for not being seen are in force.
struct Hiding {
  bool focus = false, pause = false, suspend = false;

  bool any() const { return focus || pause || suspend; }

  void apply(ReadingEventKind kind) {
    switch (kind) {
      case ReadingEventKind::kFocusOff:
        focus = true;
        break;
      case ReadingEventKind::kFocusOn:
        focus = false;
        break;
      case ReadingEventKind::kPause:
        pause = true;
        break;
      case ReadingEventKind::kResume:
        pause = false;
        break;
      case ReadingEventKind::kSuspend:
        suspend = true;
        break;
      case ReadingEventKind::kWake:
        suspend = false;
        break;
      default:
        break;
    }
  }
};

}  // namespace

ReadingTimes reading_times(std::span<const ReadingEvent> events, std::int64_t idle_ms) {
  check_events(events, idle_ms);
  ReadingTimes times;
  Hiding hiding;
  std::int64_t last_ms = events.front().at_ms;
  std::int64_t active_left_ms = idle_ms;  // until the time since the last restart becomes idle
  for (const ReadingEvent& event : events) {
    const std::int64_t passed_ms = event.at_ms - last_ms;
    last_ms = event.at_ms;
    if (hiding.any()) {
      times.hidden_ms += passed_ms;
    } else {
      const std::int64_t active_ms = std::min(passed_ms, active_left_ms);
      times.active_ms += active_ms;
      times.idle_ms += passed_ms - active_ms;
      active_left_ms -= active_ms;
    }
    const bool was_hidden = hiding.any();
    hiding.apply(event.kind);
    const bool is_restart = event.kind == ReadingEventKind::kInput || was_hidden;
    if (is_restart && !hiding.any()) active_left_ms = idle_ms;
  }
  times.wall_ms = last_ms - events.front().at_ms;
  return times;
}

ReadingEventKind parse_reading_event(std::string_view word) {
  using Kind = ReadingEventKind;
  constexpr std::array<std::pair<std::string_view, Kind>, 9> kWords{{
      {"shown", Kind::kShown},
      {"input", Kind::kInput},
      {"focus_off", Kind::kFocusOff},
      {"focus_on", Kind::kFocusOn},
      {"pause", Kind::kPause},
      {"resume", Kind::kResume},
      {"suspend", Kind::kSuspend},
      {"wake", Kind::kWake},
      {"confirm", Kind::kConfirm},
  }};
  for (const auto& [name, kind] : kWords) {
    if (name == word) return kind;
  }
  throw Error(Error::Kind::kInput, fmt::format("no event of a reading is called \"{}\"", word));
}

}  // namespace rationale::study
