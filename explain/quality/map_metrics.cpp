#include "explain/quality/map_metrics.h"

#include "explain/quality/ranks.h"
#include "explain/quality/similarity.h"

namespace rationale::explain {

Faithfulness faithfulness(const Score& score, const FloatArray& image, std::span<const float> map,
                          const DeletionOptions& options) {
  Faithfulness result;
  if (is_flat(map)) {
    result.deletion_auc = result.insertion_auc = result.deletion_auc_blur = result.insertion_auc_blur =
        not_estimable("flat_map", "no pixel of the map is above another: it gives no order");
    return result;
  }
  const FloatArray zeros{image.shape, std::vector<float>(image.values.size(), 0)};
  DeletionCurves curves = deletion_insertion(score, image, zeros, map, options.n_steps, options.batch);
  result.deletion_curve = std::move(curves.deletion);
  result.insertion_curve = std::move(curves.insertion);
  result.deletion_auc = measured(curves.deletion_auc);
  result.insertion_auc = measured(curves.insertion_auc);
  curves = deletion_insertion(score, image, blurred(image, options.blur_sigma_px), map, options.n_steps, options.batch);
  result.deletion_auc_blur = measured(curves.deletion_auc);
  result.insertion_auc_blur = measured(curves.insertion_auc);
  return result;
}

namespace {

/// What needs no neighbours: pixels and voxels alike.
Localisation overlap(std::span<const float> map, std::span<const std::uint8_t> mask) {
  Localisation result;
  result.energy_in_mask = energy_in_mask(map, mask);
  result.iou_thr50 = measured(iou_at_share(map, mask, 0.5));
  result.iou_thr25 = measured(iou_at_share(map, mask, 0.25));
  result.iou_top_area = iou_top_area(map, mask);
  result.pixel_auc = pixel_auc(map, mask);
  return result;
}

}  // namespace

Localisation localisation(const Plane& map, const Annotation& annotation) {
  Localisation result = overlap(map.values, annotation.mask);
  result.peak = find_peak(map);
  result.pointing_hit = measured(pointing_hit(map, annotation.boxes, 0));
  result.pointing_hit_tol3 = measured(pointing_hit(map, annotation.boxes, 3));
  return result;
}

Localisation localisation(const FloatArray& map, std::span<const std::uint8_t> mask) {
  Localisation result = overlap(map.values, mask);
  result.pointing_hit = measured(pointing_hit(map.values, map.shape, mask, 0));
  result.pointing_hit_tol3 = measured(pointing_hit(map.values, map.shape, mask, 3));
  return result;
}

Similarity similarity(const Plane& map, const Plane& other) {
  return {spearman(map.values, other.values), pearson(map.values, other.values), ssim(map, other)};
}

}  // namespace rationale::explain
