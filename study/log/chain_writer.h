// Writes one chain of a store, event by event, and signs where it stands.
#pragma once

#include <filesystem>
#include <string>

#include "study/log/event.h"
#include "study/log/store.h"

namespace rationale::study {

/// The journal of one session: every event is committed before append returns.
class ChainWriter : public Journal {
 public:
  /// Goes on where the chain ends; makes it if it is not there. `store` outlives this.
  /// @param actor  such as "reader:r2"
  /// @throws Error (kInput, "other_key") if the chain is another key's
  ChainWriter(EventStore& store, std::string chain_id, const SigningKey& key, std::string actor);

  Head append(const Event& event) override;

  /// A checkpoint in the store, and the signed head in a file beside it (see head_file): a store that lost
  /// its tail (a copy without -wal) no longer has the event that the file names.
  void sign_head() override;

  const Head& head() const { return head_; }
  const std::string& chain_id() const { return chain_id_; }

 private:
  void write_head_file(const Signature& signature) const;

  EventStore& store_;
  std::string chain_id_;
  SigningKey key_;
  std::string actor_;
  Head head_;
};

/// "session.head" beside a store.
std::filesystem::path head_file(const std::filesystem::path& store);

/// Checks a chain against the signed head beside the store. There is none before the first confirm; after the
/// second one a store without it lacks a file that somebody took away.
/// @throws Error (kInput, CH01-CH04) naming the event that is missing or was changed
void check_session_chain(EventStore& store, const std::string& chain_id);

}  // namespace rationale::study
