// A suffix from a TorchScript file, run in float64: for `concepts fit` and for checks by others.
#pragma once

#include <filesystem>
#include <memory>

#include "concepts/attribution/suffix.h"

namespace rationale::concepts {

enum class Precision { kDouble, kFloat };

/// A module that maps float rows [M, D] to logits [M] or [M, outputs].
/// @throws Error (kInput) if the file is not TorchScript, or contains an operator that is not allowed
std::unique_ptr<Suffix> load_suffix(const std::filesystem::path& file, Eigen::Index n_features,
                                    Precision precision = Precision::kDouble);

}  // namespace rationale::concepts
