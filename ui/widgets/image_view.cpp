#include "ui/widgets/image_view.h"

#define GLFW_INCLUDE_NONE
#include <GLFW/glfw3.h>
#include <imgui.h>

#include <algorithm>
#include <cmath>

#include "ui/widgets/outline.h"

namespace rationale::ui {

/// A line of the outline, in continuous picture positions.
struct OutlinePath {
  bool is_negative = false;
  Colour colour;
  std::vector<PictureSpot> spots;
};

struct ImageView::Pass {
  const ImageShader* shader = nullptr;
  ImageFrame frame;  // in window units; scaled to the framebuffer when it is drawn

  static void run(const ImDrawList*, const ImDrawCmd* command) {
    const auto& pass = *static_cast<const Pass*>(command->UserCallbackData);
    const ImGuiIO& io = ImGui::GetIO();
    const float k = io.DisplayFramebufferScale.x;
    ImageFrame frame = pass.frame;
    frame.x *= k;
    frame.y *= k;
    frame.width *= k;
    frame.height *= k;
    frame.framebuffer_height = io.DisplaySize.y * k;
    frame.placement.x0 *= k;
    frame.placement.y0 *= k;
    frame.placement.col_step *= k;
    frame.placement.row_step *= k;
    pass.shader->draw(frame);
  }
};

ImageView::ImageView(const ColourTable& colours) : shader_(colours), colours_(colours) {}
ImageView::~ImageView() = default;

void ImageView::show(const Film& film, Keep keep) {
  const Extent& old = viewport_.extent();
  const bool is_same = old.rows == film.extent.rows && old.cols == film.extent.cols &&
                       old.aspect == film.extent.aspect;
  if (keep == Keep::kNothing || !is_same) {
    viewport_.reset(film.extent);
    is_window_changed_ = false;
    is_inverted_ = false;
  }
  first_window_ = film.window;
  if (!is_window_changed_) window_ = film.window;
  comes_inverted_ = film.is_inverted;
  film_ = film.values ? shader_.upload(*film.values) : Texture{};
}

void ImageView::show_map(const HeatMap& map) {
  map_ = shader_.upload(map.values);
  heat_ = map;
  paths_.clear();
  for (const double level : map.levels) {
    for (const double sign : {1.0, -1.0}) {
      const auto step = static_cast<std::size_t>(std::clamp(level / map.scale, 0.0, 1.0) * 255);
      const Rgb rgb = colours_[step];
      for (const OutlineLine& line : outlines(map.values, sign * level)) {
        OutlinePath path;
        path.is_negative = sign < 0;
        path.colour = sign < 0 ? theme::kText1 : Colour{rgb.red, rgb.green, rgb.blue};
        for (const Point spot : line.spots) {
          const Point at = apply(map.cell_to_picture, spot);
          path.spots.push_back({at.row + 0.5, at.col + 0.5});
        }
        paths_.push_back(std::move(path));
      }
    }
  }
}

void ImageView::clear_map() {
  map_ = Texture{};
  heat_.reset();
  paths_.clear();
}

void ImageView::begin_frame() {
  passes_.clear();
  rects_.clear();
}

void ImageView::draw(Canvas& canvas, const Rect& rect, const OverlayLook& look) {
  rects_.push_back(rect);
  const Placement placement = viewport_.placement(rect);
  const float s = canvas.scale();
  auto pass = std::make_unique<Pass>();
  pass->shader = &shader_;
  ImageFrame& frame = pass->frame;
  frame.x = std::round(rect.x * s);
  frame.y = std::round(rect.y * s);
  frame.width = std::round(rect.right() * s) - frame.x;
  frame.height = std::round(rect.bottom() * s) - frame.y;
  frame.placement = {placement.x0 * s, placement.y0 * s, placement.col_step * s,
                     placement.row_step * s};
  frame.extent = viewport_.extent();
  frame.film = film_ ? &film_ : nullptr;
  frame.window = window_;
  frame.is_inverted = comes_inverted_ != is_inverted_;
  if (look.has_heatmap && heat_) {
    frame.map = &map_;
    frame.cell_to_picture = heat_->cell_to_picture;
    frame.map_scale = static_cast<float>(heat_->scale);
    frame.opacity = look.opacity;
  }
  canvas.list().AddCallback(&Pass::run, pass.get());
  canvas.list().AddCallback(ImDrawCallback_ResetRenderState, nullptr);
  passes_.push_back(std::move(pass));
  if (look.has_outline) {
    canvas.clip(rect);
    draw_outline(canvas, placement);
    canvas.end_clip();
  }
}

void ImageView::draw_outline(Canvas& canvas, const Placement& placement) const {
  const auto dashes = [&](const std::vector<Spot>& line, const Colour colour, float thickness) {
    constexpr float kDash = 5, kGap = 4;
    float at = 0;  // length so far, so that dashes run on around corners
    std::vector<Spot> dash;
    for (std::size_t i = 0; i + 1 < line.size(); ++i) {
      const bool is_on = std::fmod(at, kDash + kGap) < kDash;
      if (is_on) {
        if (dash.empty()) dash.push_back(line[i]);
        dash.push_back(line[i + 1]);
      }
      at += std::hypot(line[i + 1].x - line[i].x, line[i + 1].y - line[i].y);
      if (!is_on || i + 2 == line.size()) {
        if (dash.size() > 1) canvas.polyline(dash, colour, thickness);
        dash.clear();
      }
    }
  };
  for (const bool is_casing : {true, false}) {
    for (const OutlinePath& path : paths_) {
      std::vector<Spot> line;
      line.reserve(path.spots.size());
      for (const PictureSpot spot : path.spots) line.push_back(placement.to_screen(spot));
      const Colour colour = is_casing ? faded(theme::kBlack, 0.55F) : path.colour;
      const float thickness = is_casing ? 3.5F : 1.5F;
      if (path.is_negative && !is_casing) {
        dashes(line, colour, thickness);
      } else {
        canvas.polyline(line, colour, thickness);
      }
    }
  }
}

bool ImageView::handle(const InputEvent& event, Spot pointer) {
  using Kind = InputEvent::Kind;
  const auto under = std::find_if(rects_.begin(), rects_.end(),
                                  [&](const Rect& rect) { return rect.contains(pointer); });
  switch (event.kind) {
    case Kind::kWheel:
      if (under == rects_.end()) return false;
      viewport_.zoom(std::pow(1.2, event.wheel), pointer, *under);
      return true;
    case Kind::kButtonDown:
      if (under == rects_.end() || dragged_) return false;
      dragged_ = *under;
      drag_button_ = event.code;
      last_pointer_ = pointer;
      return true;
    case Kind::kButtonUp:
      if (!dragged_ || event.code != drag_button_) return false;
      dragged_.reset();
      return true;
    case Kind::kFocusLost:
      dragged_.reset();
      return false;
    case Kind::kMove: {
      if (!dragged_) return false;
      const float dx = pointer.x - last_pointer_.x, dy = pointer.y - last_pointer_.y;
      last_pointer_ = pointer;
      if (drag_button_ == GLFW_MOUSE_BUTTON_RIGHT) {
        // The whole height of the film area is one window width of level, and right doubles the
        // width.
        change_window(-50.0 * dy / std::max(1.0F, dragged_->height),
                      50.0 * dx / std::max(1.0F, dragged_->width));
      } else {
        viewport_.pan(dx, dy, *dragged_);
      }
      return true;
    }
    default:
      return false;
  }
}

void ImageView::fit() { viewport_.fit(); }

void ImageView::reset_window() {
  window_ = first_window_;
  is_window_changed_ = false;
  is_inverted_ = false;
}

void ImageView::invert() { is_inverted_ = !is_inverted_; }

void ImageView::change_window(double level_steps, double width_steps) {
  const double smallest = first_window_.width * 1e-3;
  const double level_sign = comes_inverted_ != is_inverted_ ? -1 : 1;
  window_.centre += level_sign * level_steps * window_.width / 50;
  window_.width = std::clamp(window_.width * std::pow(2.0, width_steps / 50), smallest,
                             first_window_.width * 64);
  if (window_.function == WindowFunction::kLinear) window_.width = std::max(window_.width, 1.0);
  is_window_changed_ = true;
}

}  // namespace rationale::ui
