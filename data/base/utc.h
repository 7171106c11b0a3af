// Points in time as text: UTC, ISO 8601. For stamps and dates that people agreed on; durations come from
// steady clocks.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace rationale {

using UtcTime = std::chrono::sys_time<std::chrono::milliseconds>;

UtcTime utc_now();

/// "2026-03-02T09:15:04.120Z".
std::string format_utc(UtcTime time);
/// "2026-03-02": the day in UTC.
std::string format_utc_day(UtcTime time);

/// "2026-03-02" (its first moment), "2026-03-02T09:15:04Z" or with a fraction of a second (cut to
/// milliseconds). @param where  stands in the message
/// @throws Error (kInput, "bad_time") for anything else, and years outside 1970-2199
UtcTime parse_utc(std::string_view text, const std::string& where);

}  // namespace rationale
