// A heatmap on a film, with its colour bar, its numbers and its words beside it: the picture that
// `rationale explain --pictures` writes. Look: colours and sizes of the windows (ui/widgets/theme.h).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "data/image/canvas.h"
#include "data/image/geometry.h"
#include "data/image/image.h"
#include "data/image/text.h"

namespace rationale {

/// Below this share of the scale nothing is drawn, above the other the overlay is full:
/// alpha = opacity · smoothstep(kInvisibleBelow, kFullAbove, h / scale).
inline constexpr double kInvisibleBelow = 0.1, kFullAbove = 0.5;

/// 0 at and below a, 1 at and above b, 3t² - 2t³ between.
double smoothstep(double a, double b, double x);

/// Where a film lies on the screen at its true aspect.
struct FilmPlace {
  int rows = 0, cols = 0;     ///< on the screen
  Affine screen_to_picture;   ///< pixel centre → pixel centre, half-pixel rule
};

/// The longer side is the film's own, but at least `least` and at most `most` px. The other follows from
/// rows, columns and `aspect` (vertical / horizontal spacing).
FilmPlace place_film(int rows, int cols, double aspect, int least, int most);

/// The film in grey. @param film  displayed values 0 … 1, rows x cols
RgbImage render_film(const Plane& film, const FilmPlace& place);

/// The map at every screen pixel: bilinear between cell centres, the outermost cells kept to their edge.
/// Outside all cells (a film that was cropped) 0. Signed, in the map's units.
Plane map_on_screen(const Plane& map, const Affine& map_to_picture, const FilmPlace& place);

/// Colours of a signed map: blue below 0, orange above, the brighter the further from it. They stay apart for people who
/// see no red or no green. @param share  -1 … 1
Rgb blue_orange(double share);

enum class OverlayStyle { kFilled, kOutline, kSigned };

struct OverlayOptions {
  double scale = 1;  ///< value of the colour bar's end, > 0, in units of the map
  double opacity = 0.5;
  OverlayStyle style = OverlayStyle::kFilled;
  int least_side = 768, most_side = 1024;  ///< of the film, px
};

/// Lays the positive evidence (kFilled), both signs (kSigned: blue_orange, opacity by size), or outlines of both signs (kOutline: 1.5 px over a dark casing,
/// dashed where the evidence is against), over a film.
/// @param on_screen  as map_on_screen gives it, of the film's size
void lay_over(RgbImage& film, const Plane& on_screen, const OverlayOptions& options);

/// What the words beside the film say. Empty parts are left out.
struct OverlayCaption {
  std::string case_name, class_name;
  double output = 0;
  std::string output_name = "logit";
  std::optional<double> score, threshold;
  std::string map_meaning = "Value of the map";  ///< what a cell holds (data/image/map_meaning.h)
  std::string method, layer, model;
  std::string sentence;    ///< why, in concepts
  std::string scale_note;  ///< what the scale is fixed to, or that it is this image's own
  std::vector<std::string> notes;  ///< what else belongs beside the map: what a cell sees, which slices are shown
};

/// Four to six round values, from 0 to at most `last`. @pre last > 0
std::vector<double> scale_ticks(double last);

/// "+3.10", "−0.20": two decimals, or two significant digits below 0.1.
std::string signed_number(double value);

/// Black around the film, px.
inline constexpr int kFilmMargin = 16;

/// A finished film, or films, over black at the left, the panel at the right.
/// @param extent  of the map: a largest value of 0 or less is "no positive evidence"; with kSigned none is 0 alone
struct MapExtent {
  float smallest = 0, largest = 0;
};
MapExtent extent_of(const Plane& map);
RgbImage with_panel(const RgbImage& shown, const MapExtent& extent, const OverlayOptions& options,
                    const OverlayCaption& caption, Font& font);

/// Film and overlay over black at the left, panel with colour bar and words at the right: nothing but the
/// overlay ever covers the film. A map without a positive value says "no positive evidence".
RgbImage render_overlay(const Plane& film, double aspect, const Plane& map,
                        const Affine& map_to_picture, const OverlayOptions& options,
                        const OverlayCaption& caption, Font& font);

}  // namespace rationale
