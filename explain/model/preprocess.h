// From a decoded picture to the network's input, as the card says; and the way back for positions.
#pragma once

#include "data/arrays/array.h"
#include "data/image/geometry.h"
#include "data/image/image.h"
#include "explain/model/card.h"

namespace rationale::explain {

/// The network's input of one case and where its pixels come from.
struct Prepared {
  FloatArray input;         ///< [C,H,W], as the card's input_shape
  Affine input_to_picture;  ///< (row, col) of an input pixel centre → (row, col) in the picture
};

/// pixels (display, window or modality) → fit → resize → scale, normalise → repeat to C channels.
///
/// * fit `pad` adds background (0; for modality the picture's smallest value) evenly around the
/// picture
///   until it has the input's shape, `crop_center` cuts its middle out; the odd pixel goes below
///   and right. With resize `none` both reach the input's size exactly. Shapes count in pixels:
///   models are trained on arrays, whatever the pixel spacing.
/// * modality with `invert = monochrome1`: v → lowest + highest possible value - v where the file's
///   polarity is inverted.
/// * minmax, zscore and percentile use the input's own pixels after the resize, without those whose
///   centre lies on padding (of the file or of `pad`): minmax and percentile map [min, max] or the
///   two percentiles (linear between ranks, values beyond clipped) to `range`, then (v - mean) /
///   std where given; zscore is (v - mean) / sd of those pixels, sd with 1/n.
///
/// @throws Error (kInput) if the picture does not have the size that resize `none` needs, if
/// minmax,
///         zscore or percentile meet a picture of one value, or if the values leave the range of
///         float32
/// @throws Error (kRefused) for a card whose input is a volume [C,D,H,W]: one picture cannot fill
/// it
Prepared prepare(const Picture& picture, const ModelCard& card);

}  // namespace rationale::explain
