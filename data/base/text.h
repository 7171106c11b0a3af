// Small text work that several rooms need: splitting, near names, strict numbers.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rationale {

std::vector<std::string> split(std::string_view text, char separator);
std::string_view trim(std::string_view text);
std::string lower_case(std::string_view text);

/// A whole, finite number ("1e3", "-2.5"); nothing for "", "1x", "nan", "inf".
std::optional<double> parse_number(std::string_view text);
std::optional<long long> parse_integer(std::string_view text);

/// Where the first byte stands that is not well-formed UTF-8 (RFC 3629); nothing if all is.
std::optional<std::size_t> first_invalid_utf8(std::string_view text);

/// `text` with '?' for what would steer a terminal: control characters of ASCII, and U+0080 to U+009F.
/// @pre UTF-8
std::string printable(std::string_view text);

/// Up to `count` candidates that a person may have meant, nearest first (edit distance, containment).
std::vector<std::string> near_names(std::string_view wanted,
                                    const std::vector<std::string>& candidates,
                                    std::size_t count = 3);

}  // namespace rationale
