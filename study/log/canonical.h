// CJ-1, the one way to write an event: RFC 8785 without fractions, so that equal values are equal
// bytes.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace rationale::study {

/// The largest integer of CJ-1, 2^53 - 1; the smallest is its negative.
inline constexpr std::int64_t kLargestInteger = (std::int64_t{1} << 53) - 1;

/// Arrays and objects may stand in each other this deep: what comes from outside must not fill the
/// stack.
inline constexpr int kDeepestNesting = 64;

/// `value` as CJ-1: keys [a-z0-9_]+ in byte order; null, true, false, integers |n| <= 2^53 - 1,
/// strings, arrays, objects; no white space; UTF-8. In strings only \" \\ \b \t \n \f \r and \u00xx
/// (lower case) for other bytes below 0x20 are escaped.
/// @throws Error (kInput, "CH03") for a real number, a larger integer, another key, a string that
/// is not
///   UTF-8, deeper nesting: measured reals are written as integers with the unit in the key
std::string canonical_json(const nlohmann::json& value);

/// Reads exactly what canonical_json writes: canonical_json(parse_canonical(text)) == text.
/// @throws Error (kInput, "CH03") for every other text, valid JSON or not; `where` holds the byte,
/// from 0
nlohmann::json parse_canonical(std::string_view text);

}  // namespace rationale::study
