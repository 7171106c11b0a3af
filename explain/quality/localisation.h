// Does a map lie where a person marked the finding? Measures of one map against one region.
//
// Maps are at the input's size. Smoothing alone raises every one of these: compare with quality/baselines.h.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "data/arrays/array.h"
#include "data/image/image.h"
#include "explain/quality/measure.h"

namespace rationale::explain {

/// Pixels of rows [row0, row1) and columns [col0, col1).
struct PixelBox {
  int row0 = 0, col0 = 0, row1 = 0, col1 = 0;
};

/// The pixels whose centres lie in a rectangle, x to the right and y down from the top left corner; at least
/// the pixel that its middle lies in.
PixelBox pixel_box(double x, double y, double w, double h);

struct Peak {
  int row = 0, col = 0;
};

/// The first largest pixel in row-major order; nothing for a flat map or one without a positive value.
std::optional<Peak> find_peak(const Plane& map);

/// Index of the first largest value; nothing for a flat map or one without a positive value.
std::optional<std::size_t> peak_index(std::span<const float> map);

/// Pointing game (Zhang et al., arXiv:1608.00507): 1 if the peak lies in one of the boxes, each grown by
/// `tolerance` pixels, else 0. A map without a peak points nowhere, which is a miss.
/// @pre at least one box
double pointing_hit(const Plane& map, const std::vector<PixelBox>& boxes, int tolerance);

/// The same of a volume, slice by slice in row-major order: 1 if the peak lies in the smallest box around the mask.
/// @param sides  D,H,W  @pre at least one voxel of the mask is 1
double pointing_hit(std::span<const float> map, const Shape& sides, std::span<const std::uint8_t> mask, int tolerance);

/// Share of the map's positive evidence inside the mask: sum max(m,0) in mask / sum max(m,0).
/// Not estimable ("no_positive_evidence") where nothing is positive.
/// @pre here and below: as many mask values (0 or 1) as map values, at least one of them 1
Measure energy_in_mask(std::span<const float> map, std::span<const std::uint8_t> mask);

/// Intersection over union of {max(m,0) >= share · max(m)} and the mask; 0 for a map without positive values.
double iou_at_share(std::span<const float> map, std::span<const std::uint8_t> mask, double share);

/// The same with as many of the top pixels as the mask has: no threshold to choose.
/// Not estimable ("flat_map") where no pixel is above another.
Measure iou_top_area(std::span<const float> map, std::span<const std::uint8_t> mask);

/// Area under the ROC curve of pixels inside the mask against those outside, ties counted one half.
/// Not estimable ("no_outside") if the mask covers everything.
Measure pixel_auc(std::span<const float> map, std::span<const std::uint8_t> mask);

/// The smallest box around the mask. @pre at least one pixel is 1
PixelBox bounding_box(std::span<const std::uint8_t> mask, int cols);

/// 1 inside any of the boxes, which are cut to the plane.
std::vector<std::uint8_t> mask_of(const std::vector<PixelBox>& boxes, int rows, int cols);

/// Intersection over union of two masks. @pre one of them has a pixel
double mask_iou(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b);

}  // namespace rationale::explain
