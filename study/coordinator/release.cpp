#include "study/coordinator/release.h"

#include <fmt/format.h>

#include "data/base/error.h"
#include "data/base/text.h"
#include "study/exchange/package.h"
#include "study/log/private_file.h"

namespace rationale::study {
namespace {

std::string why_not(LockedStudy& study, const std::string& reader, int period, UtcTime now) {
  const auto washed = study.washout_ends(reader, period);
  if (!washed) {
    const PeriodState before = study.period(reader, period - 1);
    return fmt::format("rule I9: period {} is read for {} of {} cases; merge its bundles first",
                       period - 1, before.n_done(), before.n_items);
  }
  if (now < *washed) {
    return fmt::format("rule I9: the washout of {} days ends on {}",
                       study.protocol().design.washout_days, format_utc_day(*washed));
  }
  return {};
}

}  // namespace

std::vector<ReleaseOutcome> release_period(LockedStudy& study, int period,
                                           const std::filesystem::path& outbox, UtcTime now) {
  study.need(Stage::kLocked, "releasing packages");
  if (period < 1 || period > study.protocol().design.periods) {
    throw Error(Error::Kind::kInput, fmt::format("there is no period {}", period), "--period",
                fmt::format("the design has {}", study.protocol().design.periods))
        .with_code("unknown_period");
  }
  std::error_code ignored;
  if (std::filesystem::equivalent(outbox, study.folder().packages(), ignored)) {
    throw Error(Error::Kind::kRefused, "the sealed packages lie there, and must stay sealed", outbox.string(),
                "name another folder with --out")
        .with_code("sealed_packages");
  }
  make_private_folder(outbox);
  const std::string hex(trim(read_private_file(study.folder().release_key(), 4096)));
  const auto release_key = bytes_from_hex<32>(hex, study.folder().release_key().string());
  std::vector<ReleaseOutcome> outcomes;
  for (const ReaderFacts& reader : study.protocol().readers) {
    ReleaseOutcome outcome{.reader = reader.id, .period = period};
    const std::string id = fmt::format("{}-p{}", reader.id, period);
    outcome.why_not = why_not(study, reader.id, period, now);
    if (outcome.why_not.empty()) {
      const std::filesystem::path sealed = study.folder().packages() / (id + ".rpk");
      if (package_digests(sealed) != study.package(reader.id, period).sha256) {
        throw Error(Error::Kind::kInput, "the package is not the one that was locked",
                    sealed.string(), "restore it from the folder that `rationale study lock` made")
            .with_code("damaged");
      }
      outcome.package = outbox / (id + ".rpk");
      release_package(sealed, outcome.package, release_key);
      outcome.bytes = static_cast<std::int64_t>(std::filesystem::file_size(outcome.package));
      outcome.is_released = true;
      if (!study.released_at(reader.id, period)) {
        Transaction transaction(study.store().database());
        study.note({format_utc(now), "release", {{"period", period}, {"reader", reader.id}}});
        transaction.commit();
      }
    }
    outcomes.push_back(std::move(outcome));
  }
  return outcomes;
}

}  // namespace rationale::study
