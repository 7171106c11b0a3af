#include "explain/methods/places.h"

#include <fmt/format.h>

#include "data/base/error.h"
#include "explain/torch.h"

namespace rationale::explain {

void check_places(const at::Tensor& activations, const at::Tensor& gradients) {
  if (activations.sizes() != gradients.sizes()) {
    throw Error(
        Error::Kind::kInput,
        fmt::format("activations [{}] and gradients [{}] differ in shape",
                    fmt::join(activations.sizes(), ", "), fmt::join(gradients.sizes(), ", ")));
  }
  std::int64_t places = 1;
  for (std::int64_t d = 2; d < activations.dim(); ++d) places *= activations.size(d);
  if (activations.dim() < 3 || places <= 1) {
    throw Error(Error::Kind::kRefused,
                fmt::format("the layer has no spatial extent ([{}]): there is no place to point at",
                            fmt::join(activations.sizes(), ", ")),
                "--layer", "choose an earlier layer; `rationale layers` lists those with places")
        .with_code("no_places");
  }
}

void check_not_negative(const at::Tensor& activations, const char* method) {
  if (activations.numel() == 0 || activations.min().item<double>() >= 0) return;
  throw Error(Error::Kind::kRefused,
              fmt::format("{} is defined behind a ReLU; the layer has values down to {:.3g}", method,
                          activations.min().item<double>()),
              "--layer", "choose a layer behind a ReLU (NAME@activation names what follows NAME), or use hires_cam")
      .with_code("negative_activations");
}

}  // namespace rationale::explain
