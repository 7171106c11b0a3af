// A film with its heatmap: zoom (wheel), pan (drag), window and level (right drag), overlay or
// outline.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "data/image/geometry.h"
#include "data/image/image.h"
#include "ui/widgets/canvas.h"
#include "ui/widgets/image_shader.h"
#include "ui/widgets/input_ring.h"
#include "ui/widgets/viewport.h"

namespace rationale::ui {

struct Film {
  Extent extent;
  std::optional<Plane>
      values;  ///< what the window applies to; none: the film is not there, black is shown
  Window window;
  bool is_inverted = false;
};

struct HeatMap {
  Plane values;                ///< native cells, signed
  Affine cell_to_picture;      ///< pixel-centre coordinates
  double scale = 1;            ///< value of the brightest colour, > 0
  std::vector<double> levels;  ///< of the outline, both signs are drawn; all > 0
};

/// What of the heatmap is drawn.
struct OverlayLook {
  bool has_heatmap = true;
  bool has_outline = false;
  float opacity = 0.4F;
};

class ImageView {
 public:
  /// Needs a current OpenGL context, now and for all calls but `handle`.
  explicit ImageView(const ColourTable& colours);
  ~ImageView();

  /// Keeps zoom and window if `film` has the extent of the last one and `keep` says so; else fits.
  enum class Keep { kNothing, kView };
  void show(const Film& film, Keep keep = Keep::kNothing);
  void show_map(const HeatMap& map);
  void clear_map();

  /// May be called several times for one frame (film beside overlay); all copies zoom and pan
  /// together.
  void draw(Canvas& canvas, const Rect& rect, const OverlayLook& look);
  /// To be called once a frame before the first draw.
  void begin_frame();

  /// Wheel, drag and right drag over what was drawn last. True if the event was used.
  bool handle(const InputEvent& event, Spot pointer);
  void fit();
  /// The window and the grey scale that the film came with.
  void reset_window();
  /// Swaps black and white against the way the film came, or back. The heatmap stays as it is.
  void invert();
  /// Moves the window by steps of a fiftieth of its width (level) and of itself (width).
  void change_window(double level_steps, double width_steps);

  const Viewport& viewport() const { return viewport_; }
  const Window& window() const { return window_; }
  bool is_window_changed() const { return is_window_changed_; }
  /// Whether `invert` swapped black and white.
  bool is_inverted() const { return is_inverted_; }
  bool has_film() const { return static_cast<bool>(film_); }

 private:
  struct Pass;  // one draw call, kept until Dear ImGui has rendered the frame

  void draw_outline(Canvas& canvas, const Placement& placement) const;

  ImageShader shader_;
  ColourTable colours_;
  Texture film_;
  Texture map_;
  std::optional<HeatMap> heat_;
  std::vector<struct OutlinePath> paths_;
  Viewport viewport_;
  Window window_, first_window_;
  bool comes_inverted_ = false;
  bool is_inverted_ = false;
  bool is_window_changed_ = false;
  std::vector<std::unique_ptr<Pass>> passes_;
  std::vector<Rect> rects_;      // drawn in this or the last frame
  std::optional<Rect> dragged_;  // the rectangle a drag began in
  int drag_button_ = 0;
  Spot last_pointer_;
};

}  // namespace rationale::ui
