// Where one reader reads one package: the package, the session's folder with its store, and the session
// itself. The window and the simulated reader both sit here.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "study/exchange/blind_journal.h"
#include "study/exchange/package.h"
#include "study/log/chain_writer.h"
#include "study/log/session_lock.h"
#include "study/log/trace_journal.h"
#include "study/session/session.h"

namespace rationale::study {

class ReadingPlace {
 public:
  /// Opens the package (reading all of it once: a damaged byte is found now and not in case 200), then the
  /// session's store in `folder`, made if it is not there.
  /// @param folder  empty: "r2-p1.session" beside "r2-p1.rpk"
  /// @param trace   a file that gets a line for every event once it is stored; empty: none
  /// @throws what PackageFile, SessionLock, EventStore and check_session_chain throw; (kInput,
  ///   "other_package") if the folder is another package's; (kRefused, "clock_set_back") if `now` is more than
  ///   five minutes before the last event
  ReadingPlace(const std::filesystem::path& package, const SigningKey& reader,
               std::filesystem::path folder, UtcTime now, const std::filesystem::path& trace = {});
  ReadingPlace(const ReadingPlace&) = delete;
  ReadingPlace& operator=(const ReadingPlace&) = delete;

  const Protocol& protocol() const { return protocol_; }
  const PackageFile& package() const { return package_; }
  const std::filesystem::path& folder() const { return folder_; }
  ReadingSession& session() { return *session_; }
  const ReadingSession& session() const { return *session_; }

  /// Safe on another thread than the rest.
  Item item(int position) const { return package_.item(position); }

  /// Writes "r2-p1-000N.rbn" into the folder: all events, signed. @return  its path
  std::filesystem::path write_bundle();

 private:
  SigningKey reader_;
  PackageFile package_;
  Protocol protocol_;
  std::filesystem::path folder_;
  std::unique_ptr<SessionLock> lock_;
  std::unique_ptr<EventStore> store_;
  std::unique_ptr<ChainWriter> writer_;
  std::unique_ptr<BlindJournal> blind_;
  std::unique_ptr<TraceJournal> trace_;
  std::unique_ptr<ReadingSession> session_;
};

}  // namespace rationale::study
