// Maps of one image at a time, each for its own target, and how they become comparable.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "data/arrays/array.h"
#include "data/image/image.h"
#include "explain/methods/maps.h"
#include "explain/quality/deletion.h"

namespace rationale::explain {

/// The raw, signed, native maps of one image, one a method, from one run. Methods at the input that give an array with
/// channels are folded as the method table says. @param image  [C,(D,)H,W]
/// @return  each [*S]
std::vector<FloatArray> raw_maps(const SplitModel& model, const FloatArray& image, const Target& target,
                                 const std::vector<std::string>& methods, const std::optional<TokenGrid>& grid = {},
                                 const MapSettings& settings = {});

/// max(m,0), up-sampled to the image with half-pixel centres: what every measure of quality looks at.
/// @param raw  [*S]  @param image  [C,*size]
FloatArray positive_map(const FloatArray& raw, const FloatArray& image);

/// @pre two axes
Plane as_plane(const FloatArray& map);

/// Image `index` of a batch [N,…].
FloatArray image_of(const FloatArray& batch, std::size_t index);

/// The model's scores of one image, one a class.
std::vector<float> logits_of(const SplitModel& model, const FloatArray& image);

/// Scores a batch by the model's value of the target: a probability for softmax and sigmoid.
/// `model` is kept by reference.
Score score_of(const SplitModel& model, const Target& target);

}  // namespace rationale::explain
