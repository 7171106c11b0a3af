// Holds every graph of a loaded model against the operator allow-list, before anything of it runs.
#pragma once

#include <string>

#include "explain/model/torchscript.h"

namespace rationale::explain::torchscript {

/// Every method of every submodule and of every class it can make, and every function it calls,
/// nested blocks included, used or not. The list is explain/model/allowed_operators.txt.
/// @param where  the file, for the message
/// @throws Error (kInput, code "operator_not_allowed") naming operator and submodule
void check_operators(const torch::jit::Module& module, const std::string& where);

}  // namespace rationale::explain::torchscript
