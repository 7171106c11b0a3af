// Film and heatmap in one fragment shader: window and level, inversion, colour table, alpha ramp.
// OpenGL 3.3.
#pragma once

#include <array>
#include <cstdint>

#include "data/image/colour_map.h"
#include "data/image/geometry.h"
#include "data/image/image.h"
#include "ui/widgets/viewport.h"

namespace rationale::ui {

/// 256 colours, lowest value first.
using ColourTable = std::array<Rgb, 256>;

/// A texture object of OpenGL; moves, does not copy. Needs a current context for all it does.
class Texture {
 public:
  Texture() = default;
  ~Texture();
  Texture(Texture&& other) noexcept;
  Texture& operator=(Texture&& other) noexcept;

  explicit operator bool() const { return id_ != 0; }
  unsigned int id() const { return id_; }
  int rows() const { return rows_; }
  int cols() const { return cols_; }

 private:
  friend class ImageShader;
  unsigned int id_ = 0;
  int rows_ = 0, cols_ = 0;
  float value_step_ = 1, value_offset_ = 0;  // value = sample * value_step_ + value_offset_
};

/// What to draw where, in framebuffer pixels with y downwards.
struct ImageFrame {
  float x = 0, y = 0, width = 0, height = 0;  ///< the rectangle on the screen
  float framebuffer_height = 0;
  Placement placement;            ///< of the picture, in framebuffer pixels
  Extent extent;                  ///< of the picture; its aspect is already in the placement
  const Texture* film = nullptr;  ///< nullptr: black
  Window window;
  bool is_inverted = false;
  const Texture* map = nullptr;  ///< nullptr: no overlay
  Affine cell_to_picture;        ///< pixel-centre coordinates, both sides
  float map_scale = 1;           ///< value of the brightest colour, > 0
  float opacity = 0.4F;          ///< 0-1
};

class ImageShader {
 public:
  /// @throws Error (kEnvironment) if the driver refuses the shader
  explicit ImageShader(const ColourTable& colours);
  ~ImageShader();
  ImageShader(const ImageShader&) = delete;
  ImageShader& operator=(const ImageShader&) = delete;

  /// 16-bit integers if all values are whole and span less than 65,536, else 32-bit floats: no
  /// value changes. @throws Error (kEnvironment) if the picture is larger than the driver's limit
  Texture upload(const Plane& plane) const;

  /// Colour of overlay h: table[h / scale], alpha = opacity · smoothstep(0.1, 0.5, h / scale),
  /// bilinear between cell centres, nothing outside the cells. Film pixels that are smaller than a
  /// screen pixel are averaged (up to 8 x 8), not skipped. Changes OpenGL state: Dear ImGui has to
  /// restore its own after it.
  void draw(const ImageFrame& frame) const;

 private:
  unsigned int program_ = 0, vertices_ = 0;
  Texture colours_;
};

}  // namespace rationale::ui
