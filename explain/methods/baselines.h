// Maps that do not look at the model: what every method must beat in a localisation score.
#pragma once

#include <cstdint>

#include "data/arrays/array.h"

namespace at {
class Tensor;
}

namespace rationale::explain {

/// Numbers about normal, [N,*sides], from the seed and the bytes of each image: repeatable, another map for another
/// image, and the same alone as in a batch.
at::Tensor random_map(const at::Tensor& images, const Shape& sides, std::uint64_t seed);

/// The Sobel gradient's length of the mean over channels, [N,*S], 2-D or 3-D; the border is repeated. What a map
/// that only follows edges looks like.
/// @param images  [N,C,*S]
at::Tensor edge_map(const at::Tensor& images);

}  // namespace rationale::explain
