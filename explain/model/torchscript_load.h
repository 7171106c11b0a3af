// A TorchScript file, loaded after it was found harmless; with its submodules' names.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "explain/model/torchscript.h"

namespace rationale::explain::torchscript {

struct LoadedModule {
  std::filesystem::path file;
  std::string sha256;
  torch::jit::Module module;  ///< in eval mode, no parameter requires a gradient
  at::Device device = at::kCPU;
  std::vector<std::string>
      left_in_training;  ///< submodules whose training flag was set in the file
  std::vector<std::string>
      names;  ///< of all submodules, as named_modules() orders them, without the root

  /// The object of the dotted name. @throws Error (kUsage, "unknown_layer") with near names;
  /// kRefused for a frozen file, which has no submodules
  torch::jit::Module submodule(const std::string& name) const;
};

/// @param device  cpu, cuda or cuda:i
/// @throws Error  kInput: not TorchScript, or operators that are not allowed; kEnvironment: no such
/// device
LoadedModule load_module(const std::filesystem::path& file, const std::string& device);

/// What a LibTorch exception says, without its backtrace: one line.
std::string short_message(const std::exception& exception);

/// "Conv2d" of "__torch__.torch.nn.modules.conv.___torch_mangle_3.Conv2d".
std::string class_name(const torch::jit::Module& module);

}  // namespace rationale::explain::torchscript
