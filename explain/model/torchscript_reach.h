// Which classes come through a layer, before anything is cut.
#pragma once

#include <cstdint>
#include <vector>

#include "explain/model/torchscript_clean.h"
#include "explain/model/torchscript_load.h"

namespace rationale::explain::torchscript {

/// Whether the output is put together of several parts (cat, stack, writing into a part) behind the last layer that
/// mixes all of its inputs: only then can a layer reach some classes and not others.
bool joins_classes(const Graph& graph);

/// The classes whose output stays what it is to the last bit when the tap's value becomes something else, twice.
/// @pre the tap is neither nested nor unused
/// @throws c10::Error and the interpreter's exceptions, as they come
std::vector<std::int64_t> unreached_classes(const Cleaned& cleaned, const Tap& tap, const LoadedModule& loaded,
                                            const std::vector<std::int64_t>& input_shape);

}  // namespace rationale::explain::torchscript
