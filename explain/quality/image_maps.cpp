#include "explain/quality/image_maps.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "explain/methods/display.h"
#include "explain/model/targets.h"
#include "explain/model/tensor_array.h"
#include "explain/torch.h"

namespace rationale::explain {

namespace {

FloatArray batch_of_one(FloatArray image) {
  image.shape.insert(image.shape.begin(), 1);
  return image;
}

/// [C,*S] → [*S].
FloatArray folded(FloatArray map, Channels channels) {
  if (channels == Channels::kNone) return map;
  FloatArray plane{{map.shape.begin() + 1, map.shape.end()}, {}};
  const auto n = static_cast<std::size_t>(element_count(plane.shape));
  plane.values.assign(n, 0);
  for (std::size_t i = 0; i < map.values.size(); ++i) {
    float& value = plane.values[i % n];
    value = channels == Channels::kSum ? value + map.values[i] : std::max(value, std::abs(map.values[i]));
  }
  return plane;
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
    maps.push_back(folded(std::move(map), find_method(method).channels));
  }
  return maps;
}

FloatArray positive_map(const FloatArray& raw, const FloatArray& image) {
  const Shape size(image.shape.begin() + 1, image.shape.end());
  FloatArray maps = apply_display(batch_of_one(raw), static_cast<int>(size.size()), {"relu", "up"}, size);
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

Score score_of(const SplitModel& model, const Target& target) {
  return [&model, target](const FloatArray& batch) {
    const auto run = model.run(to_tensor(batch));
    const FloatArray scores = to_array(target_values(model.logits(*run), target));
    return std::vector<double>(scores.values.begin(), scores.values.end());
  };
}

}  // namespace rationale::explain
