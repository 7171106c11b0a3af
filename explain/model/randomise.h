// Weights replaced by noise: a map that survives this does not show what the model learned.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace rationale::explain {

/// Which weights: those of these submodules. The first so many of weight_layers are a stage of the cascade
/// (Adebayo et al., arXiv:1810.03292); none = the model as it is.
struct Randomisation {
  std::vector<std::string> layers;
  std::uint64_t seed = 1;
};

/// The submodules that own a weight (a parameter of two or more axes: convolutions, linear layers, attention
/// projections), from the output back to the input, as the model calls them; those that forward does not call
/// as a module stand last.
/// @param input_shape  [N,C,(D,)H,W]
/// @throws Error as list_layers; kRefused ("no_weights") for a file without parameters, such as a frozen one
std::vector<std::string> weight_layers(const std::filesystem::path& file, const std::vector<std::int64_t>& input_shape,
                                       const std::string& output = {});

}  // namespace rationale::explain
