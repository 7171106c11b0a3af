// regions.csv, boxes.csv: rectangles that people drew around findings.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace rationale {

/// One rectangle; x to the right and y down from the top left corner of the picture, in its pixels.
struct Region {
  std::string case_name;
  std::string label;      ///< the finding; empty where the table has no such column
  std::string annotator;  ///< who drew it; empty where the table has no such column
  double x = 0, y = 0, w = 0, h = 0;
  std::string where;  ///< "boxes.csv:12", for messages
};

/// Columns `case` (or `sample`: the number of an image in a tensor), and x,y,w,h or r0,c0,r1,c1 (rows and
/// columns, the end not included); `label` and `annotator` are known, all others are ignored. Several rows of
/// one case, label and annotator are one region of several parts.
/// @throws Error (kInput) with file:line for a missing column or a number that is none, or an empty rectangle
std::vector<Region> read_regions(const std::filesystem::path& path);

}  // namespace rationale
