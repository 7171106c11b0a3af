// From a volume's slices to the network's input, as the card says.
#pragma once

#include <string>

#include "data/volume/volume.h"
#include "explain/model/preprocess.h"

namespace rationale::explain {

struct PreparedVolume {
  Prepared prepared;         ///< input [C,D,H,W]; the affine of rows and columns is that of every slice
  std::string pixel_sha256;  ///< volume_pixel_digest of the slices
};

/// Each slice as `prepare` does it; then the depth is stretched to D by the card's filter (any but Pillow's of 8-bit
/// pictures; with none the volume must have D slices), then values are normalised, over the whole volume where the card
/// looks at the image's own values. Depth is stretched whatever `fit` says: fit is about rows and columns. Slices are
/// decoded one after another: in memory are the resized ones.
///
/// @throws Error (kInput) as `prepare`, and "wrong_size" if the number of slices does not fit resize = none;
/// kRefused: a card for pictures ("picture_input"); "volume_card": a filter that needs bytes along the depth, pixels =
/// display where a slice has no window or another one than the first (each slice would be stretched for itself), fit =
/// pad with pixels = modality (each slice would have a background of its own)
PreparedVolume prepare_volume(const Volume& volume, const ModelCard& card);

}  // namespace rationale::explain
