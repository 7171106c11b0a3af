// `rationale layers`: what can be explained, in forward order.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "explain/model/receptive_field.h"
#include "explain/model/split_model.h"
#include "ui/engine/bodies.h"
#include "ui/engine/layer_words.h"
#include "ui/engine/model_argument.h"

namespace rationale::ui {
namespace {

using explain::LayerRow;

nlohmann::ordered_json as_json(const LayerRow& row, const ReceptiveField& field) {
  return {{"name", row.name},
          {"kind", row.kind},
          {"calls", row.calls},
          {"shape", row.shape},
          {"suitable", row.is_suitable},
          {"reason", row.reason},
          {"unreached", row.unreached},
          {"receptive_field", receptive_field_json(field)}};
}

/// "43x43", "all", "?".
std::string field_sizes(const ReceptiveField& field) {
  if (field.axes.empty()) return "?";
  std::vector<std::string> sizes;
  for (const AxisField& axis : field.axes) sizes.push_back(axis.is_whole ? "all" : fmt::format("{:g}", axis.size));
  const bool is_all = std::all_of(sizes.begin(), sizes.end(), [](const std::string& s) { return s == "all"; });
  return is_all ? "all" : fmt::format("{}", fmt::join(sizes, "x"));
}

using Fields = std::map<std::string, ReceptiveField>;

const ReceptiveField& field_of(const Fields& fields, const std::string& name) {
  static const ReceptiveField unknown{{}, "the output does not use it"};
  const auto found = fields.find(name);
  return found == fields.end() ? unknown : found->second;
}

void print_table(const std::vector<LayerRow>& rows, const std::vector<explain::LayerAdvice>& advice,
                 const Fields& fields, const std::string& proposed) {
  std::size_t widest = 5;
  for (const LayerRow& row : rows) widest = std::max(widest, row.name.size());
  fmt::print("{:{}}  {:20} {:>5}  {:20} {:16} {:>6}\n", "layer", widest + 2, "kind", "calls", "shape", "sees", "behind");
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const LayerRow& row = rows[i];
    const auto share = advice[i].share_behind;
    fmt::print("{} {:{}}  {:20} {:>5}  {:20} {:16} {:>6} {}\n",
               row.name == proposed ? '*'
               : row.is_suitable    ? '+'
                                    : ' ',
               row.name, widest, row.kind, row.calls, fmt::format("{}", fmt::join(row.shape, "x")),
               field_sizes(field_of(fields, row.name)),
               share ? fmt::format("{:.0f} %", 100 * *share) : "-", remark(row, advice[i]));
  }
  fmt::print("behind: share of the network's work behind the layer, about the price of a further pass from there\n");
  fmt::print("+ can be explained   * proposed: the deepest layer that still has places\n");
  fmt::print("sees: pixels of the input that a cell looks at (its receptive field, in theory; `rationale doctor` "
             "measures the chosen layer's); all = the whole axis, ? = not known\n");
}

}  // namespace

int run_layers(const CommandLine& line) {
  prepare_engine(line.common, explain::Mode::kReproducible);
  const ModelArgument model = read_model_argument(line.layers.model);
  const auto list = line.layers.values ? explain::list_values : explain::list_layers;
  const Shape shape = parse_shape(line.layers.shape, model);
  const std::string output = model.output(line.layers.output);
  const auto rows = list(model.file, shape, output);
  const auto advice = explain::advise(model.file, rows);
  const Fields fields = explain::layer_fields(
      model.file, shape, output, line.layers.values ? explain::Listed::kValues : explain::Listed::kLayers);
  std::string proposed;
  try {
    proposed = explain::propose_layer(rows).name;
  } catch (const Error& error) {
    if (error.code != "no_layer") throw;
  }
  if (!line.common.json) {
    print_table(rows, advice, fields, proposed);
    return 0;
  }
  nlohmann::ordered_json layers = nlohmann::ordered_json::array();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    layers.push_back(as_json(rows[i], field_of(fields, rows[i].name)));
    layers.back().update(advice_json(advice[i]));
  }
  print_json("rationale.layers", {{"layers", layers}, {"proposed", proposed}});
  return 0;
}

}  // namespace rationale::ui
