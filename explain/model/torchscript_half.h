// A prefix in half precision, for GPUs: faster, and by a measured amount not the same.
#pragma once

#include <string>

#include "explain/model/torchscript_split.h"

namespace rationale::explain::torchscript {

/// Whether a prefix variant is one of these: "bfloat16" (8 bits of significand) or "float16" (11, but nothing above 65504).
bool is_half(const std::string& prefix_variant);

/// Runs the prefix in that precision from now on, channels-last: weights and input are converted, what leaves it is float32
/// again; the suffix, its gradients and the maps stay float32.
/// @throws Error (kRefused, "half_precision") if the device or the graph does not bear it, or a value overflows
void use_half_prefix(TorchScriptSplit& split, const SplitOptions& options);

}  // namespace rationale::explain::torchscript
