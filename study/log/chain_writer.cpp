#include "study/log/chain_writer.h"

#include <fmt/format.h>

#include "data/base/error.h"
#include "data/base/file.h"
#include "study/log/canonical.h"
#include "study/log/private_file.h"

namespace rationale::study {
namespace {

constexpr std::size_t kLargestHeadFile = 1 << 16;

}  // namespace

ChainWriter::ChainWriter(EventStore& store, std::string chain_id, const SigningKey& key,
                         std::string actor)
    : store_(store), chain_id_(std::move(chain_id)), key_(key), actor_(std::move(actor)) {
  const auto owner = store_.chain_key(chain_id_);
  if (!owner) {
    store_.add_chain(chain_id_, key_.public_key());
  } else if (*owner != key_.public_key()) {
    throw Error(Error::Kind::kInput, fmt::format("the log {} is another key's", chain_id_),
                store_.file().string(), "use the key that the session was begun with")
        .with_code("other_key");
  }
  head_ = store_.head(chain_id_);
  // The process ended between the first row and its file: made good, so that a second end there is no missing file.
  std::error_code ignored;
  if (store_.n_checkpoints(chain_id_) == 1 && !std::filesystem::exists(head_file(store_.file()), ignored)) {
    write_head_file(key_.sign(checkpoint_message(chain_id_, head_)));
  }
}

Head ChainWriter::append(const Event& event) {
  Event complete = event;
  if (complete.actor.empty()) complete.actor = actor_;
  const std::string payload = event_payload(complete, head_.seq + 1);
  const Head next = next_head(head_, payload);
  Transaction transaction(store_.database());
  store_.append(chain_id_, {next.seq, payload, next.hash});
  transaction.commit();
  head_ = next;
  return head_;
}

void ChainWriter::sign_head() {
  if (head_.seq == 0) return;
  const Signature signature = key_.sign(checkpoint_message(chain_id_, head_));
  store_.add_checkpoint(chain_id_, head_.seq, signature);
  write_head_file(signature);
}

void ChainWriter::write_head_file(const Signature& signature) const {
  const auto hex = [](std::string_view bytes) {
    return to_hex({reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()});
  };
  write_private_file(head_file(store_.file()),
                     canonical_json({{"chain_id", chain_id_},
                                     {"checkpoint", hex(checkpoint_message(chain_id_, head_))},
                                     {"public_key", to_hex(key_.public_key())},
                                     {"signature", to_hex(signature)}}) +
                         "\n");
}

std::filesystem::path head_file(const std::filesystem::path& store) {
  return store.parent_path() / "session.head";
}

void check_session_chain(EventStore& store, const std::string& chain_id) {
  std::optional<Head> signed_head;
  const std::filesystem::path file = head_file(store.file());
  std::error_code ignored;
  if (std::filesystem::exists(file, ignored)) {
    const Checkpoint checkpoint =
        parse_checkpoint(read_private_file(file, kLargestHeadFile), file.string());
    if (!checkpoint.is_signed() || checkpoint.chain_id != chain_id ||
        checkpoint.key != store.chain_key(chain_id).value_or(PublicKey{})) {
      throw Error(Error::Kind::kInput, "the signed head is not this session's", file.string(),
                  "restore the session folder as it was")
          .with_code("CH04");
    }
    signed_head = checkpoint.head;
  } else if (store.n_checkpoints(chain_id) > 1) {  // the file follows the row: a crash may lack it once
    throw Error(Error::Kind::kInput, "the signed head is not there", file.string(),
                "restore the session folder as it was")
        .with_code("CH04");
  }
  const LogCheck check = store.check_chain(chain_id, signed_head);
  if (!check.fault) return;
  throw Error(Error::Kind::kInput,
              fmt::format("the log of {} is not as it was written: {}", chain_id, check.fault->what),
              fmt::format("{}, event {}", store.file().string(), check.fault->seq),
              "stop, keep the folder as it is, and tell the coordinator")
      .with_code(check.fault->code);
}

}  // namespace rationale::study
