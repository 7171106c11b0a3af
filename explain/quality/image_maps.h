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
/// @throws Error as compute_maps and check_places_reach: maps of zeros measure nothing
std::vector<FloatArray> raw_maps(const SplitModel& model, const FloatArray& image, const Target& target,
                                 const std::vector<std::string>& methods, const std::optional<TokenGrid>& grid = {},
                                 const MapSettings& settings = {});

/// The map as it is; less its smallest value where its 0 is arbitrary (RISE): a cut at 0 would take every place of a film
/// with a low logit away.
FloatArray from_zero(FloatArray raw, Zero zero);

/// max(m,0), up-sampled to the image with half-pixel centres: what every measure of quality looks at. `m` is
/// from_zero of the map.
/// @param raw  [*S]  @param image  [C,*size]
FloatArray positive_map(const FloatArray& raw, const FloatArray& image, Zero zero = Zero::kNoEvidence);

/// @pre two axes
Plane as_plane(const FloatArray& map);

/// Image `index` of a batch [N,…].
FloatArray image_of(const FloatArray& batch, std::size_t index);

/// The model's scores of one image, one a class.
std::vector<float> logits_of(const SplitModel& model, const FloatArray& image);

/// The intervention beside a map: what the target loses when a coarse window of the image [C,H,W] is covered by a blur that
/// takes findings away and not only their edges (an eighth of the shorter side).
Plane occlusion_check(const SplitModel& model, const FloatArray& image, const Target& target);

/// Scores a batch by the model's value of the target: a probability for softmax and sigmoid.
/// `model` is kept by reference.
Score score_of(const SplitModel& model, const Target& target);

}  // namespace rationale::explain
