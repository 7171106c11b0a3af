#include "ui/reader/display_check.h"

#include <fmt/format.h>

#include <cmath>
#include <string>

namespace rationale::ui {

CheckPage new_display_check(const AppWindow::Display& display, const study::DisplayRules& rules,
                            std::mt19937_64& random) {
  constexpr int kPatches = 18, kDarkest = 8, kStep = 13, kContrast = 4;
  CheckPage page;
  for (int i = 0; i < kPatches; ++i) {
    const int level = kDarkest + kStep * i;
    page.patches.push_back({level, level + kContrast, (random() >> 63) != 0, std::nullopt});
  }
  const bool is_large = display.width >= rules.min_width_px && display.height >= rules.min_height_px;
  std::string size = fmt::format("{} × {}", display.width, display.height);
  if (display.refresh_hz > 0) size += fmt::format(", {} Hz", display.refresh_hz);
  page.facts.push_back({"Monitor", size, is_large});
  const bool is_whole = std::abs(display.content_scale - std::round(display.content_scale)) < 1e-3F;
  page.facts.push_back({"Pixels", fmt::format("content scale {:g}", display.content_scale), is_whole});
  page.facts.push_back(
      {"Grey levels", fmt::format("{} bit", display.grey_bits), display.grey_bits >= rules.bits});
  page.facts.push_back({"Gamma ramp",
                        !display.has_gamma            ? "not known"
                        : display.is_gamma_identity ? "identity"
                                                      : "changed",
                        display.has_gamma && display.is_gamma_identity});
  page.facts.push_back({"Window", display.is_focused ? "in front" : "not in front", display.is_focused});
  return page;
}

}  // namespace rationale::ui
