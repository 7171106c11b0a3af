#include "ui/widgets/waterfall.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "ui/widgets/numbers.h"

namespace rationale::ui {
namespace {

using Kind = WaterfallStep::Kind;

constexpr float kHeader = 36, kValueColumn = 96;

double sum_of_parts(const Waterfall& waterfall) {
  double sum = 0;
  for (const WaterfallStep& step : waterfall.steps)
    sum += step.kind == Kind::kDecision ? 0 : step.value;
  return sum;
}

double decision_of(const Waterfall& waterfall) {
  return waterfall.steps.empty() ? 0 : waterfall.steps.back().value;
}

TextStyle footnote_style() { return {.size = 13, .colour = theme::kText3}; }
TextStyle sum_style() { return {.size = 13, .colour = theme::kText2}; }

float footer_height(Canvas& canvas, float width, const Waterfall& waterfall) {
  const auto lines = canvas.wrapped(waterfall.footnote, width, footnote_style()).size() +
                     canvas.wrapped(sum_line(waterfall), width - 24, sum_style()).size();
  return 16 + 20 * static_cast<float>(lines);
}

float row_height(Canvas& canvas, float width, float available, const Waterfall& waterfall) {
  const float rows = static_cast<float>(std::max<std::size_t>(1, waterfall.steps.size()));
  return std::clamp((available - kHeader - footer_height(canvas, width, waterfall)) / rows, 34.0F,
                    40.0F);
}

/// Logit to x. The axis holds 0 and all bars and error lines.
struct Axis {
  double low = 0, high = 1;
  float left = 0, width = 1;

