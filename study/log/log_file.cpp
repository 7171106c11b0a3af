#include "study/log/log_file.h"

#include <fmt/format.h>

#include "data/base/error.h"
#include "study/log/canonical.h"

namespace rationale::study {
namespace {

constexpr std::size_t kHashDigits = 2 * sizeof(Digest);

}  // namespace

std::string log_line(const Head& head, std::string_view payload) {
  return fmt::format("{} {}\n", to_hex(head.hash), payload);
}

std::optional<LogFault> check_event(Head& head, const Digest& hash, std::string_view payload) {
  const std::int64_t expected = head.seq + 1;
  nlohmann::json event;
  try {
    event = parse_canonical(payload);
  } catch (const Error& error) {
    return LogFault{"CH03", expected, error.what()};
  }
  if (!event.is_object()) return LogFault{"CH03", expected, "the event is no object"};
  const auto seq = event.find("seq");
  if (seq == event.end() || !seq->is_number_integer() || *seq != expected) {
    return LogFault{"CH02", expected,
                    fmt::format("event {} is expected here, and {} stands here", expected,
                                seq == event.end() ? "one without a number" : seq->dump())};
  }
  const Head next = next_head(head, payload);
  if (next.hash != hash) {
    return LogFault{"CH01", expected, "the hash does not fit the event and those before it"};
  }
  head = next;
  return std::nullopt;
}

LogCheck check_log(std::string_view text, const Checkpoint& checkpoint) {
  LogCheck check{.head = genesis(checkpoint.chain_id), .fault = std::nullopt};
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    Digest hash{};
    if (end == std::string_view::npos || line.size() < kHashDigits + 1 ||
        line[kHashDigits] != ' ' || !from_hex(line.substr(0, kHashDigits), hash)) {
      check.fault = LogFault{"CH03", check.head.seq + 1,
                             "the line is not: 64 hex digits, one space, an event, a line feed"};
      return check;
    }
    check.fault = check_event(check.head, hash, line.substr(kHashDigits + 1));
    if (check.fault) return check;
    text.remove_prefix(end + 1);
  }
  if (check.head.seq != checkpoint.head.seq) {
    check.fault = LogFault{"CH04", check.head.seq,
                           fmt::format("the log has {} events, and {} were signed", check.head.seq,
                                       checkpoint.head.seq)};
  } else if (check.head.hash != checkpoint.head.hash) {
    check.fault = LogFault{"CH04", check.head.seq, "the last hash is not the one that was signed"};
  }
  return check;
}

}  // namespace rationale::study
