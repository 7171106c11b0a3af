// One item of a package: what a reader is shown at one position. Holds no truth and no case id.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "data/image/geometry.h"
#include "data/image/image.h"

namespace rationale::study {

/// A heatmap as it is shown: native cells, signed, in logit.
struct ItemHeatmap {
  Plane cells;
  Affine cell_to_picture;  ///< pixel-centre coordinates, (row, col)
  double scale = 1;        ///< value of the brightest colour, the same for all cases of the study; > 0
};

/// What the AI says, as far as the item's arm shows it: what is not shown is not here.
struct ItemAi {
  std::string label;                   ///< finding; empty: not shown
  std::optional<double> score;         ///< 0-1
  std::optional<double> threshold;     ///< with the score: flagged at or above
  std::optional<ItemHeatmap> heatmap;
};

/// A film with everything that displays it, free of names, dates and tags.
struct ItemFilm {
  Plane values;              ///< modality values
  double aspect = 1;         ///< pixel height / width
  Window window;             ///< first window
  bool is_inverted = false;  ///< MONOCHROME1
};

struct Item {
  int position = 0;    ///< from 1
  std::string code;    ///< 6 characters of base32, this reader's name for the case
  bool is_repeat = false;
  std::string arm;     ///< id
  std::vector<ItemFilm> films;
  ItemAi ai;
};

}  // namespace rationale::study
