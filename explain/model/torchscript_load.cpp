#include "explain/model/torchscript_load.h"

#include <fmt/format.h>
#include <torch/csrc/jit/runtime/print_handler.h>

#include <algorithm>

#include "data/base/digest.h"
#include "data/base/error.h"
#include "data/base/text.h"
#include "explain/model/torchscript_archive.h"
#include "explain/model/torchscript_operators.h"
#include "explain/model/torchscript_state.h"

namespace rationale::explain::torchscript {
namespace {

at::Device parse_device(const std::string& name) {
  const bool is_cuda = name == "cuda" || name.rfind("cuda:", 0) == 0;
  if (name != "cpu" && name != "auto" && !is_cuda) {
    throw Error(Error::Kind::kUsage, "unknown device \"" + name + "\"", "--device",
                "use auto, cpu, cuda or cuda:0");
  }
  const bool has_cuda = at::hasCUDA();
  if (name == "auto") return has_cuda ? at::Device(at::kCUDA) : at::Device(at::kCPU);
  if (is_cuda && !has_cuda) {
    throw Error(Error::Kind::kEnvironment, "this LibTorch sees no CUDA device", "--device " + name,
                "use --device cpu, or build against a LibTorch with CUDA (RATIONALE_LIBTORCH)");
  }
  return at::Device(name);
}

/// "torchvision::nms" of "Unknown builtin op: torchvision::nms.\n…"
std::string unknown_operator(const std::string& message) {
  const std::string key = "Unknown builtin op: ";
  const std::size_t at = message.find(key);
  if (at == std::string::npos) return {};
  const std::size_t begin = at + key.size();
  std::string name = message.substr(begin, message.find_first_of(" \n", begin) - begin);
  while (!name.empty() && name.back() == '.') name.pop_back();
  return name;
}

torch::jit::Module read(const std::filesystem::path& file, at::Device device) {
  try {
    return torch::jit::load(file.string(), device);
  } catch (const std::exception& exception) {
    const std::string name = unknown_operator(exception.what());
    if (!name.empty()) {
      throw Error(Error::Kind::kInput, "the operator " + name + " is not allowed (nor known here)",
                  file.string(), "export the model without it")
          .with_code("operator_not_allowed");
    }
    throw Error(Error::Kind::kInput, "LibTorch cannot read it: " + short_message(exception),
                file.string(), "export it with the LibTorch version in use, or an older one")
        .with_code("not_torchscript");
  }
}

}  // namespace

std::string short_message(const std::exception& exception) {
  const auto* torch_error = dynamic_cast<const c10::Error*>(&exception);
  std::string text =
      torch_error != nullptr ? torch_error->what_without_backtrace() : exception.what();
  const std::size_t last = text.rfind("RuntimeError: ");  // below the interpreter's own traceback
  if (last != std::string::npos) text = text.substr(last + 14);
  text = std::string(trim(text));
  return printable(text.substr(0, std::min(text.find('\n'), std::size_t{300})));  // a model may raise any text
}

std::string class_name(const torch::jit::Module& module) {
  const std::string name = module.type()->name()->name();
  return name;
}

LoadedModule load_module(const std::filesystem::path& file, const std::string& device) {
  check_archive(file);
  LoadedModule loaded;
  loaded.file = file;
  loaded.device = parse_device(device);
  loaded.sha256 = sha256_of_file(file);
  // A print() in a model must not get between our results on stdout.
  torch::jit::setPrintHandler([](const std::string&) {});
  loaded.module = read(file, loaded.device);
  check_state(loaded.module, file.string());
  check_operators(loaded.module, file.string());
  for (const auto& named : loaded.module.named_modules()) {
    if (named.value.hasattr("training") && named.value.attr("training").isBool() &&
        named.value.attr("training").toBool()) {
      loaded.left_in_training.push_back(named.name.empty() ? "(the model itself)" : named.name);
    }
  }
  loaded.module.eval();
  for (const at::Tensor& parameter : loaded.module.parameters()) {
    if (parameter.requires_grad()) parameter.set_requires_grad(false);
  }
  for (const auto& named : loaded.module.named_modules()) {
    if (!named.name.empty()) loaded.names.push_back(named.name);
  }
  if (!loaded.module.find_method("forward")) {
    throw Error(Error::Kind::kInput, "the model has no method `forward`", file.string(),
                "export the whole classifier");
  }
  return loaded;
}

torch::jit::Module LoadedModule::submodule(const std::string& name) const {
  if (names.empty()) {
    throw Error(Error::Kind::kRefused,
                "the file has no submodules left: it was made with torch.jit.freeze or "
                "optimize_for_inference",
                file.string(), "name a value such as --layer @12 (`rationale layers` lists them), or export "
                               "it again without freezing")
        .with_code("frozen_file");
  }
  torch::jit::Module here = module;
  for (const std::string& part : split(name, '.')) {
    // A module and no other attribute: children() is the truth.
    bool is_found = false;
    for (const auto& child : here.named_children()) {
      if (child.name == part) {
        here = child.value;
        is_found = true;
        break;
      }
    }
    if (!is_found) {
      const std::vector<std::string> near = near_names(name, names);
      throw Error(Error::Kind::kUsage, "the model has no layer \"" + name + "\"", file.string(),
                  fmt::format("did you mean {}? `rationale layers {}` lists all",
                              fmt::join(near, ", "), file.filename().string()))
          .with_code("unknown_layer");
    }
  }
  return here;
}

}  // namespace rationale::explain::torchscript
