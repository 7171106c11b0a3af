#include "explain/model/torchscript_head.h"

#include <algorithm>
#include <set>

#include "explain/model/torchscript_constants.h"

namespace rationale::explain::torchscript {
namespace {

/// The only node that computes with a value (reading its size does not count).
const Node* only_user(const Value* value) {
  const Node* user = nullptr;
  for (const torch::jit::Use& use : value->uses()) {
    if (use.user->kind() == c10::aten::size || use.user->kind() == c10::aten::dim) continue;
    if (user != nullptr || use.offset != 0) return nullptr;
    user = use.user;
  }
  return user;
}

bool is_global_average(const Node* node, std::int64_t n_dims) {
  const std::string name = node->kind().toQualString();
  if (name == "aten::adaptive_avg_pool1d" || name == "aten::adaptive_avg_pool2d" ||
      name == "aten::adaptive_avg_pool3d") {
    const auto size = integers(node->input(1));
    return size && std::all_of(size->begin(), size->end(), [](std::int64_t n) { return n == 1; });
  }
  if (node->kind() != c10::aten::mean || node->inputs().size() != 4) return false;
  const auto dims = integers(node->input(1));
  if (!dims) return false;
  std::set<std::int64_t> wanted, given;
  for (std::int64_t d = 2; d < n_dims; ++d) wanted.insert(d);
  for (const std::int64_t d : *dims) given.insert(d < 0 ? d + n_dims : d);
  return given == wanted;
}

bool only_reshapes(const Node* node) {
  static const std::set<std::string> kinds = {"aten::flatten",    "aten::view",
                                              "aten::reshape",    "aten::squeeze",
                                              "aten::contiguous", "aten::squeeze_"};
  return kinds.count(node->kind().toQualString()) != 0;
}

/// slopes · W. Most targets have a slope of one output alone: only such rows of W are read (W may be larger than the
/// rest of a run's last stage). @param slopes  [targets x N, classes]
at::Tensor slopes_of_channels(const at::Tensor& slopes, const at::Tensor& weight) {
  const at::Tensor used = slopes.ne(0).any(0).nonzero().flatten();
  if (4 * used.size(0) > slopes.size(1)) return slopes.matmul(weight);
  return slopes.index_select(1, used).matmul(weight.index_select(0, used));
}

}  // namespace

std::vector<at::Tensor> ClosedFormHead::gradients(const at::Tensor& activation,
                                                  const std::vector<at::Tensor>& slopes) const {
  if (slopes.empty()) return {};
  const std::vector<std::int64_t> shape = activation.sizes().vec();
  std::int64_t n_positions = 1;
  for (std::size_t d = 2; d < shape.size(); ++d) n_positions *= shape[d];
  std::vector<std::int64_t> cell(shape.size(), 1);
  cell[0] = shape[0];
  cell[1] = shape[1];
  const at::Tensor per_channel = slopes_of_channels(at::cat(slopes), weight) / static_cast<double>(n_positions);
  const at::Tensor open = has_relu ? activation.gt(0).to(activation.scalar_type()) : at::Tensor();
  std::vector<at::Tensor> result;
  for (const at::Tensor& weights : per_channel.split(shape[0])) {
    const at::Tensor cells = weights.view(cell);
    result.push_back(has_relu ? cells * open : cells.expand(shape));
  }
  return result;
}

std::vector<at::Tensor> ClosedFormHead::mean_gradients(const at::Tensor& activation,
                                                       const std::vector<at::Tensor>& slopes) const {
  if (slopes.empty()) return {};
  const at::Tensor places = activation.flatten(2);
  const at::Tensor per_channel = slopes_of_channels(at::cat(slopes), weight) / static_cast<double>(places.size(2));
  std::vector<at::Tensor> result = per_channel.split(activation.size(0));
  if (!has_relu) return result;
  const at::Tensor open = places.gt(0).to(activation.scalar_type()).mean(2);
  for (at::Tensor& weights : result) weights = weights * open;
  return result;
}

std::optional<ClosedFormHead> closed_form_head(const Graph& suffix, std::int64_t n_dims) {
  if (n_dims < 3) return std::nullopt;
  ClosedFormHead head;
  const Node* node = only_user(suffix.inputs()[0]);
  if (node != nullptr && node->kind() == c10::aten::relu) {
    head.has_relu = true;
    node = only_user(node->output());
  }
  if (node == nullptr || !is_global_average(node, n_dims)) return std::nullopt;
  node = only_user(node->output());
  while (node != nullptr && only_reshapes(node)) node = only_user(node->output());
  if (node == nullptr || node->kind() != c10::aten::linear ||
      node->output() != suffix.outputs()[0]) {
    return std::nullopt;
  }
  const auto weight = torch::jit::toIValue(node->input(1));
  const auto bias = torch::jit::toIValue(node->input(2));
  if (!weight || !weight->isTensor() || !bias) return std::nullopt;
  head.weight = weight->toTensor();
  return head;
}

}  // namespace rationale::explain::torchscript
