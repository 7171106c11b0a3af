#include <fmt/format.h>

#include "data/base/error.h"
#include "explain/model/tensor_function.h"
#include "explain/model/torchscript_load.h"

namespace rationale::explain {

struct TensorFunction::State {
  torchscript::LoadedModule loaded;
};

// The file is held against the operator allow-list before anything of it runs: a suffix is a program, too.
TensorFunction::TensorFunction(const std::filesystem::path& file, Precision precision)
    : state_(new State{torchscript::load_module(file, "cpu")}) {
  try {
    state_->loaded.module.to(precision == Precision::kDouble ? at::kDouble : at::kFloat);
  } catch (const std::exception& exception) {
    throw Error(Error::Kind::kInput, "its weights cannot be converted: " + torchscript::short_message(exception),
                file.string(), "export it with floating-point weights");
  }
}

TensorFunction::~TensorFunction() = default;
TensorFunction::TensorFunction(TensorFunction&&) noexcept = default;

at::Tensor TensorFunction::operator()(const at::Tensor& x) const {
  try {
    return state_->loaded.module.forward({x}).toTensor();
  } catch (const std::exception& exception) {
    throw Error(Error::Kind::kInput,
                fmt::format("the model does not take a tensor of shape [{}] to one tensor: {}",
                            fmt::join(x.sizes(), ", "), torchscript::short_message(exception)),
                state_->loaded.file.string(), "it must map float rows [M, D] to logits [M] or [M, outputs]");
  }
}

}  // namespace rationale::explain
