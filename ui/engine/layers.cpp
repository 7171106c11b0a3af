// `rationale layers`: what can be explained, in forward order.
#include <fmt/format.h>

#include <algorithm>

#include "explain/model/split_model.h"
#include "ui/engine/bodies.h"
#include "ui/engine/layer_words.h"
#include "ui/engine/model_argument.h"

namespace rationale::ui {
namespace {

using explain::LayerRow;

nlohmann::ordered_json as_json(const LayerRow& row) {
  return {{"name", row.name},
          {"kind", row.kind},
          {"calls", row.calls},
          {"shape", row.shape},
          {"suitable", row.is_suitable},
          {"reason", row.reason}};
}

void print_table(const std::vector<LayerRow>& rows, const std::vector<explain::LayerAdvice>& advice,
                 const std::string& proposed) {
  std::size_t widest = 5;
  for (const LayerRow& row : rows) widest = std::max(widest, row.name.size());
  fmt::print("{:{}}  {:20} {:>5}  {:20} {:>6}\n", "layer", widest + 2, "kind", "calls", "shape", "behind");
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const LayerRow& row = rows[i];
    const auto share = advice[i].share_behind;
    fmt::print("{} {:{}}  {:20} {:>5}  {:20} {:>6} {}\n",
               row.name == proposed ? '*'
               : row.is_suitable    ? '+'
                                    : ' ',
               row.name, widest, row.kind, row.calls, fmt::format("{}", fmt::join(row.shape, "x")),
               share ? fmt::format("{:.0f} %", 100 * *share) : "-", remark(row, advice[i]));
  }
  fmt::print("behind: share of the network's work behind the layer, about the price of a further pass from there\n");
  fmt::print("+ can be explained   * proposed: the deepest layer that still has places\n");
}

}  // namespace

int run_layers(const CommandLine& line) {
  prepare_engine(line.common, explain::Mode::kReproducible);
  const ModelArgument model = read_model_argument(line.layers.model);
  const auto list = line.layers.values ? explain::list_values : explain::list_layers;
  const auto rows =
      list(model.file, parse_shape(line.layers.shape, model), model.output(line.layers.output));
  const auto advice = explain::advise(model.file, rows);
  std::string proposed;
  try {
    proposed = explain::propose_layer(rows).name;
  } catch (const Error& error) {
    if (error.code != "no_layer") throw;
  }
  if (!line.common.json) {
    print_table(rows, advice, proposed);
    return 0;
  }
  nlohmann::ordered_json layers = nlohmann::ordered_json::array();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    layers.push_back(as_json(rows[i]));
    layers.back().update(advice_json(advice[i]));
  }
  print_json("rationale.layers", {{"layers", layers}, {"proposed", proposed}});
  return 0;
}

}  // namespace rationale::ui
