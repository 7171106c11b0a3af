// Answers that the coordinator cannot read: sealed to the study's data key, and to the reader for resuming.
#pragma once

#include <string>

#include "study/log/chain.h"
#include "study/log/event.h"

namespace rationale::study {

/// An X25519 pair: packages carry the public half, the secret half is sealed until unblinding.
struct DataKey {
  Bytes<32> public_half{}, secret_half{};

  static DataKey make();
  /// From the secret half, as it was sealed.
  static DataKey from_secret(const Bytes<32>& secret);
};

/// Passes events on to `inner`. Answers, marks, heatmap switches, flags, notes and undos become events of
/// kind "sealed" with the body {"box": base64, "own": base64}: CJ-1 of {"body", "kind"}, padded with spaces
/// to a multiple of 256 bytes, so that neither kind nor length tells the arm. What was done to the heatmap is one
/// event a reading in every arm, of 2048 bytes.
class BlindJournal : public Journal {
 public:
  /// @param data_key  public half  @param reader  the session's key. `inner` outlives this.
  BlindJournal(Journal& inner, const Bytes<32>& data_key, const PublicKey& reader)
      : inner_(inner), data_key_(data_key), reader_(reader) {}

  Head append(const Event& event) override;
  void sign_head() override { inner_.sign_head(); }

 private:
  Journal& inner_;
  Bytes<32> data_key_;
  PublicKey reader_;
};

/// Whether events of this kind are sealed.
bool is_blind_kind(const std::string& kind);

/// The event as the reader wrote it; events that are not sealed come back as they are.
/// @throws Error (kInput, "box_refused") for another key or a changed box
Event open_own(const Event& event, const SigningKey& reader);
Event open_for_study(const Event& event, const DataKey& data_key);

}  // namespace rationale::study
