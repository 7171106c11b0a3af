#include "explain/quality/image_maps.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "data/base/error.h"
#include "data/base/text.h"
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

}  // namespace

std::vector<FloatArray> raw_maps(const SplitModel& model, const FloatArray& image, const Target& target,
                                 const std::vector<std::string>& methods, const std::optional<TokenGrid>& grid) {
  const auto run = model.run(to_tensor(batch_of_one(image)));
  std::vector<FloatArray> maps;
  for (const std::string& method : methods) {
    const Shape size(image.shape.begin() + 1, image.shape.end());
    maps.push_back(compute_maps(model, *run, {method, {target}, grid, size}));
    maps.back().shape.erase(maps.back().shape.begin());
  }
  return maps;
}

FloatArray raw_map(const SplitModel& model, const FloatArray& image, const Target& target, const std::string& method,
                   const std::optional<TokenGrid>& grid) {
  return raw_maps(model, image, target, {method}, grid).front();
}

void check_has_method(const std::string& name) {
  const std::vector<std::string> names = method_names();
  if (std::find(names.begin(), names.end(), name) != names.end()) return;
  throw Error(Error::Kind::kUsage, "there is no method \"" + name + "\"", "--method",
              fmt::format("did you mean {}?", fmt::join(near_names(name, names), ", ")))
      .with_code("unknown_method");
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
