// Maps of the input's own pixels, small enough to be kept for every film: channels folded, pixels gathered into cells.
#pragma once

#include "data/arrays/array.h"
#include "explain/methods/method_table.h"

namespace rationale::explain {

/// [*lead,C,*S] → [*lead,*S]: summed, or the largest size, as the method table says; maps without channels as they are.
/// @param n_spatial  axes of S
FloatArray folded(const FloatArray& maps, Channels channels, int n_spatial);

/// Cells a side: of each side the largest number up to 22 (of volumes 8) that divides it; where that is less than 8 (4),
/// the whole number. A map then takes at most 2 KB.
/// @param size  (D,)H,W
Shape cells_of_input(const Shape& size);

/// [*lead,*S] → [*lead,*cells], the mean of each cell's pixels; of methods whose channels are summed (contributions) their
/// sum, so that a map's cells add up to what its pixels do.
FloatArray on_cells(const FloatArray& maps, Channels channels, const Shape& cells);

}  // namespace rationale::explain
