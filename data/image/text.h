// Words on pictures, drawn with FreeType.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "data/image/canvas.h"

namespace rationale {

/// One typeface in two weights: Inter where it is installed, else DejaVu Sans. Used by one thread.
class Font {
 public:
  enum class Weight { kRegular, kMedium };

  /// RATIONALE_FONT names another TrueType or OpenType file.
  /// @throws Error (kEnvironment) if there is none, naming the package that has one
  Font();
  ~Font();
  Font(Font&&) noexcept;

  /// Advance of the line in px. Text is UTF-8; unknown characters are drawn as a box.
  double width(std::string_view text, int size_px, Weight weight = Weight::kRegular);

  /// Draws one line with its baseline at `row` and its left edge at `col`.
  void draw(RgbImage& image, int row, double col, std::string_view text, int size_px, Rgb colour,
            Weight weight = Weight::kRegular);

  /// The text, or its beginning and end with "…" between, so that it is at most `width` px wide.
  std::string shorten(const std::string& text, double width, int size_px,
                      Weight weight = Weight::kRegular);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace rationale
