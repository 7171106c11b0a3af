// A film as it is first shown: the values that a window applies to, and the first window.
#pragma once

#include "data/image/image.h"

namespace rationale {

struct FilmDisplay {
  Plane values;
  double aspect = 1;         ///< pixel height / width
  Window window;
  bool is_inverted = false;  ///< display = 1 - y
};

/// Modality values with the file's first window; without one the file's VOI LUT applied (then values are
/// displayed values 0-1, polarity included); without either the range of the values.
FilmDisplay film_display(const Picture& picture);

}  // namespace rationale
