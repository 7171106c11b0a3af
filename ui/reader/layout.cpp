#include "ui/reader/layout.h"

#include <algorithm>

namespace rationale::ui {
namespace {

constexpr float kPanel = 420, kPadding = theme::kPagePadding, kFilmMargin = 20;

}  // namespace

ReaderLayout reader_layout(float width, float height) {
  ReaderLayout l;
  const float left = std::max(0.0F, width - kPanel);
  l.image = {0, 0, left, height};
  l.film = {0, kFilmMargin, left, std::max(1.0F, height - 2 * kFilmMargin)};
  l.panel = {left, 0, width - left, height};
  const float x = left + kPadding, w = std::max(1.0F, width - left - 2 * kPadding);
  // Top blocks hang from the top; Confirm and the tools stand on the bottom.
  l.header = {x, 24, w, 57};
  l.ai = {x, 100, w, 300};
  l.tools = {x, height - 64, w, 40};
  l.confirm = {x, height - 140, w, 56};
  l.bottom = {x, height - 184, w, 100};
  l.middle = {x, l.ai.bottom() + 8, w, std::max(1.0F, l.bottom.y - l.ai.bottom() - 16)};
  return l;
}

}  // namespace rationale::ui
