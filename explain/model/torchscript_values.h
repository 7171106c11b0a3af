// Marks behind values that no submodule returns: the input, what an activation function made, numbered values.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "explain/model/torchscript_clean.h"

namespace rationale::explain::torchscript {

/// Marks the graph's input, so that all of the model lies behind the cut.
Tap mark_input(Cleaned& cleaned);

/// Marks what the one activation function behind `tap` returns; nothing if the tap's value does not go into
/// exactly one (its size may be read besides).
std::optional<Tap> mark_activation(Cleaned& cleaned, const Tap& tap);

/// What a numbered value is: "relu after features.norm5", "conv2d of stem.0".
using ValueLabels = std::vector<std::string>;

/// Replaces the marks of submodules by marks behind all values worth a map, in execution order; tap i of
/// `cleaned` is then value @i. Branches and loops that are decided while running are left out.
/// @pre `cleaned` comes from inline_calls(loaded, nullptr): numbers hold only then
ValueLabels mark_values(Cleaned& cleaned, const LoadedModule& loaded);

}  // namespace rationale::explain::torchscript
