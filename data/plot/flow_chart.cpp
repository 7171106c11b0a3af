#include "data/plot/flow_chart.h"

#include <algorithm>
#include <string_view>

#include "data/plot/text_box.h"

namespace rationale {

namespace {

constexpr double kWidth = 532, kMain = 250, kSideLeft = 290, kLine = 16, kPad = 8, kGap = 26;
constexpr double kFont = 12, kSmall = 11;

/// Lines of whole words that fit.
std::vector<std::string> wrapped(std::string_view text, double most_px) {
  std::vector<std::string> lines;
  std::string line;
  for (std::size_t start = 0; start <= text.size();) {
    const std::size_t end = std::min(text.find(' ', start), text.size());
    const std::string word = shorten(text.substr(start, end - start), most_px, kSmall, false);
    const std::string longer = line.empty() ? word : line + " " + word;
    if (line.empty() || text_width(longer, kSmall, false) <= most_px) {
      line = longer;
    } else {
      lines.push_back(line);
      line = word;
    }
    start = end + 1;
  }
  lines.push_back(line);
  return lines;
}

std::vector<std::string> wrapped(const std::vector<std::string>& texts, double most_px) {
  std::vector<std::string> lines;
  for (const std::string& text : texts) {
    for (std::string& line : wrapped(text, most_px)) lines.push_back(std::move(line));
  }
  return lines;
}

double height_of(std::size_t n_lines) { return 2 * kPad + kLine * static_cast<double>(n_lines); }

void put_lines(Plot& plot, const std::vector<std::string>& lines, double x, double top) {
  for (std::size_t i = 0; i < lines.size(); ++i) {
    plot.marks.push_back(PlotLabel{x, top + kLine * static_cast<double>(i) + kFont, lines[i], Anchor::kStart, "s", ""});
  }
}

/// A line with a head at its end, straight down or to the right.
void put_arrow(Plot& plot, double x1, double y1, double x2, double y2) {
  constexpr double kHead = 4;
  const bool is_down = x1 == x2;
  plot.marks.push_back(PlotLine{x1, y1, x2, y2, "ax"});
  plot.marks.push_back(PlotLine{x2 - kHead, y2 - kHead, x2, y2, "ax"});
  plot.marks.push_back(PlotLine{is_down ? x2 + kHead : x2 - kHead, is_down ? y2 - kHead : y2 + kHead, x2, y2, "ax"});
}

}  // namespace

Plot flow_chart_plot(const FlowChart& chart) {
  Plot plot{chart.id, chart.title, chart.description, kWidth, 0, {}};
  double y = 1;
  for (std::size_t i = 0; i < chart.boxes.size(); ++i) {
    const FlowBox& box = chart.boxes[i];
    if (i > 0) {
      const double from = y;
      const auto left_out = wrapped(box.left_out, kWidth - kSideLeft - 2 * kPad);
      const double side = left_out.empty() ? 0 : height_of(left_out.size());
      y += std::max(kGap, side + kGap / 2);
      if (side > 0) {
        const double top = (from + y - side) / 2;
        plot.marks.push_back(PlotBar{kSideLeft, top, kWidth - kSideLeft - 1, side, "fl"});
        put_lines(plot, left_out, kSideLeft + kPad, top + kPad);
        put_arrow(plot, kMain / 2, (from + y) / 2, kSideLeft, (from + y) / 2);
      }
      put_arrow(plot, kMain / 2, from, kMain / 2, y);
    }
    const auto lines = wrapped(box.lines, kMain - 2 * kPad);
    const double height = height_of(lines.size() + 1);
    plot.marks.push_back(PlotBar{1, y, kMain, height, "fb"});
    plot.marks.push_back(PlotLabel{1 + kPad, y + kPad + kFont, shorten(box.title, kMain - 2 * kPad, kFont, true), Anchor::kStart, "b", ""});
    put_lines(plot, lines, 1 + kPad, y + kPad + kLine);
    y += height;
  }
  plot.height = y + 1;
  return plot;
}

}  // namespace rationale
