#include "explain/methods/tokens.h"

#include <fmt/format.h>

#include <algorithm>

#include "data/base/error.h"
#include "explain/model/pseudo_random.h"
#include "explain/torch.h"

namespace rationale::explain {
namespace {

constexpr std::uint64_t kSeed = 20261;

bool are_tokens(const at::Tensor& tensor) { return tensor.dim() == 3; }

}  // namespace

at::Tensor to_places(const at::Tensor& tensor, const std::optional<TokenGrid>& grid) {
  if (!grid) return tensor;
  const std::int64_t n_tokens = grid->prefix + grid->rows * grid->columns;
  if (!are_tokens(tensor) || tensor.size(1) != n_tokens) {
    throw Error(Error::Kind::kInput,
                fmt::format("the layer returns [{}], not [N, {} tokens, C]",
                            fmt::join(tensor.sizes(), ", "), n_tokens),
                "--reshape", "PREFIX + ROWS x COLS must be the number of tokens")
        .with_code("bad_reshape");
  }
  return tensor.narrow(1, grid->prefix, grid->rows * grid->columns)
      .transpose(1, 2)
      .reshape({tensor.size(0), tensor.size(2), grid->rows, grid->columns});
}

void check_layout(const SplitModel& model, const SplitRun& run, const std::optional<TokenGrid>& grid) {
  const at::Tensor& a = model.activation(run);
  const at::IntArrayRef input = model.input(run).sizes();
  if (grid || !are_tokens(a) || input.size() < 4) return;
  const std::string likely =
      input.size() == 4 ? likely_grid(a.sizes().vec(), input.slice(2).vec()) : std::string();
  const std::string form = "tokens:PREFIX:ROWSxCOLS with PREFIX + ROWS x COLS = " + std::to_string(a.size(1));
  throw Error(Error::Kind::kUsage,
              fmt::format("layer \"{}\" returns {} tokens of {} channels ([{}]), and nothing says how they lie in the "
                          "picture",
                          model.facts().layer, a.size(1), a.size(2), fmt::join(a.sizes(), ", ")),
              "--layer",
              (likely.empty() ? "add --reshape " + form
                              : "add --reshape " + likely + " (in general " + form + "; PREFIX counts class tokens)") +
                  ", or reshape = \"…\" to [explain] of the card")
      .with_code("reshape_needed");
}

bool do_places_reach(const SplitModel& model, const SplitRun& run, const std::optional<TokenGrid>& grid) {
  const at::Tensor& a = model.activation(run);
  if (!grid || !are_tokens(a) || grid->prefix == 0) return true;
  const at::NoGradGuard no_graph;
  const double spread = std::max(a.std(false).item<double>(), 1e-3);
  for (const double size : {1.0, 30.0}) {
    at::Tensor other = a.detach().clone();
    at::Tensor places = other.narrow(1, grid->prefix, grid->rows * grid->columns);
    places.add_(pseudo_random(places.sizes().vec(), kSeed).to(a.device(), a.scalar_type()), size * spread);
    if (!model.suffix(run, other).equal(model.suffix(run, a.detach()))) return true;
  }
  return false;
}

void check_places_reach(const SplitModel& model, const SplitRun& run, const std::optional<TokenGrid>& grid) {
  if (do_places_reach(model, run, grid)) return;
  throw Error(Error::Kind::kRefused, fmt::format("layer \"{}\": {}", model.facts().layer, kOnlyClassToken), "--layer",
              "choose an earlier layer; `rationale layers` lists them")
      .with_code("class_token_only");
}

}  // namespace rationale::explain
