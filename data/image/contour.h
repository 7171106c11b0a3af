// Lines of equal value in a grid of samples.
#pragma once

#include <vector>

#include "data/image/geometry.h"
#include "data/image/image.h"

namespace rationale {

/// Marching squares with linear interpolation along the grid's edges; a saddle is cut by the mean of its
/// four corners. Each line runs through sample centres' coordinates; a closed one ends where it began.
/// Samples exactly at the level count as above it.
std::vector<std::vector<Point>> contour_lines(const Plane& samples, double level);

}  // namespace rationale
