// One window: GLFW, OpenGL 3.3 core, Dear ImGui's draw list, fonts at the screen's scale. Draws
// only when something happened.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "ui/widgets/canvas.h"
#include "ui/widgets/input_ring.h"

namespace rationale::ui {

/// Red, green, blue of every framebuffer pixel, first row on top.
struct Pixels {
  int rows = 0, cols = 0;
  std::vector<std::uint8_t> values;
};

struct AppWindowOptions {
  std::string title;
  int width = 1600, height = 1000;  ///< logical pixels
  bool is_visible = true;           ///< a picture can be taken of a window that is not shown, too
  std::string without_display;      ///< what to do instead, where there is none; may be empty
};

/// There is one at a time, on the main thread.
class AppWindow {
 public:
  /// @throws Error (kEnvironment) with code "no_display" if there is no display, "no_opengl" if it
  /// has no
  ///         OpenGL 3.3
  explicit AppWindow(const AppWindowOptions& options);
  ~AppWindow();
  AppWindow(const AppWindow&) = delete;
  AppWindow& operator=(const AppWindow&) = delete;

  /// Waits for input, at most `longest`, and moves what came to `input()`.
  void wait(std::chrono::milliseconds longest);
  InputRing& input() { return ring_; }

  bool is_closing() const;
  void close();

  /// Logical pixels.
  float width() const;
  float height() const;
  /// Window coordinates (those of InputEvent) to logical pixels.
  Spot logical(float x, float y) const;

  /// One frame: clears, lets `draw` draw, shows it.
  template <typename Draw>
  void frame(Draw draw) {
    Canvas canvas = begin_frame();
    draw(canvas);
    end_frame();
  }
  /// What the window shows, drawn once more beside the screen: other windows cannot lie over it.
  template <typename Draw>
  Pixels picture(Draw draw) {
    Canvas canvas = begin_frame();
    draw(canvas);
    return end_frame_as_picture();
  }

  /// Where a click does something in the frame drawn last.
  const ClickAreas& areas() const { return areas_; }

  void copy_text(const std::string& text);
  /// The arrow of the mouse, while it is over this window.
  enum class Cursor { kShown, kHidden };
  void set_cursor(Cursor cursor);
  /// Ends a `wait` at once; may be called from any thread while a window is there.
  static void wake();
  /// Window units a logical pixel.
  float scale() const { return scale_; }

  /// What the screen under the window can show.
  struct Display {
    std::string monitor;           ///< its name; empty: not known
    int width = 0, height = 0;     ///< of its mode, pixels
    int refresh_hz = 0;
    float content_scale = 1;
    int grey_bits = 8;             ///< of the window's framebuffer (the smallest of red, green, blue)
    bool is_gamma_identity = true; ///< the graphics card changes no grey by more than 1 of 255
    bool has_gamma = false;        ///< the card says how it changes greys
    bool is_focused = false;
  };
  Display display() const;
  const std::string& font_name() const { return fonts_.name(); }
  const std::string& renderer() const { return renderer_; }

 private:
  Canvas begin_frame();
  void end_frame();
  Pixels end_frame_as_picture();
  void adopt_scale();

  struct Handle;  // closes GLFW and Dear ImGui in the right order
  InputRing ring_;
  Fonts fonts_;
  ClickAreas areas_;
  float scale_ = 0;    // window units a logical pixel
  float density_ = 1;  // framebuffer pixels a window unit
  std::string renderer_;
  std::unique_ptr<Handle> handle_;
};

}  // namespace rationale::ui
