// A model run whole, uncut: what a split is compared with, in answers and in time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "data/base/error.h"

namespace at {
class Tensor;
}

namespace rationale::explain {

/// What a file is, found without running it.
struct Examination {
  std::string form;  ///< "traced", "scripted" or "frozen" (no submodules left)
  std::string sha256;
  std::int64_t n_parameters = 0;  ///< numbers in parameters and buffers
  int n_submodules = 0;
  std::vector<std::string> left_in_training;  ///< submodules that the file keeps in training mode
  std::vector<std::string> training_differs;  ///< of them: dropout and norms, which work otherwise there; "name (kind)"
  std::vector<std::string> outputs;           ///< what --output may be; {""} = one tensor
  std::optional<Error> problem;  ///< why the graph cannot be read: traced in training mode, state that is written, …
};

/// @throws Error as load_split_model: not TorchScript, operators that are not allowed
Examination examine(const std::filesystem::path& file);

/// The forms that are timed against each other.
enum class WholeForm { kPlain, kFrozen, kFrozenChannelsLast, kOptimizedForInference };
const char* name_of(WholeForm form);

class WholeModel {
 public:
  /// @throws Error as load_split_model
  WholeModel(const std::filesystem::path& file, const std::string& device, WholeForm form);
  ~WholeModel();
  WholeModel(WholeModel&&) noexcept;

  /// The selected output as the model returns it; no autograd.
  /// @throws Error (kInput) if the model does not accept the input
  at::Tensor run(const at::Tensor& input, const std::string& output = {}) const;

  /// What an explainer costs that does not cut the model: forward with a graph of everything, and from the sum over
  /// the images of one class back to the input and into every parameter. @pre kPlain: the others have none left
  /// @return  d sum y_class / d input
  at::Tensor run_and_back(const at::Tensor& input, std::int64_t class_index) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace rationale::explain
