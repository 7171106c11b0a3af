// The kinds of events of a reading session and the strict reading of their bodies: docs/events.md.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "study/log/event.h"

namespace rationale::study {

enum class EventKind {
  kSessionOpen,
  kSessionClose,
  kDisplayCheck,
  kReadingOpen,
  kImageShown,
  kWindow,
  kZoom,
  kHeatmap,
  kAnswer,
  kMark,
  kUndo,
  kStepFreeze,
  kFlag,
  kNote,
  kPause,
  kResume,
  kIdle,
  kFocus,
  kSuspend,
  kClockJump,
  kConfirm,
  kDnf,
  kError,
  kKeyChange,
};

/// "session_open" and so on, as an event says it.
const char* event_kind_name(EventKind kind);
/// @throws Error (kInput, "bad_event") for another word
EventKind parse_event_kind(std::string_view name);

/// Reads entries of one event's body; each wrong or missing one is an Error (kInput, "bad_event") that
/// names event and entry.
class Body {
 public:
  explicit Body(const Event& event) : event_(event) {}

  bool has(const char* name) const { return event_.body.contains(name); }
  std::int64_t integer(const char* name) const;  ///< |n| <= 2^53 - 1
  std::int64_t integer(const char* name, std::int64_t least, std::int64_t most) const;
  std::string text(const char* name) const;
  std::string text_or_empty(const char* name) const;
  bool truth(const char* name) const;
  const nlohmann::json& value(const char* name) const;
  [[noreturn]] void refuse(const std::string& what) const;

 private:
  const Event& event_;
};

/// Six characters that name one showing of one case on the screen: the first of Crockford's base32 of
/// SHA-256("rationale/study/showing/v1" 0x00 || chain id || u32be(position)). The same case has another one each
/// time it is shown, so that no name tells it again; reader, period and position tell whoever asks which it was.
std::string showing_code(const std::string& chain_id, int position);

/// Time that passed: by the clock that runs on while the machine sleeps; from one start of the machine
/// to another by the wall clock, which is all there is. May be negative only in the latter case.
std::int64_t away_ms(const Stamp& from, const Stamp& to);

}  // namespace rationale::study
