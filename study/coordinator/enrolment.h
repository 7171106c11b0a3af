// Who takes part: the public keys that readers and custodians sent in before the lock.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "study/log/chain.h"
#include "study/protocol/protocol.h"

namespace rationale::study {

struct Enrolled {
  PublicKey key{};
  std::string at;  ///< UTC
};

struct Enrolment {
  std::map<std::string, Enrolled> readers;     ///< by reader id
  std::map<std::string, Enrolled> custodians;  ///< by the name in blinding.custodians
};

/// Keys that the protocol itself states count as enrolled. `file`: enrolled.json of the study folder; if it
/// is not there, nobody else is.
/// @throws Error (kInput, "bad_enrolment") if it is malformed, names somebody the protocol does not, or gives a
///   reader another key than the protocol; (kRefused, "one_key") if two people have one key; (kRefused, "one_name")
///   if a custodian is called as a reader: neither could be told from the other
Enrolment read_enrolment(const std::filesystem::path& file, const Protocol& protocol);

/// Adds `name` (a reader's id or a custodian's name) to `file`, which is replaced whole.
/// @param hex  64 hex digits, as `rationale read --make-key` prints them
/// @return  "reader" or "custodian"
/// @throws Error (kInput) for a name the protocol has not or a key that is none; (kRefused, "enrolled") if
///   the name has another key already, or the key another name: one key, one person
std::string enrol(const std::filesystem::path& file, const Protocol& protocol,
                  const std::string& name, const std::string& hex, const std::string& at);

}  // namespace rationale::study
