// Which maps `rationale faithfulness` measures: given ones, computed ones, and maps that know nothing of the model.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "explain/quality/map_maker.h"
#include "ui/engine/faithfulness_input.h"

namespace rationale::ui {

/// Maps of one method at one layer, one an image and class.
struct MapSet {
  std::string method;  ///< empty: nobody said what made the maps
  std::string layer;   ///< empty: at the input, or a baseline
  bool is_baseline = false;
  explain::MapSource source;                 ///< of the method
  std::shared_ptr<explain::MapMaker> maker;  ///< null: the maps cannot be made again
  std::vector<MapRow> rows;
};

/// The file of --maps as a set of its own, or one set for each method and layer (methods at the input once), and with
/// --baselines the centre of the image, edges and random cells at the resolution of each of them.
/// @param source  the model; its split names no layer
/// @throws Error (kUsage) if neither maps nor a method are named, or several are for one file of maps
std::vector<MapSet> read_map_sets(const FaithfulnessOptions& options, const explain::MapSource& source,
                                  const FloatArray& input, const std::vector<explain::Target>& targets,
                                  const ModelArgument& model, std::uint64_t seed);

}  // namespace rationale::ui
