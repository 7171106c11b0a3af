#include "ui/widgets/screenshot.h"

#include "data/image/png.h"

namespace rationale::ui {

void write_screenshot(const std::filesystem::path& path, const Pixels& pixels) {
  write_png_rgb8(path, pixels.rows, pixels.cols, pixels.values);
}

}  // namespace rationale::ui
