#include "data/plot/svg.h"

#include <fmt/format.h>

#include <cmath>
#include <variant>

namespace rationale {

namespace {

/// Pixels with one decimal, without "-0.0".
std::string px(double value) {
  const double rounded = std::round(value * 10) / 10;
  return fmt::format("{:.1f}", rounded == 0 ? 0.0 : rounded);
}

std::string size_text(double value) {
  return value == std::floor(value) ? fmt::format("{:.0f}", value) : px(value);
}

std::string draw(const PlotLine& line) {
  return fmt::format(R"(<line x1="{}" y1="{}" x2="{}" y2="{}" class="{}"/>)", px(line.x1),
                     px(line.y1), px(line.x2), px(line.y2), line.style);
}

std::string draw(const PlotPath& path) {
  std::string points;
  for (const auto& [x, y] : path.points) {
    if (!points.empty()) points += ' ';
    points += px(x) + ',' + px(y);
  }
  return fmt::format(R"(<polyline points="{}" class="{}"/>)", points, path.style);
}

std::string draw(const PlotDot& dot) {
  return fmt::format(R"(<circle cx="{}" cy="{}" r="{}" class="{}"/>)", px(dot.x), px(dot.y),
                     px(dot.radius), dot.style);
}

std::string draw(const PlotBar& bar) {
  return fmt::format(R"(<rect x="{}" y="{}" width="{}" height="{}" class="{}"/>)", px(bar.x),
                     px(bar.y), px(bar.width), px(bar.height), bar.style);
}

std::string draw(const PlotLabel& label) {
  const char* anchor = label.anchor == Anchor::kStart ? "start"
                       : label.anchor == Anchor::kEnd ? "end"
                                                      : "middle";
  const std::string style = label.style.empty() ? "" : " class=\"" + label.style + "\"";
  return fmt::format(R"(<text x="{}" y="{}"{} text-anchor="{}">{}</text>)", px(label.x),
                     px(label.y), style, anchor, escape_markup(label.text));
}

}  // namespace

std::string escape_markup(std::string_view text) {
  std::string escaped;
  escaped.reserve(text.size());
  for (const char letter : text) {
    switch (letter) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\'':
        escaped += "&#39;";
        break;
      default:
        if (static_cast<unsigned char>(letter) < 0x20 && letter != '\n' && letter != '\t') {
          escaped += "\ufffd";
        } else {
          escaped += letter;
        }
    }
  }
  return escaped;
}

std::string svg(const Plot& plot) {
  std::string text = fmt::format(R"(<svg viewBox="0 0 {0} {1}" width="{0}" height="{1}" )",
                                 size_text(plot.width), size_text(plot.height));
  if (plot.description.empty()) {
    text += R"(aria-hidden="true">)";
  } else {
    text += fmt::format(
        R"(role="img" aria-labelledby="{0}-t {0}-d"><title id="{0}-t">{1}</title><desc id="{0}-d">{2}</desc>)",
        plot.id, escape_markup(plot.title), escape_markup(plot.description));
  }
  for (const PlotMark& mark : plot.marks) {
    text += std::visit([](const auto& shape) { return draw(shape); }, mark);
  }
  return text + "</svg>";
}

std::string svg_document(const Plot& plot) {
  const std::string element = svg(plot);
  const std::size_t inside = element.find('>') + 1, name = std::string_view("<svg").size();
  return "<svg xmlns=\"http://www.w3.org/2000/svg\" style=\"background:var(--paper)\"" + element.substr(name, inside - name) +
         "<style>" + plot_css() + "</style>" + element.substr(inside) + "\n";
}

}  // namespace rationale
