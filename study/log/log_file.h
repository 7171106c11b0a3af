// A log as a text file (JSON Lines with hashes), and the check that nobody changed it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "study/log/chain.h"

namespace rationale::study {

/// What is wrong with a log, in the words of golden/study, section 3.
struct LogFault {
  std::string code;  ///< CH01 hash, CH02 number, CH03 not canonical, CH04 not what was signed
  std::int64_t seq =
      0;             ///< of the event that was expected there; CH04: of the last event of the file
  std::string what;  ///< a sentence
};

struct LogCheck {
  Head head;                      ///< after the last good event
  std::optional<LogFault> fault;  ///< the first one
};

/// One line of a log file: hex(hi), one space, payload, LF.
std::string log_line(const Head& head, std::string_view payload);

/// Checks one event. In this order: CH03 `payload` is not a CJ-1 object, CH02 its "seq" is not
/// head.seq + 1, CH01 `hash` is not the chain's. Moves `head` on if all is well.
std::optional<LogFault> check_event(Head& head, const Digest& hash, std::string_view payload);

/// Checks line by line, then (CH04) that head and length are the checkpoint's. A line of another
/// form, such as one without its LF, is CH03. The chain is the checkpoint's. Does **not** check the
/// checkpoint's signature: see Checkpoint::is_signed.
LogCheck check_log(std::string_view text, const Checkpoint& checkpoint);

}  // namespace rationale::study
