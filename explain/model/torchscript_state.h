// Whether the values of a loaded model are what its code says they are. LibTorch puts what the file's pickle holds
// into the attributes that the file's code declares, and believes it.
#pragma once

#include <string>

#include "explain/model/torchscript.h"

namespace rationale::explain::torchscript {

/// Every attribute of every object that the model reaches holds a value of its declared type; every tensor lies
/// plainly in memory (no sparse, quantised or opaque layout), within its storage.
/// @throws Error  kInput: "not_torchscript" for a value of another type, "operator_not_allowed" for other layouts
void check_state(const torch::jit::Module& module, const std::string& where);

}  // namespace rationale::explain::torchscript
