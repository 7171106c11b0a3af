// A model file as a plain function of one tensor, with gradients: for suffixes that come as files of their own.
#pragma once

#include <filesystem>
#include <memory>

namespace at {
class Tensor;
}

namespace rationale::explain {

class TensorFunction {
 public:
  enum class Precision { kFloat, kDouble };

  /// @throws Error  kInput: no model file, an operator that is not allowed, weights that cannot have that precision
  TensorFunction(const std::filesystem::path& file, Precision precision);
  ~TensorFunction();
  TensorFunction(TensorFunction&&) noexcept;

  /// The output for a tensor of that precision on the CPU; with a graph if `x` requires a gradient.
  /// @throws Error (kInput) if the model does not accept it or returns no single tensor
  at::Tensor operator()(const at::Tensor& x) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace rationale::explain
