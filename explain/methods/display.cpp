#include "explain/methods/display.h"

#include <algorithm>
#include <cstddef>

#include "data/base/error.h"
#include "data/base/text.h"
#include "explain/model/tensor_array.h"
#include "explain/torch.h"

namespace rationale::explain {
namespace {

/// Calls `change(begin, end)` for each map.
template <typename Values, typename Change>
void for_each_map(Values& values, const Shape& shape, int n_spatial, const Change& change) {
  std::size_t places = 1;
  for (std::size_t d = shape.size() - static_cast<std::size_t>(n_spatial); d < shape.size(); ++d) {
    places *= static_cast<std::size_t>(shape[d]);
  }
  for (auto begin = values.begin(); places > 0 && begin != values.end(); begin += static_cast<std::ptrdiff_t>(places)) {
    change(begin, begin + static_cast<std::ptrdiff_t>(places));
  }
}

void divide_by_maximum(FloatArray& maps, int n_spatial) {
  for_each_map(maps.values, maps.shape, n_spatial, [](auto begin, auto end) {
    const float largest = *std::max_element(begin, end);
    if (largest <= 0) return;
    for (auto value = begin; value != end; ++value) *value /= largest;
  });
}

/// V of "scale:V". @throws Error (kUsage)
double scale_of(const std::string& step) {
  const auto scale = parse_number(step.substr(6));
  if (!scale || !(*scale > 0)) {
    throw Error(Error::Kind::kUsage, "\"" + step + "\" names no scale above 0", "--display",
                "write scale:V in units of the map, such as scale:3.2")
        .with_code("unknown_display");
  }
  return *scale;
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
    } else if (step.starts_with("scale:")) {
      const auto scale = static_cast<float>(scale_of(step));
      for (float& value : maps.values) value /= scale;
    } else if (step == "up" && (n_spatial == 2 || n_spatial == 3) &&
               input_size.size() == static_cast<std::size_t>(n_spatial)) {
      maps = up_sample(maps, n_spatial, input_size);
    } else if (step == "up") {
      throw Error(Error::Kind::kUsage, "this array has no places to up-sample", "--display",
                  "leave `up` out");
    } else {
      throw Error(Error::Kind::kUsage, "there is no display step \"" + step + "\"", "--display",
                  "use relu, max, scale:V and up")
          .with_code("unknown_display");
    }
  }
  return maps;
}

std::string display_scale(const std::vector<std::string>& steps) {
  for (const std::string& step : steps) {
    if (step == "max") return "each map's own maximum";
    if (step.starts_with("scale:")) return "fixed";
  }
  return "none";
}

FloatArray largest_values(const FloatArray& maps, int n_spatial) {
  FloatArray result{{maps.shape.begin(), maps.shape.end() - n_spatial}, {}};
  for_each_map(maps.values, maps.shape, n_spatial,
               [&](auto begin, auto end) { result.values.push_back(*std::max_element(begin, end)); });
  return result;
}

}  // namespace rationale::explain
