// Sealed to a person: anybody can close such a box, only the holder of the signing key opens it.
#pragma once

#include <string>
#include <string_view>

#include "study/log/chain.h"

namespace rationale::study {

/// libsodium's crypto_box_seal to the X25519 key that belongs to `reader` (an Ed25519 key). Anonymous: who
/// closed it is not known, so what must be from somebody is signed as well.
/// @throws Error (kInput, "bad_key") if `reader` is no point that a key pair has
std::string seal_to(const PublicKey& reader, std::string_view plain);

/// @throws Error (kInput, "box_refused") if it was sealed to another key or a byte changed
std::string open_sealed(const SigningKey& reader, std::string_view box);

}  // namespace rationale::study
