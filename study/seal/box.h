// Boxes that only a key opens, and commitments that bind without telling.
#pragma once

#include <string>
#include <string_view>

#include "study/log/bytes.h"

namespace rationale::study {

using BoxKey = Bytes<32>;
using BoxNonce = Bytes<24>;

/// XChaCha20-Poly1305 (IETF) with associated data `kind 0x00 study_id`; the 16-byte tag stands at the end.
/// A nonce serves once a key: use make_nonce.
/// @throws Error (kInput) if `kind` holds a zero byte (then kind and study could be moved against each other)
std::string seal_box(const BoxKey& key, const BoxNonce& nonce, std::string_view kind,
                     std::string_view study_id, std::string_view plain);

/// The plain text. @throws Error (kInput, "box_refused") if key, nonce, kind, study or a byte of the box is
/// not what it was: which of them cannot be known
std::string open_box(const BoxKey& key, const BoxNonce& nonce, std::string_view kind,
                     std::string_view study_id, std::string_view box);

BoxNonce make_nonce();

/// SHA-256(salt || plain). The salt is kept inside the box with the plain text, else a truth file of two
/// classes could be guessed.
Digest commitment(const Bytes<32>& salt, std::string_view plain);

}  // namespace rationale::study
