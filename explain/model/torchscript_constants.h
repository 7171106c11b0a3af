// Constant arguments of a graph's nodes.
#pragma once

#include <optional>
#include <vector>

#include "explain/model/torchscript.h"

namespace rationale::explain::torchscript {

/// The integers of a constant, a constant list, or a list of constants; nothing if one is not constant.
std::optional<std::vector<std::int64_t>> integers(const Value* value);

/// The value that is the same whatever the input; nothing if there is none, or no `value`.
std::optional<IValue> constant(const Value* value);

/// The input that the operator's schema calls `name`; null if it has none.
const Value* argument(const Node* node, const char* name);

}  // namespace rationale::explain::torchscript
