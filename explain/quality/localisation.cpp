#include "explain/quality/localisation.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

#include "explain/quality/ranks.h"

namespace rationale::explain {
namespace {

/// First and last-but-one pixel of [from, from + length).
std::pair<int, int> pixels(double from, double length) {
  const int first = static_cast<int>(std::ceil(from - 0.5)), end = static_cast<int>(std::ceil(from + length - 0.5));
  const int middle = static_cast<int>(std::floor(from + length / 2));
  return end > first ? std::pair(first, end) : std::pair(middle, middle + 1);
}

}  // namespace

PixelBox pixel_box(double x, double y, double w, double h) {
  const auto [row0, row1] = pixels(y, h);
  const auto [col0, col1] = pixels(x, w);
  return {row0, col0, row1, col1};
}

std::optional<std::size_t> peak_index(std::span<const float> map) {
  const auto largest = std::max_element(map.begin(), map.end());
  if (largest == map.end() || *largest <= 0 || is_flat(map)) return std::nullopt;
  return static_cast<std::size_t>(largest - map.begin());
}

std::optional<Peak> find_peak(const Plane& map) {
  const auto index = peak_index(map.values);
  if (!index) return std::nullopt;
  const int at = static_cast<int>(*index);
  return Peak{at / map.cols, at % map.cols};
}

double pointing_hit(const Plane& map, const std::vector<PixelBox>& boxes, int tolerance) {
  const std::optional<Peak> peak = find_peak(map);
  if (!peak) return 0;
  const bool is_inside = std::any_of(boxes.begin(), boxes.end(), [&](const PixelBox& box) {
    return peak->row >= box.row0 - tolerance && peak->row < box.row1 + tolerance && peak->col >= box.col0 - tolerance &&
           peak->col < box.col1 + tolerance;
  });
  return is_inside ? 1 : 0;
}

double pointing_hit(std::span<const float> map, const Shape& sides, std::span<const std::uint8_t> mask, int tolerance) {
  const auto peak = peak_index(map);
  if (!peak) return 0;
  // From the last axis to the first: the peak's place, and the mask's first and last.
  std::int64_t stride = 1;
  for (std::size_t axis = sides.size(); axis-- > 0;) {
    const auto place = [&](std::size_t index) { return static_cast<std::int64_t>(index) / stride % sides[axis]; };
    std::int64_t first = sides[axis], last = -1;
    for (std::size_t i = 0; i < mask.size(); ++i) {
      if (mask[i] == 0) continue;
      first = std::min(first, place(i));
      last = std::max(last, place(i));
    }
    if (place(*peak) < first - tolerance || place(*peak) > last + tolerance) return 0;
    stride *= sides[axis];
  }
  return 1;
}

Measure energy_in_mask(std::span<const float> map, std::span<const std::uint8_t> mask) {
  double total = 0, inside = 0;
  for (std::size_t i = 0; i < map.size(); ++i) {
    const double evidence = std::max(map[i], 0.0F);
    total += evidence;
    if (mask[i] != 0) inside += evidence;
  }
  if (total <= 0) return not_estimable("no_positive_evidence", "the map has no positive value");
  return measured(inside / total);
}

double iou_at_share(std::span<const float> map, std::span<const std::uint8_t> mask, double share) {
  const double largest = *std::max_element(map.begin(), map.end());
  std::vector<std::uint8_t> above(map.size(), 0);
  if (largest > 0) {
    for (std::size_t i = 0; i < map.size(); ++i) {
      above[i] = std::max(map[i], 0.0F) >= share * largest ? 1 : 0;
    }
  }
  return mask_iou(above, mask);
}

Measure iou_top_area(std::span<const float> map, std::span<const std::uint8_t> mask) {
  if (is_flat(map)) return not_estimable("flat_map", "no pixel of the map is above another");
  const auto area = static_cast<std::size_t>(std::count(mask.begin(), mask.end(), 1));
  const std::vector<std::size_t> order = rank_order(map);
  std::vector<std::uint8_t> top(map.size(), 0);
  for (std::size_t i = 0; i < area; ++i) top[order[i]] = 1;
  return measured(mask_iou(top, mask));
}

Measure pixel_auc(std::span<const float> map, std::span<const std::uint8_t> mask) {
  const std::vector<double> ranks = mid_ranks(map);
  double n_inside = 0, sum = 0;
  for (std::size_t i = 0; i < map.size(); ++i) {
    if (mask[i] == 0) continue;
    n_inside += 1;
    sum += ranks[i];
  }
  const double n_outside = static_cast<double>(map.size()) - n_inside;
  if (n_outside <= 0) return not_estimable("no_outside", "the mask covers the whole image");
  return measured((sum - n_inside * (n_inside + 1) / 2) / (n_inside * n_outside));
}

PixelBox bounding_box(std::span<const std::uint8_t> mask, int cols) {
  const int rows = static_cast<int>(mask.size()) / cols;
  PixelBox box{rows, cols, 0, 0};
  for (int row = 0; row < rows; ++row) {
    for (int col = 0; col < cols; ++col) {
      if (mask[static_cast<std::size_t>(row * cols + col)] == 0) continue;
      box.row0 = std::min(box.row0, row);
      box.col0 = std::min(box.col0, col);
      box.row1 = std::max(box.row1, row + 1);
      box.col1 = std::max(box.col1, col + 1);
    }
  }
  return box;
}

std::vector<std::uint8_t> mask_of(const std::vector<PixelBox>& boxes, int rows, int cols) {
  std::vector<std::uint8_t> mask(static_cast<std::size_t>(rows) * static_cast<std::size_t>(cols), 0);
  for (const PixelBox& box : boxes) {
    for (int row = std::max(box.row0, 0); row < std::min(box.row1, rows); ++row) {
      for (int col = std::max(box.col0, 0); col < std::min(box.col1, cols); ++col) {
        mask[static_cast<std::size_t>(row * cols + col)] = 1;
      }
    }
  }
  return mask;
}

double mask_iou(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b) {
  std::size_t both = 0, either = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    both += a[i] != 0 && b[i] != 0 ? 1U : 0U;
    either += a[i] != 0 || b[i] != 0 ? 1U : 0U;
  }
  return static_cast<double>(both) / static_cast<double>(either);
}

}  // namespace rationale::explain
