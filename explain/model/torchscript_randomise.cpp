#include "explain/model/torchscript_randomise.h"

#include <algorithm>
#include <set>

#include "data/base/error.h"
#include "data/samples/stream.h"
#include "explain/model/torchscript_clean.h"
#include "explain/model/torchscript_split.h"

namespace rationale::explain {
namespace torchscript {
namespace {

constexpr std::uint64_t kPurpose = 0x77656967;  // keeps these draws apart from other streams of the seed

bool is_weight(const at::Tensor& parameter) { return parameter.dim() >= 2 && parameter.is_floating_point(); }

bool owns_weight(const torch::jit::Module& module) {
  for (const at::Tensor& parameter : module.parameters(/*recurse=*/false)) {
    if (is_weight(parameter)) return true;
  }
  return false;
}

void replace_by_noise(at::Tensor weight, samples::Stream& stream) {
  const double deviation = weight.to(at::kDouble).std().item<double>();
  at::Tensor noise = at::empty(weight.sizes(), at::kFloat);
  float* values = noise.data_ptr<float>();
  for (std::int64_t i = 0; i < noise.numel(); ++i) {
    values[i] = static_cast<float>(stream.normal() * deviation);
  }
  weight.copy_(noise);
}

}  // namespace

std::vector<std::string> weight_layers(const LoadedModule& loaded, const std::vector<std::int64_t>& input_shape,
                                       const std::string& output) {
  // In forward order; the layers that forward does not call as modules stand at its end, and go first: nobody
  // knows where they act, so they are the last ones that a cascade reaches.
  std::vector<std::string> called, names;
  for (const LayerRow& row : list_layers(loaded, input_shape, output)) {
    if (!owns_weight(loaded.submodule(row.name))) continue;
    (row.calls > 0 ? called : names).push_back(row.name);
  }
  names.insert(names.end(), called.begin(), called.end());
  std::reverse(names.begin(), names.end());
  if (names.empty()) {
    throw Error(Error::Kind::kRefused, "the file has no layer that owns weights", loaded.file.string(),
                "export the model without torch.jit.freeze: frozen weights are constants")
        .with_code("no_weights");
  }
  return names;
}

void randomise(const LoadedModule& loaded, const Randomisation& how) {
  const at::NoGradGuard no_graph;
  std::set<const void*> done;
  for (std::size_t k = 0; k < how.layers.size(); ++k) {
    samples::Stream stream(how.seed, k, kPurpose);
    for (const auto& named : loaded.submodule(how.layers[k]).named_parameters(/*recurse=*/false)) {
      at::Tensor parameter = named.value;
      if (!done.insert(parameter.data_ptr()).second) continue;
      if (is_weight(parameter)) {
        replace_by_noise(parameter, stream);
      } else if (parameter.is_floating_point() && named.name.find("bias") != std::string::npos) {
        parameter.zero_();
      }
    }
  }
}

}  // namespace torchscript

std::vector<std::string> weight_layers(const std::filesystem::path& file, const std::vector<std::int64_t>& input_shape,
                                       const std::string& output) {
  return torchscript::weight_layers(torchscript::load_module(file, "cpu"), input_shape, output);
}

}  // namespace rationale::explain
