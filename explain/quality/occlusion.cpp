#include "explain/quality/occlusion.h"

#include <algorithm>
#include <cstddef>

#include "data/base/interrupt.h"
#include "explain/quality/localisation.h"

namespace rationale::explain {
namespace {

std::vector<PixelBox> windows(int rows, int cols, const OcclusionGrid& grid) {
  const auto starts = [&](int extent) {
    return std::max(0, (extent - grid.window + grid.stride - 1) / grid.stride) + 1;
  };
  std::vector<PixelBox> all;
  for (int i = 0; i < starts(rows); ++i) {
    for (int j = 0; j < starts(cols); ++j) {
      const int row = i * grid.stride, col = j * grid.stride;
      all.push_back({row, col, std::min(row + grid.window, rows), std::min(col + grid.window, cols)});
    }
  }
  return all;
}

template <typename Visit>
void for_each_pixel(const PixelBox& box, int cols, const Visit& visit) {
  for (int row = box.row0; row < box.row1; ++row) {
    for (int col = box.col0; col < box.col1; ++col) visit(static_cast<std::size_t>(row * cols + col));
  }
}

}  // namespace

OcclusionGrid coarse_grid(int rows, int cols) {
  const int window = std::max(1, std::min(rows, cols) / 7);
  return {window, std::max(1, window / 2)};
}

Plane occlusion_map(const Score& score, const FloatArray& image, const FloatArray& base, const OcclusionGrid& grid,
                    int batch) {
  const int rows = static_cast<int>(image.shape[1]), cols = static_cast<int>(image.shape[2]);
  const std::size_t n_pixels = static_cast<std::size_t>(rows) * static_cast<std::size_t>(cols);
  const std::size_t n_channels = static_cast<std::size_t>(image.shape[0]);
  const std::vector<PixelBox> boxes = windows(rows, cols, grid);

  std::vector<double> scores;  // the image itself, then one a window
  for (std::size_t first = 0; first <= boxes.size(); first += static_cast<std::size_t>(batch)) {
    check_interrupt();
    const std::size_t last = std::min(first + static_cast<std::size_t>(batch), boxes.size() + 1);
    FloatArray images{image.shape, {}};
    images.shape.insert(images.shape.begin(), static_cast<std::int64_t>(last - first));
    for (std::size_t i = first; i < last; ++i) {
      FloatArray one = image;
      if (i > 0) {
        for_each_pixel(boxes[i - 1], cols, [&](std::size_t at) {
          for (std::size_t c = 0; c < n_channels; ++c) one.values[c * n_pixels + at] = base.values[c * n_pixels + at];
        });
      }
      images.values.insert(images.values.end(), one.values.begin(), one.values.end());
    }
    const std::vector<double> some = score(images);
    scores.insert(scores.end(), some.begin(), some.end());
  }

  std::vector<double> sums(n_pixels, 0), counts(n_pixels, 0);
  for (std::size_t w = 0; w < boxes.size(); ++w) {
    for_each_pixel(boxes[w], cols, [&](std::size_t at) {
      sums[at] += scores[0] - scores[w + 1];
      counts[at] += 1;
    });
  }
  Plane map{rows, cols, {}};
  for (std::size_t i = 0; i < n_pixels; ++i) {
    map.values.push_back(static_cast<float>(sums[i] / std::max(counts[i], 1.0)));
  }
  return map;
}

}  // namespace rationale::explain
