#include "ui/widgets/colour_bar.h"

#include <imgui.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "ui/widgets/numbers.h"

namespace rationale::ui {

void draw_colour_bar(Canvas& canvas, Spot at, float width, const ColourTable& colours,
                     double highest) {
  constexpr float kHeight = 12;
  const float s = canvas.scale();
  // One stripe a colour: 256 stripes meet without seams when their edges are whole pixels.
  const float left = std::round(at.x * s), right = std::round((at.x + width) * s);
  const float top = std::round(at.y * s), bottom = std::round((at.y + kHeight) * s);
  const auto edge = [&](int i) {
    return std::round(left + (right - left) * static_cast<float>(i) / 256.0F);
  };
  for (int i = 0; i < 256; ++i) {
    const Rgb rgb = colours[static_cast<std::size_t>(i)];
    if (edge(i + 1) > edge(i)) {
      canvas.list().AddRectFilled({edge(i), top}, {edge(i + 1), bottom},
                                  IM_COL32(rgb.red, rgb.green, rgb.blue, 255));
    }
  }
  std::vector<double> ticks = round_ticks(0, highest, 5);
  const int decimals = tick_decimals(ticks);
  // The end of the scale is always said; a round value too near to it gives way.
  if (ticks.back() > 0.88 * highest) ticks.pop_back();
  ticks.push_back(highest);
  for (const double tick : ticks) {
    const float x = at.x + width * static_cast<float>(tick / highest);
    canvas.line({x, at.y + kHeight}, {x, at.y + kHeight + 4}, theme::kLineStrong);
    const std::string text = plain_number(tick, tick == 0         ? 0
                                                : tick == highest ? decimals + 1
                                                                  : decimals);
    const TextStyle style{.size = 13, .colour = theme::kText2, .align = Align::kCentre};
    const float half = canvas.width_of(text, style) / 2;
    canvas.text(std::clamp(x, at.x + half, at.x + width - half), at.y + kHeight + 13, text, style);
  }
}

}  // namespace rationale::ui
