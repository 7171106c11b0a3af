// The display check in the manner of TG18-CT: 18 grey patches, each with a half-moon that hardly differs.
#pragma once

#include <random>

#include "study/protocol/protocol.h"
#include "ui/reader/page.h"
#include "ui/widgets/window.h"

namespace rationale::ui {

/// 18 patches from nearly black to nearly white, half-moons 4 of 255 brighter, sides at random; at least 16
/// have to be right (by chance: 0.0007). With what the window says of its display.
CheckPage new_display_check(const AppWindow::Display& display, const study::DisplayRules& rules,
                            std::mt19937_64& random);

}  // namespace rationale::ui
