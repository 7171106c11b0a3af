#include "explain/quality/image_maps.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "explain/methods/display.h"
#include "explain/methods/input_grid.h"
#include "explain/model/targets.h"
#include "explain/model/tensor_array.h"
#include "explain/quality/occlusion.h"
#include "explain/torch.h"

namespace rationale::explain {

namespace {

FloatArray batch_of_one(FloatArray image) {
  image.shape.insert(image.shape.begin(), 1);
  return image;
}

}  // namespace

std::vector<FloatArray> raw_maps(const SplitModel& model, const FloatArray& image, const Target& target,
                                 const std::vector<std::string>& methods, const std::optional<TokenGrid>& grid,
                                 const MapSettings& settings) {
  const auto run = model.run(to_tensor(batch_of_one(image)));
  const Shape size(image.shape.begin() + 1, image.shape.end());
  std::vector<FloatArray> maps;
  for (const std::string& method : methods) {
    FloatArray map = compute_maps(model, *run, {method, {target}, grid, size, settings});
    map.shape.erase(map.shape.begin());
    const bool is_empty = std::all_of(map.values.begin(), map.values.end(), [](float v) { return v == 0; });
    if (is_empty) check_places_reach(model, *run, grid);
    maps.push_back(folded(map, find_method(method).channels, static_cast<int>(size.size())));
  }
  return maps;
}

FloatArray from_zero(FloatArray raw, Zero zero) {
  if (zero == Zero::kNoEvidence) return raw;
  const float least = *std::min_element(raw.values.begin(), raw.values.end());
  for (float& value : raw.values) value -= least;
  return raw;
}

FloatArray positive_map(const FloatArray& raw, const FloatArray& image, Zero zero) {
  const Shape size(image.shape.begin() + 1, image.shape.end());
  FloatArray maps = apply_display(batch_of_one(from_zero(raw, zero)), static_cast<int>(size.size()), {"relu", "up"}, size);
  maps.shape.erase(maps.shape.begin());
  return maps;
}

Plane as_plane(const FloatArray& map) {
  return {static_cast<int>(map.shape.at(0)), static_cast<int>(map.shape.at(1)), map.values};
}

FloatArray image_of(const FloatArray& batch, std::size_t index) {
  FloatArray one{{batch.shape.begin() + 1, batch.shape.end()}, {}};
  const auto size = static_cast<std::ptrdiff_t>(element_count(one.shape));
  const auto first = batch.values.begin() + static_cast<std::ptrdiff_t>(index) * size;
  one.values.assign(first, first + size);
  return one;
}

std::vector<float> logits_of(const SplitModel& model, const FloatArray& image) {
  const auto run = model.run(to_tensor(batch_of_one(image)));
  return to_array(model.logits(*run)).values;
}

Plane occlusion_check(const SplitModel& model, const FloatArray& image, const Target& target) {
  const int rows = static_cast<int>(image.shape[1]), cols = static_cast<int>(image.shape[2]);
  const FloatArray base = blurred(image, std::min(rows, cols) / 8.0);
  return occlusion_map(score_of(model, target), image, base, coarse_grid(rows, cols));
}

Score score_of(const SplitModel& model, const Target& target) {
  return [&model, target](const FloatArray& batch) {
    const auto run = model.run(to_tensor(batch));
    const FloatArray scores = to_array(target_values(model.logits(*run), target));
    return std::vector<double>(scores.values.begin(), scores.values.end());
  };
}

}  // namespace rationale::explain
