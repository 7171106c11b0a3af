// The runnable split of a TorchScript model: what load_split_model hands out.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "data/base/error.h"
#include "explain/model/split_model.h"
#include "explain/model/torchscript_cut.h"
#include "explain/model/torchscript_head.h"
#include "explain/model/torchscript_run.h"

namespace rationale::explain {

struct SplitRun {
  at::Tensor input;       ///< as it was given
  at::Tensor activation;  ///< [N,K,*S], no graph
  std::vector<torchscript::IValue> sides;
  at::Tensor leaf;  ///< the activation with requires_grad; undefined with a closed-form head
  at::Tensor graph_logits;  ///< [N, classes] as a function of leaf
  at::Tensor logits;        ///< [N, classes], no graph
};

namespace torchscript {

/// How a side value grows with the batch: what `suffix` does to it for M = r N activations.
enum class SideKind { kFixed, kTile, kMultiply };

class TorchScriptSplit final : public SplitModel {
 public:
  /// @param cut    on its device, of its data type
  TorchScriptSplit(Cut cut, Facts facts, const LoadedModule& loaded, at::ScalarType dtype);

  const Facts& facts() const override { return facts_; }
  std::shared_ptr<SplitRun> run(const at::Tensor& input) const override;
  const at::Tensor& input(const SplitRun& run) const override { return run.input; }
  const at::Tensor& activation(const SplitRun& run) const override { return run.activation; }
  const at::Tensor& logits(const SplitRun& run) const override { return run.logits; }
  std::vector<at::Tensor> gradients(const SplitRun& run,
                                    const std::vector<Target>& targets) const override;
  std::vector<at::Tensor> mean_gradients(const SplitRun& run, const std::vector<Target>& targets) const override;
  at::Tensor suffix(const SplitRun& run, const at::Tensor& activation) const override;
  std::vector<at::Tensor> suffix_gradients(const SplitRun& run, const at::Tensor& activation,
                                           const std::vector<Target>& targets) const override;
  at::Tensor scores(const at::Tensor& input) const override;

  // For the checks at load.
  const Cut& graphs() const { return cut_; }
  at::ScalarType dtype() const { return dtype_; }
  at::Device device() const { return device_; }
  Facts& mutable_facts() { return facts_; }
  void use_head(std::optional<ClosedFormHead> head);
  void use_sides(std::optional<std::vector<SideKind>> kinds) { side_kinds_ = std::move(kinds); }
  /// Runs this prefix from now on. @param channels_last  whether its input shall lie so in memory
  void use_prefix(const std::string& variant, Program prefix, bool channels_last);
  /// Frees the weights of the prefix as it was cut: an optimised one has its own. graphs().prefix is null then.
  void drop_plain_prefix() { cut_.prefix.reset(); }
  /// Runs this suffix from now on: one that gradients can pass.
  void use_suffix(const std::string& variant, Program suffix);
  /// Gradient of the target by autograd, even with a closed-form head.
  at::Tensor gradient_by_autograd(const SplitRun& run, const at::Tensor& slopes) const;

 private:
  std::vector<IValue> run_prefix(const at::Tensor& input) const;
  at::Tensor run_suffix(const at::Tensor& activation, const std::vector<IValue>& sides) const;
  void attach_graph(SplitRun& run) const;
  /// Calls `block(activations, sides)` once, or for each block of N activations where sides cannot
  /// grow.
  template <typename Call>
  std::vector<at::Tensor> in_blocks(const SplitRun& run, const at::Tensor& activation, const Call& call) const;

  Cut cut_;
  Facts facts_;
  at::Device device_;
  at::ScalarType dtype_;
  std::string where_;
  /// Owns the functions that the graphs' nodes name as their origin: an error in a run looks them
  /// up.
  std::shared_ptr<torch::jit::CompilationUnit> functions_;
  Program prefix_;
  Program suffix_;
  bool is_channels_last_ = false;
  std::optional<ClosedFormHead> head_;
  std::optional<std::vector<SideKind>> side_kinds_;
};

/// A model's raw output as [N, classes]: [N] and [N, classes, 1, …] are reshaped.
/// @throws Error (kRefused) for a map or another shape
at::Tensor as_logits(const at::Tensor& output, std::int64_t n, const std::string& where);

/// Cuts a loaded module. `call` and the rest as in SplitOptions; the layer's name is given.
std::unique_ptr<TorchScriptSplit> split_module(const LoadedModule& loaded, const std::string& layer,
                                               const SplitOptions& options);

/// @throws Error (kRefused, kInput) if the split does not do what the model does (engine.md,
/// section 2)
void check_split(TorchScriptSplit& split, const LoadedModule& loaded, const SplitOptions& options);

/// Why the model cannot be explained at any layer: it answers with NaN, or an image alone otherwise than in a batch;
/// nothing if it can. @throws Error (kInput) for a shape that it does not accept
std::optional<Error> whole_problem(const LoadedModule& loaded, const std::vector<std::int64_t>& input_shape,
                                   const std::string& output);

/// Picks the fastest prefix that agrees with the plain one, or the one that `options` names.
void choose_prefix(TorchScriptSplit& split, const SplitOptions& options);

std::vector<LayerRow> list_layers(const LoadedModule& loaded,
                                  const std::vector<std::int64_t>& input_shape,
                                  const std::string& output);
std::vector<LayerRow> list_values(const LoadedModule& loaded,
                                  const std::vector<std::int64_t>& input_shape,
                                  const std::string& output);

/// The layer to try instead: an enclosing one, else the next in forward order; empty if there is
/// none.
std::string nearest_layer(const std::vector<LayerRow>& rows, const std::string& layer);

/// Follows a selector into what a model returned. @pre select_output accepted it for this model
at::Tensor select_value(const IValue& value, const std::string& selector);

}  // namespace torchscript
}  // namespace rationale::explain
