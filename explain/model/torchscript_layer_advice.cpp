#include <fmt/format.h>

#include <map>

#include "explain/model/layer_advice.h"
#include "explain/model/token_grid.h"
#include "explain/model/torchscript_load.h"
#include "explain/model/torchscript_split.h"
#include "explain/model/torchscript_values.h"

namespace rationale::explain {
namespace {

/// Multiply-adds for one value of the output of each module that has a weight of two or more axes: its numbers for one
/// output channel.
std::map<std::string, double> work_per_value(const torchscript::LoadedModule& loaded) {
  std::map<std::string, double> work;
  for (const auto& named : loaded.module.named_modules()) {
    if (!named.value.hasattr("weight") || !named.value.attr("weight").isTensor()) continue;
    const at::Tensor weight = named.value.attr("weight").toTensor();
    if (!weight.defined() || weight.dim() < 2 || weight.size(0) == 0) continue;
    work[named.name] = static_cast<double>(weight.numel() / weight.size(0));
  }
  return work;
}

std::string needs_of(const LayerRow& row) {
  if (!row.is_suitable) return {};
  std::string needs;
  if (row.calls > 1) needs = fmt::format("--call 0 … {}", row.calls - 1);
  if (row.shape.size() == 3) {
    const std::string grid = likely_grid(row.shape);
    needs += (needs.empty() ? "" : ", ") + ("--reshape " + (grid.empty() ? "tokens:PREFIX:ROWSxCOLS" : grid));
  }
  return needs;
}

}  // namespace

std::vector<LayerAdvice> advise(const std::filesystem::path& file, const std::vector<LayerRow>& rows) {
  const auto work = work_per_value(torchscript::load_module(file, "cpu"));
  std::vector<LayerAdvice> advice(rows.size());
  double behind = 0;
  for (std::size_t i = rows.size(); i-- > 0;) {  // rows are in forward order
    const LayerRow& row = rows[i];
    advice[i].share_behind = behind;
    advice[i].needs = needs_of(row);
    if (!row.is_suitable) advice[i].nearest = torchscript::nearest_layer(rows, row.name);
    const auto known = work.find(row.name);
    if (known == work.end() || row.shape.empty()) continue;
    double values = 1;
    for (const std::int64_t extent : row.shape) values *= static_cast<double>(extent);
    behind += values * known->second * row.calls;
  }
  for (LayerAdvice& one : advice) {
    one.share_behind = behind > 0 ? std::optional(*one.share_behind / behind) : std::nullopt;
  }
  return advice;
}

}  // namespace rationale::explain
