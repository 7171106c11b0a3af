// Small TorchScript networks, written by the test that needs them.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "data/arrays/array.h"
#include "data/base/error.h"
#include "explain/model/pseudo_random.h"
#include "explain/torch.h"

namespace rationale::test {

struct MadeWeight {
  std::string name;
  Shape shape;
  double scale = 0.3;
};

/// FOLDER/made.pt: forward(self, x) with this body; weights are noise, the same for equal numbers of values.
inline std::filesystem::path made_model(const std::filesystem::path& folder, const std::vector<MadeWeight>& weights,
                                        const std::string& body) {
  torch::jit::Module module("made");
  std::uint64_t seed = 40;
  for (const MadeWeight& weight : weights) {
    module.register_parameter(weight.name, weight.scale * explain::pseudo_random(weight.shape, ++seed), false);
  }
  module.define("def forward(self, x):" + body + "\n");
  const std::filesystem::path file = folder / "made.pt";
  module.save(file.string());
  return file;
}

}  // namespace rationale::test
