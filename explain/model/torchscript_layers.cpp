// The layers of a model in forward order, what each returns, and whether the model can be cut
// there.
#include <fmt/format.h>
#include <torch/csrc/jit/passes/dead_code_elimination.h>

#include <algorithm>
#include <map>
#include <set>

#include "data/base/error.h"
#include "data/base/text.h"
#include "explain/model/torchscript_reach.h"
#include "explain/model/torchscript_split.h"
#include "explain/model/torchscript_values.h"

namespace rationale::explain::torchscript {
namespace {

/// The shape of every tap's value, by index into `taps`; empty where it is not computed at top
/// level.
std::vector<std::vector<std::int64_t>> shapes_of(const Cleaned& cleaned, const LoadedModule& loaded,
                                                 const std::vector<std::int64_t>& input_shape) {
  std::vector<std::vector<std::int64_t>> shapes(cleaned.taps.size());
  const GraphPtr graph = cleaned.graph->copy();
  std::map<int, std::size_t> tap_of_call;
  for (std::size_t i = 0; i < cleaned.taps.size(); ++i) {
    if (cleaned.taps[i].node != nullptr) tap_of_call[cleaned.taps[i].call] = i;
  }
  graph->eraseOutput(0);
  // Sizes as lists of numbers: the activations themselves need not be kept.
  std::vector<std::size_t> order;
  std::vector<Node*> taps;
  for (Node* node : graph->block()->nodes()) {
    if (is_tap(node)) taps.push_back(node);
  }
  for (Node* tap : taps) {
    const auto known = tap_of_call.find(tapped_call(tap));
    Node* size = graph->create(c10::aten::size, {tap->input()}, 1);
    size->output()->setType(c10::ListType::ofInts());
    size->insertAfter(tap);
    tap->output()->replaceAllUsesWith(tap->input());
    if (known != tap_of_call.end()) {
      graph->registerOutput(size->output());
      order.push_back(known->second);
    }
    tap->destroy();
  }
  torch::jit::EliminateDeadCode(graph);
  const at::NoGradGuard no_graph;
  set_device(*graph, loaded.device);
  try {
    const auto outputs =
        Program(graph, "shapes").run({pseudo_random(input_shape, 1).to(loaded.device)});
    for (std::size_t i = 0; i < outputs.size(); ++i) shapes[order[i]] = outputs[i].toIntVector();
  } catch (const std::exception& exception) {
    throw Error(Error::Kind::kInput,
                fmt::format("the model does not accept an input of shape [{}]: {}",
                            fmt::join(input_shape, ", "), short_message(exception)),
                loaded.file.string(), "give it the size and channels that it was made for")
        .with_code("input_shape");
  }
  return shapes;
}

std::string why_no_map(const std::vector<std::int64_t>& shape) {
  std::int64_t positions = 1;
  for (std::size_t d = 2; d < shape.size(); ++d) positions *= shape[d];
  if (shape.size() == 3 && shape[1] > 1)
    return {};  // tokens [N,T,C]: --reshape says where they lie
  if (shape.size() >= 4 && positions > 1) return {};
  return fmt::format("no spatial extent ([{}])", fmt::join(shape, ", "));
}

std::string why_not_listed(const Cleaned& cleaned, const Tap& tap) {
  std::string reason = why_not(cleaned, tap);
  if (reason.empty() && stops_gradient(cleaned, tap)) {
    reason = "behind it the model stops gradients (detach): choose a later layer";
  }
  return reason;
}

/// Shapes, unless the model has a problem that explains why there are none.
std::vector<std::vector<std::int64_t>> shapes_or_problem(const Cleaned& cleaned, const LoadedModule& loaded,
                                                         const std::vector<std::int64_t>& input_shape,
                                                         const std::optional<Error>& problem) {
  try {
    return shapes_of(cleaned, loaded, input_shape);
  } catch (const Error&) {
    if (problem) throw Error(*problem);
    throw;
  }
}

/// Which classes a row's layer does not reach, where the model's classes come from several parts.
void add_reach(LayerRow& row, const Cleaned& cleaned, const Tap& tap, const LoadedModule& loaded,
               const std::vector<std::int64_t>& input_shape) {
  if (!row.is_suitable || !joins_classes(*cleaned.graph)) return;
  try {
    row.unreached = unreached_classes(cleaned, tap, loaded, input_shape);
  } catch (const std::exception&) {  // the check at load has the last word
  }
}

void refuse_all(std::vector<LayerRow>& rows, const std::optional<Error>& problem) {
  if (!problem) return;
  for (LayerRow& row : rows) {
    if (row.is_suitable) row.reason = problem->what();
    row.is_suitable = false;
  }
}

/// Nothing where the shape is at fault: shapes_of says so.
std::optional<Error> problem_of(const LoadedModule& loaded, const std::vector<std::int64_t>& input_shape,
                                const std::string& output) {
  try {
    return whole_problem(loaded, input_shape, output);
  } catch (const Error&) {
    return std::nullopt;
  }
}

std::size_t common_parts(const std::string& a, const std::string& b) {
  const auto x = split(a, '.'), y = split(b, '.');
  std::size_t n = 0;
  while (n < x.size() && n < y.size() && x[n] == y[n]) ++n;
  return n;
}

}  // namespace

std::vector<LayerRow> list_layers(const LoadedModule& loaded,
                                  const std::vector<std::int64_t>& input_shape,
                                  const std::string& output) {
  const Cleaned cleaned = clean(loaded, inline_calls(loaded, nullptr), output);
  const auto problem = problem_of(loaded, input_shape, cleaned.output);
  const auto shapes = shapes_or_problem(cleaned, loaded, input_shape, problem);
  std::map<const void*, std::string> other_returns;
  for (const Call& call : cleaned.calls) {
    if (call.returns != "Tensor") other_returns[call.object] = call.returns;
  }
  struct Sorted {
    std::size_t position;
    LayerRow row;
  };
  std::vector<Sorted> rows;
  std::set<const void*> seen;  // named_modules() gives a shared module its first name only
  for (const auto& named : loaded.module.named_modules()) {
    const void* object = named.value._ivalue().get();
    if (named.name.empty() || !seen.insert(object).second) continue;
    LayerRow row{named.name, class_name(named.value), 0, {}, false, {}};
    std::size_t position = cleaned.taps.size();
    for (std::size_t i = 0; i < cleaned.taps.size(); ++i) {
      const Tap& tap = cleaned.taps[i];
      if (cleaned.calls[static_cast<std::size_t>(tap.call)].object != object) continue;
      ++row.calls;
      position = i;
      const std::string reason = why_not_listed(cleaned, tap);
      if (!shapes[i].empty()) row.shape = shapes[i];
      if (reason.empty() && !shapes[i].empty() && why_no_map(shapes[i]).empty())
        row.is_suitable = true;
      row.reason = !reason.empty() ? reason : why_no_map(shapes[i]);
      if (!problem && reason.empty()) add_reach(row, cleaned, tap, loaded, input_shape);
    }
    if (row.calls == 0) {
      const auto other = other_returns.find(object);
      row.calls = other != other_returns.end() ? 1 : 0;
      row.reason = other != other_returns.end() ? "it returns " + other->second + ", not one tensor"
                                                : "forward does not call it";
    }
    if (row.is_suitable) row.reason.clear();
    rows.push_back({position, std::move(row)});
  }
  std::stable_sort(rows.begin(), rows.end(),
                   [](const Sorted& a, const Sorted& b) { return a.position < b.position; });
  std::vector<LayerRow> result;
  for (Sorted& sorted : rows) result.push_back(std::move(sorted.row));
  refuse_all(result, problem);
  return result;
}

std::vector<LayerRow> list_values(const LoadedModule& loaded,
                                  const std::vector<std::int64_t>& input_shape,
                                  const std::string& output) {
  Cleaned cleaned = clean(loaded, inline_calls(loaded, nullptr), output);
  const ValueLabels labels = mark_values(cleaned, loaded);
  const auto problem = problem_of(loaded, input_shape, cleaned.output);
  const auto shapes = shapes_or_problem(cleaned, loaded, input_shape, problem);
  std::vector<LayerRow> rows;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const std::string reason = why_not_listed(cleaned, cleaned.taps[i]);
    LayerRow row{fmt::format("@{}", i), labels[i], 1, shapes[i], false, reason};
    if (reason.empty()) row.reason = why_no_map(shapes[i]);
    row.is_suitable = row.reason.empty();
    if (!problem) add_reach(row, cleaned, cleaned.taps[i], loaded, input_shape);
    rows.push_back(std::move(row));
  }
  refuse_all(rows, problem);
  return rows;
}

std::string nearest_layer(const std::vector<LayerRow>& rows, const std::string& layer) {
  const auto here = std::find_if(rows.begin(), rows.end(),
                                 [&](const LayerRow& row) { return row.name == layer; });
  const auto at = here - rows.begin();
  std::string best;
  std::size_t best_common = 0;
  std::ptrdiff_t best_distance = 0;
  for (std::ptrdiff_t i = 0; i < static_cast<std::ptrdiff_t>(rows.size()); ++i) {
    const LayerRow& row = rows[static_cast<std::size_t>(i)];
    if (!row.is_suitable || row.name == layer) continue;
    const std::size_t common = common_parts(row.name, layer);
    const std::ptrdiff_t distance = i > at ? i - at : at - i + 1;
    if (best.empty() || common > best_common ||
        (common == best_common && distance < best_distance)) {
      best = row.name;
      best_common = common;
      best_distance = distance;
    }
  }
  return best;
}

}  // namespace rationale::explain::torchscript
