// Remembers which prefix was quickest for a model on this machine, so that all fast runs here follow one
// choice and give the same numbers.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace rationale::explain {

/// What the choice depends on.
struct PrefixQuestion {
  std::string model_sha256, layer;
  int call = -1;
  std::vector<long long> input_shape;  ///< [N,C,(D,)H,W]
  std::string device, torch_version;
  int threads = 0;
};

/// $XDG_CACHE_HOME/rationale/prefix or ~/.cache/rationale/prefix; empty if there is no home.
std::filesystem::path prefix_folder();

/// The choice, or nothing ("").
std::string remembered_prefix(const std::filesystem::path& folder, const PrefixQuestion& question);

/// Notes a choice and returns the one that counts: the first that was noted, when several programs ask at
/// once. A folder that cannot be written is no error: then `variant` counts.
std::string remember_prefix(const std::filesystem::path& folder, const PrefixQuestion& question,
                            const std::string& variant);

}  // namespace rationale::explain
