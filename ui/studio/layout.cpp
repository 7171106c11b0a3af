#include "ui/studio/layout.h"

#include <algorithm>
#include <cmath>

namespace rationale::ui {
namespace {

constexpr float kClassGap = 16;
constexpr float kTopBar = 52, kGap = 16, kColumnGap = 24;
constexpr float kControls = 40, kScale = 62, kClassHead = 28, kClassRow = 28;

}  // namespace

ClassTable class_table(float width, std::size_t n_classes) {
  const auto fitting =
      static_cast<std::size_t>(std::max(1.0F, std::floor((width + kClassGap) / (150 + kClassGap))));
  const std::size_t n = std::max<std::size_t>(1, n_classes);
  const std::size_t columns = std::min(fitting, (n + 3) / 4);  // a new column for each four
  return {columns, (n + columns - 1) / columns};
}

Layout layout(float width, float height, double aspect, std::size_t n_classes, RightColumn right) {
  Layout l;
  const bool is_narrow = width < 1440;
  const float rail = is_narrow ? 208 : 264;
  const float padding = is_narrow ? 16 : theme::kPagePadding;
  l.top_bar = {0, 0, width, kTopBar};
  l.rail = {0, kTopBar, rail, height - kTopBar};

  const float left = rail + padding, top = kTopBar + kGap;
  const float content = width - left - padding, bottom = height - padding;
  // 664 of 1288 at 1600; text columns do not grow beyond that.
  const float column_gap = is_narrow ? 16 : kColumnGap;
  const float right_column = right == RightColumn::kWords
                                 ? std::clamp(content * 0.33F, 280.0F, 400.0F)
                                 : std::clamp(content * 0.516F, 300.0F, 664.0F);
  const float left_column = std::max(200.0F, content - right_column - column_gap);

  const ClassTable table = class_table(left_column, n_classes);
  const float class_height = kClassHead + kClassRow * static_cast<float>(table.rows);
  const float below = kGap + kControls + kGap + kScale + kGap + class_height;
  const float most = std::max(160.0F, bottom - top - below);
  const float wanted = std::round(left_column * static_cast<float>(aspect));
  l.image = {left, top, left_column, std::clamp(wanted, 160.0F, most)};
  l.controls = {left, l.image.bottom() + kGap, left_column, kControls};
  l.scale = {left, l.controls.bottom() + kGap, left_column, kScale};
  l.classes = {left, l.scale.bottom() + kGap, left_column, class_height};

  const float x = left + left_column + column_gap;
  l.sentence = {x, top, right_column, 132};
  l.decision = {x, l.sentence.bottom() + kGap, right_column, bottom - l.sentence.bottom() - kGap};
  return l;
}

}  // namespace rationale::ui
