#include "explain/pipeline/precision.h"

#include <algorithm>

#include "explain/model/pseudo_random.h"
#include "explain/torch.h"

namespace rationale::explain {
namespace {

double relative_difference(const at::Tensor& a, const at::Tensor& b) {
  const at::Tensor exact = b.to(at::kCPU, at::kDouble);
  const double difference = (a.to(at::kCPU, at::kDouble) - exact).abs().max().item<double>();
  return difference / std::max(exact.abs().max().item<double>(), 1e-12);
}

}  // namespace

double largest_deviation(const SplitModel& model, const SplitModel& exact, const Shape& input_shape) {
  Shape shape = input_shape;
  shape.insert(shape.begin(), 1);
  const at::NoGradGuard no_graph;
  const at::Tensor x = pseudo_random(shape, 4712);
  const auto run = model.run(x), reference = exact.run(x);
  return std::max(relative_difference(model.activation(*run), exact.activation(*reference)),
                  relative_difference(model.logits(*run), exact.logits(*reference)));
}

}  // namespace rationale::explain
