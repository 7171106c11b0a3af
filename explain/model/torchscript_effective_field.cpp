// How much of a receptive field counts: measured with gradients.
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>

#include "explain/model/torchscript_field.h"
#include "explain/model/torchscript_run.h"

namespace rationale::explain::torchscript {
namespace {

/// Which run of pixels is the shortest that holds `share` of the energy.
double shortest_run(const std::vector<double>& energy, double share) {
  double total = 0;
  for (const double e : energy) total += e;
  std::size_t best = energy.size(), first = 0;
  double inside = 0;
  for (std::size_t last = 0; last < energy.size(); ++last) {
    inside += energy[last];
    while (first < last && inside - energy[first] >= share * total) inside -= energy[first++];
    if (inside >= share * total) best = std::min(best, last - first + 1);
  }
  return static_cast<double>(best);
}

}  // namespace

std::vector<double> effective_field(const GraphPtr& prefix, const std::vector<std::int64_t>& input_shape,
                                    at::Device device, at::ScalarType dtype) {
  constexpr int kInputs = 4;
  constexpr double kShare = 0.95;
  const at::AutoGradMode with_graph(true);
  const Program program(prefix, "field");
  Shape one = input_shape;
  one[0] = 1;
  at::Tensor energy;
  for (int i = 0; i < kInputs; ++i) {
    const auto seed = static_cast<std::uint64_t>(i + 1);
    const at::Tensor x = pseudo_random(one, seed).to(device, dtype).requires_grad_(true);
    // A clone, because a network may change what it is given.
    at::Tensor cell = program.run({x.clone()}).at(0).toTensor();
    if (cell.dim() != x.dim()) return {};
    for (std::int64_t d = cell.dim() - 1; d >= 2; --d) cell = cell.select(d, cell.size(d) / 2);
    const at::Tensor signs = pseudo_random(cell.sizes().vec(), seed + 100).sign().to(device, dtype);
    const at::Tensor score = (cell * signs).sum();
    if (!score.requires_grad()) return {};
    const at::Tensor gradient = torch::autograd::grad({score}, {x}, {}, /*retain_graph=*/false,
                                                      /*create_graph=*/false, /*allow_unused=*/true)[0];
    if (!gradient.defined()) return {};
    const at::Tensor square = gradient.to(at::kCPU, at::kDouble).square().sum(at::IntArrayRef({0, 1}));
    energy = energy.defined() ? energy + square : square;
  }
  if (!(energy.sum().item<double>() > 0)) return {};
  std::vector<double> sizes;
  for (std::int64_t axis = 0; axis < energy.dim(); ++axis) {
    at::Tensor along = energy;
    for (std::int64_t d = energy.dim() - 1; d >= 0; --d) {
      if (d != axis) along = along.sum(d);
    }
    along = along.contiguous();
    sizes.push_back(shortest_run({along.data_ptr<double>(), along.data_ptr<double>() + along.numel()}, kShare));
  }
  return sizes;
}

}  // namespace rationale::explain::torchscript
