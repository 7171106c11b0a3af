#include "study/coordinator/merge.h"

#include <fmt/format.h>

#include <algorithm>

#include "data/base/error.h"
#include "data/base/file.h"
#include "study/coordinator/rebuild.h"
#include "study/exchange/bundle.h"

namespace rationale::study {
namespace {

constexpr std::int64_t kMinute = 60'000, kHour = 60 * kMinute;
constexpr std::int64_t kLongAwayMs = 10 * kMinute, kResumeLateMs = 12 * kHour;

struct Noted {
  std::string code, kind, text;
};

std::vector<Noted> deviations_in(const PeriodState& period, std::int64_t first_new_seq) {
  std::vector<Noted> noted;
  for (const Event& event : period.events) {
    if (event.seq < first_new_seq) continue;
    if (event.kind == "clock_jump") {
      noted.push_back({"", "clock_jump",
                       fmt::format("the wall clock was set by {} s (event {})",
                                   event.body.value("ms", std::int64_t{0}) / 1000, event.seq)});
    } else if (event.kind == "display_check" && !event.body.value("ok", false)) {
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
      noted.push_back({one.code, "dnf", fmt::format("case {} was not read: {}", one.code, *one.dnf)});
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
      bundle.period > study.protocol().design.periods) {
    throw Error(Error::Kind::kInput,
                fmt::format("the bundle is of {}, not of this study", bundle.chain_id),
                file.string(), "merge it into the study it belongs to")
        .with_code("other_study");
  }
  const std::string at = format_utc(now);
  const MergeOutcome merged = merge_bundle(study.store(), bundle, reader->second, at);
  const PeriodState period = study.period(bundle.reader, bundle.period);
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
  const std::int64_t first_new = merged.to_seq - merged.n_new + 1;
  for (const Noted& one : deviations_in(period, first_new)) {
    study.add_deviation(at, bundle.reader, one.code, one.kind, one.text);
    report.deviations.push_back(one.text);
  }
  rebuild_readings(study);
  return report;
}

}  // namespace rationale::study
