#include "study/coordinator/merge.h"

#include <fmt/format.h>

#include <algorithm>

#include "data/base/error.h"
#include "data/base/file.h"
#include "data/base/text.h"
#include "study/coordinator/log_rules.h"
#include "study/coordinator/rebuild.h"
#include "study/exchange/bundle.h"
#include "study/session/events.h"

namespace rationale::study {
namespace {

constexpr std::int64_t kMinute = 60'000, kHour = 60 * kMinute;
constexpr std::int64_t kLongAwayMs = 10 * kMinute, kResumeLateMs = 12 * kHour;

struct Noted {
  std::string code, kind, text;
};

/// The first case of a period against the last of the one before, by the same rule as a release.
std::optional<Noted> short_washout(LockedStudy& study, const PeriodState& period, std::int64_t first_new_seq) {
  if (period.period == 1 || period.readings.empty() || period.readings.front().open_seq < first_new_seq) return {};
  const auto ends = study.washout_ends(period.reader, period.period);
  const UtcTime began = parse_utc(period.readings.front().opened_at, "the log");
  if (!ends || began >= *ends) return {};
  return Noted{"", "washout",
               fmt::format("the washout of {} days was not over: it ended on {}, and period {} began on {}",
                           study.protocol().design.washout_days, format_utc_day(*ends), period.period,
                           format_utc_day(began))};
}

/// Noted once for each reason.
std::optional<Noted> doubted_clock(LockedStudy& study, const PeriodState& period) {
  const auto fault = clock_fault(period, parse_utc(study.certificate().at, "lock.json"));
  if (!fault) return {};
  const std::string text = fmt::format("period {}: {}; the washout counts from the merge", period.period, *fault);
  const auto known = study.deviations();
  const bool is_known = std::ranges::any_of(known, [&](const LockedStudy::Deviation& one) {
    return one.reader == period.reader && one.text == text;
  });
  if (is_known) return {};
  return Noted{"", "clock", text};
}

std::vector<Noted> deviations_in(LockedStudy& study, const PeriodState& period, std::int64_t first_new_seq) {
  std::vector<Noted> noted;
  if (const auto one = short_washout(study, period, first_new_seq)) noted.push_back(*one);
  if (const auto one = doubted_clock(study, period)) noted.push_back(*one);
  for (const Event& event : period.events) {
    if (event.seq < first_new_seq) continue;
    if (event.kind == "clock_jump") {
      noted.push_back({"", "clock_jump",
                       fmt::format("the wall clock was set by {} s (event {})",
                                   Body(event).integer("ms") / 1000, event.seq)});
    } else if (event.kind == "display_check" && !Body(event).truth("ok")) {
      noted.push_back({"", "display_check",
                       fmt::format("the display check failed (event {})", event.seq)});
    }
  }
  for (const Reading& one : period.readings) {
    if (one.close_seq < first_new_seq) continue;
    if (one.longest_away_ms >= kResumeLateMs) {
      noted.push_back({one.code, "resumed_late",
                       fmt::format("case {} was resumed after {} h", one.code,
                                   one.longest_away_ms / kHour)});
    } else if (one.longest_away_ms >= kLongAwayMs) {
      noted.push_back({one.code, "away",
                       fmt::format("case {} was left for {} min", one.code,
                                   one.longest_away_ms / kMinute)});
    }
    if (one.dnf) {
      noted.push_back({one.code, "dnf", fmt::format("case {} was not read: {}", one.code, printable(*one.dnf))});
    }
  }
  return noted;
}

}  // namespace

MergeReport merge_file(LockedStudy& study, const std::filesystem::path& file, UtcTime now) {
  study.need(Stage::kLocked, "merging");
  const Bundle bundle = parse_bundle(read_file(file), file.string());
  const auto reader = study.certificate().readers.find(bundle.reader);
  if (bundle.study_id != study.protocol().study.id || reader == study.certificate().readers.end() ||
      bundle.period < 1 || bundle.period > study.protocol().design.periods) {
    throw Error(Error::Kind::kInput,
                fmt::format("the bundle is of {}, not of this study", bundle.chain_id),
                file.string(), "merge it into the study it belongs to")
        .with_code("other_study");
  }
  const std::string at = format_utc(now);
  Transaction transaction(study.store().database());  // goes back if the log is not as it must be
  const MergeOutcome merged = merge_bundle(study.store(), bundle, reader->second, at);
  PeriodState period = study.period(bundle.reader, bundle.period);
  MergeReport report{.reader = bundle.reader,
                     .period = bundle.period,
                     .from_seq = merged.from_seq,
                     .to_seq = merged.to_seq,
                     .n_new = merged.n_new,
                     .receipt = receipt(bundle.head.head.hash),
                     .deviations = {},
                     .n_done = period.n_done(),
                     .n_items = period.n_items};
  if (merged.n_new == 0) return report;
  check_reader_log(study, period);
  study.note({at, "merge", {{"bundle", bundle.sha256},
                            {"chain", bundle.chain_id},
                            {"head", to_hex(bundle.head.head.hash)},
                            {"to_seq", merged.to_seq}}});
  period = study.period(bundle.reader, bundle.period);  // with the time of this merge
  const std::int64_t first_new = merged.to_seq - merged.n_new + 1;
  for (const Noted& one : deviations_in(study, period, first_new)) {
    study.add_deviation(at, bundle.reader, one.code, one.kind, one.text);
    report.deviations.push_back(one.text);
  }
  rebuild_readings(study);
  transaction.commit();
  return report;
}

}  // namespace rationale::study
