#include "explain/methods/display.h"

#include <algorithm>
#include <cstddef>

#include "data/base/error.h"
#include "explain/model/tensor_array.h"
#include "explain/torch.h"

namespace rationale::explain {
namespace {

void divide_by_maximum(FloatArray& maps, int n_spatial) {
  std::size_t places = 1;
  for (std::size_t d = maps.shape.size() - static_cast<std::size_t>(n_spatial);
       d < maps.shape.size(); ++d) {
    places *= static_cast<std::size_t>(maps.shape[d]);
  }
  for (auto begin = maps.values.begin(); places > 0 && begin != maps.values.end();
       begin += static_cast<std::ptrdiff_t>(places)) {
    const auto end = begin + static_cast<std::ptrdiff_t>(places);
    const float largest = *std::max_element(begin, end);
    if (largest <= 0) continue;
    for (auto value = begin; value != end; ++value) *value /= largest;
  }
}

FloatArray up_sample(const FloatArray& maps, int n_spatial, const Shape& input_size) {
  const auto n = static_cast<std::size_t>(n_spatial);
  std::int64_t count = 1;
  for (std::size_t d = 0; d + n < maps.shape.size(); ++d) count *= maps.shape[d];
  std::vector<std::int64_t> flat{count, 1};
  flat.insert(flat.end(), maps.shape.end() - n_spatial, maps.shape.end());
  const at::Tensor small = to_tensor(maps).view(flat);
  const at::Tensor large = n_spatial == 2 ? at::upsample_bilinear2d(small, input_size, false)
                                          : at::upsample_trilinear3d(small, input_size, false);
  FloatArray result = to_array(large);
  result.shape.assign(maps.shape.begin(), maps.shape.end() - n_spatial);
  result.shape.insert(result.shape.end(), input_size.begin(), input_size.end());
  return result;
}

}  // namespace

FloatArray apply_display(FloatArray maps, int n_spatial, const std::vector<std::string>& steps,
                         const Shape& input_size) {
  for (const std::string& step : steps) {
    if (step == "relu") {
      for (float& value : maps.values) value = std::max(value, 0.0F);
    } else if (step == "max") {
      divide_by_maximum(maps, n_spatial);
    } else if (step == "up" && (n_spatial == 2 || n_spatial == 3) &&
               input_size.size() == static_cast<std::size_t>(n_spatial)) {
      maps = up_sample(maps, n_spatial, input_size);
    } else if (step == "up") {
      throw Error(Error::Kind::kUsage, "this array has no places to up-sample", "--display",
                  "leave `up` out");
    } else {
      throw Error(Error::Kind::kUsage, "there is no display step \"" + step + "\"", "--display",
                  "use relu, max and up")
          .with_code("unknown_display");
    }
  }
  return maps;
}

}  // namespace rationale::explain
