#include "study/exchange/reading_place.h"

#include <fmt/format.h>

#include "data/base/error.h"
#include "data/base/version.h"
#include "study/exchange/bundle.h"
#include "study/log/private_file.h"
#include "study/protocol/check.h"

namespace rationale::study {
namespace {

std::filesystem::path session_folder(const std::filesystem::path& package) {
  std::filesystem::path folder = package;
  return folder.replace_extension(".session");
}

EventStore open_store(const std::filesystem::path& file, const PackageFacts& facts) {
  std::error_code ignored;
  const bool is_new = !std::filesystem::exists(file, ignored);
  EventStore store = is_new ? EventStore::create(file, Role::kReader)
                            : EventStore::open(file, Role::kReader);
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

}  // namespace

ReadingPlace::ReadingPlace(const std::filesystem::path& package, const SigningKey& reader,
                           std::filesystem::path folder, UtcTime now)
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
  std::vector<Event> past;
  for (const StoredEvent& stored : store_->events(chain)) {
    past.push_back(open_own(parse_event(stored.payload), reader_));
  }
  if (!past.empty()) last_utc_ = past.back().at.utc;
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
