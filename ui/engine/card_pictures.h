// The films of a model card: one column a finding, one row a map, all colours of a row on one scale.
#pragma once

#include <string>
#include <vector>

#include "ui/engine/survey_words.h"

namespace rationale::ui {

struct CardPicture {
  std::string uri;      ///< data:image/png;base64,…
  std::string alt;      ///< what it shows, with its numbers
  std::string caption;  ///< "peak 1.4 · 28 % in region"
};

struct CardColumn {
  std::string title;  ///< "Cardiomegaly"
  std::string note;   ///< "logit 14.5, top class"
};

struct CardRow {
  std::string title, note;  ///< "HiResCAM at tail", "= Grad-CAM, XGrad-CAM"
  std::string meaning;      ///< of a value: "Contribution to the logit, per cell"; empty: no map
  std::string scale;        ///< "0 … 2.0", the ends of the colour key; "no positive evidence"; empty: no map
  bool has_colours = false;
  std::vector<CardPicture> pictures;
};

struct CardPictures {
  std::vector<CardColumn> columns;
  std::vector<CardRow> rows;  ///< the film first
  std::string colour_key;     ///< a picture of the colours from 0 to a scale's end, as they lie on a grey film
};

/// Up to five marked findings: the first case of each class in the table's order, then further cases. Without
/// marks, the first films of the gate with their top class. Rows: every method at the first layer, the first method and
/// what is recommended at further ones, the methods at the input, occlusion. A map that repeats another of its layer,
/// value for value, is named there and not drawn again. Colours end at the row's largest value.
CardPictures card_pictures(const Surveyed& surveyed);

}  // namespace rationale::ui
