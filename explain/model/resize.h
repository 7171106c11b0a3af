// The card's `resize`: which filter of data/image/resample.h it names.
#pragma once

#include "data/image/image.h"
#include "explain/model/card.h"

namespace rationale::explain {

/// Whether the filter is defined on 8-bit values only: Pillow's, which round after each of two passes.
bool needs_bytes(Resize filter);

/// The plane at rows x cols by the filter; an axis whose extent stays keeps its values. With kNone the plane as it is.
/// @pre needs_bytes(filter): whole values of 0 to 255
Plane resized(const Plane& plane, Resize filter, int rows, int cols);

}  // namespace rationale::explain
