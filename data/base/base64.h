// Base64 (RFC 4648, section 4): for pictures inside pages and bytes inside text files.
#pragma once

#include <string>
#include <string_view>

namespace rationale {

std::string to_base64(std::string_view bytes);

}  // namespace rationale
