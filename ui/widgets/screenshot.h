// What a window shows, as a PNG file.
#pragma once

#include <filesystem>

#include "ui/widgets/window.h"

namespace rationale::ui {

/// @throws Error (kEnvironment) if the file cannot be written
void write_screenshot(const std::filesystem::path& path, const Pixels& pixels);

}  // namespace rationale::ui
