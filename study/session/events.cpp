#include "study/session/events.h"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "data/base/error.h"
#include "data/base/utc.h"
#include "study/log/canonical.h"

namespace rationale::study {

using namespace std::string_view_literals;

namespace {

using Kind = EventKind;

constexpr std::array<std::pair<const char*, Kind>, 24> kNames{{
    {"session_open", Kind::kSessionOpen}, {"session_close", Kind::kSessionClose},
    {"display_check", Kind::kDisplayCheck}, {"reading_open", Kind::kReadingOpen},
    {"image_shown", Kind::kImageShown}, {"window", Kind::kWindow},
    {"zoom", Kind::kZoom}, {"heatmap", Kind::kHeatmap},
    {"answer", Kind::kAnswer}, {"mark", Kind::kMark},
    {"undo", Kind::kUndo}, {"step_freeze", Kind::kStepFreeze},
    {"flag", Kind::kFlag}, {"note", Kind::kNote},
    {"pause", Kind::kPause}, {"resume", Kind::kResume},
    {"idle", Kind::kIdle}, {"focus", Kind::kFocus},
    {"suspend", Kind::kSuspend}, {"clock_jump", Kind::kClockJump},
    {"confirm", Kind::kConfirm}, {"dnf", Kind::kDnf},
    {"error", Kind::kError}, {"key_change", Kind::kKeyChange},
}};

}  // namespace

const char* event_kind_name(EventKind kind) {
  for (const auto& [name, named] : kNames) {
    if (named == kind) return name;
  }
  return "";
}

EventKind parse_event_kind(std::string_view name) {
  for (const auto& [known, kind] : kNames) {
    if (known == name) return kind;
  }
  throw Error(Error::Kind::kInput, fmt::format("no event is called \"{}\"", name), "the kind of an event")
      .with_code("bad_event");
}

void Body::refuse(const std::string& what) const {
  throw Error(Error::Kind::kInput, what, fmt::format("event {} ({})", event_.seq, event_.kind))
      .with_code("bad_event");
}

const nlohmann::json& Body::value(const char* name) const {
  const auto found = event_.body.find(name);
  if (found == event_.body.end()) refuse(fmt::format("\"{}\" is missing", name));
  return *found;
}

std::int64_t Body::integer(const char* name) const {
  return integer(name, -kLargestInteger, kLargestInteger);
}

std::int64_t Body::integer(const char* name, std::int64_t least, std::int64_t most) const {
  const auto& found = value(name);
  if (!found.is_number_integer()) refuse(fmt::format("\"{}\" is not an integer", name));
  const bool is_too_large =
      found.is_number_unsigned() && found.get<std::uint64_t>() > static_cast<std::uint64_t>(kLargestInteger);
  if (is_too_large || found.get<std::int64_t>() < least || found.get<std::int64_t>() > most) {
    refuse(fmt::format("\"{}\" is outside {}..{}", name, least, most));
  }
  return found.get<std::int64_t>();
}

std::string Body::text(const char* name) const {
  const auto& found = value(name);
  if (!found.is_string()) refuse(fmt::format("\"{}\" is not a string", name));
  return found.get<std::string>();
}

std::string Body::text_or_empty(const char* name) const { return has(name) ? text(name) : ""; }

bool Body::truth(const char* name) const {
  const auto& found = value(name);
  if (!found.is_boolean()) refuse(fmt::format("\"{}\" is neither true nor false", name));
  return found.get<bool>();
}

std::int64_t away_ms(const Stamp& from, const Stamp& to) {
  if (from.boot == to.boot) return (to.boot_us - from.boot_us) / 1000;
  return (parse_utc(to.utc, "an event") - parse_utc(from.utc, "an event")).count();
}

std::string showing_code(const std::string& chain_id, int position) {
  const std::string place = big_endian_32(static_cast<std::uint32_t>(position));
  const std::array<std::string_view, 3> pieces{"rationale/study/showing/v1\0"sv, chain_id, place};
  return crockford_base32(sha256_of(pieces), 6);
}

}  // namespace rationale::study
