// All measures of one map, under the names of `rationale faithfulness --json`.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "explain/quality/deletion.h"
#include "explain/quality/localisation.h"
#include "explain/quality/measure.h"

namespace rationale::explain {

struct Faithfulness {
  std::vector<double> deletion_curve, insertion_curve;  ///< zero base; empty where not estimable
  Measure deletion_auc, insertion_auc;                  ///< zero base
  Measure deletion_auc_blur, insertion_auc_blur;        ///< blurred base
};

struct DeletionOptions {
  int n_steps = 32;
  double blur_sigma_px = 4;
  int batch = 16;
};

/// Both bases, because they can disagree. Not estimable ("flat_map") for a map that orders nothing.
/// @param image  [C,(D,)H,W]  @param map  one value a pixel
Faithfulness faithfulness(const Score& score, const FloatArray& image, std::span<const float> map,
                          const DeletionOptions& options);

struct Localisation {
  std::optional<Peak> peak;
  Measure pointing_hit, pointing_hit_tol3;
  Measure energy_in_mask, iou_thr50, iou_thr25, iou_top_area, pixel_auc;
};

/// Where a person marked the finding, at the input's size.
struct Annotation {
  std::vector<PixelBox> boxes;     ///< at least one; for a mask its bounding box
  std::vector<std::uint8_t> mask;  ///< 0 or 1; for boxes what they cover
};

/// @pre the annotation has a pixel inside the map
Localisation localisation(const Plane& map, const Annotation& annotation);

/// The same of a volume [D,H,W] against a mask; `peak` stays empty. Boxes are the mask's own, in three dimensions.
/// @pre a voxel of the mask is 1
Localisation localisation(const FloatArray& map, std::span<const std::uint8_t> mask);

struct Similarity {
  Measure spearman, pearson, ssim;
};

/// @param map, other  positive parts of maps at the input's size
Similarity similarity(const Plane& map, const Plane& other);

}  // namespace rationale::explain
