// A bundle: the events of one session on their way to the coordinator. Events only, no pictures.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "study/log/store.h"

namespace rationale::study {

struct Bundle {
  std::string study_id, reader;
  int period = 1;
  std::string chain_id;
  Checkpoint head;                  ///< signed by the reader
  std::vector<StoredEvent> events;  ///< without a gap, up to the head
  std::string sha256;               ///< of the file
};

/// Text: a line of CJ-1 with what it is and the signed head, then a line an event as in a log file.
/// @return  the text; the chain must not be empty
std::string bundle_text(EventStore& store, const std::string& study_id, const std::string& reader,
                        int period, const std::string& chain_id, const SigningKey& key,
                        std::int64_t from_seq = 1);

/// @throws Error (kInput, "no_bundle") for another file; (kInput, "damaged") with the line for one whose
///   numbers, hashes or signature are not right. A bundle that does not begin at event 1 is checked from
///   its second event on; merging checks the first.
Bundle parse_bundle(const std::string& text, const std::string& name);

struct MergeOutcome {
  std::int64_t from_seq = 0, to_seq = 0;  ///< of the bundle
  std::int64_t n_new = 0;                 ///< events that the store had not
};

/// All or nothing. The same bundle again changes nothing; an older one neither.
/// @param reader_key  as it was enrolled
/// @throws Error (kInput, "wrong_key") if another key signed it; (kRefused, RS508) if events before it are
///   missing; (kInput, "fork") if the store has another event of the same number
MergeOutcome merge_bundle(EventStore& store, const Bundle& bundle, const PublicKey& reader_key,
                          const std::string& merged_at);

}  // namespace rationale::study
