#include "explain/model/torchscript_field.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <string>

#include "explain/model/torchscript_constants.h"
#include "explain/model/torchscript_inline.h"

namespace rationale::explain::torchscript {
namespace {

using Integers = std::vector<std::int64_t>;
using Names = std::set<std::string>;

/// Every place for itself. The statistics that instance and group norms take over places are left out: they say how
/// bright the image is, not what is where.
const Names& by_place() {
  static const Names names = {
      "abs", "add", "alpha_dropout", "batch_norm", "celu", "clamp", "clamp_max", "clamp_min", "clone", "contiguous",
      "detach", "div", "dropout", "elu", "exp", "expand", "expand_as", "feature_dropout", "gelu", "group_norm",
      "hardsigmoid", "hardswish", "hardtanh", "instance_norm", "leaky_relu", "log", "maximum", "minimum", "mish", "mul",
      "neg", "ones_like", "pow", "prelu", "reciprocal", "relu", "relu6", "rrelu", "rsqrt", "rsub", "selu", "sigmoid",
      "silu", "softplus", "sqrt", "square", "sub", "tanh", "to", "type_as", "zeros_like"};
  return names;
}

/// Every place looks at every other one along the axes that the operator mixes.
const Names& mixing() {
  static const Names names = {
      "addmm", "baddbmm", "bmm", "einsum", "matmul", "mm", "scaled_dot_product_attention",
      "_native_multi_head_attention", "softmax", "log_softmax", "cumsum"};
  return names;
}

/// What a value tells of itself, not what it holds.
const Names& no_pixels() {
  static const Names names = {
      "size", "dim", "numel", "len", "is_floating_point", "item", "Int", "Bool", "device"};
  return names;
}

Integers integers_of(const Node* node, const char* name, std::size_t count, std::int64_t otherwise) {
  const Value* value = argument(node, name);
  auto found = value == nullptr ? std::nullopt : integers(value);
  if (!found || found->empty()) return Integers(count, otherwise);
  if (found->size() == 1) found->resize(count, found->front());
  return *found;
}

std::optional<std::int64_t> integer_of(const Node* node, const char* name) {
  const Value* value = argument(node, name);
  const auto found = value == nullptr ? std::nullopt : integers(value);
  if (!found || found->size() != 1) return std::nullopt;
  return found->front();
}

/// 2 for a name that ends in 2d.
int spatial_rank(const std::string& name) {
  return name.size() > 2 && name.back() == 'd' ? name[name.size() - 2] - '0' : 0;
}

}  // namespace

FieldWalk::FieldWalk(const Graph& graph, const std::vector<std::int64_t>& input_shape) : input_shape_(input_shape) {
  Trace input{static_cast<int>(input_shape.size()), {}, {}};
  for (int dim = 2; dim < input.n_dims; ++dim) input.axes.push_back({dim, 1, 0, 0, false});
  traces_[graph.inputs()[0]] = input;
  for (const Node* node : graph.block()->nodes()) visit(node);
}

ReceptiveField FieldWalk::of(const Value* value) const {
  const auto found = traces_.find(value);
  if (found == traces_.end()) return {{}, "it does not depend on the input's pixels"};
  const Trace& trace = found->second;
  if (!trace.unknown.empty()) return {{}, "the way to it passes " + trace.unknown};
  ReceptiveField field;
  for (std::size_t a = 0; a < trace.axes.size(); ++a) {
    const Axis& axis = trace.axes[a];
    const auto extent = static_cast<double>(input_shape_[a + 2]);
    if (axis.is_whole || axis.dim < 0) {
      field.axes.push_back({.size = extent, .stride = extent, .first = 0, .is_whole = true});
    } else {
      field.axes.push_back({.size = axis.high - axis.low + 1, .stride = axis.stride, .first = axis.low});
    }
  }
  return field;
}

void FieldWalk::visit(const Node* node) {
  const std::string name = node->kind().toUnqualString();
  if (no_pixels().count(name) != 0 || node->kind() == c10::prim::Constant) return;
  std::vector<Trace> inputs;
  for (const Value* input : node->inputs()) {
    if (const auto known = traces_.find(input); known != traces_.end()) inputs.push_back(known->second);
  }
  if (inputs.empty() && node->blocks().empty()) return;
  Trace result;
  if (!node->blocks().empty()) {
    result.unknown = "a branch or loop that is decided while the model runs";
  } else {
    for (const Trace& input : inputs) {
      if (result.unknown.empty()) result.unknown = input.unknown;
    }
    if (result.unknown.empty()) result = result_of(node, inputs);
  }
  for (const Value* output : node->outputs()) traces_[output] = result;
}

FieldWalk::Trace FieldWalk::joined(const std::vector<Trace>& parts) const {
  Trace result = parts.front();
  for (const Trace& part : parts) result.n_dims = std::max(result.n_dims, part.n_dims);
  for (std::size_t a = 0; a < result.axes.size(); ++a) {
    Axis& axis = result.axes[a];
    axis = parts.front().axes[a];
    const auto from_the_end = [&](const Trace& part) {
      return part.axes[a].dim < 0 ? -1 : part.axes[a].dim + result.n_dims - part.n_dims;
    };
    axis.dim = from_the_end(parts.front());
    for (const Trace& part : parts) {
      const Axis& other = part.axes[a];
      if (other.is_whole || other.dim < 0) axis.is_whole = true;
      if (axis.dim < 0) axis.dim = from_the_end(part);
      if (axis.is_whole) continue;
      if (std::abs(other.stride - axis.stride) > 1e-9) result.unknown = "parts of different resolution that are joined";
      axis.low = std::min(axis.low, other.low);
      axis.high = std::max(axis.high, other.high);
    }
  }
  return result;
}

FieldWalk::Trace FieldWalk::convolved(Trace trace, const Node* node) {
  const auto weight = constant(node->input(1));
  if (!weight || !weight->isTensor()) {
    trace.unknown = "a convolution whose weights are not constant";
    return trace;
  }
  const auto sizes = weight->toTensor().sizes().slice(2);
  const std::size_t rank = sizes.size();
  const Integers stride = integers_of(node, "stride", rank, 1), dilation = integers_of(node, "dilation", rank, 1);
  Integers padding = integers_of(node, "padding", rank, 0);
  if (const auto word = constant(argument(node, "padding")); word && word->isString() && word->toStringRef() == "same") {
    for (std::size_t d = 0; d < rank; ++d) padding[d] = dilation[d] * (sizes[d] - 1) / 2;
  }
  const std::string name = node->kind().toUnqualString();
  bool is_transposed = name.find("transpose") != std::string::npos;
  if (const auto said = constant(argument(node, "transposed"))) is_transposed = said->isBool() && said->toBool();
  for (Axis& axis : trace.axes) {
    const int d = axis.dim - (trace.n_dims - static_cast<int>(rank));
    if (axis.is_whole || d < 0 || axis.dim < 0) continue;
    const auto i = static_cast<std::size_t>(d);
    const auto pad = static_cast<double>(padding[i]), step = static_cast<double>(stride[i]);
    const auto reach = static_cast<double>(dilation[i] * (sizes[i] - 1));
    if (is_transposed) {  // output o takes the whole ones among (o + pad - t) / step, t = 0 … reach: a bound for all o
      axis.low += axis.stride * (pad - reach) / step;
      axis.high += axis.stride * pad / step;
      axis.stride /= step;
    } else {
      axis.low -= axis.stride * pad;
      axis.high += axis.stride * (reach - pad);
      axis.stride *= step;
    }
  }
  return trace;
}

FieldWalk::Trace FieldWalk::pooled(Trace trace, const Node* node) {
  const std::string name = node->kind().toUnqualString();
  const bool is_adaptive = name.starts_with("adaptive");
  const auto rank = static_cast<std::size_t>(spatial_rank(name.substr(0, name.find("_with"))));
  const Integers kernel = integers_of(node, "kernel_size", rank, 1);
  Integers stride = integers_of(node, "stride", rank, 0);
  const Integers padding = integers_of(node, "padding", rank, 0), dilation = integers_of(node, "dilation", rank, 1);
  for (Axis& axis : trace.axes) {
    const int d = axis.dim - (trace.n_dims - static_cast<int>(rank));
    if (axis.is_whole || d < 0 || axis.dim < 0) continue;
    if (is_adaptive) {  // to one cell, or to cells whose windows depend on the size: the whole axis is a bound
      axis.is_whole = true;
      continue;
    }
    const auto i = static_cast<std::size_t>(d);
    if (stride[i] == 0) stride[i] = kernel[i];
    axis.low -= axis.stride * static_cast<double>(padding[i]);
    axis.high += axis.stride * static_cast<double>(dilation[i] * (kernel[i] - 1) - padding[i]);
    axis.stride *= static_cast<double>(stride[i]);
  }
  return trace;
}

FieldWalk::Trace FieldWalk::reduced(Trace trace, const Node* node) {
  const Value* which = argument(node, "dim");
  const auto dims = which == nullptr ? std::nullopt : integers(which);
  const auto keep = constant(argument(node, "keepdim"));
  const bool keeps = keep && keep->isBool() && keep->toBool();
  std::set<int> gone;
  for (int d = 0; d < trace.n_dims && !dims; ++d) gone.insert(d);
  if (dims) {
    for (const std::int64_t d : *dims) gone.insert(static_cast<int>(d < 0 ? d + trace.n_dims : d));
  }
  for (Axis& axis : trace.axes) {
    if (axis.dim < 0) continue;
    if (gone.count(axis.dim) != 0) {
      axis.is_whole = true;
      if (!keeps) axis.dim = -1;
    } else if (!keeps) {
      axis.dim -= static_cast<int>(std::count_if(gone.begin(), gone.end(), [&](int d) { return d < axis.dim; }));
    }
  }
  if (!keeps) trace.n_dims -= static_cast<int>(gone.size());
  return trace;
}

FieldWalk::Trace FieldWalk::enlarged(Trace trace, const Node* node) {
  const auto factors = constant(argument(node, "scale_factors"));
  const bool is_smooth = std::string(node->kind().toUnqualString()).find("nearest") == std::string::npos;
  if (!factors || !factors->isDoubleList() || factors->toDoubleVector().empty()) {
    trace.unknown = "an up-sampling to a given size";
    return trace;
  }
  const std::vector<double> factor = factors->toDoubleVector();
  for (Axis& axis : trace.axes) {
    const int d = axis.dim - (trace.n_dims - static_cast<int>(factor.size()));
    if (axis.is_whole || d < 0 || axis.dim < 0) continue;
    // A fine cell looks at its coarse one, and where it is interpolated at a neighbour on either side.
    axis.low -= is_smooth ? axis.stride : 0;
    axis.high += is_smooth ? axis.stride : 0;
    axis.stride /= factor[static_cast<std::size_t>(d)];
  }
  return trace;
}

FieldWalk::Trace FieldWalk::padded(Trace trace, const Node* node) {
  const Value* value = argument(node, "pad");
  if (value == nullptr) value = argument(node, "padding");
  const auto pads = value == nullptr ? std::nullopt : integers(value);
  if (!pads) {
    trace.unknown = "a padding that is not constant";
    return trace;
  }
  for (Axis& axis : trace.axes) {  // the last dimension comes first
    const int from_end = trace.n_dims - 1 - axis.dim;
    if (axis.is_whole || axis.dim < 0 || 2 * from_end >= static_cast<int>(pads->size())) continue;
    const double shift = axis.stride * static_cast<double>((*pads)[static_cast<std::size_t>(2 * from_end)]);
    axis.low -= shift;
    axis.high -= shift;
  }
  return trace;
}

/// Dimensions change their order, come or go; the places stay what they are.
FieldWalk::Trace FieldWalk::moved(Trace trace, const Node* node) {
  const std::string name = node->kind().toUnqualString();
  const auto at = [&](const char* key) {
    const auto dim = integer_of(node, key);
    return dim ? static_cast<int>(*dim < 0 ? *dim + trace.n_dims + (name == "unsqueeze" || name == "stack" ? 1 : 0)
                                           : *dim)
               : -1;
  };
  if (name == "permute") {
    const Value* value = argument(node, "dims");
    const auto order = value == nullptr ? std::nullopt : integers(value);
    if (!order || static_cast<int>(order->size()) != trace.n_dims) {
      trace.unknown = "a permutation that is not constant";
      return trace;
    }
    for (Axis& axis : trace.axes) {
      const auto place = std::find_if(order->begin(), order->end(),
                                      [&](std::int64_t d) { return (d < 0 ? d + trace.n_dims : d) == axis.dim; });
      if (place != order->end()) axis.dim = static_cast<int>(place - order->begin());
    }
  } else if (name == "transpose") {
    const int a = at("dim0"), b = at("dim1");
    for (Axis& axis : trace.axes) axis.dim = axis.dim == a ? b : axis.dim == b ? a : axis.dim;
  } else if (name == "unsqueeze" || name == "stack") {
    const int dim = at("dim");
    for (Axis& axis : trace.axes) axis.dim += axis.dim >= dim && axis.dim >= 0 ? 1 : 0;
    ++trace.n_dims;
  } else {  // squeeze of one dimension
    const int dim = at("dim");
    if (dim < 0) trace.unknown = "a squeeze of all dimensions";
    for (Axis& axis : trace.axes) {
      if (axis.dim == dim) {
        axis.is_whole = true;
        axis.dim = -1;
      }
      axis.dim -= axis.dim > dim ? 1 : 0;
    }
    --trace.n_dims;
  }
  return trace;
}

FieldWalk::Trace FieldWalk::result_of(const Node* node, const std::vector<Trace>& inputs) const {
  const std::string full = node->kind().toUnqualString();
  const bool is_in_place = full.size() > 1 && full.back() == '_' && full[full.size() - 2] != '_';
  const std::string name = is_in_place ? full.substr(0, full.size() - 1) : full;
  const Trace& first = inputs.front();
  const auto whole = [&](const auto& is_mixed) {
    Trace trace = joined(inputs);
    for (Axis& axis : trace.axes) axis.is_whole = axis.is_whole || is_mixed(axis);
    return trace;
  };
  const bool sees_all = std::all_of(first.axes.begin(), first.axes.end(), [](const Axis& a) { return a.is_whole; });
  if (is_in_place && inputs.size() > 1) return {0, first.axes, "a change in place (" + full + ")"};
  if (is_tap(node) || by_place().count(name) != 0) return joined(inputs);
  if (name == "ListConstruct" || name == "TupleConstruct") return joined(inputs);
  if (name == "ListUnpack" || name == "TupleUnpack" || name == "__getitem__") return first;
  if (name == "_convolution" || name == "convolution" || name.starts_with("conv")) return convolved(first, node);
  if (name.find("pool") != std::string::npos) return pooled(first, node);
  if (name == "mean" || name == "sum" || name == "amax" || name == "amin") return reduced(first, node);
  if (name.starts_with("upsample_")) return enlarged(first, node);
  if (name == "pad" || name.ends_with("_pad_nd") || name.find("tion_pad") != std::string::npos)
    return padded(first, node);
  if (name == "squeeze" && sees_all) return first;
  if (name == "permute" || name == "transpose" || name == "unsqueeze" || name == "stack" || name == "squeeze") {
    return moved(first, node);
  }
  if (name == "cat") {
    const auto dim = integer_of(node, "dim");
    return whole([&](const Axis& axis) { return dim && axis.dim == (*dim < 0 ? *dim + first.n_dims : *dim); });
  }
  if (name == "linear" || name == "layer_norm") {  // the last dimension, or the last ones, are mixed
    const Value* shape = argument(node, "normalized_shape");
    const auto normalised = shape == nullptr ? std::nullopt : integers(shape);
    const int n_mixed = normalised ? static_cast<int>(normalised->size()) : 1;
    return whole([&](const Axis& axis) { return axis.dim >= first.n_dims - n_mixed; });
  }
  if (name == "chunk" || name == "split" || name == "slice" || name == "narrow") {
    const auto dim = integer_of(node, "dim");
    const bool is_by_channel = dim && std::none_of(first.axes.begin(), first.axes.end(), [&](const Axis& axis) {
                                 return axis.dim == (*dim < 0 ? *dim + first.n_dims : *dim);
                               });
    if (is_by_channel) return first;
  }
  if (mixing().count(name) != 0) return whole([](const Axis&) { return true; });
  if (sees_all) return first;  // no place is left to lose: flatten, view, reshape …
  return {0, first.axes, "`" + full + "`"};
}

}  // namespace rationale::explain::torchscript
