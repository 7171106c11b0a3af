#include "explain/methods/occlusion.h"

#include <algorithm>

#include "explain/methods/drops.h"
#include "explain/methods/method_call.h"
#include "explain/methods/places.h"

namespace rationale::explain {
namespace {

struct Box {
  Shape begin, size;
};

/// Window `index` in row-major order.
Box box_of(const Windows& windows, const Shape& sides, std::int64_t index) {
  Box box{sides, sides};
  for (std::size_t d = sides.size(); d-- > 0;) {
    box.begin[d] = index % windows.count[d] * windows.stride[d];
    box.size[d] = std::min(windows.size[d], sides[d] - box.begin[d]);
    index /= windows.count[d];
  }
  return box;
}

/// The box of `places`, whose trailing axes from `first_axis` on are spatial: a view.
at::Tensor inside(at::Tensor places, const Box& box, std::int64_t first_axis) {
  for (std::size_t d = 0; d < box.size.size(); ++d) {
    places = places.narrow(first_axis + static_cast<std::int64_t>(d), box.begin[d], box.size[d]);
  }
  return places;
}

/// Sets the box of all channels of an activation [N,K,*S], or of tokens [N,T,C], to 0.
void cover(const at::Tensor& activation, const std::optional<TokenGrid>& grid, const Box& box) {
  if (!grid) {
    inside(activation, box, 2).zero_();
    return;
  }
  const at::Tensor tokens = activation.narrow(1, grid->prefix, grid->rows * grid->columns);
  inside(tokens.view({activation.size(0), grid->rows, grid->columns, activation.size(2)}), box, 1).zero_();
}

/// t(y) - t(y with each window covered), [N,*count] for each target.
std::vector<at::Tensor> window_drops(const MethodCall& call, const Windows& windows, const Shape& sides) {
  std::vector<at::Tensor> result =
      drops(call, element_count(windows.count), [&](const at::Tensor& copy, std::int64_t i) {
        cover(copy, call.request.grid, box_of(windows, sides, i));
      });
  Shape shape = windows.count;
  shape.insert(shape.begin(), call.activation().size(0));
  for (at::Tensor& drop : result) drop = drop.reshape(shape);
  return result;
}

/// Mean over the windows that cover a place. @param grid  [N,*count]
at::Tensor spread(const at::Tensor& grid, const Windows& windows, const Shape& sides) {
  Shape shape = sides;
  shape.insert(shape.begin(), grid.size(0));
  const at::Tensor sum = at::zeros(shape, grid.options().dtype(at::kDouble));
  const at::Tensor count = at::zeros(sides, sum.options());
  const at::Tensor flat = grid.flatten(1).to(at::kDouble);  // [N, windows]
  std::vector<std::int64_t> cell(sides.size() + 1, 1);
  cell[0] = grid.size(0);
  for (std::int64_t w = 0; w < flat.size(1); ++w) {
    const Box box = box_of(windows, sides, w);
    inside(sum, box, 1).add_(flat.select(1, w).view(cell));
    inside(count, box, 0).add_(1);
  }
  return sum / count.clamp_min(1);
}

void add_facts(const MethodCall& call, const Windows& windows) {
  const auto numbers = [](const Shape& shape) {
    return DoubleArray{{static_cast<std::int64_t>(shape.size())}, {shape.begin(), shape.end()}};
  };
  call.result.facts.push_back({"window", numbers(windows.size)});
  call.result.facts.push_back({"stride", numbers(windows.stride)});
}

}  // namespace

Windows occlusion_windows(const Shape& sides, const MapSettings& settings) {
  const std::int64_t shortest = *std::min_element(sides.begin(), sides.end());
  const std::int64_t size = settings.window > 0 ? settings.window : std::max<std::int64_t>(8, (shortest + 6) / 7);
  const std::int64_t stride = settings.stride > 0 ? settings.stride : std::max<std::int64_t>(1, size / 2);
  Windows windows;
  for (const std::int64_t side : sides) {
    windows.size.push_back(std::min(size, side));
    windows.stride.push_back(stride);
    const std::int64_t rest = side - windows.size.back();
    windows.count.push_back((rest + stride - 1) / stride + 1);
  }
  return windows;
}

std::vector<at::Tensor> occlusion_grid(const MethodCall& call) {
  const Windows windows = occlusion_windows(call.request.input_size, call.request.settings);
  add_facts(call, windows);
  return window_drops(call, windows, call.request.input_size);
}

std::vector<at::Tensor> occlusion_pixel(const MethodCall& call) {
  const Windows windows = occlusion_windows(call.request.input_size, call.request.settings);
  std::vector<at::Tensor> maps = occlusion_grid(call);
  for (at::Tensor& map : maps) map = spread(map, windows, call.request.input_size);
  return maps;
}

std::vector<at::Tensor> layer_occlusion(const MethodCall& call) {
  const at::Tensor places = call.places();
  check_places(places, places);
  const Shape sides = places.sizes().slice(2).vec();
  MapSettings settings = call.request.settings;
  if (settings.window <= 0) settings.window = 1;
  const Windows windows = occlusion_windows(sides, settings);
  add_facts(call, windows);
  std::vector<at::Tensor> maps = window_drops(call, windows, sides);
  for (at::Tensor& map : maps) map = spread(map, windows, sides);
  return maps;
}

}  // namespace rationale::explain
