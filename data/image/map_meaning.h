// What a number in a map is: the words above its colours, by the method that made it.
#pragma once

#include <string>

namespace rationale {

/// "Contribution to the logit", "Fall of the logit when covered", "Weighted activation": only the first kind adds up to
/// something, and only some are in units of the target at all. From the formulas in explain/methods/.
/// @param method  of explain/methods/method_table.h, as a manifest has it too ("grad_cam[tokens:1:7x7]"); a name that is
///                not known: "Value of the map"
/// @param target  what is explained: "logit", "probability", "output"
std::string map_meaning(const std::string& method, const std::string& target);

/// Whether its values are in units of the target. False for a name that is not known.
bool is_in_target_units(const std::string& method);

}  // namespace rationale
