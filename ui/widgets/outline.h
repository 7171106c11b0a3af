// Outlines of a map at given levels: a cue without colour. Marching squares over the bilinear surface that
// the overlay shows, so that both agree.
#pragma once

#include <vector>

#include "data/image/image.h"

namespace rationale::ui {

/// A point of a map in cell coordinates (the centre of the first cell is 0), from -0.5 to n - 0.5.
struct CellSpot {
  double row = 0, col = 0;
};

struct OutlineLine {
  double level = 0;
  bool is_closed = false;  ///< else it ends at the map's border
  std::vector<CellSpot> spots;
};

/// Where the map crosses `level`, as joined lines. @param steps  grid lines a cell, >= 1
/// A saddle is decided by the mean of its four corners.
std::vector<OutlineLine> outlines(const Plane& map, double level, int steps = 8);

}  // namespace rationale::ui
