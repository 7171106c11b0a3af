#include "explain/methods/integrated_gradients.h"

#include <algorithm>

#include "explain/methods/method_call.h"
#include "explain/methods/pieces.h"
#include "explain/methods/places.h"
#include "explain/methods/quadrature.h"
#include "explain/model/targets.h"

namespace rationale::explain {
namespace {

constexpr int kMostSteps = 400;
constexpr double kMostGap = 0.05;  // of the change of the score

struct Integral {
  at::Tensor values;       ///< shape of A
  at::Tensor gap, change;  ///< [N], float64
  std::int64_t steps = 0;
};

/// From the zero image's values to the run's own.
struct Path {
  const SplitModel& model;
  const SplitRun& run;
  at::Tensor from, to;

  at::Tensor at(double t) const { return from + t * (to - from); }
};

Path path_of(const SplitModel& model, const SplitRun& run) {
  const at::NoGradGuard no_graph;
  const auto zero = model.run(at::zeros_like(model.input(run)));
  return {model, run, model.activation(*zero), model.activation(run)};
}

std::vector<Integral> integrate(const MethodCall& call, const Path& path, const std::vector<Target>& targets,
                                QuadratureRule rule, int steps) {
  const Quadrature q =
      rule == QuadratureRule::kGaussLegendre ? gauss_legendre(std::max(steps, 1)) : trapezoid(std::max(steps, 2));
  const auto n_nodes = static_cast<std::int64_t>(q.nodes.size());
  const std::int64_t at_once = std::min<std::int64_t>(variants_at_once(path.to), 16);
  const std::int64_t n = path.to.size(0);
  std::vector<at::Tensor> sums(targets.size(), at::zeros(path.to.sizes(), path.to.options().dtype(at::kDouble)));
  in_order(
      call, (n_nodes + at_once - 1) / at_once,
      [&](std::int64_t piece) {
        std::vector<at::Tensor> points;
        const std::int64_t first = piece * at_once, last = std::min(first + at_once, n_nodes);
        for (std::int64_t j = first; j < last; ++j) points.push_back(path.at(q.nodes[static_cast<std::size_t>(j)]));
        std::vector<at::Tensor> gradients = path.model.suffix_gradients(path.run, at::cat(points), targets);
        const at::NoGradGuard no_graph;
        for (at::Tensor& gradient : gradients) {
          at::Tensor sum = at::zeros(path.to.sizes(), path.to.options().dtype(at::kDouble));
          for (std::int64_t j = first; j < last; ++j) {
            sum.add_(gradient.narrow(0, (j - first) * n, n), q.weights[static_cast<std::size_t>(j)]);
          }
          gradient = sum;
        }
        return gradients;
      },
      [&](std::int64_t, const std::vector<at::Tensor>& parts) {
        for (std::size_t t = 0; t < sums.size(); ++t) sums[t] = sums[t] + parts[t];
      });
  const at::NoGradGuard no_graph;
  const at::Tensor y1 = path.model.logits(path.run), y0 = path.model.suffix(path.run, path.from);
  std::vector<Integral> integrals;
  for (std::size_t t = 0; t < targets.size(); ++t) {
    Integral one;
    one.values = sums[t] * (path.to - path.from).to(at::kDouble);
    one.change = (target_values(y1, targets[t]).to(at::kDouble) - target_values(y0, targets[t]).to(at::kDouble));
    one.gap = one.values.flatten(1).sum(1) - one.change;
    one.steps = n_nodes;
    integrals.push_back(std::move(one));
  }
  return integrals;
}

bool is_complete(const Integral& one) {
  return (one.gap.abs() <= kMostGap * one.change.abs()).all().item<bool>();
}

/// One image: the steps of each target doubled until it is complete.
std::vector<Integral> integrate_adaptively(const MethodCall& call, const Path& path, QuadratureRule rule) {
  std::vector<Integral> settled(call.request.targets.size());
  std::vector<std::size_t> open;
  for (std::size_t t = 0; t < settled.size(); ++t) open.push_back(t);
  for (int steps = call.request.settings.steps; !open.empty(); steps = std::min(2 * steps, kMostSteps)) {
    std::vector<Target> targets;
    for (const std::size_t t : open) targets.push_back(call.request.targets[t]);
    std::vector<Integral> integrals = integrate(call, path, targets, rule, steps);
    std::vector<std::size_t> still_open;
    for (std::size_t i = 0; i < open.size(); ++i) {
      if (!is_complete(integrals[i]) && steps < kMostSteps) still_open.push_back(open[i]);
      settled[open[i]] = std::move(integrals[i]);
    }
    open = std::move(still_open);
  }
  return settled;
}

struct Result {
  std::vector<at::Tensor> values, gaps, changes, steps;  // of each target
};

Result integrate_images(const MethodCall& call, QuadratureRule rule) {
  const std::size_t n_targets = call.request.targets.size();
  std::vector<std::vector<Integral>> parts;  // [image or all at once][target]
  if (call.request.settings.adapts_steps) {
    for (std::int64_t n = 0; n < call.activation().size(0); ++n) {
      const auto alone = call.model.run(call.input().narrow(0, n, 1));
      parts.push_back(integrate_adaptively(call, path_of(call.model, *alone), rule));
    }
  } else {
    parts.push_back(integrate(call, path_of(call.model, call.run), call.request.targets, rule,
                              call.request.settings.steps));
  }
  Result result;
  for (std::size_t t = 0; t < n_targets; ++t) {
    std::vector<at::Tensor> values, gaps, changes, steps;
    for (const auto& part : parts) {
      values.push_back(part[t].values);
      gaps.push_back(part[t].gap);
      changes.push_back(part[t].change);
      steps.push_back(at::full_like(part[t].gap, static_cast<double>(part[t].steps)));
    }
    result.values.push_back(at::cat(values));
    result.gaps.push_back(at::cat(gaps));
    result.changes.push_back(at::cat(changes));
    result.steps.push_back(at::cat(steps));
  }
  return result;
}

}  // namespace

std::vector<at::Tensor> integrated_gradients(const MethodCall& call, QuadratureRule rule) {
  Result result = integrate_images(call, rule);
  call.add_fact("completeness_gap", result.gaps);
  call.add_fact("score_change", result.changes);
  call.add_fact("steps", result.steps);
  bool has_gap = false;
  for (std::size_t t = 0; t < result.gaps.size(); ++t) {
    has_gap = has_gap || (result.gaps[t].abs() > kMostGap * result.changes[t].abs()).any().item<bool>();
  }
  if (has_gap) {
    call.result.cautions.emplace_back(
        call.request.settings.adapts_steps
            ? "the completeness gap is above 5 % of the score's change even with 400 steps"
            : "the completeness gap is above 5 % of the score's change: `--steps auto` takes more steps");
  }
  return std::move(result.values);
}

std::vector<at::Tensor> layer_integrated_gradients(const MethodCall& call) {
  const at::Tensor a = call.places();
  check_places(a, a);
  std::vector<at::Tensor> maps = integrated_gradients(call, QuadratureRule::kGaussLegendre);
  for (at::Tensor& map : maps) map = to_places(map, call.request.grid).sum(1);
  return maps;
}

}  // namespace rationale::explain
