// Checks a protocol file: every error of a phase at once, each with code, line and what to do.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "study/protocol/protocol.h"

namespace rationale::study {

/// One fault, or one thing that a statistician would ask about. Codes: docs/protocol.md.
struct Finding {
  int line = 1;          ///< from 1; of the key, of the table's header if the key is missing
  std::string code;      ///< "RS204", warnings "W301"
  std::string path;      ///< "design.washout_days", "arm[1].label"; empty: the file
  std::string message;   ///< what; what to do
};

struct ProtocolCheck {
  std::vector<Finding> errors, warnings;  ///< sorted by line, code, path
};

/// Three phases: bytes and TOML syntax, structure, cross-checks. A phase runs only if the one before it
/// found nothing. Never throws for what the file says.
ProtocolCheck check_protocol(std::string_view bytes);

/// The protocol as values, defaults filled in.
/// @param name  of the file, for messages
/// @throws Error (kInput, the first finding's code) at "FILE:LINE" if it has errors
Protocol parse_protocol(std::string_view bytes, const std::string& name);

}  // namespace rationale::study
