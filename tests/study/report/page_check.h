// What every page must hold to.
#pragma once

#include <string>

namespace rationale::test {

/// The first tag that is closed wrongly or left open; empty if all are balanced.
std::string unbalanced_tag(const std::string& html);

/// What no page may hold: words of broken numbers, a hyphen as minus, an empty reason, anything fetched or run; and
/// every text of every picture inside its view box, ids only once.
void check_page(const std::string& html);

}  // namespace rationale::test
