// What a layer costs and needs, and where to go instead of one that cannot be explained.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "explain/model/split_model.h"

namespace rationale::explain {

struct LayerAdvice {
  /// Share of the multiply-adds of all convolutions and linear layers that comes behind the layer in forward order,
  /// 0 to 1: about what one further pass from there costs, in passes of the whole model. None where it is not known:
  /// values of a graph, models without such layers.
  std::optional<double> share_behind;
  std::string needs;    ///< the option that it cannot do without, such as "--call 1"; empty = none
  std::string nearest;  ///< of a layer that is refused: the nearest that can be explained; empty = there is none
};

/// One for each row of list_layers or list_values of this file. @throws Error as load_split_model
std::vector<LayerAdvice> advise(const std::filesystem::path& file, const std::vector<LayerRow>& rows);

}  // namespace rationale::explain
