#include "explain/methods/baselines.h"

#include <cstring>
#include <vector>

#include "explain/model/pseudo_random.h"
#include "explain/torch.h"

namespace rationale::explain {
namespace {

/// FNV-1a over the float32 bits.
std::uint64_t digest(const at::Tensor& image) {
  const at::Tensor plain = image.to(at::kCPU, at::kFloat).contiguous();
  std::uint64_t hash = 0xCBF29CE484222325u;
  for (std::int64_t i = 0; i < plain.numel(); ++i) {
    std::uint32_t bits = 0;
    std::memcpy(&bits, plain.data_ptr<float>() + i, sizeof bits);
    hash = (hash ^ bits) * 0x100000001B3u;
  }
  return hash;
}

/// values[i - 1], values[i], values[i + 1] along an axis, weighed; the border is repeated.
at::Tensor filtered(const at::Tensor& values, std::int64_t axis, double before, double here, double after) {
  const std::int64_t n = values.size(axis);
  const at::Tensor first = values.narrow(axis, 0, 1), last = values.narrow(axis, n - 1, 1);
  const at::Tensor left = at::cat({first, values.narrow(axis, 0, n - 1)}, axis);
  const at::Tensor right = at::cat({values.narrow(axis, 1, n - 1), last}, axis);
  return before * left + here * values + after * right;
}

}  // namespace

at::Tensor random_map(const at::Tensor& images, const Shape& sides, std::uint64_t seed) {
  std::vector<at::Tensor> maps;
  for (const at::Tensor& image : images.unbind(0)) {
    std::uint64_t state = digest(image) ^ seed;
    maps.push_back(pseudo_random(sides, next_random(state)));
  }
  return at::stack(maps);
}

at::Tensor edge_map(const at::Tensor& images) {
  const at::NoGradGuard no_graph;
  const at::Tensor grey = images.to(at::kDouble).mean(1);
  at::Tensor sum = at::zeros_like(grey);
  for (std::int64_t along = 1; along < grey.dim(); ++along) {
    at::Tensor slope = filtered(grey, along, -1, 0, 1);
    for (std::int64_t across = 1; across < grey.dim(); ++across) {
      if (across != along) slope = filtered(slope, across, 1, 2, 1);
    }
    sum = sum + slope.square();
  }
  return sum.sqrt();
}

}  // namespace rationale::explain
