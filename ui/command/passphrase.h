// The words that open a key file: from the environment, else asked on the terminal without echo.
#pragma once

#include <string>

namespace rationale::ui {

/// RATIONALE_PASSPHRASE if it is set, else asked on the controlling terminal.
/// @param what  stands in the question, such as "pi.key"
/// @throws Error (kUsage, "no_passphrase") if there is neither
std::string passphrase(const std::string& what);

/// For a new key: asked twice, at least eight characters.
/// @throws Error (kUsage) if it is too short or the two differ
std::string new_passphrase(const std::string& what);

}  // namespace rationale::ui
