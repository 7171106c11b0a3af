// How long a case was read: the time from its first frame to the answer, sorted into three clocks.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace rationale::study {

enum class ReadingEventKind {
  kShown,     ///< first frame presented; the first event of a reading, and the only one of its kind
  kInput,     ///< key, click, drag or wheel
  kFocusOff,  ///< the window is no longer the one that is looked at
  kFocusOn,
  kPause,
  kResume,
  kSuspend,  ///< the machine slept
  kWake,
  kConfirm,  ///< the answer was confirmed; the last event, and the only one of its kind
};

struct ReadingEvent {
  std::int64_t at_ms = 0;  ///< of a clock that also runs while the machine sleeps (CLOCK_BOOTTIME)
  ReadingEventKind kind = ReadingEventKind::kInput;
};

/// Milliseconds; active + idle + hidden = wall.
struct ReadingTimes {
  std::int64_t active_ms = 0, idle_ms = 0, hidden_ms = 0, wall_ms = 0;
  bool operator==(const ReadingTimes&) const = default;
};

/// While any of focus-off, pause and suspend is in force, time is hidden. Other time is active up
/// to `idle_ms` after the last restart and idle beyond. Restarts: shown, each input while visible,
/// each return to visible. Input while hidden does not count. (golden/study, section 5.)
///
/// A second focus-off while one is in force changes nothing, nor does a return from what is not in
/// force.
/// @throws Error (kInput) unless the first event is shown, the last is confirm, neither stands
/// elsewhere,
///   times are within 0..2^53-1 and never go back, and idle_ms >= 0
ReadingTimes reading_times(std::span<const ReadingEvent> events, std::int64_t idle_ms);

/// "shown", "input", "focus_off", "focus_on", "pause", "resume", "suspend", "wake", "confirm".
/// @throws Error (kInput) for another word
ReadingEventKind parse_reading_event(std::string_view word);

}  // namespace rationale::study
