// What `rationale faithfulness` is given: maps, and where the findings are, sorted by image and class.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "explain/quality/map_metrics.h"
#include "ui/engine/model_argument.h"

namespace rationale::ui {

/// One map, of one image for one class.
struct MapRow {
  std::size_t sample = 0;
  explain::Target target;
  FloatArray map;  ///< at the input's size
  std::optional<explain::Annotation> annotation;
  std::string annotated_by;  ///< "masks", "boxes" or empty
};

/// The rows of every image and class, without maps: one class for all images or one for each, else all for each.
/// @throws Error (kUsage, "class_needed")
std::vector<MapRow> rows_of_targets(const FloatArray& input, const std::vector<explain::Target>& targets);

/// Maps of the input's size are taken as they are; smaller ones lose their negative values and are up-sampled.
/// @param maps     [N,*S] with one class for all, or with N classes one an image; [N,K,*S] with K classes
/// @param targets  of --class
/// @param native   becomes the shape of a map in the file, if not null
/// @throws Error (kUsage, kInput) if shapes and classes do not fit
std::vector<MapRow> read_map_rows(const std::filesystem::path& maps, const FloatArray& input,
                                  const std::vector<explain::Target>& targets, Shape* native = nullptr);

/// Marks each row with its image's mask: [N,*input], or [N,K,*input] for K classes. A mask without a pixel is
/// no annotation.
void add_masks(std::vector<MapRow>& rows, const std::filesystem::path& masks, const FloatArray& input);

/// Marks each row with the boxes of its image; boxes with a label only where it is the row's class. Where a
/// mask is known too, boxes replace its bounding box.
void add_boxes(std::vector<MapRow>& rows, const std::filesystem::path& boxes, const FloatArray& input,
               const ModelArgument& model);

}  // namespace rationale::ui