  float x(double logit) const {
    return left + width * static_cast<float>((std::clamp(logit, low, high) - low) / (high - low));
  }
};

Axis axis_of(const Waterfall& waterfall, float left, float width) {
  Axis axis{0, 0, left, width};
  const std::vector<WaterfallBar> bars = waterfall_bars(waterfall);
  for (std::size_t i = 0; i < bars.size(); ++i) {
    axis.low = std::min({axis.low, bars[i].from, bars[i].to});
    axis.high = std::max({axis.high, bars[i].from, bars[i].to});
    if (const auto& error = waterfall.steps[i].error) {
      axis.low = std::min(axis.low, bars[i].from + error->low);
      axis.high = std::max(axis.high, bars[i].from + error->high);
    }
  }
  if (!(axis.high - axis.low > 1e-6)) axis.high = axis.low + 1;
  return axis;
}

void draw_bar(Canvas& canvas, const WaterfallStep& step, const Rect& bar) {
  const bool is_against = step.value < 0;
  const auto hollow_or_filled = [&](Colour colour) {
    if (is_against) {
      canvas.frame(bar, colour, 0, 1.5F);
    } else {
      canvas.fill(bar, colour);
    }
  };
  switch (step.kind) {
    case Kind::kReference:
    case Kind::kDecision:
      canvas.fill(bar, theme::kBar);
      break;
    case Kind::kConcept:
      hollow_or_filled(theme::kAccent);
      break;
    case Kind::kOther:
      hollow_or_filled(theme::kAccentHalf);
      break;
    case Kind::kResidual:
      canvas.hatch(bar, theme::kText2);
      canvas.frame(bar, theme::kText2);
      break;
  }
}

}  // namespace

std::vector<WaterfallBar> waterfall_bars(const Waterfall& waterfall) {
  std::vector<WaterfallBar> bars;
  double sum = 0;
  for (const WaterfallStep& step : waterfall.steps) {
    if (step.kind == Kind::kDecision) {
      bars.push_back({0, step.value});
    } else {
      bars.push_back({sum, sum + step.value});
      sum += step.value;
    }
  }
  return bars;
}

bool adds_up(const Waterfall& waterfall) {
  return std::abs(sum_of_parts(waterfall) - decision_of(waterfall)) <= waterfall.tolerance;
}

std::vector<double> printed_values(const Waterfall& waterfall) {
  std::vector<double> parts;
  for (const WaterfallStep& step : waterfall.steps) {
    if (step.kind != Kind::kDecision) parts.push_back(step.value);
  }
  const double decision = std::round(decision_of(waterfall) * 100) / 100;
  if (adds_up(waterfall)) {
    parts = rounded_to_sum(parts, decision);
  } else {
    for (double& part : parts) part = std::round(part * 100) / 100;
  }
  parts.push_back(decision);
  return parts;
}

std::string sum_line(const Waterfall& waterfall) {
  const std::vector<double> values = printed_values(waterfall);
  std::string sum;
  for (std::size_t i = 0; i + 1 < values.size(); ++i) {
    sum += sum.empty() ? plain_number(values[i])
                       : (values[i] < 0 ? " − " : " + ") + plain_number(std::abs(values[i]));
  }
  if (adds_up(waterfall)) return "Adds up: " + sum + " = " + plain_number(values.back());
  return "Does not add up: " + sum + " is " +
         plain_number(sum_of_parts(waterfall) - decision_of(waterfall), 5) + " from " +
         plain_number(values.back());
}

float waterfall_height(Canvas& canvas, float width, float available, const Waterfall& waterfall) {
  return kHeader +
         row_height(canvas, width, available, waterfall) *
             static_cast<float>(waterfall.steps.size()) +
         footer_height(canvas, width, waterfall);
}

float draw_waterfall(Canvas& canvas, const Rect& rect, const Waterfall& waterfall) {
  const float row = row_height(canvas, rect.width, rect.height, waterfall);
  const float names = std::clamp(rect.width * 0.40F, 150.0F, 230.0F);
  const Axis axis = axis_of(waterfall, rect.x + names, rect.width - names - kValueColumn);
  const std::vector<WaterfallBar> bars = waterfall_bars(waterfall);
  const std::vector<double> values = printed_values(waterfall);
  const float rows_bottom = rect.y + kHeader + row * static_cast<float>(bars.size());

  canvas.text(rect.x, rect.y + 10, "concept", {.size = 13, .colour = theme::kText3});
  canvas.text(rect.right(), rect.y + 10, "contribution",
              {.size = 13, .colour = theme::kText3, .align = Align::kRight});
  const std::vector<double> ticks = round_ticks(axis.low, axis.high, rect.width < 560 ? 4 : 6);
  for (const double tick : ticks) {
    const float x = axis.x(tick);
    canvas.text(x, rect.y + 10, plain_number(tick, tick_decimals(ticks)),
                {.size = 13, .colour = theme::kText2, .align = Align::kCentre});
    canvas.line({x, rect.y + 22}, {x, rows_bottom},
                std::abs(tick) < 1e-12 ? theme::kLineStrong : theme::kRowLine);
  }

  for (std::size_t i = 0; i < bars.size(); ++i) {
    const WaterfallStep& step = waterfall.steps[i];
    const bool is_total = step.kind == Kind::kDecision || step.kind == Kind::kReference;
    const float top = rect.y + kHeader + row * static_cast<float>(i);
    const float middle = top + row / 2;
    if (step.kind == Kind::kDecision) {
      canvas.line({rect.x, top}, {rect.right(), top}, theme::kLineStrong);
    }
    canvas.text_within(rect.x, middle - 8, names - 12, step.name, {.size = 15});
    canvas.text_within(rect.x, middle + 9, names - 12, step.note,
                       {.size = 13, .colour = theme::kText3});

    const float left = std::min(axis.x(bars[i].from), axis.x(bars[i].to));
    const float right = std::max(axis.x(bars[i].from), axis.x(bars[i].to));
    const Rect bar{left, middle - 10, std::max(2.0F, right - left), 17};
    draw_bar(canvas, step, bar);
    if (step.error) {
      const float a = axis.x(bars[i].from + step.error->low),
                  b = axis.x(bars[i].from + step.error->high);
      const float y = middle + 12;
      canvas.line({a, y}, {b, y}, theme::kText2);
      canvas.line({a, y - 3}, {a, y + 4}, theme::kText2);
      canvas.line({b, y - 3}, {b, y + 4}, theme::kText2);
    }
    if (i + 1 < bars.size() && waterfall.steps[i + 1].kind != Kind::kDecision) {
      const float x = axis.x(bars[i].to);
      canvas.dashed_line({x, bar.bottom()}, {x, middle + row - 10}, theme::kTextOff, 1, 2, 2);
    }
    canvas.text(rect.right(), middle, is_total ? plain_number(values[i]) : signed_number(values[i]),
                {.size = 16, .weight = Weight::kMedium, .align = Align::kRight});
  }

  float y = rows_bottom + 22;
  y += canvas.paragraph(rect.x, y, rect.width, waterfall.footnote, footnote_style());
  if (adds_up(waterfall)) canvas.tick({rect.x + 6, y}, 11, theme::kText2);
  canvas.paragraph(rect.x + 24, y, rect.width - 24, sum_line(waterfall), sum_style());
  return waterfall_height(canvas, rect.width, rect.height, waterfall);
}

}  // namespace rationale::ui
