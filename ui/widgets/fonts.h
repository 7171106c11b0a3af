// The typefaces of all windows, rasterised at the sizes the windows use: Inter, else DejaVu Sans,
// else the bitmap font that is built in. Never fails.
#pragma once

#include <array>
#include <string>

struct ImFont;

namespace rationale::ui {

enum class Weight { kRegular, kMedium };

/// Type sizes in logical pixels (height of the em square), smallest first.
inline constexpr std::array<float, 9> kTypeSizes{13, 14, 15, 16, 18, 20, 22, 24, 28};

/// One font of one size: what Dear ImGui needs to draw it, and where its baseline lies.
struct Face {
  ImFont* font = nullptr;
  float pixel_size = 0;  ///< Dear ImGui's size (ascent to descent), in window units
  float ascent = 0;      ///< top of the line box to the baseline, in window units
  float cap_height = 0;  ///< of capitals, in window units
};

/// Lives as long as the Dear ImGui context. Holds Latin-1 and − ≥ ≤ → ← ↑ ↓ – “ ” … ×; digits have
/// one width.
class Fonts {
 public:
  /// Builds the atlas. To be called again when the scale changes (then the GL texture has to be
  /// made anew).
  /// @param scale  window units a logical pixel  @param density  framebuffer pixels a window unit
  void build(float scale, float density);

  /// The face of the nearest built size.
  const Face& face(float size, Weight weight) const;

  /// "Inter", "DejaVu Sans" or "built-in".
  const std::string& name() const { return name_; }
  /// True if the glyphs beyond Latin-1 are missing; text is then spelled with what is there.
  bool is_built_in() const { return is_built_in_; }

 private:
  std::array<std::array<Face, kTypeSizes.size()>, 2> faces_;
  std::string name_;
  std::string regular_bytes_, medium_bytes_;  // the atlas refers to them until it is built
  bool is_built_in_ = true;
};

/// `text` (UTF-8) with the glyphs that the built-in font lacks replaced: − by -, “ by ", → by ->.
std::string spelled_in_latin1(const std::string& text);

}  // namespace rationale::ui
