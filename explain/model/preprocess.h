// From a decoded picture to the network's input, as the card says; and the way back for positions.
#pragma once

#include "data/arrays/array.h"
#include "data/image/geometry.h"
#include "data/image/image.h"
#include "explain/model/card.h"

namespace rationale::explain {

/// The network's input of one case and where its pixels come from.
struct Prepared {
  FloatArray input;            ///< [C,H,W], as the card's input_shape
  Affine input_to_picture;     ///< (row, col) of an input pixel centre → (row, col) in the picture
};

/// pixels (display, window or modality) → fit → resize → scale, normalise → repeat to C channels.
/// @throws Error (kInput) if the picture is smaller than one pixel, has no finite value, or the card asks
///         for a display the picture cannot give
Prepared prepare(const Picture& picture, const ModelCard& card);

}  // namespace rationale::explain
