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
  Shape flat(maps.shape.end() - n_spatial, maps.shape.end());
  flat.insert(flat.begin(), -1);
  FloatArray result = to_array(up_sampled(to_tensor(maps).view(flat), input_size));
  result.shape.assign(maps.shape.begin(), maps.shape.end() - n_spatial);
  result.shape.insert(result.shape.end(), input_size.begin(), input_size.end());
  return result;
}

}  // namespace

at::Tensor up_sampled(const at::Tensor& maps, const Shape& size) {
  const at::Tensor small = maps.unsqueeze(1);
  const at::Tensor large = size.size() == 2 ? at::upsample_bilinear2d(small, size, false)
                                            : at::upsample_trilinear3d(small, size, false);
  return large.squeeze(1);
}

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
