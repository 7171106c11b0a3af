// Runs a graph in LibTorch's interpreter: no profiling, no specialisation, the same result every
// time.
#pragma once

#include <ATen/core/LegacyTypeDispatch.h>

#include <string>
#include <vector>

#include "explain/model/pseudo_random.h"
#include "explain/model/torchscript.h"

namespace rationale::explain::torchscript {

/// For what is never differentiated, while it lives. Autograd's kernels are passed over, not only told to record nothing:
/// from LibTorch 2 on they do not take oneDNN tensors (max_pool2d).
struct NoGradients {
  at::NoGradGuard record_nothing;
  at::AutoDispatchBelowAutograd pass_over;
};

/// A compiled graph. Safe to run from several threads.
class Program {
 public:
  Program() = default;
  Program(const GraphPtr& graph, const std::string& name);

  /// @throws c10::Error and the interpreter's exceptions, as they come
  std::vector<IValue> run(std::vector<IValue> inputs) const;

 private:
  torch::jit::Code code_;
};

/// A deep copy of the tensors in a value (tensor, list or tuple of them); anything else as it is.
IValue clone_tensors(const IValue& value);

/// Applies `change` to each tensor in a value (tensor, list or tuple of them).
IValue map_tensors(const IValue& value, const std::function<at::Tensor(const at::Tensor&)>& change);

/// Every float32 constant of the graph becomes float64, and so do conversions to float32.
void make_double(Graph& graph);

/// Every device constant of the graph becomes `device`: traced models bake in the one they saw.
void set_device(Graph& graph, at::Device device);

}  // namespace rationale::explain::torchscript
