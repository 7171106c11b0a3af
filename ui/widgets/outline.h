// Outlines of a map at given levels: a cue without colour, on the bilinear surface that the overlay
// shows.
#pragma once

#include <vector>

#include "data/image/geometry.h"
#include "data/image/image.h"

namespace rationale::ui {

struct OutlineLine {
  bool is_closed = false;    ///< else it ends at the map's border
  std::vector<Point> spots;  ///< in cell coordinates: the centre of the first cell is 0
};

/// Where the map crosses `level`, as joined lines; they stop a sixteenth of a cell before the
/// border. Samples exactly at the level count as above it.
std::vector<OutlineLine> outlines(const Plane& map, double level);

}  // namespace rationale::ui
