// A classifier cut at one layer: prefix (input → activation), suffix (activation → logits). The
// abstract border above which nothing knows TorchScript.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "explain/model/randomise.h"

namespace at {
class Tensor;
}

namespace rationale::explain {

enum class Mode { kReproducible, kFast };

/// The scalar whose evidence is asked for, of one class y_k (--kind).
struct Target {
  enum class Kind { kLogit, kNegLogit, kSigmoid, kSoftmax, kLogitDiff };
  Kind kind = Kind::kLogit;
  std::int64_t class_index = 0;
  std::int64_t other = 0;  ///< for kLogitDiff: y_k - y_other
  double reference = 0;    ///< for kLogit and kNegLogit of a regression: y_k - reference
};

/// The address of the input itself: cut there, the activation is the input and the suffix the whole model.
inline constexpr const char* kInputLayer = "@input";

/// How gradients pass the ReLUs behind the cut. All but kTrue are for comparison only: they fail the
/// parameter-randomisation test (Adebayo et al., arXiv:1810.03292).
enum class ReluRule {
  kTrue,          ///< g 1[x > 0]
  kGuided,        ///< max(g, 0) 1[x > 0]  (Springenberg et al., arXiv:1412.6806)
  kDeconvolution  ///< max(g, 0)           (Zeiler and Fergus, ECCV 2014)
};

struct SplitOptions {
  /// A name as in named_modules(); NAME@activation, what the activation function made of its output;
  /// @37, a value by its number in list_values; or @input. Empty: the engine proposes.
  std::string layer;
  std::optional<int> call;  ///< needed if the layer is called several times
  std::string output;       ///< tuple index or dict key; empty = the only tensor
  bool any_output =
      false;  ///< only the activation is wanted: with `output` empty take the first that works
  std::vector<std::int64_t>
      input_shape;  ///< [N,C,(D,)H,W] of the check at load; N is taken as 1 and 2
  Mode mode = Mode::kReproducible;
  std::string device = "cpu";  ///< cpu, cuda, cuda:i
  bool use_double = false;     ///< float64, for verification
  std::string prefix_variant;  ///< fast mode: use this choice (from a manifest); empty = time it
  Randomisation randomised;    ///< weights replaced by noise before the cut: for sanity checks only
  ReluRule relu_rule = ReluRule::kTrue;
};

/// What one run gave. Tensors live on the model's device.
struct SplitRun;

class SplitModel {
 public:
  virtual ~SplitModel() = default;

  struct Facts {
    std::string layer;
    int call = 0;
    std::string output;                 ///< the output in use; empty = the model returns one tensor
    bool has_closed_form_head = false;  ///< (relu →) global average pool → linear
    int n_side_inputs = 0;              ///< other values that cross the cut
    std::string prefix_variant;         ///< "unoptimised", "frozen", "channels_last" or "onednn"
    std::string file_sha256;
    double self_check = 0;  ///< max relative difference of suffix(prefix(x)) to forward(x)
    std::vector<std::int64_t> unreached;  ///< classes whose output does not change with the layer's
  };
  virtual const Facts& facts() const = 0;

  /// input [N,C,(D,)H,W] → the activation A (a fresh leaf of our own) and what the suffix needs
  /// besides.
  virtual std::shared_ptr<SplitRun> run(const at::Tensor& input) const = 0;
  /// The input of the run, as it was given.
  virtual const at::Tensor& input(const SplitRun& run) const = 0;
  /// A [N,K,*S] as the layer returned it; never changed by later in-place operations.
  virtual const at::Tensor& activation(const SplitRun& run) const = 0;
  /// The selected output [N, classes], from the activation of the run.
  virtual const at::Tensor& logits(const SplitRun& run) const = 0;

  /// d target / d A, one tensor [N,K,*S] for each target; closed form where the head allows.
  /// @throws Error (kRefused) if the output does not depend differentiably on the layer
  virtual std::vector<at::Tensor> gradients(const SplitRun& run,
                                            const std::vector<Target>& targets) const = 0;

  /// Means of the gradients over the positions, one [N,K] for each target: what Grad-CAM weighs channels by. With a
  /// closed-form head no gradient is laid out in memory for them. @pre A is [N,K,*S]
  /// @throws Error as gradients
  virtual std::vector<at::Tensor> mean_gradients(const SplitRun& run, const std::vector<Target>& targets) const;

  /// The output for other activations in place of A: [M,K,*S] with M a multiple of N of the run
  /// (each of the run's other crossing values is repeated M/N times in blocks); no autograd. [M,
  /// classes]
  virtual at::Tensor suffix(const SplitRun& run, const at::Tensor& activation) const = 0;
  /// The same with a graph, for gradients at other activations: d target / d activation, one [M,K,*S] for
  /// each target.
  virtual std::vector<at::Tensor> suffix_gradients(const SplitRun& run, const at::Tensor& activation,
                                                   const std::vector<Target>& targets) const = 0;
  /// d y_class / d activation.
  at::Tensor suffix_gradient(const SplitRun& run, const at::Tensor& activation,
                             std::int64_t class_index) const;

  /// The output of the whole model for any number of inputs; no autograd, nothing kept. [M, classes]
  virtual at::Tensor scores(const at::Tensor& input) const = 0;
};

/// Loads a TorchScript file that passed the operator allow-list, cuts it and checks itself.
/// @throws Error  kInput: not TorchScript; an operator or class that is not allowed (named).
///                kUsage: unknown layer (near names), several calls without `call` (listed).
///                kRefused: cannot be split there: why, and the nearest layer that can.
std::unique_ptr<SplitModel> load_split_model(const std::filesystem::path& file,
                                             const SplitOptions& options);

/// One row of `rationale layers`.
struct LayerRow {
  std::string name;
  std::string kind;  ///< class name of the submodule
  int calls = 0;
  std::vector<std::int64_t> shape;  ///< of the output for the given input; empty = not a tensor
  bool is_suitable = false;
  std::string reason;  ///< why not, else empty
  std::vector<std::int64_t> unreached = {};  ///< classes that are computed past it: it can explain the others only
};

/// In forward order. A model that cannot be explained at all (NaN, a batch size that is baked in) has no suitable row:
/// each says why. `output` empty: a row is suitable if one of the model's outputs passes through it.
/// @throws Error as load_split_model
std::vector<LayerRow> list_layers(const std::filesystem::path& file,
                                  const std::vector<std::int64_t>& input_shape,
                                  const std::string& output = {});

/// The values that the graph computes, as rows named @0, @1, … in execution order: convolutions, activation
/// functions, norms, sums, concatenations, pools. For functional operations, which have no submodule, and for
/// frozen files, which have none left. Numbers hold for one file and one `output`.
std::vector<LayerRow> list_values(const std::filesystem::path& file,
                                  const std::vector<std::int64_t>& input_shape,
                                  const std::string& output = {});

/// The deepest layer that has more than one position and can be split, and why it was chosen. One that all classes come
/// through goes before deeper ones that some pass by. @throws Error (kRefused, "no_layer")
LayerRow propose_layer(const std::vector<LayerRow>& layers);

/// The same of a file. @throws Error as list_layers, and the model's own reason where no layer can be
LayerRow default_layer(const std::filesystem::path& file, const std::vector<std::int64_t>& input_shape,
                       const std::string& output = {});

}  // namespace rationale::explain
