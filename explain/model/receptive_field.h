// What a cell of a layer sees of the input: in theory from the graph, and measured.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "data/image/receptive_field.h"
#include "explain/model/split_model.h"

namespace rationale::explain {

/// Of the layer (and call) that `options` name, from the graph before it; with what the gradient of the layer's centre
/// cell measures on inputs of noise (`effective`: four runs of the prefix and back), where it has places and a gradient.
/// Loads and cuts the file once more: a split that runs has let go of its plain prefix.
/// @pre options.layer is not empty; of a split that was made, its facts' layer, call and output
/// @throws Error as load_split_model
ReceptiveField receptive_field(const std::filesystem::path& file, const SplitOptions& options);

/// In theory, by the names that list_layers gives (the last call of a layer that is called several times); of values
/// (@0, @1, …) as list_values names them with `Listed::kValues`. Layers that forward does not call are left out.
/// @throws Error as list_layers
enum class Listed { kLayers, kValues };
std::map<std::string, ReceptiveField> layer_fields(const std::filesystem::path& file,
                                                   const std::vector<std::int64_t>& input_shape,
                                                   const std::string& output = {}, Listed listed = Listed::kLayers);

}  // namespace rationale::explain
