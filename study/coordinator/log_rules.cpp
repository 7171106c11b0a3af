#include "study/coordinator/log_rules.h"

#include <fmt/format.h>

#include <algorithm>

#include "data/base/error.h"
#include "study/exchange/blind_journal.h"
#include "study/session/events.h"

namespace rationale::study {
namespace {

constexpr std::size_t kCodeLength = 6;
constexpr std::chrono::days kReleaseSlack{1};     ///< of the reader's clock against the coordinator's
constexpr std::chrono::years kFurthest{10};       ///< from the lock, of any clock

[[noreturn]] void refuse(const PeriodState& period, const Event& event, const std::string& what, const char* code) {
  throw Error(Error::Kind::kInput, fmt::format("{} p{}: {}", period.reader, period.period, what),
              fmt::format("event {} ({})", event.seq, event.kind),
              "nothing was merged; keep the bundle, and ask the reader which package was read on which machine")
      .with_code(code);
}

void check_kind(const LockedStudy& study, const PeriodState& period, const Event& event) {
  const bool is_blind = study.protocol().blinding.coordinator;
  if (event.kind == "sealed") {
    if (!is_blind) refuse(period, event, "something is sealed in a study that seals nothing", "bad_event");
    return;
  }
  static_cast<void>(parse_event_kind(event.kind));
  if (is_blind && is_blind_kind(event.kind)) refuse(period, event, "it is not sealed", "not_sealed");
}

void check_time(const PeriodState& period, const Event& event, UtcTime locked) {
  const UtcTime at = parse_utc(event.at.utc, fmt::format("event {}", event.seq));
  if (at < locked - kFurthest || at > locked + kFurthest || event.at.boot_us < 0 || event.at.mono_us < 0) {
    refuse(period, event, fmt::format("its time ({}) cannot be", event.at.utc), "bad_time");
  }
}

void check_session(LockedStudy& study, const PeriodState& period, const Event& event, UtcTime locked) {
  if (Body(event).text("package") != study.package(period.reader, period.period).sha256.body) {
    refuse(period, event, "another package was read than the one that was locked (rule T23)", "other_package");
  }
  const UtcTime at = parse_utc(event.at.utc, "the log");
  if (at < locked) refuse(period, event, "it was read before the lock (rule I19)", "I19");
  if (period.period == 1) return;
  const auto released = study.released_at(period.reader, period.period);
  if (!released || at < *released - kReleaseSlack) {
    refuse(period, event, "it was read before its package was released (rule I9)", "I9");
  }
}

void check_opening(const PeriodState& period, const Event& event, int expected) {
  const Body body(event);
  const std::string code = body.text("code");
  const bool is_code = code.size() == kCodeLength && std::ranges::all_of(code, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
  });
  if (!is_code) refuse(period, event, "a case has no code", "bad_event");
  if (body.integer("position") != expected || expected > period.n_items) {
    refuse(period, event, fmt::format("case {} of {} cannot be the next one: {} were opened before",
                                      body.integer("position"), period.n_items, expected - 1), "bad_event");
  }
}

}  // namespace

void check_reader_log(LockedStudy& study, const PeriodState& period) {
  const UtcTime locked = parse_utc(study.certificate().at, "lock.json");
  int n_opened = 0;
  bool is_begun = false;
  for (const Event& event : period.events) {
    check_kind(study, period, event);
    check_time(period, event, locked);
    if (event.kind == "session_open") {
      check_session(study, period, event, locked);
      is_begun = true;
    }
    if (!is_begun) refuse(period, event, "no session was open", "bad_event");
    if (event.kind == "reading_open") check_opening(period, event, ++n_opened);
  }
}

}  // namespace rationale::study
