#include "study/exchange/reading_place.h"

#include <fmt/format.h>

#include "data/base/error.h"
#include "data/base/version.h"
#include "study/exchange/bundle.h"
#include "study/log/private_file.h"
#include "study/protocol/check.h"

namespace rationale::study {
namespace {

constexpr std::chrono::minutes kClockSlack{5};

std::filesystem::path session_folder(const std::filesystem::path& package) {
  std::filesystem::path folder = package;
  return folder.replace_extension(".session");
}

EventStore open_store(const std::filesystem::path& file, const PackageFacts& facts) {
  EventStore store = EventStore::is_begun(file) ? EventStore::open(file, Role::kReader)
                                                : EventStore::create(file, Role::kReader);
  const auto known = store.meta("package");
  if (!known) {
    store.set_meta("package", facts.body_sha256);
    store.set_meta("study", facts.study_id);
  } else if (*known != facts.body_sha256) {
    throw Error(Error::Kind::kInput, "this session folder belongs to another package",
                file.parent_path().string(), "give the package that it was begun with, or --session")
        .with_code("other_package");
  }
  return store;
}

/// A clock that was set back would fake the washout, and make the log's times meaningless.
void refuse_earlier(UtcTime now, const std::string& last_utc) {
  if (now + kClockSlack >= parse_utc(last_utc, "the log")) return;
  throw Error(Error::Kind::kRefused,
              fmt::format("this machine's clock says {}, but the last event here was at {}",
                          format_utc(now), last_utc),
              "the clock", "set the clock right; if it is right, tell the coordinator")
      .with_code("clock_set_back");
}

}  // namespace

ReadingPlace::ReadingPlace(const std::filesystem::path& package, const SigningKey& reader,
                           std::filesystem::path folder, UtcTime now, const std::filesystem::path& trace)
    : reader_(reader),
      package_(package, reader, now),
      protocol_(parse_protocol(package_.secrets().protocol_toml, "the package's protocol")),
      folder_(folder.empty() ? session_folder(package) : std::move(folder)) {
  package_.verify();
  const PackageFacts& facts = package_.facts();
  lock_ = std::make_unique<SessionLock>(folder_);
  store_ = std::make_unique<EventStore>(open_store(folder_ / "session.db", facts));
  const std::string chain = facts.chain_id();
  writer_ = std::make_unique<ChainWriter>(*store_, chain, reader_, "reader:" + facts.reader);
  check_session_chain(*store_, chain);

  Journal* journal = writer_.get();
  if (protocol_.blinding.coordinator) {
    blind_ = std::make_unique<BlindJournal>(*writer_, package_.secrets().data_key,
                                            reader_.public_key());
    journal = blind_.get();
  }
  if (!trace.empty()) {
    trace_ = std::make_unique<TraceJournal>(*journal, trace);
    journal = trace_.get();
  }
  std::vector<Event> past;
  for (const StoredEvent& stored : store_->events(chain)) {
    past.push_back(open_own(parse_event(stored.payload), reader_));
  }
  if (!past.empty()) refuse_earlier(now, past.back().at.utc);
  session_ = std::make_unique<ReadingSession>(
      protocol_,
      SessionFacts{.package_sha256 = facts.body_sha256, .program = version(), .n_items = facts.n_items},
      *journal, past);
}

std::filesystem::path ReadingPlace::write_bundle() {
  const PackageFacts& facts = package_.facts();
  std::filesystem::path path;
  std::error_code ignored;
  for (int n = 1; path.empty() || std::filesystem::exists(path, ignored); ++n) {
    path = folder_ / fmt::format("{}-p{}-{:04}.rbn", facts.reader, facts.period, n);
  }
  write_private_file(path, bundle_text(*store_, facts.study_id, facts.reader, facts.period,
                                       facts.chain_id(), reader_));
  return path;
}

}  // namespace rationale::study
