// The outcome of the evidence gate, shared by evidence, attribution and sentence.
#pragma once

#include <string_view>

namespace rationale::concepts {

/// All checks pass; none fails but one is weak; one fails.
enum class Verdict { kEstablished, kSuggestive, kNotEstablished };

/// "established", "suggestive" or "not_established".
const char* verdict_name(Verdict verdict);
/// @throws Error (kInput) for any other word
Verdict verdict_from_name(std::string_view name);

}  // namespace rationale::concepts
