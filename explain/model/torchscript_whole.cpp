#include <fmt/format.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>

#include "data/base/error.h"
#include "explain/model/torchscript_split.h"
#include "explain/model/whole_model.h"

namespace rationale::explain {
namespace {

using torchscript::LoadedModule;

at::MemoryFormat channels_last_of(const at::Tensor& x) {
  return x.dim() == 4   ? at::MemoryFormat::ChannelsLast
         : x.dim() == 5 ? at::MemoryFormat::ChannelsLast3d
                        : at::MemoryFormat::Contiguous;
}

/// Tracing records neither branches nor loops, calls no functions, no method but forward, and asks
/// no training flag.
std::string form_of(const LoadedModule& loaded) {
  if (loaded.names.empty()) return "frozen";
  bool is_scripted = false;
  for (const auto& module : loaded.module.modules()) {
    for (const auto& method : module.get_methods()) {
      auto& function = torch::jit::toGraphFunction(method.function());
      function.ensure_defined();
      torchscript::for_each_node(function.graph()->block(), [&](torchscript::Node* node) {
        const bool asks =
            node->kind() == c10::prim::GetAttr && node->s(c10::attr::name) == "training";
        const bool calls_other = node->kind() == c10::prim::CallMethod &&
                                 node->s(c10::attr::name).rfind("forward", 0) != 0;
        is_scripted = is_scripted || calls_other || asks || node->kind() == c10::prim::If ||
                      node->kind() == c10::prim::Loop || node->kind() == c10::prim::CallFunction;
      });
    }
  }
  return is_scripted ? "scripted" : "traced";
}

bool trains_otherwise(const std::string& kind) {
  return kind.find("Dropout") != std::string::npos || kind.find("BatchNorm") != std::string::npos ||
         kind.find("InstanceNorm") != std::string::npos;
}

}  // namespace

Examination examine(const std::filesystem::path& file) {
  const LoadedModule loaded = torchscript::load_module(file, "cpu");
  Examination facts;
  facts.form = form_of(loaded);
  facts.sha256 = loaded.sha256;
  facts.n_submodules = static_cast<int>(loaded.names.size());
  facts.left_in_training = loaded.left_in_training;
  for (const auto& named : loaded.module.named_modules()) {
    if (std::find(facts.left_in_training.begin(), facts.left_in_training.end(), named.name) !=
            facts.left_in_training.end() &&
        trains_otherwise(torchscript::class_name(named.value))) {
      facts.training_differs.push_back(named.name + " (" + torchscript::class_name(named.value) + ")");
    }
  }
  for (const at::Tensor& tensor : loaded.module.parameters()) facts.n_parameters += tensor.numel();
  for (const at::Tensor& tensor : loaded.module.buffers()) facts.n_parameters += tensor.numel();
  try {
    facts.outputs = torchscript::output_names(loaded);
  } catch (const Error& error) {
    facts.problem = error;
  }
  return facts;
}

const char* name_of(WholeForm form) {
  switch (form) {
    case WholeForm::kPlain:
      return "plain";
    case WholeForm::kFrozen:
      return "frozen";
    case WholeForm::kFrozenChannelsLast:
      return "frozen_channels_last";
    case WholeForm::kOptimizedForInference:
      return "optimize_for_inference";
  }
  return "plain";
}

struct WholeModel::State {
  LoadedModule loaded;
  WholeForm form;
};

WholeModel::WholeModel(const std::filesystem::path& file, const std::string& device, WholeForm form)
    : state_(new State{torchscript::load_module(file, device), form}) {
  torch::jit::Module& module = state_->loaded.module;
  if (form == WholeForm::kFrozenChannelsLast) {
    for (const at::Tensor& tensor : module.parameters()) {
      const at::NoGradGuard no_graph;
      at::Tensor parameter = tensor;
      parameter.set_data(parameter.contiguous(channels_last_of(parameter)));
    }
  }
  if (form == WholeForm::kFrozen || form == WholeForm::kFrozenChannelsLast) {
    module = torch::jit::freeze(module);
  }
  if (form == WholeForm::kOptimizedForInference)
    module = torch::jit::optimize_for_inference(module);
}

WholeModel::~WholeModel() = default;
WholeModel::WholeModel(WholeModel&&) noexcept = default;

at::Tensor WholeModel::run(const at::Tensor& input, const std::string& output) const {
  const torchscript::NoGradients no_gradients;
  at::Tensor x = input.to(state_->loaded.device);
  if (state_->form == WholeForm::kFrozenChannelsLast) x = x.contiguous(channels_last_of(x));
  try {
    return torchscript::select_value(state_->loaded.module.forward({x}), output);
  } catch (const Error&) {
    throw;
  } catch (const std::exception& exception) {
    throw Error(Error::Kind::kInput,
                fmt::format("the model does not accept an input of shape [{}]: {}",
                            fmt::join(input.sizes(), ", "), torchscript::short_message(exception)),
                state_->loaded.file.string(), "give it the size and channels that it was made for")
        .with_code("input_shape");
  }
}

at::Tensor WholeModel::run_and_back(const at::Tensor& input, std::int64_t class_index) const {
  const at::AutoGradMode with_graph(true);
  std::vector<at::Tensor> sources{input.to(state_->loaded.device).detach().requires_grad_(true)};
  const at::Tensor x = sources.front();
  for (at::Tensor parameter : state_->loaded.module.parameters()) {
    sources.push_back(parameter.requires_grad_(true));
  }
  const at::Tensor score = state_->loaded.module.forward({x}).toTensor().select(1, class_index).sum();
  const at::Tensor slope =
      torch::autograd::grad({score}, sources, {}, /*retain_graph=*/false, /*create_graph=*/false,
                            /*allow_unused=*/true)
          .front();
  for (at::Tensor& source : sources) source.requires_grad_(false);
  return slope;
}

}  // namespace rationale::explain
